"""How texts are split into words, identically for records and for searches.

A word is a run of letters and digits, NFKC normalised and case folded, cut at 32 characters; a UUID is one word. A
search word of three or more characters matches every word that begins with it, a shorter one only itself. A record
matches a search if it has all of its words.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator

from audit.models import Record

# Characters of a word; the rest is dropped. A UUID without hyphens has exactly as many. A change requires a rebuild of
# the index.
LONGEST = 32
# Words of one search; further ones are ignored. Each can take a query of its own.
MOST = 16
# Characters. Too many words begin with the same one or two.
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
    """The words of a text, in order."""
    # Normalised twice: case folding can produce characters that aren't in NFKC.
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
    for found in WORD.finditer(UUID.sub(r"\1\2\3\4\5", folded)):
        yield found[0][:LONGEST]


def sought(text: str) -> tuple[str, ...]:
    """The distinct words of a search text, at most `MOST`; empty if it has no letter or digit."""
    return tuple(dict.fromkeys(split(text)))[:MOST]


def words_in(record: Record) -> set[str]:
    """All words of a record: of its texts, its operation, and the keys and texts in its details."""
    texts = [getattr(record, field) for field in FIELDS]
    if record.operation:
        texts.append(str(record.operation))
    return set(split("\n".join([*texts, *_texts(record.details)])))


def has_words(record: Record, looked_for: Iterable[str]) -> bool:
    """Whether the record matches all of these words, as `sought` returns them."""
    present = words_in(record)
    return all(_is_among(word, present) for word in looked_for)


def is_beginning(word: str) -> bool:
    """Whether a search word matches every word that begins with it."""
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
