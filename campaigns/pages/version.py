"""Whether a fragment would show anything new."""

import hashlib

from django.utils import timezone


def version_of(*shown: object) -> str:
    """A digest of what is shown: a page that has the same one needs nothing new."""
    # Times are shown in the reader's zone, and without a date where it is today's.
    reader = timezone.get_current_timezone_name(), timezone.localdate()
    return hashlib.sha256(repr((reader, shown)).encode()).hexdigest()[:16]
