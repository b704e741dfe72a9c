"""Signing in through the company: OpenID Connect, with what django-allauth has for it.

docs/decisions/0025-sign-in-through-the-company.md says which part is whose. What speaks to the provider is imported
when somebody signs in that way, and not before: it takes three megabytes of a process.
"""
