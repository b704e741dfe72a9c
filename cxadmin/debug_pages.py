"""What Django's debug pages hide."""

import re

from django.views.debug import SafeExceptionReporterFilter


class SettingsFilter(SafeExceptionReporterFilter):
    """Hides addresses as well: those of the broker and of the cache contain passwords."""

    hidden_settings = re.compile(
        f"{SafeExceptionReporterFilter.hidden_settings.pattern}|URL|BROKER|LOCATION", re.IGNORECASE
    )
