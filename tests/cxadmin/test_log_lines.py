"""A line of the log: what it has in either format, what comes along by itself, and what nobody can forge."""

import io
import json
import logging
import re
from collections.abc import Callable, Iterator
from functools import partial
from ipaddress import ip_network
from typing import Any
from uuid import uuid4

import pytest
import structlog
from django.core.signals import request_finished
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory
from pytest_django import Settings
from structlog.contextvars import bound_contextvars, clear_contextvars, get_contextvars

from campaigns.models import Campaign
from campaigns.operations.runner import execution
from campaigns.operations.runner.together import side_by_side
from cxadmin import celery, logs
from cxadmin.request_ids import RequestIdMiddleware
from tests.operations.runner.conftest import campaign, clock, cxone, posts_events
from tests.worker import ask_pause, run

__all__ = ["campaign", "clock", "cxone", "posts_events"]

SECRET = 's3cret"with\\quotes'
Lines = Callable[[], list[str]]
log = logging.getLogger("somebody")


@pytest.fixture(autouse=True)
def nothing_bound() -> Iterator[None]:
    clear_contextvars()
    yield
    clear_contextvars()


def lines_of(log_format: str, settings: Settings) -> Iterator[Lines]:
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(logs.Formatter(log_format))
    settings.SECRETS = frozenset({SECRET})
    root, level = logging.getLogger(), logging.getLogger().level
    root.addHandler(handler)
    root.setLevel(logging.INFO)
    yield lambda: stream.getvalue().splitlines()
    root.removeHandler(handler)
    root.setLevel(level)


@pytest.fixture
def text(settings: Settings) -> Iterator[Lines]:
    yield from lines_of("text", settings)


@pytest.fixture
def as_json(settings: Settings) -> Iterator[Callable[[], list[dict[str, Any]]]]:
    for lines in lines_of("json", settings):
        yield partial(_parsed, lines)


def _parsed(lines: Lines) -> list[dict[str, Any]]:
    return [json.loads(line) for line in lines()]


def fail(words: str) -> None:
    try:
        raise ValueError(words)
    except ValueError:
        log.exception("It failed")


def test_text_has_time_level_logger_and_what_happened(text: Lines) -> None:
    log.warning("It is %s", "late")
    [line] = text()
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z WARNING somebody It is late", line)


def test_json_has_the_same_and_where_it_was_written(as_json: Any) -> None:
    log.warning("It is %s", "late")
    [line] = as_json()
    assert (line["level"], line["logger"], line["event"]) == ("WARNING", "somebody", "It is late")
    assert line["time"].endswith("Z")
    assert line["process"]
    assert line["host"]


def test_what_is_bound_comes_along_in_text(text: Lines) -> None:
    with bound_contextvars(operation="o-1"):
        log.warning("Here")
    log.warning("There")
    assert [line.partition("somebody ")[2] for line in text()] == ["Here [operation=o-1]", "There"]


def test_what_is_bound_and_added_comes_along_in_json(as_json: Any) -> None:
    with bound_contextvars(operation="o-1"):
        log.warning("Here", extra={"status": 200})
    [line] = as_json()
    assert (line["operation"], line["status"]) == ("o-1", 200)


def test_fields_cannot_pass_for_the_lines_own(as_json: Any) -> None:
    with bound_contextvars(level="DEBUG", time="yesterday"):
        log.warning("Here")
    assert as_json()[0]["level"] == "WARNING"


def test_structlogs_own_loggers_write_the_same(as_json: Any) -> None:
    own = structlog.wrap_logger(log, processors=[structlog.stdlib.ProcessorFormatter.wrap_for_formatter])
    own.warning("Here", status=200)
    assert (as_json()[0]["event"], as_json()[0]["status"]) == ("Here", 200)


@pytest.mark.parametrize("forged", ["\n2026-01-01T00:00:00.000Z INFO x", "\r\x1b[2K", "\u2028x", "\u202ex", "\x00"])
def test_no_words_begin_a_line_of_their_own(text: Lines, forged: str) -> None:
    log.warning("Said %s", forged)
    [line] = text()
    assert line.isprintable()


def test_words_of_an_error_begin_no_line(text: Lines) -> None:
    fail("one\n2026-01-01T00:00:00.000Z INFO forged")
    first, *rest = text()
    assert first.endswith("It failed")
    assert all(line.startswith("    ") for line in rest)


def test_error_is_one_line_of_json(as_json: Any) -> None:
    fail("one\ntwo")
    [line] = as_json()
    assert line["exception"].splitlines()[0] == "Traceback (most recent call last):"
    assert line["exception"].endswith("ValueError: one\ntwo")


