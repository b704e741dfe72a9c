"""Calling hours of US states that are narrower than the federal ones, for an admin to start a rule from.

They are facts for a form, not rules in force: whoever saves one has checked it. Only hours that were
read in the statute itself are here: Oklahoma's and Maryland's, known from summaries alone, are not.
"""

from dataclasses import dataclass
from datetime import date, time


@dataclass(frozen=True, slots=True)
class HoursPreset:
    """Every day, from `earliest` to `latest` at the place of the person called. `since`: when these hours began."""

    slug: str
    name: str
    source: str
    since: date
    earliest: time = time(8)
    latest: time = time(20)


PRESETS = (
    HoursPreset("florida", "Florida", "Fla. Stat. § 501.616(6)(a)", date(2021, 7, 1)),
    HoursPreset("washington", "Washington", "Wash. Rev. Code § 19.158.040(2)", date(2022, 6, 9)),
)


def find_preset(slug: str) -> HoursPreset | None:
    return next((preset for preset in PRESETS if preset.slug == slug), None)
