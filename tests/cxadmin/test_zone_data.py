"""Time zones come from the pinned package, whatever the system has."""

import os
import secrets
import subprocess
import sys
import zoneinfo
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import tzdata
from django.conf import settings

from audit.models import Record
from tests.factories import make_campaign
from tests.operations.runner.schedules import ask_schedule, with_hours

DECEMBER = datetime(2026, 12, 1, 20, tzinfo=UTC)
OLD_RULES = b"TZif2" + bytes(15)  # a zone that can't even be read


@pytest.mark.parametrize(
    ("name", "hour"), [("America/Vancouver", 13), ("America/Edmonton", 14), ("America/Winnipeg", 15)]
)
def test_zones_are_those_of_the_pinned_release(name: str, hour: int) -> None:
    """They stopped changing their clocks in 2026, which older zone data doesn't know."""
    assert DECEMBER.astimezone(ZoneInfo(name)).hour == hour


def test_package_is_as_new_as_its_rules_need() -> None:
    assert tzdata.IANA_VERSION >= "2026f"


def test_no_other_source_is_asked() -> None:
    assert zoneinfo.TZPATH == ()


LOOK = """
from datetime import UTC, datetime
from zoneinfo import ZoneInfo
print(datetime(2026, 12, 1, 20, tzinfo=UTC).astimezone(ZoneInfo("America/Vancouver")).hour)
"""


@pytest.mark.parametrize("entry", ["import cxadmin.wsgi", "import cxadmin.celery"])
def test_processes_read_the_package(entry: str, tmp_path: Path) -> None:
    """Commands, web and workers alike, though PYTHONTZPATH leads to a folder of other data."""
    (tmp_path / "America").mkdir()
    (tmp_path / "America" / "Vancouver").write_bytes(OLD_RULES)
    program = entry + LOOK
    environment = {
        **os.environ,
        "PYTHONTZPATH": str(tmp_path),
        "VAR_DIR": str(tmp_path),
        "SECRET_KEY": secrets.token_hex(32),
    }
    found = subprocess.run(
        [sys.executable, "-c", program],
        cwd=settings.BASE_DIR,
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    assert found.stdout.strip() == "13"


@pytest.mark.django_db
@pytest.mark.usefixtures("enqueued")
def test_record_of_a_schedule_change_names_the_release() -> None:
    ask_schedule(make_campaign("spring"), with_hours(MON="10:00-12:00"))
    assert Record.objects.get().details["zone_data"] == tzdata.IANA_VERSION
