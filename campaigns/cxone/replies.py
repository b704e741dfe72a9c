"""Judge a reply of CXone: a value, or the one right error. Pure: no clock, no network.

The sources are the contract of the API and RFC 9110 (Retry-After, Date, ETag), RFC 6750 (scope in WWW-Authenticate).
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import TypeVar

from pydantic import ValidationError

from campaigns.cxone import errors
from campaigns.cxone.clock import http_date
from campaigns.cxone.gateway import CampaignList, CampaignState
from campaigns.cxone.json_body import parse_json, readable_entries
from campaigns.cxone.retry_after import retry_after
from campaigns.cxone.v2 import wire

T = TypeVar("T")

MOST_FIELD_ERRORS = 50
LONGEST_ETAG = 1_000
LONGEST_ERROR_BODY = 65_536  # bytes; whatever follows in a refusal isn't read

_WORD_KEYS = ("message", "error_description", "error", "detail", "description", "title", "reason")
_FIELD_KEYS = ("field", "path", "property", "name")
_SCOPE = re.compile(r"\b(?:outbound|analytics|events?)(?::[a-z_-]+)+")
_ETAG = re.compile(r'(?:[Ww]/)?"[\x20\x21\x23-\x7e\x80-\xff]*"|[\x21\x23-\x29\x2b\x2d-\x7e]+')
_REDIRECTS = {301, 302, 303, 307, 308}
_NOT_THE_CLIENT = {"invalid_client", "unauthorized_client", "invalid_grant"}
_PLAIN: dict[int, type[errors.Refused]] = {
    400: errors.BadRequest,
    401: errors.TokenRefused,
    405: errors.WrongAddress,
    409: errors.Conflict,
    412: errors.PreconditionFailed,
}


@dataclass(frozen=True, slots=True)
class Call:
    """What was asked. `doing` completes "CXone was asked to …"; `writes`: a lost answer leaves the outcome unknown;
    `scope`: the OAuth scope that it takes; `by_id`: the address names one thing, which may not be there."""

    doing: str
    scope: str = ""
    writes: bool = False
    by_id: bool = False


@dataclass(frozen=True, slots=True)
class Reply:
    status: int
    headers: Mapping[str, str]  # names in any case
    body: bytes
    at: datetime  # when it came, aware
    flaw: str = ""  # why the body of a success can't be used, where it can't
    blank: Callable[[str], str] = str  # takes the secrets out of words that are shown


def value_of(
    call: Call,
    reply: Reply,
    read: Callable[[object], T],
    refused: Callable[[Call, Reply], errors.CXoneError] | None = None,
) -> T:
    """What `read` makes of the JSON in a reply of success; every other reply raises a CXoneError, which `refused`
    chooses where it is given."""
    if not 200 <= reply.status < 300:
        raise (refused or refusal)(call, reply)
    if reply.flaw:
        raise unusable(call, reply.status, reply.flaw)
    try:
        return read(parse_json(reply.body))
    except ValidationError as error:
        cause = _flaw_of(error)
    except ValueError:
        cause = "it is not JSON"
    raise unusable(call, reply.status, cause, _words_of_success(reply))


def trouble(
    call: Call, *, status: int | None = None, words: str = "", cause: str = "", wait: float | None = None
) -> errors.CXoneError:
    """No answer to speak of: a read may be sent again, the outcome of a write is unknown."""
    if call.writes:
        return errors.OutcomeUnknown(call.doing, status=status, words=words, cause=cause)
    return errors.ServerTrouble(call.doing, status=status, words=words, cause=cause, wait=wait)


def unusable(call: Call, status: int, cause: str, words: str = "") -> errors.CXoneError:
    """An answer that this system can't use. `cause` is about "it", the answer."""
    if call.writes:
        return errors.OutcomeUnknown(call.doing, status=status, words=words, cause=cause)
    return errors.Unusable(call.doing, status=status, words=words, cause=cause)


def is_taken_without_a_word(reply: Reply) -> bool:
    """CXone has taken a write and shows no state: 202 is carried out later, 204 has no body (RFC 9110, 15.3)."""
    return reply.status in {202, 204}


