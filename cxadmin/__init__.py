"""The project: settings, URLs, processes."""

from cxadmin import zone_data

# Before anything else is imported: some modules keep a zone.
zone_data.use_pinned()

from cxadmin.celery import app as celery_app  # noqa: E402

__all__ = ["celery_app"]
