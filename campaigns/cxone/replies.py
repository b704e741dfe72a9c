"""Turns a reply of CXone into a value, or into the one right error. Pure: no clock, no network.

Sources: the API's contract (docs/cxone-api.md), RFC 9110 (Date, ETag), RFC 6749 (codes of the token address), RFC 6750
(scope in WWW-Authenticate).
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import TypeVar

from pydantic import ValidationError

from campaigns.cxone import errors
from campaigns.cxone.body import MOST_BYTES
from campaigns.cxone.clock import http_date
from campaigns.cxone.json_body import parse_json
from campaigns.cxone.retry_after import retry_after

T = TypeVar("T")

# More than anybody reads. A broken server may list one for each row of a long table.
MOST_FIELD_ERRORS = 50

# Characters. It goes back in a header, and servers limit those to 8 KB or so in all.
LONGEST_ETAG = 1_000

# Bytes. A message is cut after 500 characters, and a proxy's page of HTML isn't shown at all.
LONGEST_ERROR_BODY = 65_536

_REDIRECTS = {301, 302, 303, 307, 308}
# The token would go along, to whoever is named there.
_REDIRECTED = "it leads to another address, and that is never followed"

# Where servers put their explanation, the most telling key first.
MESSAGE_KEYS = ("message", "error_description", "error", "detail", "description", "title", "reason")
_FIELD_KEYS = ("field", "path", "property", "name")

_SCOPE = re.compile(r"\b(?:outbound|analytics|events?)(?::[a-z_-]+)+")
# RFC 9110, 8.8.3; also without its quotes, as some servers send it. No commas then: that would be a list.
_ETAG = re.compile(r'(?:[Ww]/)?"[\x20\x21\x23-\x7e\x80-\xff]*"|[\x21\x23-\x29\x2b\x2d-\x7e]+')

# RFC 6749, 5.2: the codes by which the token address rejects the client rather than the request.
_CLIENT_REJECTED = {"invalid_client", "unauthorized_client", "invalid_grant"}

_REFUSALS: dict[int, type[errors.Refused]] = {
    400: errors.BadRequest,
    401: errors.TokenRefused,
    405: errors.WrongAddress,
    409: errors.Conflict,
    412: errors.PreconditionFailed,
}


@dataclass(frozen=True, slots=True)
class Call:
    """What was asked. `doing` completes "CXone was asked to …"; `writes`: a lost response leaves the outcome unknown;
    `scope`: the OAuth scope that it needs; `by_id`: the address names one thing, which may not exist; `most_bytes`: of
    the answer to it, decompressed; `name`: the same for all calls of its kind, by which they are counted."""

    doing: str
    scope: str = ""
    writes: bool = False
    by_id: bool = False
    most_bytes: int = MOST_BYTES
    name: str = "other"


@dataclass(frozen=True, slots=True)
class Words:
    """Where a dialect's explanations are: `keys` of the body, the most telling one first, or else a `header`."""

    keys: tuple[str, ...] = MESSAGE_KEYS
    header: str = ""


@dataclass(frozen=True, slots=True)
class Reply:
    """`headers`: names in any case; `at`: when it arrived, aware; `flaw`: why the body of a success can't be used, if
    it can't; `mask`: hides the secrets in what is shown of it; `says`: where its explanation may be."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    at: datetime
    flaw: str = ""
    mask: Callable[[str], str] = str
    says: Words = Words()


def value_of(
    call: Call,
    reply: Reply,
    read: Callable[[object], T],
    refused: Callable[[Call, Reply], errors.CXoneError] | None = None,
) -> T:
    """What `read` makes of the JSON in a successful reply. Any other reply raises a CXoneError, chosen by `refused` if
    that is given."""
    require_usable(call, reply, refused)
    try:
        return read(parse_json(reply.body))
    except ValidationError as error:
        cause = _flaw_of(error)
    except ValueError:
        cause = "it is not JSON"
    raise unusable(call, reply.status, cause, _words_of_success(reply))


def require_usable(
    call: Call, reply: Reply, refused: Callable[[Call, Reply], errors.CXoneError] | None = None
) -> None:
    """CXoneError, chosen as `value_of` does: it is no success, or its body didn't arrive as it was sent."""
    if not 200 <= reply.status < 300:
        raise (refused or refusal)(call, reply)
    if reply.flaw:
        raise unusable(call, reply.status, reply.flaw)