def test_secret_is_masked_in_every_field_of_json(as_json: Any) -> None:
    with bound_contextvars(bound=SECRET):
        log.warning("Sent %s", SECRET, extra={"nested": {SECRET: [SECRET, 1]}})
    fail(SECRET)
    shown = json.dumps(as_json(), ensure_ascii=False)
    assert "s3cret" not in shown
    assert shown.count(logs.BLANK) >= 5


def test_secret_is_masked_in_what_is_bound_in_text(text: Lines) -> None:
    with bound_contextvars(bound=SECRET):
        log.warning("Here")
    assert "s3cret" not in text()[0]


def test_wallboards_token_is_masked_in_json(as_json: Any) -> None:
    log.warning("GET /wall/Q1CtEcCGpiO1Ekz5ZGSrMfjOIsWY6dSA/")
    assert as_json()[0]["event"] == f"GET /wall/{logs.BLANK}/"


# --- Requests


def ask(headers: dict[str, str] | None = None) -> Any:
    return Client().get("/healthz", headers=headers)


def test_each_response_names_its_request() -> None:
    first, second = ask()["X-Request-ID"], ask()["X-Request-ID"]
    assert re.fullmatch(r"[0-9a-f]{32}", first)
    assert first != second


def test_id_of_a_stranger_is_not_taken() -> None:
    assert ask(headers={"X-Request-ID": "theirs-0001"})["X-Request-ID"] != "theirs-0001"


def test_id_of_our_own_proxy_is_taken(settings: Settings) -> None:
    settings.TRUSTED_PROXIES = (ip_network("127.0.0.1"),)
    assert ask(headers={"X-Request-ID": "theirs-0001"})["X-Request-ID"] == "theirs-0001"


@pytest.mark.parametrize("given", ["short", "x" * 65, "with space", "a;b=c\u00e9-0001"])
def test_unusable_id_is_not_taken_from_anybody(settings: Settings, given: str) -> None:
    settings.TRUSTED_PROXIES = (ip_network("127.0.0.1"),)
    assert ask(headers={"X-Request-ID": given})["X-Request-ID"] != given


@pytest.mark.django_db
def test_lines_of_a_request_have_its_id_until_it_was_sent(text: Lines) -> None:
    def view(_request: HttpRequest) -> HttpResponse:
        log.warning("Within")
        return HttpResponse()

    response = RequestIdMiddleware(view)(RequestFactory().get("/"))
    log.warning("What Django says after all middleware")
    request_finished.send(sender=None)
    log.warning("After it")
    assert [response["X-Request-ID"] in line for line in text()] == [True, True, False]


def test_request_before_leaves_nothing_in_its_thread() -> None:
    with bound_contextvars(operation="o-1"):
        RequestIdMiddleware(lambda _: HttpResponse())(RequestFactory().get("/"))
        assert get_contextvars().keys() == {"request"}


# --- Work


@pytest.mark.django_db
@pytest.mark.usefixtures("enqueued")
def test_request_and_what_is_sent_name_the_operation(campaign: Campaign, as_json: Any) -> None:
    operation = ask_pause(campaign)
    run(operation)
    found = [line for line in as_json() if line.get("operation") == str(operation.pk)]
    assert [line["event"] for line in found if line["logger"] == "campaigns.operations.requests"]
    [sent] = [line for line in found if line["logger"] == "campaigns.cxone.channel"]
    assert (sent["call"], sent["status"]) == ("pause", 200)


@pytest.mark.django_db
def test_work_on_an_operation_leaves_nothing_bound(campaign: Campaign) -> None:
    execution.advance_operation(uuid4())
    assert get_contextvars() == {}


def test_threads_beside_have_what_is_bound() -> None:
    with bound_contextvars(bulk="b-1"):
        assert side_by_side(lambda _: get_contextvars(), [1, 2]) == [{"bulk": "b-1"}] * 2
    assert side_by_side(lambda _: get_contextvars(), [1, 2]) == [{}, {}]


def test_task_is_named_while_it_runs(text: Lines) -> None:
    @celery.app.task(name="tests.say")
    def say() -> None:
        log.warning("Within")

    say.apply()
    log.warning("After it")
    within, after = text()
    assert "[task=tests.say]" in within
    assert "task=" not in after


def test_objects_that_a_library_adds_are_left_out(as_json: Any) -> None:
    with bound_contextvars(request="r-1"):
        logging.getLogger("django.request").error("Failed", extra={"status_code": 500, "request": HttpRequest()})
    [line] = as_json()
    assert (line["request"], line["status_code"]) == ("r-1", 500)
