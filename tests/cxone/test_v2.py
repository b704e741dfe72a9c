"""What goes over the wire, call by call."""

import json
from contextlib import suppress
from datetime import datetime, timedelta, timezone
from hashlib import sha256
from itertools import count

import httpx
import pytest
import time_machine

from campaigns.cxone import channel, errors
from campaigns.cxone.budget import Lane
from campaigns.cxone.gateway import CampaignState, Sending, Sent, Subscription, Version, WriteResponse
from campaigns.cxone.v2 import gateway as v2_gateway
from campaigns.cxone.v2.gateway import V2
from tests.cxone import changes
from tests.cxone.fakes import SCHEDULE, FakeCXone, Till, campaign_json, gateway_of, ok, page_json

LIST = "/api/v2/outbound/campaigns"
EDIT = "/api/v2/outbound/campaigns/c-1"
STATE = "/api/v2/campaigns/c-1"
CALLS = "/api/v2/analytics/outbound/conversations/details/query"
EVENTS = "/api/v2/event/subscriptions"
AT = datetime(2026, 3, 2, 9, 30, 15, 999, tzinfo=timezone(timedelta(hours=-5)))


def pause(gateway: V2, sending: Sending = lambda _: None) -> WriteResponse:
    return changes.pause(gateway, "c-1", AT, limit=2, sending=sending)


def test_state_is_read_from_campaign(cxone: FakeCXone, gateway: V2) -> None:
    cxone.answers("GET", STATE, ok(campaign_json(status="PAUSED")))
    assert gateway.read_state("c-1") == CampaignState("c-1", "Welcome", "PAUSED", SCHEDULE)


@pytest.mark.parametrize(
    ("given", "read"),
    [
        ({"client": "Northwind", "region": "Florida"}, {"client": "Northwind", "region": "Florida"}),
        ({"site": 7, " client\n": " North\twind "}, {"site": "7", "client": "North wind"}),
        (
            {
                "a": None,
                "b": [],
                "c": "",
                "": "d",
                "e:f": "g",
                'g"h': "i",
                "12": "h",
                "-1": "h",
                "+5": "h",
                "1_0": "h",
                "i": "x" * 61,
                "k" * 61: "l",
            },
            {},
        ),
        ({f"t{number:02}": "x" for number in range(25)}, {f"t{number:02}": "x" for number in range(20)}),
        ({"client": "North\0wind\u202e"}, {"client": "North wind"}),
        (None, {}),
        ("Northwind", {}),
        (["Northwind"], {}),
    ],
)
def test_tags_are_read_leniently(cxone: FakeCXone, gateway: V2, given: object, read: dict[str, str]) -> None:
    cxone.answers("GET", STATE, ok(campaign_json(tags=given)))
    assert gateway.read_state("c-1").tags == read


def test_response_without_tags_says_nothing_of_them(cxone: FakeCXone, gateway: V2) -> None:
    cxone.answers("GET", STATE, ok(campaign_json()))
    assert gateway.read_state("c-1").tags is None


def test_editable_keeps_weak_etag(cxone: FakeCXone, gateway: V2) -> None:
    cxone.answers("GET", EDIT, ok(campaign_json(), headers={"ETag": 'W/"7"'}))
    state = CampaignState("c-1", "Welcome", "ACTIVE", SCHEDULE)
    assert gateway.read_for_edit("c-1") == Version(state, 'W/"7"')


def test_pause_sends_camel_case(cxone: FakeCXone, gateway: V2) -> None:
    cxone.answers("PUT", STATE, ok(campaign_json(status="PAUSED")))
    state = pause(gateway).state
    assert state
    assert state.status == "PAUSED"
    assert cxone.body(STATE) == {
        "status": "PAUSED",
        "pauseReason": "EMERGENCY",
        "effectiveTime": "2026-03-02T14:30:15Z",
        "dropActiveCalls": False,
        "maxConcurrentPauses": 2,
    }


def test_resume_sends_status_and_time(cxone: FakeCXone, gateway: V2) -> None:
    cxone.answers("PUT", STATE, ok(campaign_json(), 202))
    assert changes.resume(gateway, "c-1", AT).status == 202
    assert cxone.body(STATE) == {"status": "ACTIVE", "effectiveTime": "2026-03-02T14:30:15Z"}


def test_time_without_zone_is_refused(cxone: FakeCXone, gateway: V2) -> None:
    with pytest.raises(ValueError, match="no zone"):
        changes.resume(gateway, "c-1", datetime(2026, 3, 2))  # noqa: DTZ001
    assert cxone.requests == []


