"""Files on which a second reader is asked: by hand, and drawn once and for all."""

from datetime import date, datetime, time
from random import Random

from dateutil.rrule import rrulestr

from tests.holidays.ical.reading import calendar, defined, one

NUMBER = 150
_DAYS = ["MO", "TU", "WE", "TH", "FR", "SA", "SU"]
_NTH = ["1", "2", "3", "4", "-1", "-2"]
_EST = defined("America/New_York")


def timed(*lines: str) -> bytes:
    return calendar(*_EST, *one("UID:a", *lines))


def moved(to: str, *lines: str) -> list[str]:
    return one("UID:s", "RECURRENCE-ID;VALUE=DATE:20270201", f"DTSTART;VALUE=DATE:{to}", *lines)


SERIES = one("UID:s", "DTSTART;VALUE=DATE:20270104", "RRULE:FREQ=MONTHLY;BYDAY=1MO;COUNT=3")
BY_HAND = {
    "a day": calendar(*one("UID:a", "DTSTART;VALUE=DATE:20260907")),
    "days": calendar(*one("UID:a", "DTSTART;VALUE=DATE:20261224", "DTEND;VALUE=DATE:20261227")),
    "days by length": calendar(*one("UID:a", "DTSTART;VALUE=DATE:20261224", "DURATION:P2D")),
    "hours": timed("DTSTART;TZID=America/New_York:20261224T130000", "DTEND;TZID=America/New_York:20261224T180000"),
    "hours past midnight": timed("DTSTART;TZID=America/New_York:20261224T220000", "DURATION:PT4H"),
    "hours in UTC": calendar(*one("UID:a", "DTSTART:20261224T130000Z", "DTEND:20261224T180000Z")),
    "hours of any zone": calendar(*one("UID:a", "DTSTART:20261224T130000", "DTEND:20261224T180000")),
    "a zone of the file": calendar(
        *defined("Customized Time Zone"),
        *one("UID:a", "DTSTART;TZID=Customized Time Zone:20261224T130000", "DURATION:PT5H"),
    ),
    "every day at one time": timed(
        "DTSTART;TZID=America/New_York:20261031T090000", "DURATION:PT1H", "RRULE:FREQ=DAILY;COUNT=3"
    ),
    "a day as a calendar has it": timed("DTSTART;TZID=America/New_York:20260308T000000", "DURATION:P1D"),
    "an excluded day": calendar(
        *one("UID:a", "DTSTART;VALUE=DATE:20260704", "RRULE:FREQ=YEARLY", "EXDATE;VALUE=DATE:20270704")
    ),
    "an excluded day of a timed series": calendar(
        *one("UID:a", "DTSTART:20260701T090000", "DURATION:PT1H", "RRULE:FREQ=DAILY;COUNT=3", "EXDATE:20260702T090000")
    ),
    "until a day": calendar(*one("UID:a", "DTSTART;VALUE=DATE:20260704", "RRULE:FREQ=YEARLY;UNTIL=20270704")),
    "an occurrence that is moved": calendar(*SERIES, *moved("20270203")),
    "an occurrence that bears the rule": calendar(*SERIES, *moved("20270203", "RRULE:FREQ=MONTHLY;BYDAY=1MO;COUNT=3")),
    "an occurrence that is cancelled": calendar(*SERIES, *moved("20270201", "STATUS:CANCELLED")),
    "all from one on": calendar(
        *one("UID:a", "DTSTART;VALUE=DATE:20260701", "RRULE:FREQ=WEEKLY;COUNT=4"),
        *one("UID:a", "RECURRENCE-ID;VALUE=DATE;RANGE=THISANDFUTURE:20260715", "DTSTART;VALUE=DATE:20260717"),
    ),
    "a vendor's part": calendar(
        *one("UID:a", "DTSTART;VALUE=DATE:20260704", "RRULE:FREQ=YEARLY;UNTIL=20280704;X-EVOLUTION-ENDDATE=20280704")
    ),
}


def drawn() -> dict[str, bytes]:
    """Series as people make them, whose first day is one of their rule."""
    random = Random(5545)
    return {f"drawn {number}": _series(random) for number in range(NUMBER)}


def _series(random: Random) -> bytes:
    rule = _rule(random)
    start = _first_day(rule, date(random.randint(2015, 2026), random.randint(1, 12), random.randint(1, 28)))
    lines = [f"DTSTART;VALUE=DATE:{start:%Y%m%d}", f"RRULE:{rule}{_end(random)}"]
    if random.random() < 0.3:
        excluded = _first_day(rule, date(2026, random.randint(1, 12), 1))
        lines.append(f"EXDATE;VALUE=DATE:{excluded:%Y%m%d}")
    return calendar(*one("UID:a", *lines))


def _rule(random: Random) -> str:
    month, day, weekday, nth = random.randint(1, 12), random.randint(1, 28), random.choice(_DAYS), random.choice(_NTH)
    rule = random.choice(
        [
            f"FREQ=YEARLY;BYMONTH={month};BYMONTHDAY={day}",
            f"FREQ=YEARLY;BYMONTH={month};BYDAY={nth}{weekday}",
            f"FREQ=MONTHLY;BYMONTHDAY={day}",
            f"FREQ=MONTHLY;BYDAY={nth}{weekday}",
            f"FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS={random.choice(['1', '-1'])}",
            f"FREQ=WEEKLY;BYDAY={weekday}",
        ]
    )
    return f"{rule};INTERVAL={random.randint(2, 3)}" if random.random() < 0.3 else rule


def _first_day(rule: str, after: date) -> date:
    found: datetime = rrulestr(rule, dtstart=_midnight(after)).after(_midnight(after), inc=True)
    return found.date()


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time())


def _end(random: Random) -> str:
    return random.choice(["", "", f";COUNT={random.randint(2, 40)}", f";UNTIL=2027{random.randint(1, 12):02}15"])
