"""The rights of the audit's pages, as decorators: each page needs one of them, whatever it shows."""

from django.contrib.auth.decorators import permission_required

may_see = permission_required("audit.view_record", raise_exception=True)
may_export = permission_required("audit.export_record", raise_exception=True)
may_verify = permission_required("audit.verify_record", raise_exception=True)