@pytest.mark.parametrize("etag", ['"7"', 'W/"7"', '"\xe9"', '"\xc3\xa9"'])
def test_schedule_carries_etag_as_came(cxone: FakeCXone, gateway: V2, etag: str) -> None:
    came = [(b"ETag", etag.encode("latin-1"))]
    cxone.answers("GET", EDIT, httpx.Response(200, json=campaign_json(), headers=came))
    cxone.answers("PATCH", EDIT, ok(campaign_json(), headers={"ETag": '"8"'}))
    read = gateway.read_for_edit("c-1")
    answer = gateway.write_schedule("c-1", SCHEDULE, etag=read.etag, sending=lambda _: None)
    assert (b"If-Match", etag.encode("latin-1")) in cxone.requests[-1].headers.raw
    assert (answer.etag, cxone.body(EDIT)) == ('"8"', {"schedule": SCHEDULE})


def test_tag_is_asked_for_uncompressed(cxone: FakeCXone, gateway: V2) -> None:
    """A proxy that compresses makes tags weak, which then fit no If-Match."""
    cxone.answers("GET", EDIT, ok(campaign_json(), headers={"ETag": '"7"'}))
    cxone.answers("PATCH", EDIT, ok(campaign_json()))
    gateway.read_for_edit("c-1")
    gateway.read_version("c-1")
    gateway.write_schedule("c-1", SCHEDULE, etag='"7"', sending=lambda _: None)
    assert {request.headers["Accept-Encoding"] for request in cxone.to(EDIT)} == {"identity"}


def test_record_has_the_hash_of_the_bytes_sent_and_where_to(cxone: FakeCXone, gateway: V2) -> None:
    recorded: list[Sent] = []
    cxone.answers("PUT", STATE, ok(campaign_json()))
    pause(gateway, recorded.append)
    sent = cxone.requests[-1].content
    assert recorded == [Sent(sha256(sent).hexdigest(), f"PUT {STATE}")]
    assert sent == json.dumps(json.loads(sent), sort_keys=True, separators=(",", ":")).encode()


def test_sending_comes_just_before(cxone: FakeCXone, gateway: V2, budget: Till) -> None:
    seen: list[tuple[int, int]] = []
    cxone.answers("PUT", STATE, ok(campaign_json()))
    pause(gateway, lambda _: seen.append((len(cxone.requests), len(budget.lanes))))
    assert seen == [(1, 2)]  # the token is there, both requests are paid, the PUT is not out


def test_failed_sending_sends_nothing(cxone: FakeCXone, gateway: V2) -> None:
    def lose_lease(_: Sent) -> None:
        raise ConnectionResetError("the database went away")

    with pytest.raises(ConnectionResetError, match="the database"):
        pause(gateway, lose_lease)
    assert cxone.to(STATE) == []


def test_write_is_announced_once(cxone: FakeCXone, gateway: V2) -> None:
    sent: list[Sent] = []
    cxone.answers("PUT", STATE, httpx.Response(401), ok(campaign_json()))
    pause(gateway, sent.append)
    assert len(sent) == 1
    assert cxone.to(STATE)[0].content == cxone.to(STATE)[1].content


def test_spent_budget_sends_nothing(cxone: FakeCXone) -> None:
    recorded: list[Sent] = []
    with pytest.raises(errors.BudgetSpent) as caught:
        pause(gateway_of(cxone, Till(left=0)), recorded.append)
    assert (caught.value.wait_ms, cxone.requests, recorded) == (1500, [], [])


def test_budget_is_spent_in_lane(cxone: FakeCXone, budget: Till) -> None:
    cxone.answers("GET", STATE, ok(campaign_json()))
    gateway_of(cxone, budget, lane=Lane.BULK).read_state("c-1")
    assert budget.lanes == [Lane.BULK, Lane.BULK]


@pytest.mark.parametrize(("answer", "seconds"), [(ok(campaign_json()), 0.0), (httpx.ReadTimeout("slow"), 30.0)])
def test_slow_request_counts_from_its_end(
    cxone: FakeCXone,
    budget: Till,
    monkeypatch: pytest.MonkeyPatch,
    answer: httpx.Response | Exception,
    seconds: float,
) -> None:
    monkeypatch.setattr(channel, "SLOW_SECONDS", -1)
    cxone.answers("GET", STATE, answer)
    with suppress(errors.CXoneError):
        gateway_of(cxone, budget).read_state("c-1")
    assert budget.prolonged == [0.0, seconds]  # the one for the token, too


def test_quick_request_counts_from_its_beginning(cxone: FakeCXone, gateway: V2, budget: Till) -> None:
    cxone.answers("GET", STATE, ok(campaign_json()))
    gateway.read_state("c-1")
    assert budget.prolonged == []


