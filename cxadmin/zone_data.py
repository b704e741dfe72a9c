"""Time zones from the pinned `tzdata` package, in every process.

zoneinfo (Python 3.11 to 3.14) reads the system's database first, and the package only if there is none. A machine that
isn't updated would open dialing windows by outdated rules, next to another that is.
"""

import zoneinfo


def use_pinned() -> None:
    """Ignore all other sources from here on, PYTHONTZPATH too. Call this before any zone is used."""
    zoneinfo.reset_tzpath(())
    zoneinfo.ZoneInfo.clear_cache()
