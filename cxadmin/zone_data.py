"""Time zones from the pinned `tzdata` package, in every process.

zoneinfo (Python 3.11 to 3.14) looks into the system's database first, and into the package only where that has none:
a machine that isn't updated would open windows by rules that are no longer in force, beside another that is.
"""

import zoneinfo


def use_pinned() -> None:
    """No other source counts from here on, whatever PYTHONTZPATH says. To be called before a zone is used."""
    zoneinfo.reset_tzpath(())
    zoneinfo.ZoneInfo.clear_cache()