def trouble(
    call: Call, *, status: int | None = None, words: str = "", cause: str = "", wait: float | None = None
) -> errors.CXoneError:
    """No response to speak of: a read may be sent again, the outcome of a write is unknown."""
    if call.writes:
        return errors.OutcomeUnknown(call.doing, status=status, words=words, cause=cause)
    return errors.ServerTrouble(call.doing, status=status, words=words, cause=cause, wait=wait)


def unusable(call: Call, status: int, cause: str, words: str = "") -> errors.CXoneError:
    """A response that this system can't use. `cause` is about "it", the response."""
    if call.writes:
        return errors.OutcomeUnknown(call.doing, status=status, words=words, cause=cause)
    return errors.Unusable(call.doing, status=status, words=words, cause=cause)


def is_accepted_without_state(reply: Reply) -> bool:
    """CXone has accepted a write and shows no state: 202 is carried out later, 204 has no body (RFC 9110, 15.3)."""
    return reply.status in {202, 204}


def refusal(call: Call, reply: Reply) -> errors.CXoneError:
    """The error for a reply that isn't 2xx."""
    status = reply.status
    words = words_of(reply)
    if status == 403:
        return _forbidden(call, reply, words)
    if status == 422:
        return errors.Invalid(call.doing, status=status, words=words, errors=_field_errors(reply))
    if status == 429:
        return errors.RateLimited(call.doing, status=status, words=words, wait=wait_of(reply))
    # 408: the server waited in vain for the rest of the request, and may have seen enough of it.
    if 400 <= status < 500 and status != 408:
        return _refusal_class(call, status)(call.doing, status=status, words=words)
    if status < 400:
        if status in _REDIRECTS:
            cause = _REDIRECTED
        else:
            cause = "it has a status that was not asked for"
        return unusable(call, status, cause, words)
    return trouble(call, status=status, words=words, wait=wait_of(reply))


def _refusal_class(call: Call, status: int) -> type[errors.Refused]:
    if status not in {404, 410}:
        return _REFUSALS.get(status, errors.Refused)
    # They are about the thing that the address names, or else about the address itself.
    if call.by_id:
        return errors.NotFound
    return errors.WrongAddress


def token_refusal(call: Call, reply: Reply) -> errors.CXoneError:
    """The same for the token address, whose refusals have codes (RFC 6749, 5.2)."""
    code = token_code(reply)
    words = words_of(reply)
    if code == "invalid_scope":
        return errors.Forbidden(call.doing, status=reply.status, words=words, scope=call.scope)
    if reply.status == 401 or code in _CLIENT_REJECTED:
        return errors.WrongCredentials(call.doing, status=reply.status, words=words)
    # Not for want of a scope: nothing has one before there is a token.
    if reply.status == 403:
        return errors.Refused(call.doing, status=reply.status, words=words)
    return refusal(call, reply)


def token_code(reply: Reply) -> object:
    """The code of a refusal of the token address; None where it has none."""
    content = _json_or_none(reply)
    return content.get("error") if isinstance(content, dict) else None


def wait_of(reply: Reply) -> float | None:
    """The seconds that the reply's Retry-After asks for."""
    sent_at = http_date(reply.headers.get("date")) or reply.at
    return retry_after(reply.headers.get("retry-after"), sent_at)


def usable_etag(text: str | None) -> str | None:
    """An ETag as it came, weak ones too. None for a missing one, a list, and `*`, which would match any version."""
    if not text or len(text) > LONGEST_ETAG or not _ETAG.fullmatch(text):
        return None
    return text