def refusal(call: Call, reply: Reply) -> errors.CXoneError:
    """The error that a reply other than 2xx stands for."""
    status, words = reply.status, words_of(reply)
    if status == 403:
        return _forbidden(call, reply, words)
    if status == 422:
        return errors.Invalid(call.doing, status=status, words=words, errors=_field_errors(reply))
    if 400 <= status < 500 and status not in {408, 429}:
        return _kind(call, status)(call.doing, status=status, words=words)
    return _passing(call, reply, words)


def _kind(call: Call, status: int) -> type[errors.Refused]:
    """404 and 410 are about the thing that was asked for where the address named one, else about the address."""
    if status in {404, 410}:
        return errors.NotFound if call.by_id else errors.WrongAddress
    return _PLAIN.get(status, errors.Refused)


def _passing(call: Call, reply: Reply, words: str) -> errors.CXoneError:
    """It may be another answer soon."""
    if reply.status in _REDIRECTS:
        return unusable(call, reply.status, "it leads to another address, and that is never followed", words)
    if reply.status < 400:
        return unusable(call, reply.status, "it has a status that was not asked for", words)
    if reply.status == 429:
        return errors.RateLimited(call.doing, status=429, words=words, wait=wait_of(reply))
    return trouble(call, status=reply.status, words=words, wait=wait_of(reply))


def token_refusal(call: Call, reply: Reply) -> errors.CXoneError:
    """The same at the token address, whose refusals have codes (RFC 6749, 5.2)."""
    said = _json_or_none(reply)
    code = said.get("error") if isinstance(said, dict) else None
    words = words_of(reply)
    if code == "invalid_scope":
        return errors.Forbidden(call.doing, status=reply.status, words=words, scope=call.scope)
    if reply.status == 401 or code in _NOT_THE_CLIENT:
        return errors.WrongCredentials(call.doing, status=reply.status, words=words)
    if reply.status == 403:
        return errors.Refused(call.doing, status=reply.status, words=words)
    return refusal(call, reply)


def wait_of(reply: Reply) -> float | None:
    """Seconds that the reply's Retry-After asks for."""
    sent_at = http_date(reply.headers.get("date")) or reply.at
    return retry_after(reply.headers.get("retry-after"), sent_at)


def usable_etag(text: str | None) -> str | None:
    """An ETag as it came, weak ones too. None for a missing one, a list and `*`, which would match any version."""
    return text if text and len(text) <= LONGEST_ETAG and _ETAG.fullmatch(text) else None


def words_of(reply: Reply) -> str:
    """What CXone says about an error in its own words, whatever shape it has, without secrets; "" for HTML and
    silence."""
    said = _json_or_none(reply)
    if isinstance(said, dict):
        told = "; ".join(f"{field}: {message}" if field else message for field, message in _field_errors(reply))
        return errors.clean_words(told) or _shown(reply, _plain_words(said))
    if isinstance(said, str):
        return _shown(reply, said)
    text = reply.body[:LONGEST_ERROR_BODY].decode(errors="replace").lstrip()
    if said is not None or text.startswith("<"):
        return ""
    if len(reply.body) >= LONGEST_ERROR_BODY and not text[-1:].isspace():
        text = " ".join(text.split()[:-1])  # where it was cut there may be half of a secret, which none would know
    return _shown(reply, text)


def _shown(reply: Reply, words: str) -> str:
    """Blanked before it is cut, so that no half of a secret stays."""
    return errors.clean_words(reply.blank(words))


def is_last(pages: Sequence[wire.CampaignPage]) -> bool:
    """Whether the newest page ends the list: as it says itself, or because nothing more comes."""
    newest = pages[-1]
    if not newest.entities:
        return True
    if newest.page_count is not None:
        return len(pages) >= newest.page_count
    if newest.total is not None:
        return sum(len(page.entities) for page in pages) >= newest.total
    return len(pages) > 1 and newest.entities == pages[-2].entities  # it doesn't know of pages