def test_every_page_is_read(cxone: FakeCXone, gateway: V2) -> None:
    pages = [page_json(campaign_json(f"c-{n}"), number=n, count=3, total=3) for n in (1, 2, 3)]
    cxone.answers("GET", LIST, *(ok(page) for page in pages))
    found = gateway.list_campaigns()
    assert list(found.digests) == ["c-1", "c-2", "c-3"]
    assert [str(request.url.query, "ascii") for request in cxone.to(LIST)] == [
        f"pageSize=100&pageNumber={n}" for n in (1, 2, 3)
    ]


def test_empty_page_ends_list(cxone: FakeCXone, gateway: V2) -> None:
    cxone.answers("GET", LIST, ok(page_json(count=1_000_000, total=5)))
    assert not gateway.list_campaigns().complete
    assert len(cxone.to(LIST)) == 1


def test_endless_pages_are_bounded(cxone: FakeCXone, gateway: V2) -> None:
    cxone.answers("GET", LIST, ok(page_json(campaign_json(), count=1_000_000, total=5)))
    assert not gateway.list_campaigns().complete
    assert len(cxone.to(LIST)) == 500


def test_page_without_entities_is_garbage(cxone: FakeCXone, gateway: V2) -> None:
    cxone.answers("GET", LIST, ok({"pageNumber": 1}))
    with pytest.raises(errors.Unusable, match=r"no usable entities.*page 1"):
        gateway.list_campaigns()


def test_list_without_numbers_is_read_to_its_end(cxone: FakeCXone, gateway: V2) -> None:
    pages = [{"entities": [campaign_json("a")]}, {"entities": [campaign_json("b")]}, {"entities": []}]
    cxone.answers("GET", LIST, *(ok(page) for page in pages))
    found = gateway.list_campaigns()
    assert (len(found.digests), found.complete, len(cxone.to(LIST))) == (2, True, 3)


@pytest.mark.parametrize("entry", [[], {}, {"id": "a", "status": "ACTIVE"}])
def test_entries_of_an_answer_are_bounded(cxone: FakeCXone, gateway: V2, entry: object) -> None:
    cxone.answers("GET", LIST, ok({"entities": [entry] * 20_001}))
    with pytest.raises(errors.Unusable, match="no usable entities"):
        gateway.list_campaigns()


