"""The index behind the audit's filters: which records contain a word, or have a given kind, outcome, person and so on.

The ledger is divided into blocks of `bitmaps.SIZE` numbers. For each block and term one row holds the set of its
records. Records that have several terms are the intersection of their sets, which costs the same whether many records
match, few or none, and the same on every database. A term is a word (`words`), or a column's whole value after a
prefix that no word can have. A record's position is its number within its block. Only `audit.folding` writes the
index.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from functools import reduce
from operator import and_
from typing import NamedTuple

from audit.models import Posting, Record, Suggestion
from audit.search import bitmaps, words

COLUMNS = ("kind", "status", "by", "campaign_id", "action")
# The columns whose values are suggested, each with the column that has the values' labels.
LABELS = {"by": "by", "campaign_id": "campaign_name"}
# Terms in one query or insert: SQLite before 3.32 takes at most 999 parameters.
AT_ONCE = 400


class Term(NamedTuple):
    """A term of the index, in UTF-8. `beginning`: matches any word that begins with it."""

    text: bytes
    beginning: bool = False


def word_term(word: str) -> Term:
    """The term for a search word."""
    return Term(word.encode(), words.is_beginning(word))


def column_term(column: str, value: str) -> Term:
    """The term for a column's value."""
    # Words have no colons, so no word equals it. A value from an address can contain lone surrogates.
    return Term(f":{column}:{value}".encode(errors="surrogatepass"))


def add_to_index(records: Sequence[Record]) -> None:
    """Add records, oldest first, to the index, inside the caller's transaction and under its lock."""
    blocks: dict[int, dict[bytes, list[int]]] = defaultdict(lambda: defaultdict(list))
    for record in records:
        block, position = divmod(record.number, bitmaps.SIZE)
        for term in _terms(record):
            blocks[block][term].append(position)
    for block, added in blocks.items():
        _extend(block, added)
    _store_suggestions(records)


def clear_index() -> None:
    """Delete the whole index."""
    Posting.objects.all().delete()
    Suggestion.objects.all().delete()


def find_positions(terms: Sequence[Term], blocks: Sequence[int]) -> dict[int, int]:
    """The records that have all of the terms: {block: set of positions}, without blocks that have none.

    `terms` must not be empty. One query for all whole terms, then one for each beginning until nothing is left.
    """
    whole = [term.text for term in terms if not term.beginning]
    # -1, in two's complement, has all bits set: the set of all numbers.
    found = _having_all(whole, blocks) if whole else dict.fromkeys(blocks, -1)
    for term in terms:
        if term.beginning and found:
            begun = _having_beginning(term.text, list(found))
            common = {block: bits & found[block] for block, bits in begun.items()}
            found = {block: bits for block, bits in common.items() if bits}
    return found


def suggestions(column: str, limit: int) -> list[tuple[str, str]]:
    """Values of a column with their newest labels: at most `limit`, most recently recorded first."""
    return list(Suggestion.objects.filter(column=column).order_by("-number").values_list("value", "label")[:limit])


def _terms(record: Record) -> Iterable[bytes]:
    for word in words.words_in(record):
        yield word.encode()
    for column in COLUMNS:
        if value := getattr(record, column):
            yield column_term(column, value).text


def _extend(block: int, added: Mapping[bytes, list[int]]) -> None:
    terms = sorted(added)
    for begin in range(0, len(terms), AT_ONCE):
        some = terms[begin : begin + AT_ONCE]
        rows = Posting.objects.filter(block=block, term__in=some).values_list("term", "positions")
        stored = {bytes(term): bytes(positions) for term, positions in rows}
        Posting.objects.bulk_create(
            [
                Posting(block=block, term=term, positions=bitmaps.extend(stored.get(term, b""), added[term]))
                for term in some
            ],
            update_conflicts=True,
            unique_fields=["block", "term"],
            update_fields=["positions"],
        )


def _having_all(terms: list[bytes], blocks: Sequence[int]) -> dict[int, int]:
    sets: dict[int, list[int]] = defaultdict(list)
    rows = Posting.objects.filter(block__in=blocks, term__in=terms)
    for block, positions in rows.values_list("block", "positions"):
        sets[block].append(bitmaps.union([bytes(positions)]))
    shared = {block: reduce(and_, each) for block, each in sets.items() if len(each) == len(terms)}
    return {block: bits for block, bits in shared.items() if bits}


def _having_beginning(text: bytes, blocks: Sequence[int]) -> dict[int, int]:
    sets: dict[int, list[bytes]] = defaultdict(list)
    # Terms are UTF-8, in which the byte 0xFF doesn't occur: this is the range of all that begin with `text`.
    rows = Posting.objects.filter(block__in=blocks, term__gte=text, term__lt=text + b"\xff")
    for block, positions in rows.values_list("block", "positions"):
        sets[block].append(bytes(positions))
    return {block: bitmaps.union(each) for block, each in sets.items()}


def _store_suggestions(records: Sequence[Record]) -> None:
    newest = {}
    for record in records:
        for column, label in LABELS.items():
            value = getattr(record, column)
            if value:
                newest[column, value] = Suggestion(
                    column=column, value=value, label=getattr(record, label), number=record.number
                )
    Suggestion.objects.bulk_create(
        newest.values(), update_conflicts=True, unique_fields=["column", "value"], update_fields=["label", "number"]
    )
