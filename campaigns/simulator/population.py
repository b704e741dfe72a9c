"""A plausible outsourcer's tenant: clients, regions, time zones, dialing hours and traffic of any number of campaigns,
from a seed."""

import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import chain, product
from random import Random
from typing import Any

from campaigns.simulator.traffic import Traffic

DAYS = ("MON", "TUE", "WED", "THU", "FRI", "SAT", "SUN")
PAUSE_CONDITIONS = ("NO_ANSWER", "BUSY", "DISCONNECTED", "ANSWERING_MACHINE")
# By the client: what its campaigns are about.
CLIENTS: dict[str, tuple[str, ...]] = {
    "Northwind": ("Electric Utility", "Natural Gas", "Residential Solar", "Heat Pump", "Smart Thermostat"),
    "Lakeshore Bank": ("Auto Loan", "Home Equity", "Credit Card", "Mortgage Refinance", "Personal Loan"),
    "Evergreen Health": ("Medicare Advantage", "Dental Plan", "Vision Plan"),
    "Riverbend Clinics": ("Prescription Refill", "Flu Vaccination", "Patient Intake", "Children's Hospital"),
    "Harborview Mutual": ("Term Life", "Renters Insurance", "Auto Policy", "Flood Cover", "Roadside Assistance"),
    "Hearth & Home": ("Roof Inspection", "Water Softener", "Pest Control", "Home Security", "Appliance Repair"),
    "Bluefin Telecom": ("Fiber Internet", "Mobile Upgrade", "Business Wireless", "Cable Retention", "Prepaid SIM"),
    "Tri-County Services": ("Water District", "Toll Account", "Property Tax", "Voter Outreach"),
    "Commons Giving": ("Alumni Fund", "Food Bank", "Museum Membership", "Season Ticket"),
    "Meridian Travel": ("Travel Insurance", "Cruise Club", "Hotel Rewards", "Plus+ Club"),
    "Ironwood Supply": ("Fleet Telematics", "Office Supplies", "Payroll Services", "Farm & Ranch Supply"),
    "Crossroads Auto": ("Tire & Brake", "Extended Warranty", "Student Loan"),
}
SUBJECTS = tuple(chain.from_iterable(product([client], subjects) for client, subjects in CLIENTS.items()))
PURPOSES = (
    "Welcome Calls", "Renewal Reminder", "Early Arrears", "Late-Stage Collections", "Win-Back", "Payment Reminder",
    "Appointment Confirmation", "Satisfaction Survey", "Cross-Sell", "Lapsed Customers", "Web Lead Follow-Up",
    "Callback Requests", "Enrollment", "Recall Notice", "Quote Follow-Up", "No-Show Rebooking",
)  # fmt: skip
US_ZONES: dict[str, tuple[int, tuple[str, ...]]] = {
    "America/New_York": (
        30,
        ("Florida", "New York", "Georgia", "North Carolina", "Ohio", "Massachusetts", "Virginia"),
    ),
    "America/Chicago": (24, ("Texas", "Illinois", "Louisiana", "Minnesota", "Tennessee", "Missouri")),
    "America/Los_Angeles": (17, ("California", "Washington", "Oregon", "Nevada")),
    "America/Denver": (9, ("Colorado", "Utah", "New Mexico")),
    "America/Phoenix": (5, ("Arizona",)),
    "America/Detroit": (3, ("Michigan",)),
    "America/Indiana/Indianapolis": (3, ("Indiana",)),
    "America/Boise": (1, ("Idaho",)),
    "America/Anchorage": (1, ("Alaska",)),
    "Pacific/Honolulu": (1, ("Hawaii",)),
    "America/Puerto_Rico": (1, ("Puerto Rico",)),
}
# One campaign in seven, so that some are dialing somewhere at any hour of any day.
OTHER_ZONES = (
    ("Asia/Manila", "Philippines"),
    ("Europe/London", "United Kingdom"),
    ("Australia/Sydney", "New South Wales"),
    ("Asia/Kolkata", "India"),
    ("Asia/Tokyo", "Japan"),
    ("America/Toronto", "Ontario"),
    ("Asia/Dubai", "Gulf States"),
    ("Pacific/Auckland", "New Zealand"),
    ("Australia/Lord_Howe", "Lord Howe Island"),
    ("America/Toronto", "Québec"),
    ("Europe/Berlin", "Germany"),
    ("Asia/Singapore", "Singapore"),
    ("Asia/Kathmandu", "Nepal"),
    ("Africa/Johannesburg", "South Africa"),
    ("America/St_Johns", "Newfoundland"),
    ("Asia/Manila", "Philippines"),
    ("Europe/London", "United Kingdom"),
    ("Australia/Adelaide", "South Australia"),
    ("America/Mexico_City", "México"),
    ("Asia/Kolkata", "India"),
    ("Pacific/Chatham", "Chatham Islands"),
)
HOURS = (("08:00", "17:00"), ("09:00", "17:00"), ("09:00", "20:00"), ("10:00", "19:00"), ("08:30", "20:30"))
SPLIT_HOURS = (("09:00", "12:00"), ("13:00", "17:30"))
WEEKS = (DAYS[:5], DAYS[:5], DAYS[:5], DAYS[:6], DAYS[:6], DAYS[1:6], DAYS[:4], DAYS[5:])
# Outside the US, where few campaigns make up for a whole day: more of them on Sundays.
OTHER_WEEKS = (DAYS[:5], DAYS[:6], DAYS, DAYS)

# No call goes on for longer once its campaign's hours have ended.
LONGEST_TAIL_SECONDS = 60