def words_of(reply: Reply) -> str:
    """CXone's own explanation of an error, whatever its shape, without secrets; "" for HTML and for none."""
    return _words_of_body(reply) or _show(reply, reply.headers.get(reply.says.header, "") if reply.says.header else "")


def _words_of_body(reply: Reply) -> str:
    content = _json_or_none(reply)
    if isinstance(content, dict):
        by_field = [f"{field}: {message}" if field else message for field, message in _field_errors(reply)]
        return errors.clean_words("; ".join(by_field)) or _show(reply, _plain_words(content, reply.says.keys))
    if isinstance(content, str):
        return _show(reply, content)
    text = reply.body[:LONGEST_ERROR_BODY].decode(errors="replace").lstrip()
    if content is not None or text.startswith("<"):
        return ""
    if len(reply.body) >= LONGEST_ERROR_BODY and not text[-1:].isspace():
        # The word at the cut may be half of a secret, which no mask would recognize.
        text = " ".join(text.split()[:-1])
    return _show(reply, text)


def _show(reply: Reply, words: str) -> str:
    # Masked before it is cut, so that no half of a secret remains.
    return errors.clean_words(reply.mask(words))


def _forbidden(call: Call, reply: Reply, words: str) -> errors.Forbidden:
    """RFC 6750, 3.1: a missing scope is `insufficient_scope`. A 403 may have other reasons."""
    challenge = reply.headers.get("www-authenticate", "")
    explanation = f"{words} {challenge}"
    named = _SCOPE.search(explanation)
    return errors.Forbidden(
        call.doing,
        status=reply.status,
        words=words,
        scope=named.group() if named else call.scope,
        named=bool(named) or "insufficient_scope" in explanation,
    )


def _flaw_of(error: ValidationError) -> str:
    """What is wrong with a response, without a word of it: it may hold secrets."""
    first = error.errors(include_input=False, include_url=False)[0]
    if first["type"] == "value_error":
        return str(first["ctx"]["error"])
    field = ".".join(str(part) for part in first["loc"])
    if field:
        return f"it has no usable {field}"
    return "it is no JSON object"


def _words_of_success(reply: Reply) -> str:
    """The message of an error that was sent with the status of a success. Other texts may be secrets: a token, say."""
    content = _json_or_none(reply)
    if isinstance(content, dict) and (content.get("error") or content.get("errors")):
        return words_of(reply)
    return ""


def _field_errors(reply: Reply) -> tuple[tuple[str, str], ...]:
    """Errors by field, as the contract has them (`field`, `message`) and in other servers' shapes."""
    content = _json_or_none(reply)
    listed = content.get("errors") if isinstance(content, dict) else None
    entries = listed.items() if isinstance(listed, dict) else listed
    if not isinstance(entries, Iterable) or isinstance(entries, str):
        return ()
    found = []
    for entry in islice(entries, MOST_FIELD_ERRORS):
        field, message = _field_error(entry)
        if field or message:
            found.append((_show(reply, field), _show(reply, message)))
    return tuple(found)


def _field_error(entry: object) -> tuple[str, str]:
    if isinstance(entry, dict):
        field = next((entry[key] for key in _FIELD_KEYS if isinstance(entry.get(key), str)), "")
        return field, _plain_words(entry, MESSAGE_KEYS)
    # From an object: the field's name, and one message or several.
    if isinstance(entry, tuple):
        field, content = entry
        messages = content if isinstance(content, list) else [content]
        return field, "; ".join(message for message in messages if isinstance(message, str))
    return "", entry if isinstance(entry, str) else ""


def _plain_words(content: dict[str, object], keys: tuple[str, ...]) -> str:
    for key in keys:
        words = content.get(key)
        # An error as an object of its own.
        if isinstance(words, dict):
            words = next((words[inner] for inner in keys if isinstance(words.get(inner), str)), "")
        if isinstance(words, str) and words:
            return words
    return ""


def _json_or_none(reply: Reply) -> object:
    try:
        return parse_json(reply.body[:LONGEST_ERROR_BODY])
    except ValueError:
        return None
