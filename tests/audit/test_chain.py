"""The chain, without a database: what is hashed, and what a check sees."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit import chain

JSONLIKE = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters()),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(st.characters()), inner),
    max_leaves=10,
)
EXAMPLES: dict[str, Any] = {
    "timestamp": "2026-01-31T09:00:00.000000Z",
    "details": {"before": "ACTIVE", "calls": [3, 1.5, True]},
    "latency_ms": 120,
    "operation": None,
}


def make_links(length: int) -> tuple[list[chain.Link], chain.Head]:
    links, head = [], chain.START
    for number in range(1, length + 1):
        shown = dict.fromkeys(chain.FIELDS, "") | EXAMPLES | {"number": number, "previous": head.digest}
        body = chain.canonical_body(shown)
        head = chain.Head(number, chain.body_digest(body))
        links.append(chain.Link(shown | {"digest": head.digest}, body))
    return links, head


def show(link: chain.Link, **columns: object) -> chain.Link:
    return chain.Link({**link.shown, **columns}, link.body)


def test_untouched_chain_holds() -> None:
    links, head = make_links(5)
    assert chain.check_chain(links, head) is None


def test_empty_chain_holds() -> None:
    assert chain.check_chain([], chain.START) is None


@given(st.data())
def test_changed_byte_is_seen(data: st.DataObject) -> None:
    links, head = make_links(4)
    at = data.draw(st.integers(0, 3))
    body = bytearray(links[at].body)
    body[data.draw(st.integers(0, len(body) - 1))] ^= data.draw(st.integers(1, 255))
    links[at] = chain.Link(links[at].shown, bytes(body))
    assert chain.check_chain(links, head) == chain.Break(at + 1, "its stored bytes don’t match its digest")


@pytest.mark.parametrize("field", [field for field in chain.FIELDS if field not in ("number", "digest")])
def test_changed_column_is_named(field: str) -> None:
    links, head = make_links(3)
    links[1] = show(links[1], **{field: "something else"})
    assert chain.check_chain(links, head) == chain.Break(2, f"its column {field} differs from its stored bytes")


@pytest.mark.parametrize("details", [{"calls": 1}, {"calls": 1.0000000001}, {"calls": "true"}, {}, None])
def test_true_isnt_one(details: object) -> None:
    _, head = make_links(0)
    shown = dict.fromkeys(chain.FIELDS, "") | {"number": 1, "previous": head.digest, "details": {"calls": True}}
    body = chain.canonical_body(shown)
    link = chain.Link(shown | {"digest": chain.body_digest(body), "details": details}, body)
    found = chain.check_chain([link], chain.Head(1, chain.body_digest(body)))
    assert found == chain.Break(1, "its column details differs from its stored bytes")


def test_missing_record_is_named() -> None:
    links, head = make_links(5)
    del links[2]
    assert chain.check_chain(links, head) == chain.Break(3, "record 3 is missing: in its place is 4")


def test_swapped_records_are_seen() -> None:
    links, head = make_links(4)
    links[1], links[2] = show(links[2], number=2), show(links[1], number=3)
    assert chain.check_chain(links, head) == chain.Break(2, "its column number differs from its stored bytes")


def test_replaced_record_breaks_the_next() -> None:
    links, head = make_links(3)
    shown = {**links[0].shown, "by": "somebody else"}
    body = chain.canonical_body(shown)
    links[0] = chain.Link(shown | {"digest": chain.body_digest(body)}, body)
    assert chain.check_chain(links, head) == chain.Break(2, "its previous isn’t the digest of record 1")


def test_fork_is_named() -> None:
    links, head = make_links(3)
    shown = {**links[2].shown, "previous": links[0].shown["digest"]}
    body = chain.canonical_body(shown)
    links[2] = chain.Link(shown | {"digest": chain.body_digest(body)}, body)
    assert chain.check_chain(links, head) == chain.Break(3, "record 2 and record 3 both follow record 1")


def test_second_copy_is_named() -> None:
    links, head = make_links(3)
    assert chain.check_chain([*links[:2], *links[1:]], head) == chain.Break(
        2, "there are two records with this number"
    )


def test_cut_tail_is_seen() -> None:
    links, head = make_links(5)
    found = chain.check_chain(links[:3], head)
    assert found == chain.Break(4, "the last records are missing: the head says 5")


def test_record_past_the_head() -> None:
    links, _ = make_links(3)
    found = chain.check_chain(links, chain.Head(2, links[1].shown["digest"]))
    assert found == chain.Break(3, "the head says 2, but there are records after it")


def test_replaced_last_record_is_seen() -> None:
    links, _ = make_links(2)
    found = chain.check_chain(links, chain.Head(2, "0" * 64))
    assert found == chain.Break(2, "its digest isn’t the one that the head holds")


def test_body_names_the_digest_before() -> None:
    links, _ = make_links(2)
    assert json.loads(links[1].body)["previous"] == links[0].shown["digest"]


@given(JSONLIKE)
def test_plain_values_read_back_the_same(value: object) -> None:
    kept = chain.plain_json(value)
    fields = dict.fromkeys(chain.FIELDS) | {"details": kept}
    read_back = fields | {"details": json.loads(json.dumps(kept))}
    assert chain.canonical_body(read_back) == chain.canonical_body(fields)


@pytest.mark.parametrize(
    ("value", "kept"),
    [
        (float("nan"), "nan"),
        (2**53, "9007199254740992"),
        (-1e300, "-1e+300"),
        (2.0, 2),
        ("a\x00b", "a\ufffdb"),
        ("\ud800", "\ufffd"),
        ((1, 2), [1, 2]),
        (True, True),
    ],
)
def test_unkeepable_values_become_text(value: object, kept: object) -> None:
    assert chain.plain_json(value) == kept


@pytest.mark.parametrize("value", [b"bytes", {1: "a"}, {"a"}, datetime(2026, 1, 31, tzinfo=UTC)])
def test_what_isnt_json_is_refused(value: object) -> None:
    with pytest.raises(ValueError, match="a record’s details can’t hold"):
        chain.plain_json({"value": value})


def test_deep_nesting_is_cut() -> None:
    deep: list[Any] = []
    for _ in range(5000):
        deep = [deep]
    assert chain.MARK in json.dumps(chain.plain_json(deep), ensure_ascii=False)


def test_long_text_is_cut_with_a_mark() -> None:
    assert chain.clean_text("x" * 41, 40) == "x" * (40 - len(chain.MARK)) + chain.MARK


def test_naive_time_is_refused() -> None:
    with pytest.raises(ValueError, match="time zone"):
        chain.format_time(datetime(2026, 1, 31))  # noqa: DTZ001
