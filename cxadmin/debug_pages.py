"""What Django's debug pages leave out."""

import re

from django.views.debug import SafeExceptionReporterFilter


class SettingsFilter(SafeExceptionReporterFilter):
    """Passwords are in addresses, too, such as those of the broker and of the cache."""

    hidden_settings = re.compile(
        f"{SafeExceptionReporterFilter.hidden_settings.pattern}|URL|BROKER|LOCATION", re.IGNORECASE
    )
