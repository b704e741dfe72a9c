"""The project: settings, addresses, processes."""

from cxadmin import zone_data

zone_data.use_pinned()  # before anything else is imported: some modules keep a zone

from cxadmin.celery import app as celery_app  # noqa: E402

__all__ = ["celery_app"]
