"""Requests to CXone, counted by every process in memory and kept in rows that they share."""

import os
from collections.abc import Iterator

import httpx
import pytest
from django.db import OperationalError, connection

from campaigns.cxone.request_counts import REQUEST_COUNTS
from campaigns.cxone.v2.gateway import V2
from campaigns.models import MetricCount
from campaigns.queueing import request_counts
from campaigns.queueing.metric_counts import Increments, TimeHistogram
from tests.cxone.calls import READ_STATE, READS, STATE, WRITES, GatewayCall
from tests.cxone.conftest import budget, clock, cxone, gateway, shelf
from tests.cxone.fakes import FakeCXone, campaign_json, ok
from tests.metrics import scrape, value

__all__ = ["budget", "clock", "cxone", "gateway", "shelf"]

pytestmark = [pytest.mark.django_db, pytest.mark.data_layer]


@pytest.fixture(autouse=True)
def nothing_counted() -> Iterator[None]:
    REQUEST_COUNTS.take()
    yield
    REQUEST_COUNTS.take()


def read(gateway: V2, cxone: FakeCXone, *answers: httpx.Response | Exception) -> None:
    cxone.answers("GET", STATE, *answers)
    for _ in answers:
        try:
            READ_STATE.act(gateway)
        except Exception:  # noqa: S112 (whatever it is, it is counted)
            continue


def total(call: str, status: str) -> float:
    request_counts.keep_now()
    return value("cxone_requests_total", call=call, status=status)


def test_requests_are_counted_by_call_and_status(gateway: V2, cxone: FakeCXone) -> None:
    read(gateway, cxone, ok(campaign_json()), ok({}, 404), ok(campaign_json()))
    assert total("read_campaign", "200") == 2
    assert total("read_campaign", "404") == 1
    assert total("get_token", "200") == 1


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (httpx.ConnectError("refused"), "unreachable"),
        (httpx.ReadTimeout("late"), "no_answer"),
        (httpx.RemoteProtocolError("cut"), "no_answer"),
    ],
)
def test_what_has_no_status_is_counted_by_why(gateway: V2, cxone: FakeCXone, error: Exception, status: str) -> None:
    read(gateway, cxone, error)
    assert total("read_campaign", status) == 1


@pytest.mark.parametrize("call", [*READS, *WRITES], ids=lambda call: call.doing)
def test_every_call_has_a_name_of_its_kind(gateway: V2, cxone: FakeCXone, call: GatewayCall) -> None:
    cxone.answers(call.method, call.path, httpx.Response(500))
    with pytest.raises(Exception, match="CXone"):
        call.act(gateway)
    names = {counted.call for counted in REQUEST_COUNTS.take()} - {"get_token"}
    assert len(names) == 1
    assert "other" not in names


def test_counts_of_several_processes_add_up() -> None:
    for _ in range(2):
        REQUEST_COUNTS.note("pause", 200)
        request_counts.keep_now()
    assert total("pause", "200") == 2


def test_nothing_to_keep_asks_no_database() -> None:
    def fail(*_arguments: object) -> None:
        raise AssertionError

    with connection.execute_wrapper(fail):
        request_counts.keep_now()


def test_what_the_database_did_not_take_is_kept_the_next_time() -> None:
    def fail(*_arguments: object) -> None:
        raise OperationalError("down")

    REQUEST_COUNTS.note("pause", 200)
    with connection.execute_wrapper(fail):
        request_counts.keep_now()
    assert total("pause", "200") == 1


def test_first_count_has_the_rest_kept_soon(monkeypatch: pytest.MonkeyPatch) -> None:
    begun: list[int] = []
    monkeypatch.setattr(REQUEST_COUNTS, "begun", lambda: begun.append(1))
    for _ in range(3):
        REQUEST_COUNTS.note("pause", 200)
    request_counts.keep_now()
    REQUEST_COUNTS.note("pause", 200)
    assert len(begun) == 2


def test_child_does_not_count_again_what_its_parent_has() -> None:
    REQUEST_COUNTS.note("pause", 200)
    pid = os.fork()
    if pid == 0:
        os._exit(len(REQUEST_COUNTS.take()))
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0


def test_counters_never_fall(gateway: V2, cxone: FakeCXone) -> None:
    def counters() -> dict[str, float]:
        return {f"{sample.name}{sample.labels}": sample.value for sample in scrape() if sample.name.endswith("_total")}

    read(gateway, cxone, ok(campaign_json()))
    request_counts.keep_now()
    before = counters()
    read(gateway, cxone, ok(campaign_json()))
    request_counts.keep_now()
    after = counters()
    assert all(after[name] >= number for name, number in before.items())


def test_buckets_of_an_earlier_version_count_in_the_next_wider_one() -> None:
    added = Increments()
    added.observe(TimeHistogram("confirmation", (0.3, 0.4)), 0.35)
    added.save()
    assert value("confirmation_seconds_bucket", le="0.25") == 0
    assert value("confirmation_seconds_bucket", le="0.5") == 1


def test_long_labels_fit_their_column() -> None:
    longest = MetricCount._meta.get_field("labels").max_length
    assert longest is not None
    assert len('["list_subscriptions", "unreachable"]') < longest
