"""CXone's JSON as pydantic models: camelCase there, snake_case here, and fields that we don't use are ignored.

A campaign is read leniently (only id and status are required), since a strange one must not hide all others. What a
database couldn't store (NUL, lone surrogates, infinity, more than a column holds) is rejected here already.
"""

import json
import math
from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    model_validator,
)
from pydantic.alias_generators import to_camel

from campaigns.cxone.errors import clean_words
from campaigns.cxone.gateway import CampaignState, Subscription, status_of

# As long as the column.
LONGEST_NAME = 300

# Digits: no count is longer, and Python takes quadratic time to read a number.
LONGEST_NUMBER = 16

# Of a list in one response. A page has a hundred, or all campaigns if a server knows of no pages.
MOST_ENTRIES = 20_000


def _text(value: object) -> object:
    # Some servers write an id, or a name, as a number.
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    return value


Id = Annotated[str, BeforeValidator(_text), StringConstraints(strict=True, min_length=1, max_length=100)]
Status = Annotated[str, StringConstraints(strict=True, min_length=1, max_length=60), AfterValidator(status_of)]


def _storable(text: str) -> str:
    if "\0" in text:
        raise ValueError("it has a NUL character in it")
    try:
        text.encode()
    except UnicodeEncodeError:
        raise ValueError("it has half of a surrogate pair in it") from None
    return text


StoredId = Annotated[Id, AfterValidator(_storable)]


def _name(value: object) -> str:
    text = _text(value)
    if isinstance(text, str):
        return clean_words(text)[:LONGEST_NAME]
    return ""


def _object(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _plain(value: object) -> str:
    return value if isinstance(value, str) else ""


def _list(value: object) -> object:
    # Many servers write an empty list as null.
    return [] if value is None else value


def _count(value: object) -> int | None:
    """A whole number from 0, also if it is written as text; None for anything else."""
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < LONGEST_NUMBER:
        return int(value)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    # NaN fails the first comparison, infinity the second: inf // 1 is NaN.
    if value >= 0 and value == value // 1:
        return int(value)
    return None


def _calls(value: object) -> int | None:
    count = _count(value)
    if count is None:
        raise ValueError("it has no usable count of calls")
    return count


def _lifetime(value: object) -> float | None:
    """Whole seconds, rounded down; None if CXone doesn't state any: RFC 6749, 5.1, only recommends that it does."""
    text = value.strip() if isinstance(value, str) else value
    if isinstance(text, bool) or not isinstance(text, str | int | float):
        return None
    try:
        seconds = math.floor(float(text))
    # No number, or NaN.
    except ValueError:
        return None
    # Infinite.
    except OverflowError:
        return math.inf if float(text) > 0 else None
    return seconds if seconds > 0 else None


def _token_type(value: object) -> str:
    """RFC 6749, 7.1: a token of an unknown type must not be used. One without a type is a bearer token."""
    name = value if isinstance(value, str) else ""
    if name and name.lower() != "bearer":
        # Without naming it: the field may hold anything, the token too.
        raise ValueError("the access token is of another type than Bearer")
    return "Bearer"


def _no_error(value: object) -> None:
    if value:
        raise ValueError("it reports an error in spite of its status")


class Wire(BaseModel):
    model_config = ConfigDict(alias_generator=to_camel, frozen=True)


class WireCampaign(Wire):
    id: Id
    status: Status
    name: Annotated[str, BeforeValidator(_name)] = ""
    schedule: Annotated[dict[str, Any], BeforeValidator(_object)] = {}

    @model_validator(mode="after")
    def _can_be_stored(self) -> "WireCampaign":
        try:
            text = json.dumps([self.id, self.status, self.schedule], ensure_ascii=False, allow_nan=False)
        except ValueError:
            raise ValueError("it has a number in it that is too large") from None
        _storable(text.replace("\\u0000", "\0"))
        return self

    def state(self) -> CampaignState:
        return CampaignState(self.id, self.name, self.status, self.schedule)


class CampaignPage(Wire):
    """`entities` as they came. What the page doesn't say about itself is None."""

    entities: Annotated[list[object], BeforeValidator(_list), Field(max_length=MOST_ENTRIES)]
    page_number: Annotated[int | None, BeforeValidator(_count)] = None
    page_count: Annotated[int | None, BeforeValidator(_count)] = None
    total: Annotated[int | None, BeforeValidator(_count)] = None


class Group(Wire):
    """`campaign_id` None: calls that belong to no campaign."""

    campaign_id: Id | None
    count: Annotated[int, BeforeValidator(_calls), Field(lt=2**31)]


class Groups(Wire):
    """Strict: a count misread as zero would let a busy campaign be paused."""

    groups: Annotated[list[Group], BeforeValidator(_list), Field(max_length=MOST_ENTRIES)]
    error: Annotated[None, BeforeValidator(_no_error)] = None
    errors: Annotated[None, BeforeValidator(_no_error)] = None


class Created(Wire):
    id: StoredId


class EventSubscription(Wire):
    id: StoredId
    name: Annotated[str, BeforeValidator(_plain)] = ""
    url: Annotated[str, BeforeValidator(_plain)] = ""

    def value(self) -> Subscription:
        return Subscription(self.id, self.name, self.url)


class Entities(Wire):
    entities: Annotated[list[object], BeforeValidator(_list), Field(max_length=MOST_ENTRIES)]


class AccessToken(Wire):
    """Only characters that a header may hold: httpx quotes a header that it rejects, and the token with it."""

    model_config = ConfigDict(alias_generator=None, hide_input_in_errors=True)
    access_token: Annotated[str, StringConstraints(strict=True, pattern=r"^[\x21-\x7e]+$")] = Field(repr=False)
    token_type: Annotated[str, BeforeValidator(_token_type)] = "Bearer"  # noqa: S105
    # Seconds; None: CXone doesn't say.
    expires_in: Annotated[float | None, BeforeValidator(_lifetime)] = None
