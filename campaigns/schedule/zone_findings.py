"""Findings about a schedule's time zone."""

from collections.abc import Iterator

from campaigns.schedule.findings import Code, ScheduleFinding, Severity, say
from campaigns.schedule.zone_meaning import by_offset, meant_by
from campaigns.schedule.zones import current_name, fixed_zone, is_fixed, known_zones, offset_name, offsets_of

_FIELD = "timezone"
_RULE = "IANA time zone database"
# The regions that people mostly mean. The database links EST to America/Panama and MST to America/Phoenix.
_MEANT = {"EST": "America/New_York", "MST": "America/Denver", "HST": "Pacific/Honolulu"}
_NONE = "Choose one from the list, such as America/New_York."


def zone_findings(name: object) -> Iterator[ScheduleFinding]:
    """An error for an unknown name; a hint for an old name, or for one that means the same offset all year."""
    if not isinstance(name, str):
        message = f"The time zone is {say(name)}, not a name."
        yield ScheduleFinding(
            Code.WRONG_TYPE, Severity.ERROR, message, field=_FIELD, suggestion="Choose one from the list."
        )
    elif name not in known_zones():
        message = f"There is no time zone {say(name)}."
        yield ScheduleFinding(Code.UNKNOWN_ZONE, Severity.ERROR, message, (), _FIELD, _RULE, _suggest(name))
    elif is_fixed(name):
        yield ScheduleFinding(Code.FIXED_OFFSET, Severity.HINT, _fixed(name), (), _FIELD, _RULE, _region_for(name))
    elif new := current_name(name):
        message = f"{name} is an old name; the time zone database knows it as {new}."
        suggestion = f"Write {new}: the hours stay the same."
        yield ScheduleFinding(Code.RENAMED_ZONE, Severity.HINT, message, (), _FIELD, _RULE, suggestion)


def _suggest(name: str) -> str:
    meant = meant_by(name)
    if meant.offset is None:
        if meant.regions:
            return f"Did you mean {meant.regions[0]}?"
        return _NONE
    regions = _listed(meant.regions)
    if meant.fixed:
        all_year = f"{offset_name(meant.offset)} all year, without summer time, is {meant.fixed}"
    else:
        all_year = ""
    if all_year and meant.fixed != "UTC":
        all_year += " (in that name the sign is the other way round)"
    said = (f"Did you mean {regions}?" if regions else "", f"{all_year}." if all_year else "")
    return " ".join(filter(None, said)) or _NONE


def _fixed(name: str) -> str:
    minutes = offsets_of(name).standard
    message = f"{name} has no summer time: it is {offset_name(minutes)} all year"
    if minutes and name == fixed_zone(minutes):
        message += ", and the sign in this name is the other way round"
    return f"{message}."


def _region_for(name: str) -> str:
    minutes = offsets_of(name).standard
    regions = (_MEANT[name],) if name in _MEANT else by_offset(minutes).regions
    if not regions:
        return "Choose a region if its clocks are meant."
    suggestion = f"If a region’s clocks are meant, choose the region: {_listed(regions)}."
    if not minutes or name != fixed_zone(minutes):
        return suggestion
    # Somebody may have chosen the name by the wrong sign: Etc/GMT+5 is UTC-5.
    other = by_offset(-minutes)
    if not other.regions:
        return suggestion
    return f"{suggestion} If {offset_name(-minutes)} is meant, choose {_listed(other.regions)}."


def _listed(regions: tuple[str, ...]) -> str:
    return " or ".join(f"{region} ({_clocks(region)})" for region in regions)


def _clocks(region: str) -> str:
    offsets = offsets_of(region)
    if offsets.standard == offsets.summer:
        return offset_name(offsets.standard)
    return f"{offset_name(offsets.standard)}, in summer {offset_name(offsets.summer)}"
