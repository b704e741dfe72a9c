"""What the network or CXone does wrong, and what the gateway says then: the tables behind test_failures.py."""

import gzip
import json
from base64 import b64encode
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple
from urllib.parse import quote_plus

import httpcore
import httpx

from campaigns.cxone import errors
from campaigns.cxone.errors import CXoneError, OutcomeUnknown, Refused, Retryable
from tests.cxone.calls import (
    COUNT,
    FETCH_TOKEN,
    LIST,
    LIST_SUBSCRIPTIONS,
    PAUSE,
    READ_FOR_EDIT,
    READ_STATE,
    RESUME,
    SUBSCRIBE,
    WRITE_SCHEDULE,
    GatewayCall,
)
from tests.cxone.fakes import BASE, CLIENT_ID, SECRET, campaign_json

TOKEN = "t0ken/of+cxone"
BASIC = b64encode(f"{CLIENT_ID}:{quote_plus(SECRET)}".encode()).decode()
SECRETS = [TOKEN, quote_plus(TOKEN), SECRET, quote_plus(SECRET), BASIC]


# What each error means and what to do, after the sentence that says what happened; and how callers go on.
MEANINGS: dict[type[CXoneError], tuple[type[CXoneError], str]] = {
    errors.Retryable: (Retryable, "Nothing was changed. It is retried automatically."),
    errors.BudgetSpent: (Retryable, "Nothing was changed. It continues by itself in about 2 s."),
    errors.RateLimited: (Retryable, "Nothing was changed. It is retried automatically."),
    errors.Unreachable: (
        Retryable,
        "Nothing was sent. It is retried automatically; if this lasts, an admin should check the network and "
        "CXONE_BASE_URL.",
    ),
    errors.ServerTrouble: (
        Retryable,
        "Nothing was changed. It is retried automatically; if this lasts, look at the status page of CXone.",
    ),
    errors.Unusable: (
        Retryable,
        "Nothing was changed. It is retried automatically; if this lasts, an admin should compare the answer "
        "with docs/cxone-api.md, and check CXONE_BASE_URL, CXONE_TOKEN_URL and what stands between here and CXone.",
    ),
    errors.Refused: (
        Refused,
        "Nothing was changed. Trying the same again won’t help; fix what CXone names.",
    ),
    errors.BadRequest: (
        Refused,
        "Nothing was changed. Check the reason code and the time, or fix what CXone names, and try again.",
    ),
    errors.WrongCredentials: (
        Refused,
        "Nothing was changed. An admin must check CXONE_CLIENT_ID, CXONE_CLIENT_SECRET, CXONE_TOKEN_URL, and "
        "CXONE_TOKEN_AUTH, by which CXone may want them in another place.",
    ),
    errors.TokenRefused: (
        Refused,
        "Nothing was changed. An admin must check that CXONE_BASE_URL and CXONE_TOKEN_URL belong to the same "
        "tenant, and that the API client is still enabled there.",
    ),
    errors.Forbidden: (
        Refused,
        "Nothing was changed. The scope outbound:campaign:write is missing: CXone’s administrator must grant "
        "it to the API client.",
    ),
    errors.NotFound: (
        Refused,
        "Nothing was changed. It may have been deleted in CXone; if nothing at all is found there, an admin "
        "should check CXONE_BASE_URL.",
    ),
    errors.WrongAddress: (
        Refused,
        "Nothing was changed. An admin must check CXONE_BASE_URL and CXONE_TOKEN_URL.",
    ),
    errors.Conflict: (
        Refused,
        "Nothing was changed by this. Either the campaign’s state does not allow it, or too many campaigns are being "
        "paused at once; CXone’s words and the campaign’s present state show which.",
    ),
    errors.PreconditionFailed: (
        Refused,
        "Nothing was overwritten. The campaign is read again: what somebody else has changed is merged with this or "
        "shown beside it.",
    ),
    errors.Invalid: (
        Refused,
        "Nothing was changed. Fix what CXone names and send it again.",
    ),
    errors.NoETag: (
        Refused,
        "Nothing was sent: another person’s change could be overwritten unseen. Tell an admin.",
    ),
    errors.OutcomeUnknown: (
        OutcomeUnknown,
        "It may have happened or not. The campaign is read back before anything is sent again.",
    ),
}

