"""Replies are judged by status, headers and body alone."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaigns.cxone import errors
from campaigns.cxone.errors import CXoneError
from campaigns.cxone.gateway import UNREADABLE, CampaignList
from campaigns.cxone.replies import Call, Reply, refusal, usable_etag, value_of, words_of
from campaigns.cxone.v2 import wire
from campaigns.cxone.v2.pages import KnownPages, ListReader
from tests.cxone.fakes import campaign_json, page_json

AT = datetime(2026, 3, 2, tzinfo=UTC)
READ = Call("read campaign c-1", "outbound:campaign:read", by_id=True)
WRITE = Call("pause campaign c-1", "outbound:campaign:write", writes=True, by_id=True)


def reply(status: int, content: object = b"", headers: Mapping[str, str] | None = None) -> Reply:
    body = content if isinstance(content, bytes) else json.dumps(content).encode()
    return Reply(status, headers or {}, body, AT)


def judged(call: Call, given: Reply) -> CXoneError:
    with pytest.raises(CXoneError) as caught:
        value_of(call, given, wire.WireCampaign.model_validate)
    return caught.value


def gathered(*pages: Mapping[str, object]) -> CampaignList:
    reader = ListReader(KnownPages({}))
    for page in pages:
        reader.read(json.dumps(page).encode(), page)
    return reader.finish()


@pytest.mark.parametrize("call", [READ, WRITE])
@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, errors.BadRequest),
        (401, errors.TokenRefused),
        (403, errors.Forbidden),
        (404, errors.NotFound),
        (405, errors.WrongAddress),
        (409, errors.Conflict),
        (410, errors.NotFound),
        (412, errors.PreconditionFailed),
        (418, errors.Refused),
        (422, errors.Invalid),
        (428, errors.Refused),
        (429, errors.RateLimited),
    ],
)
def test_four_hundreds_are_certain(call: Call, status: int, kind: type[CXoneError]) -> None:
    error = judged(call, reply(status, {"message": "why"}))
    assert (type(error), error.status, error.words) == (kind, status, "why")


@pytest.mark.parametrize("status", [408, 500, 501, 502, 503, 504, 599])
def test_trouble_depends_on_writing(status: int) -> None:
    assert type(judged(READ, reply(status))) is errors.ServerTrouble
    assert type(judged(WRITE, reply(status))) is errors.OutcomeUnknown


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_redirect_is_never_followed(status: int) -> None:
    """A write may have been done by one (303, say), so its outcome is unknown."""
    error = judged(READ, reply(status, b"", {"location": "https://elsewhere.test/"}))
    assert type(error) is errors.Unusable
    assert "leads to another address" in str(error)
    assert type(judged(WRITE, reply(status))) is errors.OutcomeUnknown


@pytest.mark.parametrize("status", [300, 304, 305, 399])
def test_status_that_fits_no_request_is_no_redirect(status: int) -> None:
    error = judged(READ, reply(status, b"", {"location": "https://elsewhere.test/"}))
    assert type(error) is errors.Unusable
    assert "a status that was not asked for" in str(error)
    assert type(judged(WRITE, reply(status))) is errors.OutcomeUnknown


@pytest.mark.parametrize("status", [404, 410])
def test_nothing_there_without_an_id_is_the_address(status: int) -> None:
    error = judged(Call("list the campaigns"), reply(status))
    assert type(error) is errors.WrongAddress
    assert "CXONE_BASE_URL" in str(error)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>hi</html>",
        b"null",
        b"[]",
        b"{}",
        b'{"id": "c-1"}',
        b'{"id": "", "status": "PAUSED"}',
        b'{"id": true, "status": "PAUSED"}',
        b'{"id": 7.5, "status": "PAUSED"}',
        b'{"id": "c-1", "status": null}',
        b'{"id": "c-1", "status": "PAUSED", "schedule": {"a": NaN}}',
        b'{"id": "c-1", "status": "PA\\u0000USED"}',
        b'{"id": "c-1", "status": "\\ud800"}',
        b"\xff\xfe\xfa",
        b"[" * 200_000,
    ],
)
def test_garbage_depends_on_writing(body: bytes) -> None:
    assert type(judged(READ, reply(200, body))) is errors.Unusable
    assert type(judged(WRITE, reply(200, body))) is errors.OutcomeUnknown


@given(st.integers(min_value=100, max_value=999), st.binary(max_size=200))
def test_any_reply_gets_one_error(status: int, body: bytes) -> None:
    error = refusal(WRITE, reply(status, body))
    assert isinstance(error, errors.Retryable | errors.Refused | errors.OutcomeUnknown)
    assert len(error.words) <= 500


def test_strange_name_and_schedule_pass() -> None:
    content = campaign_json(name=None, schedule="9 to 5", owner={"id": 1})
    campaign = value_of(READ, reply(200, content), wire.WireCampaign.model_validate)
    assert (campaign.name, campaign.schedule) == ("", {})


def test_unknown_status_stays_as_is() -> None:
    campaign = value_of(READ, reply(200, campaign_json(status="STOPPING")), wire.WireCampaign.model_validate)
    assert campaign.status == "STOPPING"


def test_schedule_is_kept_raw() -> None:
    schedule = {"timezone": "Mars/Olympus", "newField": [1, {"deep": True}]}
    campaign = value_of(READ, reply(200, campaign_json(schedule=schedule)), wire.WireCampaign.model_validate)
    assert campaign.state().schedule == schedule


def test_scope_comes_from_cxone_words() -> None:
    error = judged(WRITE, reply(403, {"message": "Missing scope events:write."}))
    assert isinstance(error, errors.Forbidden)
    assert error.scope == "events:write"


def test_scope_comes_from_challenge() -> None:
    challenge = {"www-authenticate": 'Bearer error="insufficient_scope", scope="analytics:read"'}
    error = judged(WRITE, reply(403, b"", challenge))
    assert isinstance(error, errors.Forbidden)
    assert error.scope == "analytics:read"


def test_own_refusal_is_not_told_as_trouble_of_cxone() -> None:
    said = str(judged(READ, reply(200, {"id": "c-1"})))
    assert said.startswith(
        "CXone’s answer can’t be used here: it has no usable status (200), so this system could not"
    )
    assert "status page" not in said
    assert "has a problem" not in said


@pytest.mark.parametrize(
    "content", [{"error": "quota", "message": "Too many."}, {"errors": [{"message": "Too many."}]}]
)
def test_error_with_the_status_of_success_is_quoted(content: object) -> None:
    assert judged(READ, reply(200, content)).words == "Too many."


def test_number_is_an_id_too() -> None:
    campaign = value_of(READ, reply(200, campaign_json(id=7, name=7)), wire.WireCampaign.model_validate)
    assert (campaign.id, campaign.name) == ("7", "7")


@pytest.mark.parametrize("schedule", [None, [], 7])
def test_campaign_without_a_schedule_passes(schedule: object) -> None:
    campaign = value_of(READ, reply(200, campaign_json(schedule=schedule)), wire.WireCampaign.model_validate)
    assert campaign.state().schedule == {}


def test_forbidden_without_a_scope_assumes_none() -> None:
    said = str(judged(WRITE, reply(403, {"message": "Your licence does not cover outbound."})))
    assert "does not say that a scope is missing" in said
    assert "outbound:campaign:write" in said
    assert "licence" in said


def test_challenge_without_a_name_means_the_calls_scope() -> None:
    said = str(judged(WRITE, reply(403, b"", {"www-authenticate": 'Bearer error="insufficient_scope"'})))
    assert "The scope outbound:campaign:write is missing" in said


def test_code_in_the_body_means_the_calls_scope() -> None:
    said = str(judged(WRITE, reply(403, {"error": "insufficient_scope"})))
    assert "The scope outbound:campaign:write is missing" in said


def test_scope_falls_back_to_call() -> None:
    error = judged(WRITE, reply(403, {"message": "Forbidden at 12:30"}))
    assert isinstance(error, errors.Forbidden)
    assert error.scope == "outbound:campaign:write"


def test_invalid_names_each_field() -> None:
    entry = {"field": "schedule.timezone", "message": "unknown zone"}
    error = judged(WRITE, reply(422, {"errors": [entry, "?"]}))
    assert isinstance(error, errors.Invalid)
    assert error.errors == (("schedule.timezone", "unknown zone"), ("", "?"))
    assert "schedule.timezone: unknown zone" in str(error)


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b'{"error": "invalid_client", "error_description": "No such client"}', "No such client"),
        (b'{"error": {"code": 7}, "detail": "Nope"}', "Nope"),
        (b'{"error": {"code": 7, "message": "Nope"}}', "Nope"),
        (b'{"errors": ["Too early", "Too late"]}', "Too early; Too late"),
        (b'{"title": "Invalid", "errors": {"startTime": ["Too early", "Odd"]}}', "startTime: Too early; Odd"),
        (b'{"errors": [{"path": "a.b", "detail": "Odd"}]}', "a.b: Odd"),
        (b'{"errors": [{"field": 7, "message": null}, 7, null]}', ""),
        (b'{"errors": "Odd"}', ""),
        (b'"just a string"', "just a string"),
        (b"plain text", "plain text"),
        (b"<html><title>502</title></html>", ""),
        (b"[1, 2]", ""),
        (b"", ""),
    ],
)
def test_words_come_in_many_shapes(body: bytes, words: str) -> None:
    assert words_of(reply(400, body)) == words


@pytest.mark.parametrize("tag", ['"abc"', 'W/"abc"', 'w/"a b"', '"a,b"', '""', "unquoted", '"\xe9"'])
def test_etags_are_kept_as_came(tag: str) -> None:
    assert usable_etag(tag) == tag


@pytest.mark.parametrize("tag", [None, "", "*", '"a", "b"', "a, b", '"a', "a*", '"\u20ac"', '"' + "a" * 1_000 + '"'])
def test_unusable_etags_are_none(tag: str | None) -> None:
    assert usable_etag(tag) is None


def test_agreeing_pages_are_complete() -> None:
    found = gathered(
        page_json(campaign_json("a"), campaign_json("b"), number=1, count=2, total=3),
        page_json(campaign_json("c"), number=2, count=2, total=3),
    )
    assert list(found.digests) == ["a", "b", "c"]
    assert found.complete


def test_repeated_campaign_counts_once() -> None:
    found = gathered(
        page_json(campaign_json("a"), number=1, count=2, total=2),
        page_json(campaign_json("a", status="PAUSED"), number=2, count=2, total=2),
    )
    assert [campaign.status for campaign in found.states(found.digests)] == ["ACTIVE"]
    assert not found.complete


def test_strange_campaign_blinds_no_other() -> None:
    found = gathered(page_json(campaign_json("a"), {"name": "no id"}, None, campaign_json("b")))
    assert (len(found.digests), found.unreadable, found.total) == (2, 2, 4)
    assert not found.complete


@pytest.mark.parametrize("status", [None, "", " ", "\u202e", "A\0", "\ud800", 7, ["ACTIVE"], "x" * 61])
def test_listed_campaign_without_a_usable_status_is_there(status: object) -> None:
    """Left out, its page would go on to show what it was, as if that were read."""
    found = gathered(page_json(campaign_json("a"), {**campaign_json("b"), "status": status}, {"id": "c"}))
    assert [campaign.status for campaign in found.states(found.digests)] == ["ACTIVE", UNREADABLE, UNREADABLE]
    assert (found.unreadable, found.complete) == (0, True)


def test_status_has_nothing_that_reorders_text() -> None:
    found = gathered(page_json(campaign_json("a", status="NEW\u202e\nONE")))
    assert [campaign.status for campaign in found.states(found.digests)] == ["NEW ONE"]


def test_disagreeing_pages_are_incomplete() -> None:
    found = gathered(
        page_json(campaign_json("a"), number=1, count=2, total=3),
        page_json(campaign_json("b"), number=2, count=2, total=2),
    )
    assert not found.complete


def without(page: dict[str, object], *keys: str) -> dict[str, object]:
    return {key: value for key, value in page.items() if key not in keys}


def test_numbers_of_a_page_may_be_text() -> None:
    page = page_json(campaign_json("a")) | {"pageNumber": "1", "pageCount": "1", "total": "1"}
    assert gathered(page).complete


@pytest.mark.parametrize("missing", [["pageNumber"], ["pageCount"], ["total"], ["pageNumber", "total"]])
def test_page_need_not_say_everything(missing: list[str]) -> None:
    found = gathered(without(page_json(campaign_json("a"), campaign_json("b")), *missing))
    assert (len(found.digests), found.total, found.complete) == (2, 2, True)


def test_list_without_numbers_ends_with_an_empty_page() -> None:
    page: dict[str, object] = {"entities": [campaign_json("a")]}
    assert not gathered(page).complete
    assert gathered(page, {"entities": []}).complete


def test_list_that_knows_no_pages_ends_when_they_repeat() -> None:
    page: dict[str, object] = {"entities": [campaign_json("a")]}
    assert gathered(page, page).complete


@pytest.mark.parametrize("entities", [[], None])
def test_empty_list_without_a_total_proves_nothing(entities: object) -> None:
    assert not gathered({"entities": entities}).complete


def test_unreadable_one_without_a_total_is_incomplete() -> None:
    assert not gathered({"entities": [campaign_json("a"), {}]}, {"entities": []}).complete


def test_field_errors_are_bounded() -> None:
    listed = [{"field": f"f{number}", "message": "no"} for number in range(1_000)]
    error = judged(WRITE, reply(422, {"errors": listed}))
    assert isinstance(error, errors.Invalid)
    assert len(error.errors) == 50
    assert len(error.words) <= 500


def test_empty_tenant_is_complete() -> None:
    found = gathered(page_json(count=0))
    assert (found.digests, found.total, found.unreadable, found.complete) == ({}, 0, 0, True)
