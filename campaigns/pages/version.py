"""Whether a fragment would show anything new."""

import hashlib

from django.utils import timezone

from campaigns.schedule.clock_face import has_twelve_hours


def version_of(*shown: object) -> str:
    """A digest of what is shown: a page that has the same one needs nothing new."""
    # Times are shown in the reader's zone, on the reader's clock, and without a date where it is today's.
    reader = timezone.get_current_timezone_name(), timezone.localdate(), has_twelve_hours()
    return hashlib.sha256(repr((reader, shown)).encode()).hexdigest()[:16]
