"""Values of JSON from outside, as all dialects read them: leniently, and never more than a database can store.

NUL, lone surrogates and what is longer than a column are rejected or cleaned here already.
"""

from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, StringConstraints
from pydantic.alias_generators import to_camel

from campaigns.cxone.errors import clean_words

# As long as the columns.
LONGEST_NAME = 300
LONGEST_ID = 100

# Of a campaign; further ones, and longer texts, are left out.
MOST_TAGS = 20
LONGEST_TAG = 60

# Digits: no count is longer, and Python takes quadratic time to read a number.
LONGEST_NUMBER = 16

# Of a list in one response. A page has a hundred, or all campaigns if a server knows of no pages.
MOST_ENTRIES = 20_000


def number_as_text(value: object) -> object:
    """A number as text: some servers write an id, or a name, as one."""
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    return value


Id = Annotated[
    str, BeforeValidator(number_as_text), StringConstraints(strict=True, min_length=1, max_length=LONGEST_ID)
]


def storable(text: str) -> str:
    """`text` itself. ValueError: no database could store it."""
    if "\0" in text:
        raise ValueError("it has a NUL character in it")
    try:
        text.encode()
    except UnicodeEncodeError:
        raise ValueError("it has half of a surrogate pair in it") from None
    return text


StoredId = Annotated[Id, AfterValidator(storable)]


def as_name(value: object) -> str:
    """On one line, without what can't be shown; "" for anything but a text or a number."""
    text = number_as_text(value)
    if isinstance(text, str):
        return clean_words(text)[:LONGEST_NAME]
    return ""


def is_tag_name(name: str) -> bool:
    """Whether a tag may be called so: with its text it is written as "client:Northwind", and a database looks for it
    by a path, where a number would be an index, and SQLite knows no escapes."""
    return 0 < len(name) <= LONGEST_TAG and not set(name) & set(':"\\') and not _is_number(name)


def _is_number(text: str) -> bool:
    # As Django decides it: "+5" and "1_0", too.
    try:
        int(text)
    except ValueError:
        return False
    return True


def as_list(value: object) -> object:
    """Many servers write an empty list as null."""
    return [] if value is None else value


def as_object(value: object) -> dict[str, Any]:
    """A JSON object; an empty one for anything else."""
    return value if isinstance(value, dict) else {}


def as_count(value: object) -> int | None:
    """A whole number from 0, also if it is written as text; None for anything else."""
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < LONGEST_NUMBER:
        return int(value)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    # NaN fails the first comparison, infinity the second: inf // 1 is NaN.
    if value >= 0 and value == value // 1:
        return int(value)
    return None


class Wire(BaseModel):
    """CXone's JSON: camelCase there, snake_case here, and fields that we don't use are ignored."""

    model_config = ConfigDict(alias_generator=to_camel, frozen=True)
