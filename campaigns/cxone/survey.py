"""What a tenant shows to somebody who meets it for the first time: the same in every dialect, as far as it goes."""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, TypeVar

from campaigns.cxone.auth import DOING
from campaigns.cxone.errors import CXoneError, clean_words

T = TypeVar("T")

# Characters of a value that is shown, as it came: enough to recognize it.
LONGEST_VALUE = 60


@dataclass(slots=True)
class Survey:
    """`token`: whether CXone gave one; `listed`: whether it showed its list. `zone`: as written and as understood.
    `shapes`: which of the forms that may come did come, by what has them. `odd`: the first value that can't be read,
    and where. `refused`: calls that failed, in CXone's words. `leaves_open`: the dialect's documents leave something
    to be tried by hand. None where a dialect doesn't show it, or it wasn't reached."""

    base: str = ""
    tenant: str = ""
    token: bool | None = None
    listed: bool = False
    versions: dict[str, Any] = field(default_factory=dict)
    zone: dict[str, Any] = field(default_factory=dict)
    clock: dict[str, Any] = field(default_factory=dict)
    counts: dict[str, int | None] = field(default_factory=dict)
    page_cap: int | None = None
    daily_limit: int | None = None
    shapes: dict[str, Any] = field(default_factory=dict)
    odd: dict[str, Any] | None = None
    refused: list[dict[str, Any]] = field(default_factory=list)
    leaves_open: bool = True

    def attempt(self, ask: Callable[[], T]) -> T | None:
        """What `ask` gives; None if CXone refuses it, which is part of the survey."""
        try:
            found = ask()
        except CXoneError as error:
            self.refused.append({"call": error.doing, "status": error.status, "says": error.words or error.cause})
            self.refused[-1]["means"] = str(error)
            if error.doing == DOING:
                self.token = False
            return None
        if self.token is None:
            self.token = True
        return found

    def note_odd(self, where: str, value: object, **place: object) -> None:
        """Only the first is kept."""
        if self.odd is None:
            self.odd = {"where": where, **place, "value": as_printed(value)}


def as_printed(value: object) -> str:
    """As Python prints it, on one line, at most LONGEST_VALUE characters."""
    return clean_words(repr(value))[:LONGEST_VALUE]


def in_short(value: object) -> str | None:
    """A text as it is meant to be read, anything else as it came; both no longer than LONGEST_VALUE."""
    if isinstance(value, str):
        return clean_words(value)[:LONGEST_VALUE]
    return None if value is None else as_printed(value)


def kinds_of(values: Iterable[object]) -> dict[str, int]:
    """How many values are of which kind, as JSON calls them."""
    return dict(Counter(_kind_of(value) for value in values))


def _kind_of(value: object) -> str:
    names = {bool: "boolean", int: "number", float: "number", str: "text", list: "list", dict: "object"}
    return names.get(type(value), "null")
