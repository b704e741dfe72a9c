"""Words: what a text search looks for, and what it looks through.

A word is a run of letters and digits, in lower case (NFKC, case folded), cut at 32 characters; a UUID is one word.
Sought words of three and more characters stand for every word that begins with them, shorter ones for themselves.
A record matches when it has each of the sought words.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator

from audit.models import Record

# Characters of a word; of a longer one, the first.
LONGEST = 32
# Words of one search; further ones don't count.
MOST = 16
# Fewer characters begin too many words.
SHORTEST_BEGINNING = 3
UUID = re.compile(r"(?<![^\W_])([0-9a-f]{8})-([0-9a-f]{4})-([0-9a-f]{4})-([0-9a-f]{4})-([0-9a-f]{12})(?![^\W_])")
WORD = re.compile(r"[^\W_]+")
FIELDS = (
    "kind",
    "action",
    "status",
    "by",
    "campaign_id",
    "campaign_name",
    "reason",
    "payload_hash",
    "compliance_check",
    "webhook_subscription_id",
    "error",
)


def split(text: str) -> Iterator[str]:
    """The words of a text, in its order."""
    # Twice: folding the case can leave characters that NFKC would write otherwise.
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
    for found in WORD.finditer(UUID.sub(r"\1\2\3\4\5", folded)):
        yield found[0][:LONGEST]


def sought(text: str) -> tuple[str, ...]:
    """The words that a search for this text looks for; none where it has neither letter nor digit."""
    return tuple(dict.fromkeys(split(text)))[:MOST]


def words_in(record: Record) -> set[str]:
    """Every word of a record: of its texts, its operation, and the names and texts in its details."""
    texts = [getattr(record, field) for field in FIELDS]
    if record.operation:
        texts.append(str(record.operation))
    return set(split("\n".join([*texts, *_texts(record.details)])))


def has_words(record: Record, looked_for: Iterable[str]) -> bool:
    """Whether the record has each of the words that are looked for (`sought`)."""
    present = words_in(record)
    return all(_is_among(word, present) for word in looked_for)


def is_beginning(word: str) -> bool:
    """Whether a sought word stands for every word that begins with it."""
    return len(word) >= SHORTEST_BEGINNING


def _is_among(word: str, present: set[str]) -> bool:
    if word in present:
        return True
    return is_beginning(word) and any(other.startswith(word) for other in present)


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for item in value:
            yield from _texts(item)
    elif isinstance(value, dict):
        for key, item in value.items():
            yield key
            yield from _texts(item)
