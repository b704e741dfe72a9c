"""The speed of folding, and the time to read a year's figures for a chart.

    VAR_DIR=/tmp/ledger .venv/bin/python -m benchmarks.folding         # the ledger that benchmarks.million has filled
    VAR_DIR=/tmp/ledger .venv/bin/python -m benchmarks.folding --keep  # as it is folded already

All derived data is rebuilt first, except with --keep; the cache is emptied. The yardsticks are reading the same
records without folding them, and counting the same figures from the records themselves. Prints a JSON line for each,
times in milliseconds.
"""

import argparse
import json
import time
from datetime import timedelta
from zoneinfo import ZoneInfo

from benchmarks import process

ROUNDS = 20
ZONE = ZoneInfo("Europe/Berlin")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--keep", action="store_true", help="leave what is derived as it is")
    options = parser.parse_args()
    process.begin()
    if not options.keep:
        _fold()
    _read()


def _fold() -> None:
    from audit import folding
    from audit.models import FoldingProgress

    FoldingProgress.objects.update(number=0)
    for clear in folding.CLEAR:
        clear()
    steps = []
    began = time.perf_counter()
    while True:
        step = process.timed(folding.fold)
        if not step.found:
            break
        steps.append(step.seconds)
    took = time.perf_counter() - began
    number = FoldingProgress.objects.get().number
    reading = process.timed(lambda: _read_only(folding.STEP)).seconds
    _say("folding", records=number, seconds=took, records_a_second=number / took, **_spread(steps))
    _say("yardstick: reading alone", records=number, seconds=reading, records_a_second=number / reading)


def _read_only(step: int) -> None:
    from audit.models import Record

    rows, last = Record.objects.defer("body").order_by("number"), 0
    while records := list(rows.filter(number__gt=last)[:step]):
        last = records[-1].number


def _read() -> None:
    from django.core.cache import cache
    from django.utils import timezone

    from audit.statistics.trends import Grain, read_trend

    until = timezone.now()
    since = until - timedelta(days=365)
    for name, only in {"all": {}, "pauses": {"action": "pause"}, "one campaign": {"campaign": _busiest()}}.items():
        for grain in (Grain.DAY, Grain.WEEK):

            def read(grain: Grain = grain, only: dict[str, str] = only) -> None:
                read_trend(
                    since=since,
                    until=until,
                    grain=grain,
                    zone=ZONE,
                    campaigns=[only["campaign"]] if "campaign" in only else [],
                    action=only.get("action", ""),
                )

            # The first reading fills the cache with past days, the following ones use it.
            cache.clear()
            first, *again = [process.timed(read).seconds for _ in range(1 + ROUNDS)]
            _say(f"a year by {grain}, {name}", first=first * 1000, **_spread(again))
    _say("yardstick: a year of all from the records", first=process.timed(_count_records).seconds * 1000)


def _busiest() -> str:
    from django.db.models import Count

    from audit.models import Rollup

    rows = Rollup.objects.exclude(campaign_id="").values("campaign_id").annotate(rows=Count("pk"))
    return str(rows.order_by("-rows").values_list("campaign_id", flat=True)[0])


def _count_records() -> None:
    from audit.models import Record
    from audit.statistics.figures import KINDS, Figures

    figures = Figures()
    for record in Record.objects.filter(kind__in=KINDS).only("kind", "latency_ms", "details").iterator():
        figures.add(record)


def _spread(seconds: list[float]) -> dict[str, float]:
    ordered = sorted(seconds)
    return {f"p{q}": ordered[min(len(ordered) * q // 100, len(ordered) - 1)] * 1000 for q in (50, 95, 99)}


def _say(what: str, **figures: float) -> None:
    print(json.dumps({"what": what} | {name: round(value, 1) for name, value in figures.items()}), flush=True)


if __name__ == "__main__":
    main()