Network = Exception | httpx.Response


class Verdict(NamedTuple):
    """`happened`: the first sentence, with `{doing}` for the call; `meaning`: where it isn't that of MEANINGS."""

    leaf: type[CXoneError]
    happened: str
    meaning: str = ""

    def sentence(self, call: GatewayCall) -> str:
        return f"{self.happened.format(doing=call.doing)} {self.meaning or MEANINGS[self.leaf][1]}"


class Failure(NamedTuple):
    """`read`: the verdict of a read, and of fetching a token; `write`: of a write, where that is another one."""

    network: Network
    read: Verdict
    write: Verdict | None = None

    def verdict(self, call: GatewayCall) -> Verdict:
        return self.write or self.read if call.writes else self.read


def unreachable(why: str) -> Verdict:
    return Verdict(errors.Unreachable, f"CXone could not be reached to {{doing}} ({why}).")


def trouble(facts: str) -> Verdict:
    return Verdict(errors.ServerTrouble, f"CXone has a problem, so this system could not {{doing}} ({facts}).")


def unusable(flaw: str) -> Verdict:
    return Verdict(
        errors.Unusable, f"CXone’s answer can’t be used here: {flaw} (200), so this system could not {{doing}}."
    )


def unknown(facts: str) -> Verdict:
    return Verdict(errors.OutcomeUnknown, f"CXone gave no usable answer when it was asked to {{doing}} ({facts}).")


@dataclass(frozen=True)
class Parts(httpx.SyncByteStream):
    """A body as it comes off the wire: undecoded, and perhaps with an exception before its end."""

    parts: tuple[bytes | Exception, ...]

    def __iter__(self) -> Iterator[bytes]:
        for part in self.parts:
            if isinstance(part, Exception):
                raise part
            yield part


def body(*parts: bytes | Exception, encoding: str = "") -> httpx.Response:
    headers = {"Content-Type": "application/json", **({"Content-Encoding": encoding} if encoding else {})}
    return httpx.Response(200, headers=headers, stream=Parts(parts))


def answer(status: int, words: str = "", **headers: str) -> httpx.Response:
    content = json.dumps({"message": words}) if words else ""
    return httpx.Response(
        status, text=content, headers={name.replace("_", "-"): value for name, value in headers.items()}
    )


def unfollowed(status: int, cause: str = "", location: str = "") -> Failure:
    cause = cause or "it leads to another address, and that is never followed"
    return Failure(
        answer(status, Location=location),
        Verdict(
            errors.Unusable,
            f"CXone’s answer can’t be used here: {cause} ({status}), so this system could not {{doing}}.",
        ),
        unknown(f"{status}, {cause}"),
    )


NOTHING_THERE = "CXone has nothing at the address used to {doing}"
HTML = "<html><title>Sign in</title></html>"
CUT_BODY = "peer closed connection without sending complete message body (received 5 bytes, expected 1000)"
CUT_CHUNK = "peer closed connection without sending complete message body (incomplete chunked read)"
BROKEN = (trouble("the connection broke"), unknown("the connection broke"))
SILENT = (trouble("no answer in time"), unknown("no answer in time"))
CUT = (trouble("200, the connection broke"), unknown("200, the connection broke"))
LATE = (trouble("200, the answer did not end in time"), unknown("200, the answer did not end in time"))
NOT_JSON = (unusable("it is not JSON"), unknown("200, it is not JSON"))
NO_GZIP = (unusable("it says that it is gzip and isn’t"), unknown("200, it says that it is gzip and isn’t"))
NO_OBJECT = (unusable("it is no JSON object"), unknown("200, it is no JSON object"))

