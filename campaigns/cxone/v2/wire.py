"""CXone's JSON as pydantic models.

A campaign is read leniently (only id and status are required), since a strange one must not hide all others.
"""

import json
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field, StringConstraints, model_validator

from campaigns.cxone.errors import clean_words
from campaigns.cxone.fields import (
    LONGEST_TAG,
    MOST_ENTRIES,
    MOST_TAGS,
    Id,
    StoredId,
    Wire,
    as_count,
    as_list,
    as_name,
    as_object,
    is_tag_name,
    storable,
)
from campaigns.cxone.gateway import UNREADABLE, CampaignState, Subscription, status_of

# Characters.
LONGEST_STATUS = 60


def _status(text: str) -> str:
    if not clean_words(storable(text)):
        raise ValueError("it has no status")
    return status_of(text)


def _listed_status(value: object) -> str:
    try:
        return _status(value) if isinstance(value, str) and len(value) <= LONGEST_STATUS else UNREADABLE
    except ValueError:
        return UNREADABLE


def _tags(value: object) -> dict[str, str]:
    """Whatever can be used as a tag; a null, as many servers write an empty object, has none."""
    tags = {clean_words(name): as_name(text) for name, text in as_object(value).items()}
    usable = {name: text for name, text in tags.items() if is_tag_name(name) and 0 < len(text) <= LONGEST_TAG}
    return dict(sorted(usable.items())[:MOST_TAGS])


def _plain(value: object) -> str:
    return value if isinstance(value, str) else ""


def _calls(value: object) -> int | None:
    count = as_count(value)
    if count is None:
        raise ValueError("it has no usable count of calls")
    return count


def _no_error(value: object) -> None:
    if value:
        raise ValueError("it reports an error in spite of its status")


Status = Annotated[
    str, StringConstraints(strict=True, min_length=1, max_length=LONGEST_STATUS), AfterValidator(_status)
]


class WireCampaign(Wire):
    id: Id
    status: Status
    name: Annotated[str, BeforeValidator(as_name)] = ""
    schedule: Annotated[dict[str, Any], BeforeValidator(as_object)] = {}
    tags: Annotated[dict[str, str] | None, BeforeValidator(_tags)] = None

    @model_validator(mode="after")
    def _can_be_stored(self) -> "WireCampaign":
        try:
            text = json.dumps([self.id, self.status, self.schedule], ensure_ascii=False, allow_nan=False)
        except ValueError:
            raise ValueError("it has a number in it that is too large") from None
        storable(text.replace("\\u0000", "\0"))
        return self

    def state(self) -> CampaignState:
        return CampaignState(self.id, self.name, self.status, self.schedule, self.tags)


class ListedCampaign(WireCampaign):
    """A list tells which campaigns there are: one without a usable status is one of them all the same."""

    status: Annotated[Status, BeforeValidator(_listed_status)] = UNREADABLE


class CampaignPage(Wire):
    """`entities` as they came. What the page doesn't say about itself is None."""

    entities: Annotated[list[object], BeforeValidator(as_list), Field(max_length=MOST_ENTRIES)]
    page_number: Annotated[int | None, BeforeValidator(as_count)] = None
    page_count: Annotated[int | None, BeforeValidator(as_count)] = None
    total: Annotated[int | None, BeforeValidator(as_count)] = None


class Group(Wire):
    """`campaign_id` None: calls that belong to no campaign."""

    campaign_id: Id | None
    count: Annotated[int, BeforeValidator(_calls), Field(lt=2**31)]


class Groups(Wire):
    """Strict: a count misread as zero would let a busy campaign be paused."""

    groups: Annotated[list[Group], BeforeValidator(as_list), Field(max_length=MOST_ENTRIES)]
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
    entities: Annotated[list[object], BeforeValidator(as_list), Field(max_length=MOST_ENTRIES)]
