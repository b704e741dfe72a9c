"""What can go wrong with CXone, divided as callers need it.

    CXoneError
    ├── Retryable               nothing happened at CXone: the same request may be sent again (`wait`: after how long)
    │   ├── BudgetSpent         it isn't our turn yet: not an attempt, to be repeated in `wait_ms`
    │   ├── RateLimited         429
    │   ├── Unreachable         no connection, so not a byte of the request was sent
    │   ├── ServerTrouble       a read failed, or no token could be fetched (5xx, timeout)
    │   └── Unusable            a read, or a token request, succeeded with a response that can't be used here
    ├── Refused                 CXone, or the gateway in front of it, said no; it will refuse the same request again
    │   ├── BadRequest          400
    │   ├── WrongCredentials    the token address doesn't accept the client (invalid_client, 401)
    │   │   └── TokenRefused    401 again, with a fresh token from the token address
    │   ├── Forbidden           403, with the missing `scope` if CXone names one
    │   ├── NotFound            404 for an address with an id in it
    │   ├── WrongAddress        404 for an address without an id, or 405: the API is not there
    │   ├── Conflict            409: already so, too many pauses at once, or forbidden by its state; read the campaign
    │   ├── PreconditionFailed  412: another version than the one that was read, or a tag that CXone can't compare
    │   ├── Invalid             422, with `errors`: (field, message) pairs
    │   ├── NoETag              CXone gave no ETag: an overwrite could go unnoticed, so nothing is sent
    │   └── CantBeAsked         the dialect has no way to ask for it, so nothing is sent
    └── OutcomeUnknown          a write was sent, and may have been carried out or not: read the campaign back

`str()` of each says what happened, what it means and what to do, in words for a supervisor. None contains a secret.
"""

import math
import re
from typing import Self

# Characters. A message is shown beside other text, and kept in a column of 1,000.
LONGEST_WORDS = 500

# Control characters, line separators, marks that reverse the direction of text, halves of surrogate pairs: they could
# forge a line of the log, reorder what is shown, or not be stored at all.
_CONTROL_CHARACTERS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]+")


def clean_words(text: str) -> str:
    """`text` on one line, without control characters and lone surrogates, at most 500 characters."""
    line = " ".join(_CONTROL_CHARACTERS.sub(" ", text).split())
    if len(line) <= LONGEST_WORDS:
        return line
    return line[: LONGEST_WORDS - 1] + "…"


class CXoneError(Exception):
    """`doing` completes "CXone was asked to …"; `status` is the HTTP status, None if there was no response; `words`
    are CXone's own, `cause` ours about what was wrong with the response."""

    happened = "CXone could not {doing}"
    meaning = ""
    advice = ""

    def __init__(self, doing: str = "do this", *, status: int | None = None, words: str = "", cause: str = "") -> None:
        super().__init__(doing)
        self.doing = doing
        self.status = status
        self.words = clean_words(words)
        self.cause = clean_words(cause)

    def __str__(self) -> str:
        return f"{self.description} {self.advice or self._meaning()}".rstrip()

    def advising(self, advice: str) -> Self:
        """The same error, where a dialect knows better what it means and what to do."""
        self.advice = advice
        return self

    @property
    def description(self) -> str:
        """What happened, without what it means: for callers that know better how it goes on."""
        sentence = self.happened.format(doing=self.doing)
        facts = [str(fact) for fact in (self.status, self.cause) if fact]
        if facts:
            sentence += f" ({', '.join(facts)})"
        if self.words:
            return f"{sentence}: {self._quoted()}"
        return f"{sentence}."

    def _quoted(self) -> str:
        """CXone's words as the end of a sentence, which most of them have already."""
        return f'"{self.words}"' if self.words.endswith((".", "!", "?", "…")) else f'"{self.words}".'

    def _meaning(self) -> str:
        return self.meaning


class Retryable(CXoneError):
    """Nothing happened at CXone. `wait`: the seconds that CXone asked for (Retry-After, capped), or None."""

    meaning = "Nothing was changed. It is retried automatically."

    def __init__(
        self,
        doing: str = "do this",
        *,
        status: int | None = None,
        words: str = "",
        cause: str = "",
        wait: float | None = None,
    ) -> None:
        super().__init__(doing, status=status, words=words, cause=cause)
        self.wait = wait


class BudgetSpent(Retryable):
    """It isn't our turn yet; nothing was sent, so this is no attempt. `wait_ms`: milliseconds until the next try."""

    happened = "This system must wait before it can {doing}"

    def __init__(
        self,
        doing: str = "do this",
        *,
        wait_ms: int = 0,
        cause: str = "the requests that CXone allows in a minute are used up",
    ) -> None:
        super().__init__(doing, cause=cause, wait=wait_ms / 1000)
        self.wait_ms = wait_ms
        self.goes_on = False

    def going_on(self) -> Self:
        """What was read until here is kept, and the next reading of this process goes on from there."""
        self.goes_on = True
        return self

    def _meaning(self) -> str:
        seconds = max(1, math.ceil(self.wait_ms / 1000))
        return f"Nothing was changed. It continues by itself in about {seconds} s."