# Whatever is asked for: these fail every read, every write and the fetching of a token.
FAILURES = {
    # Before the first byte of the request: the same may be sent again, a write too.
    "connection refused": Failure(
        httpcore.ConnectError("[Errno 111] Connection refused"), unreachable("[Errno 111] Connection refused")
    ),
    "network unreachable": Failure(
        httpcore.ConnectError("[Errno 101] Network is unreachable"), unreachable("[Errno 101] Network is unreachable")
    ),
    "no route": Failure(
        httpcore.ConnectError("[Errno 113] No route to host"), unreachable("[Errno 113] No route to host")
    ),
    "unknown name": Failure(
        httpcore.ConnectError("[Errno -2] Name or service not known"),
        unreachable("[Errno -2] Name or service not known"),
    ),
    "slow look-up": Failure(
        httpcore.ConnectTimeout("The look-up of cxone.test takes too long."),
        unreachable("The look-up of cxone.test takes too long."),
    ),
    "slow connect": Failure(httpcore.ConnectTimeout("timed out"), unreachable("timed out")),
    "no free connection": Failure(httpcore.PoolTimeout(), unreachable("all connections of this process are in use")),
    "unknown authority": Failure(
        httpcore.ConnectError("[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: self-signed certificate"),
        unreachable("[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: self-signed certificate"),
    ),
    "certificate of another host": Failure(
        httpcore.ConnectError("[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: Hostname mismatch"),
        unreachable("[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: Hostname mismatch"),
    ),
    "no TLS": Failure(
        httpcore.ConnectError("[SSL: WRONG_VERSION_NUMBER] wrong version number"),
        unreachable("[SSL: WRONG_VERSION_NUMBER] wrong version number"),
    ),
    # Afterwards: a read may be sent again, the outcome of a write is unknown.
    "write timeout": Failure(httpcore.WriteTimeout("timed out"), *SILENT),
    "read timeout": Failure(httpcore.ReadTimeout("timed out"), *SILENT),
    "deadline over": Failure(httpcore.ReadTimeout("The time for the whole exchange is over."), *SILENT),
    "broken pipe": Failure(httpcore.WriteError("[Errno 32] Broken pipe"), *BROKEN),
    "reset": Failure(httpcore.ReadError("[Errno 104] Connection reset by peer"), *BROKEN),
    "reset outside httpcore": Failure(ConnectionResetError(104, "Connection reset by peer"), *BROKEN),
    "broken pipe outside httpcore": Failure(BrokenPipeError(32, "Broken pipe"), *BROKEN),
    "closed without an answer": Failure(
        httpcore.RemoteProtocolError("Server disconnected without sending a response."), *BROKEN
    ),
    "no HTTP": Failure(httpcore.RemoteProtocolError("illegal status line: bytearray(b'SSH-2.0')"), *BROKEN),
    "another protocol": Failure(
        httpcore.RemoteProtocolError("Received server _SWITCH_UPGRADE event without a pending proposal"), *BROKEN
    ),
    "unexpected protocol state": Failure(httpcore.LocalProtocolError("can't handle event in state ERROR"), *BROKEN),
    "no such protocol": Failure(httpcore.UnsupportedProtocol("Request URL has an unsupported protocol"), *BROKEN),
    # Within the body of a success.
    "half a body": Failure(body(b'{"id"', httpcore.RemoteProtocolError(CUT_BODY)), *CUT),
    "half a chunk": Failure(body(b'{"id"', httpcore.RemoteProtocolError(CUT_CHUNK)), *CUT),
    "reset within the body": Failure(body(b'{"id"', httpcore.ReadError("[Errno 104] Connection reset by peer")), *CUT),
    "body without end": Failure(
        body(b'{"id"', httpcore.ReadTimeout("The time for the whole exchange is over.")), *LATE
    ),
    "no gzip": Failure(body(b"{}", encoding="gzip"), *NO_GZIP),
    "gzip cut short": Failure(body(gzip.compress(b"{}" * 99)[:15], encoding="gzip"), *NOT_JSON),
    "other compression": Failure(
        body(b"{}", encoding="br"),
        unusable("it is compressed in a way that was not asked for"),
        unknown("200, it is compressed in a way that was not asked for"),
    ),
    "long body": Failure(
        body(*[b" " * 1_000_000] * 5),
        unusable("it is longer than 4,000 KB"),
        unknown("200, it is longer than 4,000 KB"),
    ),
    # The content of a success.
    "empty body": Failure(body(), *NOT_JSON),
    "a page": Failure(httpx.Response(200, html=HTML), *NOT_JSON),
    "a form": Failure(httpx.Response(200, text="access_token=other&expires_in=60"), *NOT_JSON),
    "no UTF-8": Failure(body(b'{"id": "\xff"}'), *NOT_JSON),
    "NaN": Failure(body(b'{"id": NaN}'), *NOT_JSON),
    "infinity": Failure(body(b'{"id": -Infinity}'), *NOT_JSON),
    "number of 5,000 digits": Failure(body(b'{"id": ' + b"9" * 5_000 + b"}"), *NOT_JSON),
    "deep nesting": Failure(body(b"[" * 200_000), *NOT_JSON),
    "null": Failure(body(b"null"), *NO_OBJECT),
    "a list": Failure(body(b"[]"), *NO_OBJECT),
    "a number": Failure(body(b"1e999"), *NO_OBJECT),
    # Redirects: the token would go along, to whoever is named there.
    "moved": unfollowed(301, location="https://elsewhere.test/"),
    "sign-in elsewhere": unfollowed(302, location="/login"),
    "see other": unfollowed(303, location=BASE),
    "moved for a while": unfollowed(307, location=BASE),
    "moved for ever": unfollowed(308, location=BASE),
    # No redirects, and no answers to these requests: none names versions that it has already (If-None-Match).
    "several choices": unfollowed(300, "it has a status that was not asked for"),
    "not modified": unfollowed(304, "it has a status that was not asked for"),
    # Refusals: CXone said no, to a write as to a read.
    "bad request": Failure(
        answer(400, "Because."), Verdict(errors.BadRequest, 'CXone refused to {doing} (400): "Because."')
    ),
    "method not allowed": Failure(
        answer(405, "Because."), Verdict(errors.WrongAddress, f'{NOTHING_THERE} (405): "Because."')
    ),
    "conflict": Failure(answer(409), Verdict(errors.Conflict, "CXone refused to {doing} (409).")),
    "version changed": Failure(
        answer(412),
        Verdict(errors.PreconditionFailed, "CXone refused to {doing} over the version that was read (412)."),
    ),
    "teapot": Failure(answer(418), Verdict(errors.Refused, "CXone refused to {doing} (418).")),
    "invalid": Failure(answer(422, "Because."), Verdict(errors.Invalid, 'CXone refused to {doing} (422): "Because."')),
    "too many requests": Failure(
        answer(429), Verdict(errors.RateLimited, "CXone has had too many requests, so it did not {doing} (429).")
    ),
    "legal reasons": Failure(answer(451), Verdict(errors.Refused, "CXone refused to {doing} (451).")),
    # Trouble: nobody knows whether a write was done before it began.
    "request timeout": Failure(answer(408), trouble("408"), unknown("408")),
    "server error": Failure(
        answer(500, "oops"),
        Verdict(errors.ServerTrouble, 'CXone has a problem, so this system could not {doing} (500): "oops".'),
        Verdict(errors.OutcomeUnknown, 'CXone gave no usable answer when it was asked to {doing} (500): "oops".'),
    ),
    "bad gateway": Failure(httpx.Response(502, html=HTML), trouble("502"), unknown("502")),
    "unavailable": Failure(answer(503), trouble("503"), unknown("503")),
    "gateway timeout": Failure(answer(504), trouble("504"), unknown("504")),
    "no such status": Failure(answer(799), trouble("799"), unknown("799")),
}