# Of a campaign that offends: within its hours always more calls than the usual limit of 50, outside them always some.
OVER_LIMIT_LINES = 104
OUTSIDE_HOURS_LINES = 24
# Two of three that offend have hours so long, in zones half the world apart, that one of them is within its hours at
# any moment: somebody is always over the limit.
LONG_HOURS = ("08:00", "21:00")
ZONES_OF_LONG_HOURS = ("America/Toronto", "Asia/Manila")


class Habit(StrEnum):
    """When a campaign that is active dials."""

    ANY_HOUR = "any hour"
    KEEPS_HOURS = "keeps its hours"
    # Outside its hours too, and within them with more calls than anybody allows.
    OFFENDS = "offends"


@dataclass(frozen=True, slots=True)
class Profile:
    """A campaign as it is at the beginning."""

    id: str
    name: str
    status: str
    schedule: dict[str, Any]
    traffic: Traffic
    tags: dict[str, str]
    habit: Habit = Habit.ANY_HOUR


def populate(number: int, seed: int, now: float, *, keep_hours: bool = False, offenders: int = 0) -> Iterator[Profile]:
    """`offenders`: how many of the active ones dial as they mustn't; by the seed they are always the same."""
    rng = Random(seed)
    offending = _offending(number, seed, offenders)
    names: set[str] = set()
    for index in range(number):
        zone, region = _zone_and_region(index, rng)
        status = _status(index)
        client, subject = rng.choice(SUBJECTS)
        schedule = _schedule(zone, rng)
        traffic = _traffic(index, status == "ACTIVE", rng, now)
        habit = Habit.KEEPS_HOURS if keep_hours else Habit.ANY_HOUR
        if index in offending:
            habit, schedule = Habit.OFFENDS, schedule | {"dialingHours": _offender_hours(offending[index])}
        yield Profile(
            id=str(uuid.UUID(int=rng.getrandbits(128), version=4)),
            name=_name(subject, region, rng, names),
            status=status,
            schedule=schedule,
            traffic=traffic,
            tags={"client": client, "region": region},
            habit=habit,
        )


def _offending(number: int, seed: int, offenders: int) -> dict[int, int]:
    """By the index of a campaign that offends, which one of the offenders it is."""
    active = [index for index in range(number) if _status(index) == "ACTIVE"]
    # A generator of its own: whoever plants offenders gets otherwise the same campaigns.
    left = Random(f"offenders of {seed}").sample(active, len(active))
    offending: dict[int, int] = {}
    for place in range(min(offenders, len(active))):
        fitting = [index for index in left if not _has_long_hours(place) or _is_in_zone_of(place, index)]
        # A small floor may have none in that zone.
        index = (fitting or left)[0]
        left.remove(index)
        offending[index] = place
    return offending


def _has_long_hours(place: int) -> bool:
    return place % 3 > 0


def _is_in_zone_of(place: int, index: int) -> bool:
    return index % 7 == 3 and OTHER_ZONES[index // 7 % len(OTHER_ZONES)][0] == ZONES_OF_LONG_HOURS[place % 3 - 1]


def _offender_hours(place: int) -> list[dict[str, str]]:
    """Hours so short that it is mostly outside them, or so long that it is mostly over the limit."""
    if _has_long_hours(place):
        return _windows(DAYS, (LONG_HOURS,))
    return _windows((DAYS[1], DAYS[3]), SPLIT_HOURS)


def _status(index: int) -> str:
    # One in five hundred for each status in which CXone refuses both a pause and a resume.
    if index % 500 == 211:
        return "STOPPING"
    if index % 500 == 377:
        return "DRAFT"
    return "PAUSED" if index % 9 == 4 else "ACTIVE"


def _zone_and_region(index: int, rng: Random) -> tuple[str, str]:
    if index % 7 == 3:
        return OTHER_ZONES[index // 7 % len(OTHER_ZONES)]
    (zone,) = rng.choices(list(US_ZONES), [weight for weight, _ in US_ZONES.values()])
    return zone, rng.choice(US_ZONES[zone][1])


def _name(subject: str, region: str, rng: Random, taken: set[str]) -> str:
    purpose = rng.choice(PURPOSES)
    pattern = rng.choice(("{subject} {purpose} ({region})", "{region}: {subject} {purpose}", "{subject} {purpose}"))
    base = name = pattern.format(subject=subject, purpose=purpose, region=region)
    wave = 1
    while name in taken:
        wave += 1
        name = f"{base}, wave {wave}"
    taken.add(name)
    return name


def _schedule(zone: str, rng: Random) -> dict[str, Any]:
    # One campaign in ten dials on two days, with a break at noon.
    if rng.random() < 0.1:
        windows = _windows(sorted(rng.sample(DAYS[:5], 2), key=DAYS.index), SPLIT_HOURS)
    else:
        hours = rng.choice(HOURS)
        windows = _windows(rng.choice(WEEKS if zone in US_ZONES else OTHER_WEEKS), (hours,))
    return {
        "timezone": zone,
        "dialingHours": windows,
        "pauseConditions": sorted(rng.sample(PAUSE_CONDITIONS, rng.choice((0, 1, 2, 2, 3, 4)))),
    }


def _windows(days: Sequence[str], hours: Sequence[tuple[str, str]]) -> list[dict[str, str]]:
    return [{"day": day, "startTime": start, "endTime": end} for day, (start, end) in product(days, hours)]


def _traffic(index: int, dialing: bool, rng: Random, now: float) -> Traffic:
    # Fewer lines than the usual limit of 50 calls: nobody is over it by chance.
    lines = 0 if index % 11 == 6 else rng.randint(4, 44)
    calls = round(lines * 0.75) if dialing else 0
    return Traffic(lines=lines, busy_share=0.75, call_seconds=rng.uniform(5, 12), calls=calls, at=now)
