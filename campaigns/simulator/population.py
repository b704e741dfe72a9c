"""A plausible call centre: names, time zones, dialing hours and traffic of any number of campaigns, from a seed."""

import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product
from random import Random
from typing import Any

from campaigns.simulator.schedules import DAYS, PAUSE_CONDITIONS
from campaigns.simulator.traffic import Traffic

SUBJECTS = (
    "Auto Loan", "Home Equity", "Credit Card", "Student Loan", "Mortgage Refinance", "Personal Loan",
    "Medicare Advantage", "Dental Plan", "Vision Plan", "Prescription Refill", "Flu Vaccination", "Patient Intake",
    "Term Life", "Renters Insurance", "Roadside Assistance", "Auto Policy", "Flood Cover", "Travel Insurance",
    "Residential Solar", "Heat Pump", "Roof Inspection", "Water Softener", "Pest Control", "Home Security",
    "Fiber Internet", "Mobile Upgrade", "Business Wireless", "Cable Retention", "Smart Thermostat", "Prepaid SIM",
    "Electric Utility", "Natural Gas", "Water District", "Toll Account", "Property Tax", "Voter Outreach",
    "Alumni Fund", "Food Bank", "Museum Membership", "Season Ticket", "Cruise Club", "Hotel Rewards",
    "Fleet Telematics", "Office Supplies", "Payroll Services", "Farm & Ranch Supply", "Children's Hospital",
    "Extended Warranty", "Appliance Repair", "Tire & Brake", "+Plus Club",
)  # fmt: skip
PURPOSES = (
    "Welcome Calls", "Renewal Reminder", "Early Arrears", "Late-Stage Collections", "Win-Back", "Payment Reminder",
    "Appointment Confirmation", "Satisfaction Survey", "Cross-Sell", "Lapsed Customers", "Web Lead Follow-Up",
    "Callback Requests", "Enrollment", "Recall Notice", "Quote Follow-Up", "No-Show Rebooking",
)  # fmt: skip
US_ZONES: dict[str, tuple[int, tuple[str, ...]]] = {
    "America/New_York": (30, ("Northeast", "New England", "Florida", "Georgia", "Carolinas", "Ohio", "Mid-Atlantic")),
    "America/Chicago": (24, ("Midwest", "Texas", "Gulf Coast", "Great Plains", "Tennessee", "Upper Mississippi")),
    "America/Los_Angeles": (17, ("SoCal", "Bay Area", "Pacific Northwest", "Central Valley", "Nevada")),
    "America/Denver": (9, ("Rockies", "Utah", "New Mexico", "Front Range")),
    "America/Phoenix": (5, ("Arizona", "Tucson")),
    "America/Detroit": (3, ("Michigan",)),
    "America/Indiana/Indianapolis": (3, ("Indiana",)),
    "America/Boise": (1, ("Idaho",)),
    "America/Anchorage": (1, ("Alaska",)),
    "Pacific/Honolulu": (1, ("Hawaii",)),
    "America/Puerto_Rico": (1, ("Puerto Rico",)),
}
OTHER_ZONES = (
    ("Australia/Lord_Howe", "Lord Howe Island"),
    ("Asia/Kathmandu", "Nepal Desk"),
    ("America/St_Johns", "Newfoundland"),
    ("America/Toronto", "Ontario"),
    ("America/Toronto", "Québec"),
    ("Europe/London", "UK"),
    ("Asia/Manila", "Manila"),
    ("Europe/Berlin", "Germany"),
    ("America/Mexico_City", "México"),
    ("Australia/Adelaide", "South Australia"),
    ("Pacific/Chatham", "Chatham"),
)
HOURS = (("08:00", "17:00"), ("09:00", "17:00"), ("09:00", "20:00"), ("10:00", "19:00"), ("08:30", "20:30"))
SPLIT_HOURS = (("09:00", "12:00"), ("13:00", "17:30"))
WEEKS = (DAYS[:5], DAYS[:5], DAYS[:5], DAYS[:5], DAYS[1:6], DAYS[:4], DAYS[5:])


@dataclass(frozen=True, slots=True)
class Profile:
    """A campaign as it is at the beginning."""

    id: str
    name: str
    status: str
    schedule: dict[str, Any]
    traffic: Traffic


def populate(number: int, seed: int, now: float) -> Iterator[Profile]:
    rng = Random(seed)
    names: set[str] = set()
    for index in range(number):
        zone, region = _zone_and_region(index, rng)
        status = _status(index)
        yield Profile(
            id=str(uuid.UUID(int=rng.getrandbits(128), version=4)),
            name=_name(region, rng, names),
            status=status,
            schedule=_schedule(zone, rng),
            traffic=_traffic(index, status == "ACTIVE", rng, now),
        )


def _status(index: int) -> str:
    # One in five hundred for each status in which CXone refuses both a pause and a resume.
    if index % 500 == 211:
        return "STOPPING"
    if index % 500 == 377:
        return "DRAFT"
    return "PAUSED" if index % 9 == 4 else "ACTIVE"


def _zone_and_region(index: int, rng: Random) -> tuple[str, str]:
    if index % 16 == 7:
        return OTHER_ZONES[index // 16 % len(OTHER_ZONES)]
    (zone,) = rng.choices(list(US_ZONES), [weight for weight, _ in US_ZONES.values()])
    return zone, rng.choice(US_ZONES[zone][1])


def _name(region: str, rng: Random, taken: set[str]) -> str:
    subject, purpose = rng.choice(SUBJECTS), rng.choice(PURPOSES)
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
        days = sorted(rng.sample(DAYS[:5], 2), key=DAYS.index)
        windows = [(day, *hours) for day, hours in product(days, SPLIT_HOURS)]
    else:
        hours = rng.choice(HOURS)
        windows = [(day, *hours) for day in rng.choice(WEEKS)]
    return {
        "timezone": zone,
        "dialingHours": [{"day": day, "startTime": start, "endTime": end} for day, start, end in windows],
        "pauseConditions": sorted(rng.sample(PAUSE_CONDITIONS, rng.choice((0, 1, 2, 2, 3, 4)))),
    }


def _traffic(index: int, dialing: bool, rng: Random, now: float) -> Traffic:
    # Two in fifteen stay well above 50 calls, so that a pause of theirs is rejected. The others have fewer lines, and
    # never reach 50.
    if index % 15 in {3, 11}:
        lines = rng.randint(96, 150)
    elif index % 11 == 6:
        lines = 0
    else:
        lines = rng.randint(4, 40)
    calls = round(lines * 0.75) if dialing else 0
    return Traffic(lines=lines, busy_share=0.75, call_seconds=rng.uniform(5, 12), calls=calls, at=now)