class RateLimited(Retryable):
    happened = "CXone has had too many requests, so it did not {doing}"


class Unreachable(Retryable):
    happened = "CXone could not be reached to {doing}"
    meaning = (
        "Nothing was sent. It is retried automatically; if this lasts, an admin should check the network "
        "and CXONE_BASE_URL."
    )


class ServerTrouble(Retryable):
    happened = "CXone has a problem, so this system could not {doing}"
    meaning = "Nothing was changed. It is retried automatically; if this lasts, look at the status page of CXone."


class Unusable(Retryable):
    """CXone responded, and this system can't use the response. The trouble may be on either side."""

    meaning = (
        "Nothing was changed. It is retried automatically; if this lasts, an admin should compare the answer "
        "with docs/cxone-api.md, and check CXONE_BASE_URL, CXONE_TOKEN_URL and what stands between here and CXone."
    )

    @property
    def description(self) -> str:
        cause = self.cause or "it is not what was expected"
        if self.status:
            cause += f" ({self.status})"
        sentence = f"CXone’s answer can’t be used here: {cause}, so this system could not {self.doing}."
        if self.words:
            sentence += f" It says: {self._quoted()}"
        return sentence


class Refused(CXoneError):
    """CXone said no: the same request will be refused again."""

    happened = "CXone refused to {doing}"
    meaning = "Nothing was changed. Trying the same again won’t help; fix what CXone names."


class BadRequest(Refused):
    meaning = "Nothing was changed. Check the reason code and the time, or fix what CXone names, and try again."


class WrongCredentials(Refused):
    happened = "CXone doesn’t accept these credentials, so this system could not {doing}"
    meaning = (
        "Nothing was changed. An admin must check CXONE_CLIENT_ID, CXONE_CLIENT_SECRET, CXONE_TOKEN_URL, and "
        "CXONE_TOKEN_AUTH, by which CXone may want them in another place."
    )


class TokenRefused(WrongCredentials):
    happened = "CXone issued an access token but does not accept it, so this system could not {doing}"
    meaning = (
        "Nothing was changed. An admin must check that CXONE_BASE_URL and CXONE_TOKEN_URL belong to the same "
        "tenant, and that the API client is still enabled there."
    )


class Forbidden(Refused):
    """`scope`: the OAuth scope that the call needs; `named`: CXone itself says that it is missing."""

    happened = "CXone forbids this system to {doing}"

    def __init__(
        self,
        doing: str = "do this",
        *,
        status: int | None = None,
        words: str = "",
        cause: str = "",
        scope: str = "",
        named: bool = True,
    ) -> None:
        super().__init__(doing, status=status, words=words, cause=cause)
        self.scope = scope
        self.named = named

    def _meaning(self) -> str:
        if self.named:
            return (
                f"Nothing was changed. The scope {self.scope} is missing: CXone’s administrator must grant it "
                "to the API client."
            )
        return (
            f"Nothing was changed. CXone does not say that a scope is missing. CXone’s administrator should check "
            f"that the API client has the scope {self.scope}, and that its role and the tenant’s licence allow this."
        )


class NotFound(Refused):
    happened = "CXone has nothing with that id, so it could not {doing}"
    meaning = (
        "Nothing was changed. It may have been deleted in CXone; if nothing at all is found there, an admin "
        "should check CXONE_BASE_URL."
    )


class WrongAddress(Refused):
    happened = "CXone has nothing at the address used to {doing}"
    meaning = "Nothing was changed. An admin must check CXONE_BASE_URL and CXONE_TOKEN_URL."


class Conflict(Refused):
    meaning = (
        "Nothing was changed by this. Either the campaign’s state does not allow it, or too many campaigns are "
        "being paused at once; CXone’s words and the campaign’s present state show which."
    )


class PreconditionFailed(Refused):
    """Most often because somebody else changed the campaign; only the next read shows whether that is so."""

    happened = "CXone refused to {doing} over the version that was read"
    meaning = (
        "Nothing was overwritten. The campaign is read again: what somebody else has changed is merged with this or "
        "shown beside it."
    )


class Invalid(Refused):
    """`errors`: (field, message) pairs in CXone's words."""

    meaning = "Nothing was changed. Fix what CXone names and send it again."

    def __init__(
        self,
        doing: str = "do this",
        *,
        status: int | None = None,
        words: str = "",
        cause: str = "",
        errors: tuple[tuple[str, str], ...] = (),
    ) -> None:
        super().__init__(doing, status=status, words=words, cause=cause)
        self.errors = errors


class NoETag(Refused):
    happened = "CXone gave no usable ETag, so it was not asked to {doing}"
    meaning = "Nothing was sent: another person’s change could be overwritten unseen. Tell an admin."


class CantBeAsked(Refused):
    """Not for this campaign, or not in this dialect: `cause` says why."""

    happened = "CXone can’t be asked to {doing}"
    meaning = "Nothing was sent."


class OutcomeUnknown(CXoneError):
    """A write was sent, and it isn't known whether it was carried out: read the campaign before the next one."""

    happened = "CXone gave no usable answer when it was asked to {doing}"
    meaning = "It may have happened or not. The campaign is read back before anything is sent again."
