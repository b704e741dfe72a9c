"""Decorators for the permissions of the audit's pages. Every view needs one of them."""

from django.contrib.auth.decorators import permission_required

may_see = permission_required("audit.view_record", raise_exception=True)
may_export = permission_required("audit.export_record", raise_exception=True)
may_verify = permission_required("audit.verify_record", raise_exception=True)