def test_time_of_all_pages_is_bounded(cxone: FakeCXone, gateway: V2, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = count(0, 60)
    monkeypatch.setattr(v2_gateway, "monotonic", lambda: next(clock))
    cxone.answers("GET", LIST, ok(page_json(campaign_json(), count=1_000_000, total=5)))
    with pytest.raises(errors.ServerTrouble, match="took longer than 300 s"):
        gateway.list_campaigns()
    assert len(cxone.to(LIST)) == 6


def test_all_pages_together_are_bounded(cxone: FakeCXone, gateway: V2, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(v2_gateway, "MOST_LIST_BYTES", 1_000)
    cxone.answers("GET", LIST, ok(page_json(campaign_json(), count=1_000_000, total=5)))
    with pytest.raises(errors.Unusable, match="longer than"):
        gateway.list_campaigns()
    assert len(cxone.to(LIST)) < 5


@time_machine.travel("2026-03-02T12:00:00Z", tick=False)
def test_one_query_counts_all(cxone: FakeCXone, gateway: V2) -> None:
    cxone.answers("POST", CALLS, ok({"groups": [{"campaignId": "a", "count": 3}, {"campaignId": "b", "count": 0}]}))
    assert gateway.calls_in_progress() == {"a": 3, "b": 0}
    assert cxone.body(CALLS) == {
        "fromTime": "2026-03-01T12:00:00Z",
        "toTime": "2026-03-02T12:00:00Z",
        "groupBy": ["campaignId"],
        "filter": "status eq 'IN_PROGRESS'",
        "metrics": ["conversationCount"],
    }


def test_query_narrows_to_one(cxone: FakeCXone, gateway: V2) -> None:
    cxone.answers("POST", CALLS, ok({"groups": []}))
    gateway.calls_in_progress("it's")
    assert cxone.body(CALLS)["filter"] == "status eq 'IN_PROGRESS' and campaignId eq 'it''s'"


MISREAD: list[object] = [
    {},
    {"groups": {}},
    {"groups": [{"count": 3}]},
    {"groups": [{"campaignId": "a"}]},
    {"groups": [{"campaignId": "a", "count": -1}]},
    {"groups": [{"campaignId": "a", "count": 2.5}]},
    {"groups": [{"campaignId": "a", "count": None}]},
    {"groups": [{"campaignId": "a", "count": True}]},
    {"groups": [], "errors": [{"message": "Some of it could not be read."}]},
    {"groups": None, "error": "timeout"},
]


@pytest.mark.parametrize("content", MISREAD)
def test_misread_counts_are_trouble(cxone: FakeCXone, gateway: V2, content: object) -> None:
    cxone.answers("POST", CALLS, ok(content))
    with pytest.raises(errors.Unusable):
        gateway.calls_in_progress()


@pytest.mark.parametrize("groups", [[], None])
def test_no_groups_are_no_calls(cxone: FakeCXone, gateway: V2, groups: object) -> None:
    cxone.answers("POST", CALLS, ok({"groups": groups, "errors": []}))
    assert gateway.calls_in_progress("c-1")["c-1"] == 0


@pytest.mark.parametrize("count", ["12", 12.0])
def test_count_in_another_spelling_is_read(cxone: FakeCXone, gateway: V2, count: object) -> None:
    cxone.answers("POST", CALLS, ok({"groups": [{"campaignId": 7, "count": count}]}))
    assert gateway.calls_in_progress()["7"] == 12


def test_calls_of_no_campaign_are_nobodys(cxone: FakeCXone, gateway: V2) -> None:
    cxone.answers("POST", CALLS, ok({"groups": [{"campaignId": None, "count": 3}, {"campaignId": "a", "count": 1}]}))
    assert gateway.calls_in_progress() == {"a": 1}
    with pytest.raises(errors.Unusable):
        gateway.calls_in_progress("a")


@pytest.mark.parametrize("status", [202, 204])
def test_write_that_is_taken_without_a_word_is_accepted(cxone: FakeCXone, gateway: V2, status: int) -> None:
    cxone.answers("PUT", STATE, httpx.Response(status))
    assert pause(gateway) == WriteResponse(None, status)


def test_subscribe_names_campaign(cxone: FakeCXone, gateway: V2) -> None:
    cxone.answers("POST", EVENTS, ok({"id": "sub-1"}, 201))
    assert gateway.subscribe("c-1", "https://us.test/webhooks/cxone/x/") == "sub-1"
    assert cxone.body(EVENTS) == {
        "name": "CampaignPause_c-1",
        "url": "https://us.test/webhooks/cxone/x/",
        "eventTypes": ["outbound.campaign.status.changed"],
        "filter": "campaignId eq 'c-1'",
        "enabled": True,
    }


def test_lost_subscription_is_unknown(cxone: FakeCXone, gateway: V2) -> None:
    cxone.answers("POST", EVENTS, httpx.ReadTimeout("slow"))
    with pytest.raises(errors.OutcomeUnknown):
        gateway.subscribe("c-1", "https://us.test/")


def test_subscriptions_skip_strange_ones(cxone: FakeCXone, gateway: V2) -> None:
    cxone.answers("GET", EVENTS, ok({"entities": [{"id": "s", "name": "n", "url": "u"}, {"name": "no id"}]}))
    assert gateway.subscriptions() == (Subscription("s", "n", "u"),)


def test_subscription_need_not_say_everything(cxone: FakeCXone, gateway: V2) -> None:
    cxone.answers("GET", EVENTS, ok({"entities": [{"id": 7, "name": None, "secret": 1}]}))
    assert gateway.subscriptions() == (Subscription("7", "", ""),)


def test_no_subscriptions_may_be_null(cxone: FakeCXone, gateway: V2) -> None:
    cxone.answers("GET", EVENTS, ok({"entities": None}))
    assert gateway.subscriptions() == ()


def test_other_campaign_is_no_answer(cxone: FakeCXone, gateway: V2) -> None:
    cxone.answers("PUT", STATE, ok(campaign_json("c-2", status="PAUSED")))
    with pytest.raises(errors.OutcomeUnknown, match="another campaign"):
        pause(gateway)


def test_id_stays_in_its_segment(cxone: FakeCXone, gateway: V2) -> None:
    cxone.answers("GET", "/api/v2/campaigns/a/b?c", ok(campaign_json("a/b?c")))
    gateway.read_state("a/b?c")
    assert cxone.requests[-1].url.raw_path == b"/api/v2/campaigns/a%2Fb%3Fc"


@pytest.mark.parametrize("campaign_id", ["", ".", ".."])
def test_id_that_leads_elsewhere_is_unknown(cxone: FakeCXone, gateway: V2, campaign_id: str) -> None:
    with pytest.raises(errors.NotFound):
        gateway.read_state(campaign_id)
    assert cxone.requests == []