def gather(pages: Sequence[wire.CampaignPage]) -> CampaignList:
    """One list from the pages as they came: a campaign that moved between two reads counts once."""
    entries = [entry for page in pages for entry in page.entities]
    read = readable_entries(entries, wire.WireCampaign.model_validate)
    campaigns: dict[str, CampaignState] = {}
    for campaign in read:
        campaigns.setdefault(campaign.id, campaign.state())
    total = pages[-1].total
    unreadable = len(entries) - len(read)
    return CampaignList(
        campaigns=tuple(campaigns.values()),
        total=len(campaigns) + unreadable if total is None else total,
        unreadable=unreadable,
        complete=_agree(pages) and is_last(pages) and _is_all(len(campaigns), unreadable, total),
    )


def _agree(pages: Sequence[wire.CampaignPage]) -> bool:
    """All describe the same list, and each is the page that was asked for, as far as they say."""
    last = pages[-1]
    return all(
        page.page_number in {None, number} and (page.page_count, page.total) == (last.page_count, last.total)
        for number, page in enumerate(pages, start=1)
    )


def _is_all(readable: int, unreadable: int, total: int | None) -> bool:
    """Without a total, an empty list is no proof that every campaign is gone."""
    if total is None:
        return readable > 0 and unreadable == 0
    return readable == total


def _forbidden(call: Call, reply: Reply, words: str) -> errors.Forbidden:
    """RFC 6750, 3.1: a scope that is missing is `insufficient_scope`. 403 has other reasons as well."""
    challenge = reply.headers.get("www-authenticate", "")
    said = f"{words} {challenge}"
    named = _SCOPE.search(said)
    return errors.Forbidden(
        call.doing,
        status=reply.status,
        words=words,
        scope=named.group() if named else call.scope,
        named=bool(named) or "insufficient_scope" in said,
    )


def _flaw_of(error: ValidationError) -> str:
    """What is wrong with an answer, without a word of it."""
    first = error.errors(include_input=False, include_url=False)[0]
    if first["type"] == "value_error":
        return str(first["ctx"]["error"])
    field = ".".join(str(part) for part in first["loc"])
    return f"it has no usable {field}" if field else "it is no JSON object"


def _words_of_success(reply: Reply) -> str:
    """What an answer says that has the status of a success and isn't one. Only an error's words: another's text may be
    anything, a token too."""
    said = _json_or_none(reply)
    return words_of(reply) if isinstance(said, dict) and (said.get("error") or said.get("errors")) else ""


def _field_errors(reply: Reply) -> tuple[tuple[str, str], ...]:
    """Errors by field, as the contract has them (`field`, `message`) and in other servers' shapes."""
    said = _json_or_none(reply)
    listed = said.get("errors") if isinstance(said, dict) else None
    entries = listed.items() if isinstance(listed, dict) else listed
    if not isinstance(entries, Iterable) or isinstance(entries, str):
        return ()
    found = (_field_error(entry) for entry in islice(entries, MOST_FIELD_ERRORS))
    return tuple((_shown(reply, field), _shown(reply, message)) for field, message in found if field or message)


def _field_error(entry: object) -> tuple[str, str]:
    if isinstance(entry, dict):
        field = next((entry[key] for key in _FIELD_KEYS if isinstance(entry.get(key), str)), "")
        return field, _plain_words(entry)
    if isinstance(entry, tuple):  # of an object: the field's name, and one message or several
        field, told = entry
        messages = told if isinstance(told, list) else [told]
        return field, "; ".join(message for message in messages if isinstance(message, str))
    return "", entry if isinstance(entry, str) else ""


def _plain_words(said: dict[str, object]) -> str:
    for key in _WORD_KEYS:
        told = said.get(key)
        if isinstance(told, dict):  # an error as an object of its own
            told = next((told[inner] for inner in _WORD_KEYS if isinstance(told.get(inner), str)), "")
        if isinstance(told, str) and told:
            return told
    return ""


def _json_or_none(reply: Reply) -> object:
    try:
        return parse_json(reply.body[:LONGEST_ERROR_BODY])
    except ValueError:
        return None
