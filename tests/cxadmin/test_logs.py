"""The log: no secret in any line, and no more lines of what strangers provoke than somebody can read."""

import io
import logging
import runpy
import subprocess
import sys
from collections.abc import Iterator
from time import monotonic
from types import SimpleNamespace
from typing import Any

import pytest
from django.conf import settings
from django.db import OperationalError, connection
from django.test import Client

from cxadmin import logs

TOKEN = "a-webhook-token-for-this-test"
SECRET = "s3cret & <quoted> 'value'"


class Log:
    """What the product's own handler writes."""

    def __init__(self, stream: io.StringIO) -> None:
        self._stream = stream

    @property
    def text(self) -> str:
        return self._stream.getvalue()

    @property
    def lines(self) -> list[str]:
        return self.text.splitlines()


class WithoutTime(logs.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        return super().format(record).partition(" ")[2]


@pytest.fixture
def log(monkeypatch: pytest.MonkeyPatch) -> Iterator[Log]:
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(WithoutTime())
    handler.addFilter(logs.OnceAMinute())
    monkeypatch.setattr(settings, "SECRETS", frozenset({TOKEN, SECRET, "short"}))
    monkeypatch.setattr(settings, "CXONE_WEBHOOK_TOKEN", TOKEN)
    logs._blanks.cache_clear()
    root = logging.getLogger()
    root.addHandler(handler)
    yield Log(stream)
    root.removeHandler(handler)
    logs._blanks.cache_clear()


def test_products_handler_blanks_and_bounds() -> None:
    logging_settings: Any = settings.LOGGING
    [handler] = logging_settings["handlers"].values()
    assert logging_settings["formatters"][handler["formatter"]]["()"] == "cxadmin.logs.Formatter"
    assert logging_settings["filters"][handler["filters"][0]]["()"] == "cxadmin.logs.OnceAMinute"
    assert {settings.SECRET_KEY, settings.CXONE_WEBHOOK_TOKEN} <= settings.SECRETS


@pytest.mark.parametrize("spelling", [SECRET, "s3cret%20%26%20%3Cquoted%3E%20%27value%27", repr(SECRET)])
def test_secret_is_blanked_however_it_is_spelled(log: Log, spelling: str) -> None:
    logging.getLogger("somebody").error("Sent %s", spelling)
    assert "s3cret" not in log.text
    assert logs.BLANK in log.text


@pytest.mark.parametrize("spelling", ["%61-webhook%2Dtoken%2dfor-this-test", r"a\u002dwebhook-token-for-this-test"])
def test_token_is_blanked_where_a_single_character_is_escaped(log: Log, spelling: str) -> None:
    """As a proxy or CXone may write it in an address, or in words of its own."""
    logging.getLogger("somebody").error("POST /webhooks/cxone/%s/", spelling)
    assert log.lines == [f"ERROR somebody POST /webhooks/cxone/{logs.BLANK}/"]


def test_secret_in_a_trace_is_blanked(log: Log) -> None:
    try:
        raise ValueError(f"refused {TOKEN}")
    except ValueError:
        logging.getLogger("somebody").exception("It failed")
    assert "ValueError: refused •••" in log.text
    assert TOKEN not in log.text


def test_word_that_is_too_short_for_a_secret_stays(log: Log) -> None:
    logging.getLogger("somebody").error("a short word")
    assert "a short word" in log.text


@pytest.mark.django_db
def test_event_during_an_outage_leaves_no_token(log: Log) -> None:
    def fail(*_arguments: object) -> None:
        raise OperationalError("down")

    event = {"eventType": "outbound.campaign.status.changed", "campaignId": "c-1", "status": "PAUSED"}
    client = Client(raise_request_exception=False)
    with connection.execute_wrapper(fail):
        response = client.post(f"/webhooks/cxone/{TOKEN}/", event, content_type="application/json")
    assert response.status_code == 500
    assert f"/webhooks/cxone/{logs.BLANK}/" in log.text
    assert "OperationalError" in log.text
    assert TOKEN not in log.text


def test_refused_hosts_are_one_short_line_a_minute(log: Log, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(100):
        Client().get("/accounts/login/", headers={"Host": f"{number}." + "x" * 600 + ".example"})
    [line] = log.lines
    a_minute_later = monotonic() + logs.SECONDS_BETWEEN
    monkeypatch.setattr(logs, "monotonic", lambda: a_minute_later)
    Client().get("/accounts/login/", headers={"Host": "evil.example"})
    assert line.startswith("ERROR django.security.DisallowedHost Invalid HTTP_HOST header")
    assert len(line) < logs.MOST_CHARACTERS + 100
    assert "(99 more like this were left out)" in log.lines[1]
    assert len(log.lines) == 2


@pytest.mark.django_db
def test_forged_forms_and_failures_are_each_a_kind(log: Log) -> None:
    client = Client(enforce_csrf_checks=True)
    for _ in range(5):
        client.post("/accounts/login/")
        Client().get("/accounts/login/", headers={"Host": "evil.example"})
    assert [line.split()[1] for line in log.lines] == ["django.security.csrf", "django.security.DisallowedHost"]


def test_errors_of_different_places_are_each_logged(log: Log) -> None:
    def one() -> None:
        raise ValueError("one")

    def other() -> None:
        raise ValueError("other")

    for fail in (one, one, other, other):
        try:
            fail()
        except ValueError:
            logging.getLogger("django.request").exception("Internal Server Error")
    words = [line.strip() for line in log.lines if line.startswith("    ValueError")]
    assert words == [
        "ValueError: one",
        "ValueError: other",
    ]


def test_dispatcher_without_a_database_leaves_one_trace_a_minute(log: Log) -> None:
    for _ in range(5):
        try:
            raise OperationalError("down")
        except OperationalError:
            logging.getLogger("campaigns.dispatcher").exception("A round of the dispatcher failed")
    assert log.text.count("OperationalError: down") == 1


def test_calls_that_cxone_refuses_to_count_leave_one_line_a_minute(log: Log) -> None:
    for _ in range(5):
        logging.getLogger("campaigns.sync.drains").info("The calls of paused campaigns could not be counted")
    assert len(log.lines) == 1


def test_pages_that_fail_in_gunicorn_are_one_trace_a_minute(log: Log) -> None:
    for number in range(5):
        try:
            raise OperationalError("down")
        except OperationalError:
            logging.getLogger("gunicorn.error").exception("Error handling request GET /campaigns/?x=%s", number)
    assert log.text.count("OperationalError: down") == 1


def test_what_the_product_says_by_itself_is_never_left_out(log: Log) -> None:
    for number in range(3):
        logging.getLogger("campaigns.sync.full_read").warning("CXone could not be read: %s", number)
    assert len(log.lines) == 3


def test_gunicorns_own_lines_are_blanked_and_bounded() -> None:
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    server: Any = SimpleNamespace(
        log=SimpleNamespace(error_log=SimpleNamespace(handlers=[handler]), access_log=SimpleNamespace(handlers=[]))
    )
    runpy.run_path(f"{settings.BASE_DIR}/gunicorn.conf.py")["on_starting"](server)
    assert isinstance(handler.formatter, logs.Formatter)
    for number in range(3):
        for message in (f"Invalid request from ip=10.0.0.{number}: x", f"Booting worker with pid: {number}"):
            handler.handle(logging.LogRecord("gunicorn.error", logging.WARNING, "", 0, message, (), None))
    lines = stream.getvalue().splitlines()
    assert [line.partition(" gunicorn.error ")[2] for line in lines if "Invalid" in line] == [
        "Invalid request from ip=10.0.0.0: x"
    ]
    assert len([line for line in lines if "Booting" in line]) == 3


SHOW_HANDLERS = """
import logging
from cxadmin.celery import app
app.log.setup(loglevel="WARNING")
for name in ("", "celery", "celery.task", "celery.worker"):
    for handler in logging.getLogger(name).handlers:
        if not isinstance(handler, logging.NullHandler):
            print(name or "root", type(handler.formatter).__module__)
"""


def test_workers_log_through_the_same_handler(tmp_path: Any) -> None:
    told = subprocess.run(
        [sys.executable, "-c", SHOW_HANDLERS],
        cwd=settings.BASE_DIR,
        env={"VAR_DIR": str(tmp_path)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert told.stdout == "root cxadmin.logs\n"
