"""Second factors for sign-ins by password: one-time codes, passkeys, and recovery codes for when both are lost.

Rows and passkeys are django-allauth's (`allauth.mfa`); the pages, the limits and the records are ours.
"""
