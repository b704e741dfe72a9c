"""The project: settings, URLs, processes."""

from cxadmin import zone_data

# Before anything else is imported: some modules keep a zone.
zone_data.use_pinned()
