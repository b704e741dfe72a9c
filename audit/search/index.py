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
from itertools import chain
from operator import and_
from typing import NamedTuple

from django.db.models import Q

from audit.models import CampaignName, Posting, Record, Suggestion
from audit.search import bitmaps, words

COLUMNS = ("kind", "status", "by", "campaign_id", "action", "compliance_check")
# The columns whose values are suggested, each with the column that has the values' labels.
LABELS = {"by": "by", "campaign_id": "campaign_name"}
# Terms in one query or insert: SQLite before 3.32 takes at most 999 parameters.
AT_ONCE = 400


class Term(NamedTuple):
    """A term of the index, in UTF-8. `beginning`: matches any word that begins with it."""

    text: bytes
    beginning: bool = False


# Terms of which a record must have one.
Alternatives = tuple[Term, ...]


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
        for term in terms_of(record):
            blocks[block][term].append(position)
    for block, added in blocks.items():
        _extend(block, added)
    store_suggestions(records)


def clear_index() -> None:
    """Delete the whole index."""
    Posting.objects.all().delete()
    Suggestion.objects.all().delete()
    CampaignName.objects.all().delete()


def find_positions(groups: Sequence[Alternatives], blocks: Sequence[int]) -> dict[int, int]:
    """The records that have a term of each group: {block: set of positions}, without blocks that have none.

    `groups` must not be empty; one whose term is a beginning has no other. One query for all whole terms, then one for
    each beginning until nothing is left.
    """
    whole = [[term.text for term in group] for group in groups if not group[0].beginning]
    # -1, in two's complement, has all bits set: the set of all numbers.
    found = _having_each(whole, blocks) if whole else dict.fromkeys(blocks, -1)
    for term in (group[0] for group in groups):
        if term.beginning and found:
            begun = _having_beginning(term.text, list(found))
            common = {block: bits & found[block] for block, bits in begun.items()}
            found = {block: bits for block, bits in common.items() if bits}
    return found


def suggestions(column: str, limit: int) -> list[tuple[str, str]]:
    """Values of a column with their newest labels: at most `limit`, most recently recorded first."""
    return list(Suggestion.objects.filter(column=column).order_by("-number").values_list("value", "label")[:limit])


def labels(column: str, values: Sequence[str]) -> dict[str, str]:
    """The newest labels of these values of a column."""
    return dict(Suggestion.objects.filter(column=column, value__in=values).values_list("value", "label"))


def terms_of(record: Record) -> Iterable[bytes]:
    """The terms by which a record is found. One can occur twice."""
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


def _having_each(groups: list[list[bytes]], blocks: Sequence[int]) -> dict[int, int]:
    stored: dict[int, dict[bytes, bytes]] = defaultdict(dict)
    rows = Posting.objects.filter(block__in=blocks, term__in=set(chain.from_iterable(groups)))
    for block, term, positions in rows.values_list("block", "term", "positions"):
        stored[block][bytes(term)] = bytes(positions)
    shared = {block: reduce(and_, _unions(groups, of_block)) for block, of_block in stored.items()}
    return {block: bits for block, bits in shared.items() if bits}


def _unions(groups: list[list[bytes]], stored: Mapping[bytes, bytes]) -> list[int]:
    """For each group the set of the records that have one of its terms."""
    return [bitmaps.union([stored[term] for term in group if term in stored]) for group in groups]


def _having_beginning(text: bytes, blocks: Sequence[int]) -> dict[int, int]:
    sets: dict[int, list[bytes]] = defaultdict(list)
    # Terms are UTF-8, in which the byte 0xFF doesn't occur: this is the range of all that begin with `text`.
    rows = Posting.objects.filter(block__in=blocks, term__gte=text, term__lt=text + b"\xff")
    for block, positions in rows.values_list("block", "positions"):
        sets[block].append(bytes(positions))
    return {block: bitmaps.union(each) for block, each in sets.items()}


def find_names(text: str, limit: int) -> list[CampaignName]:
    """The names, most recently recorded first, of campaigns whose id is `text` or whose name contains each of its
    words."""
    words = reduce(and_, (Q(folded__contains=word) for word in text.casefold().split()), Q())
    wanted = Q(campaign_id=text) | words
    return list(CampaignName.objects.filter(wanted).order_by("-number")[:limit])


def campaign_name_of(record: Record) -> CampaignName:
    """The row by which its campaign is found by name; not saved. `folded`: for comparing without regard to case."""
    return CampaignName(
        campaign_id=record.campaign_id,
        name=record.campaign_name,
        folded=record.campaign_name.casefold(),
        number=record.number,
    )


def store_suggestions(records: Sequence[Record]) -> None:
    """Save what these records add to the suggestions of filters: names of campaigns, and values of other columns."""
    _store_names(records)
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


def _store_names(records: Sequence[Record]) -> None:
    newest = {
        (record.campaign_id, record.campaign_name): campaign_name_of(record)
        for record in records
        if record.campaign_id and record.campaign_name
    }
    CampaignName.objects.bulk_create(
        newest.values(), update_conflicts=True, unique_fields=["campaign_id", "name"], update_fields=["number"]
    )
