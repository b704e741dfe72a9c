"""Judge a reply of CXone: a value, or the one right error. Pure: no clock, no network.

The sources are the contract of the API and RFC 9110 (Retry-After, ETag), RFC 6750 (scope in WWW-Authenticate).
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TypeVar

from pydantic import ValidationError

from campaigns.cxone import errors, wire
from campaigns.cxone.gateway import CampaignList, CampaignState

T = TypeVar("T")

LONGEST_WAIT = 300.0  # seconds; whatever CXone asks for, we look again after these
LONGEST_ERROR_BODY = 65_536  # bytes; whatever follows in a refusal isn't read

_WORD_KEYS = ("message", "error_description", "error", "detail", "title", "reason")
_SCOPE = re.compile(r"\b(?:outbound|analytics|events?)(?::[a-z_-]+)+")
_ETAG = re.compile(r'(?:[Ww]/)?"[\x20\x21\x23-\x7e\x80-\xff]*"|[\x21\x23-\x29\x2b\x2d-\x7e]+')
_PLAIN = {
    400: errors.BadRequest,
    401: errors.WrongCredentials,
    404: errors.NotFound,
    409: errors.Conflict,
    412: errors.ChangedMeanwhile,
}


@dataclass(frozen=True, slots=True)
class Call:
    """What was asked. `doing` completes "CXone was asked to …"; `writes`: a lost answer leaves the outcome unknown;
    `scope`: the OAuth scope that it takes."""

    doing: str
    scope: str = ""
    writes: bool = False


@dataclass(frozen=True, slots=True)
class Reply:
    status: int
    headers: Mapping[str, str]  # names in any case
    body: bytes
    at: datetime  # when it came, aware
    flaw: str = ""  # why the body of a success can't be used, where it can't


def value_of(call: Call, reply: Reply, read: Callable[[object], T]) -> T:
    """What `read` makes of the JSON in a reply of success; every other reply raises a CXoneError."""
    if not 200 <= reply.status < 300:
        raise refusal(call, reply)
    if reply.flaw:
        raise trouble(call, status=reply.status, cause=reply.flaw)
    try:
        return read(wire.json_of(reply.body))
    except ValidationError as error:
        field = ".".join(str(part) for part in error.errors()[0]["loc"]) or "campaign"
        cause = f"the answer has no usable {field}"
    except ValueError:
        cause = "the answer isn't JSON"
    raise trouble(call, status=reply.status, cause=cause)


def trouble(
    call: Call, *, status: int | None = None, words: str = "", cause: str = "", wait: float | None = None
) -> errors.CXoneError:
    """No usable answer: a read may be sent again, the outcome of a write is unknown."""
    if call.writes:
        return errors.Unknown(call.doing, status=status, words=words, cause=cause)
    return errors.ServerTrouble(call.doing, status=status, words=words, cause=cause, wait=wait)


def refusal(call: Call, reply: Reply) -> errors.CXoneError:
    """The error that a reply other than 2xx stands for."""
    status, words = reply.status, words_of(reply)
    wait = wait_of(reply)
    if status in _PLAIN:
        return _PLAIN[status](call.doing, status=status, words=words)
    if status == 403:
        return errors.Forbidden(call.doing, status=status, words=words, scope=_missing_scope(call, reply, words))
    if status == 422:
        return errors.Invalid(call.doing, status=status, words=words, errors=_field_errors(reply))
    if status == 429:
        return errors.RateLimited(call.doing, status=status, words=words, wait=wait)
    if status >= 500 or status < 400 or status == 408:
        return trouble(call, status=status, words=words, wait=wait)
    return errors.Refused(call.doing, status=status, words=words)


def wait_of(reply: Reply) -> float | None:
    """Seconds that the reply's Retry-After asks for."""
    return retry_after(reply.headers.get("retry-after"), reply.at)


def retry_after(header: str | None, now: datetime, *, longest: float = LONGEST_WAIT) -> float | None:
    """Seconds to wait, from 0 to `longest`, as a Retry-After of seconds or an HTTP date asks; None where it is
    nonsense."""
    text = (header or "").strip()
    if re.fullmatch(r"[0-9]+(\.[0-9]+)?", text):
        return min(float(text), longest)
    try:
        date = parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    aware = date if date.tzinfo else date.replace(tzinfo=UTC)
    return min(max((aware - now).total_seconds(), 0.0), longest)


def usable_etag(text: str | None) -> str | None:
    """An ETag as it came, weak ones too. None for a missing one, a list and `*`, which would match any version."""
    return text if text and _ETAG.fullmatch(text) else None


def words_of(reply: Reply) -> str:
    """What CXone says about an error in its own words, whatever shape it has; "" for HTML and silence."""
    said = _json_or_none(reply)
    if isinstance(said, dict):
        told = "; ".join(f"{field}: {message}" if field else message for field, message in _field_errors(reply))
        plain = next((said[key] for key in _WORD_KEYS if isinstance(said.get(key), str)), "")
        return errors.clean_words(told or plain)
    if isinstance(said, str):
        return errors.clean_words(said)
    text = reply.body[:LONGEST_ERROR_BODY].decode(errors="replace").strip()
    return "" if said is not None or text.startswith("<") else errors.clean_words(text)


def gather(pages: Sequence[wire.CampaignPage]) -> CampaignList:
    """One list from the pages as they came: a campaign that moved between two reads counts once."""
    entries = [entry for page in pages for entry in page.entities]
    read = wire.readable(entries, wire.Campaign.model_validate)
    campaigns: dict[str, CampaignState] = {}
    for campaign in read:
        campaigns.setdefault(campaign.id, campaign.state())
    last = pages[-1]
    agree = all(
        (page.page_number, page.page_count, page.total) == (number, last.page_count, last.total)
        for number, page in enumerate(pages, start=1)
    )
    return CampaignList(
        campaigns=tuple(campaigns.values()),
        total=last.total,
        unreadable=len(entries) - len(read),
        complete=agree and len(campaigns) == last.total,
    )


def _missing_scope(call: Call, reply: Reply, words: str) -> str:
    named = _SCOPE.search(f"{words} {reply.headers.get('www-authenticate', '')}")
    return named.group() if named else call.scope


def _field_errors(reply: Reply) -> tuple[tuple[str, str], ...]:
    said = _json_or_none(reply)
    listed = said.get("errors") if isinstance(said, dict) else None
    return tuple(
        (errors.clean_words(str(entry.get("field", ""))), errors.clean_words(str(entry.get("message", ""))))
        for entry in (listed if isinstance(listed, list) else [])
        if isinstance(entry, dict)
    )


def _json_or_none(reply: Reply) -> object:
    try:
        return wire.json_of(reply.body[:LONGEST_ERROR_BODY])
    except ValueError:
        return None
