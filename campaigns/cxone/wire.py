"""The JSON of CXone as pydantic models: camelCase there, snake_case here, fields that we don't use ignored.

A campaign is read leniently (only id and status must be there), since a strange one must not blind the list of all.
What a database could not store (NUL, lone surrogates, NaN, more than a column holds) is refused here already.
"""

import json
from collections.abc import Callable
from typing import Annotated, Any, TypeVar

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
    model_validator,
)
from pydantic.alias_generators import to_camel

from campaigns.cxone.errors import clean_words
from campaigns.cxone.gateway import CampaignState, Subscription

T = TypeVar("T")

LONGEST_NAME = 300

Id = Annotated[str, StringConstraints(strict=True, min_length=1, max_length=100)]
Status = Annotated[str, StringConstraints(strict=True, min_length=1, max_length=60)]


def _storable(text: str) -> str:
    if "\0" in text:
        raise ValueError("a NUL character")
    text.encode()
    return text


StoredId = Annotated[Id, AfterValidator(_storable)]


def _name(value: object) -> str:
    return clean_words(value)[:LONGEST_NAME] if isinstance(value, str) else ""


def _object(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


class Wire(BaseModel):
    model_config = ConfigDict(alias_generator=to_camel, frozen=True)


class Campaign(Wire):
    id: Id
    status: Status
    name: Annotated[str, BeforeValidator(_name)] = ""
    schedule: Annotated[dict[str, Any], BeforeValidator(_object)] = {}

    @model_validator(mode="after")
    def _can_be_stored(self) -> "Campaign":
        text = json.dumps([self.id, self.status, self.schedule], ensure_ascii=False, allow_nan=False)
        if "\\u0000" in text:
            raise ValueError("a NUL character")
        text.encode()
        return self

    def state(self) -> CampaignState:
        return CampaignState(self.id, self.name, self.status, self.schedule)


class CampaignPage(Wire):
    entities: list[object]
    page_number: int
    page_count: Annotated[int, Field(ge=0)]
    total: Annotated[int, Field(ge=0)]


class Group(Wire):
    campaign_id: Id
    count: Annotated[int, Field(ge=0, lt=2**31)]


class Groups(Wire):
    """Strict: a count that was misread as zero would let a busy campaign be paused."""

    groups: list[Group]


class Created(Wire):
    id: StoredId


class EventSubscription(Wire):
    id: StoredId
    name: str = ""
    url: str = ""

    def value(self) -> Subscription:
        return Subscription(self.id, self.name, self.url)


class Entities(Wire):
    entities: list[object]


class AccessToken(Wire):
    """Only characters that a header can bear: a header that is refused would be quoted, and the token with it."""

    model_config = ConfigDict(alias_generator=None, hide_input_in_errors=True)
    access_token: Annotated[str, StringConstraints(strict=True, pattern=r"^[\x21-\x7e]+$")] = Field(repr=False)
    expires_in: Annotated[int, Field(gt=0)]


def _no_constant(name: str) -> float:
    raise ValueError(f"{name} is not JSON")


def json_of(body: bytes) -> object:
    """The JSON in `body`. ValueError: there is none."""
    try:
        found: object = json.loads(body, parse_constant=_no_constant)
    except RecursionError as error:
        raise ValueError("nested too deeply") from error
    return found


def readable(entries: list[object], read: Callable[[object], T]) -> list[T]:
    """Those of `entries` that `read` accepts."""
    found = []
    for entry in entries:
        try:
            found.append(read(entry))
        except ValidationError:
            continue
    return found
