"""`manage.py list_campaigns`: the campaigns for scripts, as last read."""

from typing import Any

import pytest

from tests.factories import make_campaign

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def floor() -> None:
    make_campaign("dials", window_open=True)
    make_campaign("waits", window_open=False)
    make_campaign("drains", status="PAUSED", active_calls=3)
    make_campaign("rests", status="PAUSED", urgency=4)


@pytest.mark.parametrize(
    ("options", "found"),
    [
        ((), {"dials": "dialing", "waits": "waiting", "drains": "draining", "rests": "paused"}),
        (("--status", "paused"), {"drains": "draining", "rests": "paused"}),
        (("--state", "paused"), {"drains": "draining", "rests": "paused"}),
        (("--state", "draining"), {"drains": "draining"}),
        (("--state", "waiting"), {"waits": "waiting"}),
        (("--state", "needs-you"), {"rests": "paused"}),
        (("--status", "ACTIVE", "--state", "draining"), {}),
    ],
)
def test_campaigns_with_their_states(command: Any, options: tuple[str, ...], found: dict[str, str]) -> None:
    _, lines, _ = command("list_campaigns", *options)
    listed = lines if isinstance(lines, list) else [lines]
    assert {line["campaign_id"]: line["state"] for line in listed} == found