class Answer(NamedTuple):
    """An answer that means something for this call alone."""

    call: GatewayCall
    network: httpx.Response
    verdict: Verdict


def content(of: object, status: int = 200) -> httpx.Response:
    return httpx.Response(status, json=of)


UNKNOWN_ID = "CXone has nothing with that id, so it could not {doing}"
WRONG_CLIENT = "CXone doesn’t accept these credentials, so this system could not {doing}"
UNPROVEN_SCOPE = (
    "Nothing was changed. CXone does not say that a scope is missing. CXone’s administrator should check "
    "that the API client has the scope outbound:campaign:read, and that its role and the tenant’s licence allow this."
)
ALL_SCOPES = (
    "Nothing was changed. The scope outbound:campaign:read outbound:campaign:write analytics:read events:write is "
    "missing: CXone’s administrator must grant it to the API client."
)


def with_schedule(schedule: bytes) -> httpx.Response:
    return body(b'{"id": "c-1", "status": "ACTIVE", "schedule": {"x": %s}}' % schedule)


ANSWERS = {
    "token refused twice": Answer(
        READ_STATE,
        answer(401),
        Verdict(
            errors.TokenRefused,
            "CXone issued an access token but does not accept it, so this system could not {doing} (401).",
        ),
    ),
    "scope missing": Answer(
        PAUSE,
        answer(403, WWW_Authenticate='Bearer error="insufficient_scope"'),
        Verdict(errors.Forbidden, "CXone forbids this system to {doing} (403)."),
    ),
    "forbidden for another reason": Answer(
        LIST,
        answer(403),
        Verdict(errors.Forbidden, "CXone forbids this system to {doing} (403).", UNPROVEN_SCOPE),
    ),
    "campaign not found": Answer(READ_STATE, answer(404), Verdict(errors.NotFound, f"{UNKNOWN_ID} (404).")),
    "campaign to pause not found": Answer(PAUSE, answer(404), Verdict(errors.NotFound, f"{UNKNOWN_ID} (404).")),
    "campaign gone": Answer(READ_FOR_EDIT, answer(410), Verdict(errors.NotFound, f"{UNKNOWN_ID} (410).")),
    "API not there": Answer(LIST, answer(404), Verdict(errors.WrongAddress, f"{NOTHING_THERE} (404).")),
    "analytics not there": Answer(COUNT, answer(404), Verdict(errors.WrongAddress, f"{NOTHING_THERE} (404).")),
    "already paused": Answer(
        PAUSE,
        content({"message": "Campaign is already paused."}, 409),
        Verdict(errors.Conflict, 'CXone refused to {doing} (409): "Campaign is already paused."'),
    ),
    "fields are invalid": Answer(
        WRITE_SCHEDULE,
        content({"errors": [{"field": "schedule.timezone", "message": "is unknown"}]}, 422),
        Verdict(errors.Invalid, 'CXone refused to {doing} (422): "schedule.timezone: is unknown".'),
    ),
    "no ETag": Answer(
        READ_FOR_EDIT,
        content(campaign_json()),
        Verdict(errors.NoETag, "CXone gave no usable ETag, so it was not asked to change campaign c-1 (200)."),
    ),
    # JSON of another shape.
    "no status": Answer(READ_STATE, content({"id": "c-1"}), unusable("it has no usable status")),
    "no id": Answer(READ_STATE, content({"status": "ACTIVE"}), unusable("it has no usable id")),
    "status is a number": Answer(READ_STATE, content({"id": "c-1", "status": 7}), unusable("it has no usable status")),
    "status is half a surrogate pair": Answer(
        READ_STATE, body(b'{"id": "c-1", "status": "\\ud800"}'), unusable("it has no usable status")
    ),
    "number beyond any column": Answer(
        READ_STATE, with_schedule(b"1e999"), unusable("it has a number in it that is too large")
    ),
    "half a surrogate pair": Answer(
        PAUSE, with_schedule(b'"\\ud800"'), unknown("200, it has half of a surrogate pair in it")
    ),
    "NUL character": Answer(READ_STATE, with_schedule(b'"\\u0000"'), unusable("it has a NUL character in it")),
    "another campaign": Answer(READ_STATE, content(campaign_json("c-2")), unusable("it is about another campaign")),
    "nothing of the campaign that was paused": Answer(PAUSE, content({}), unknown("200, it has no usable id")),
    "id alone": Answer(RESUME, content({"id": "c-1"}), unknown("200, it has no usable status")),
    "status alone": Answer(WRITE_SCHEDULE, content({"status": "PAUSED"}), unknown("200, it has no usable id")),
    "another campaign was paused": Answer(
        PAUSE, content(campaign_json("c-2")), unknown("200, it is about another campaign")
    ),
    "an error with status 200": Answer(
        PAUSE,
        content({"error": {"message": "Try later."}}),
        Verdict(
            errors.OutcomeUnknown,
            'CXone gave no usable answer when it was asked to {doing} (200, it has no usable id): "Try later."',
        ),
    ),
    "no list": Answer(LIST, content({"entities": {}}), unusable("it has no usable entities")),
    "count below zero": Answer(
        COUNT, content({"groups": [{"campaignId": "c-1", "count": -1}]}), unusable("it has no usable count of calls")
    ),
    "count above any": Answer(
        COUNT,
        content({"groups": [{"campaignId": "c-1", "count": 2**31}]}),
        unusable("it has no usable groups.0.count"),
    ),
    "count as text": Answer(
        COUNT,
        content({"groups": [{"campaignId": "c-1", "count": "many"}]}),
        unusable("it has no usable count of calls"),
    ),
    "no list of subscriptions": Answer(LIST_SUBSCRIPTIONS, content({}), unusable("it has no usable entities")),
    "no id of the subscription": Answer(SUBSCRIBE, content({}, 201), unknown("201, it has no usable id")),
    # At the token address, whose refusals have codes (RFC 6749, 5.2).
    "wrong client": Answer(FETCH_TOKEN, answer(401), Verdict(errors.WrongCredentials, f"{WRONG_CLIENT} (401).")),
    "invalid_client": Answer(
        FETCH_TOKEN,
        content({"error": "invalid_client"}, 400),
        Verdict(errors.WrongCredentials, WRONG_CLIENT + ' (400): "invalid_client".'),
    ),
    "invalid_scope": Answer(
        FETCH_TOKEN,
        content({"error": "invalid_scope"}, 400),
        Verdict(errors.Forbidden, 'CXone forbids this system to {doing} (400): "invalid_scope".', ALL_SCOPES),
    ),
    "client forbidden": Answer(FETCH_TOKEN, answer(403), Verdict(errors.Refused, "CXone refused to {doing} (403).")),
    "no token address": Answer(FETCH_TOKEN, answer(404), Verdict(errors.WrongAddress, f"{NOTHING_THERE} (404).")),
    "no token": Answer(FETCH_TOKEN, content({"expires_in": 60}), unusable("it has no usable access_token")),
    "token that no header bears": Answer(
        FETCH_TOKEN, content({"access_token": "a\nb"}), unusable("it has no usable access_token")
    ),
    "token of another type": Answer(
        FETCH_TOKEN,
        content({"access_token": "x", "token_type": "mac"}),
        unusable("the access token is of another type than Bearer"),
    ),
}
SPENT = Verdict(
    errors.BudgetSpent,
    "This system must wait before it can {doing} (the requests that CXone allows in a minute are used up).",
)
SPENT_AFTER_401 = Verdict(
    errors.Retryable,
    "CXone could not {doing} (401, the access token had expired, and it is not yet our turn to send this again).",
)
