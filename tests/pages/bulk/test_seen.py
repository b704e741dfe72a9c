"""What a form showed, in a few bytes a campaign: any change since is told exactly."""

import pytest

from campaigns.pages.bulk.seen import changes_since, imprint_of, read_imprint

NOW = {"c-1": "w", "c-2": "w", "c-3": "a"}


def changed(then: dict[str, str], now: dict[str, str]) -> tuple[set[str], dict[str, str], set[str], int]:
    seen = read_imprint(imprint_of(then))
    assert seen is not None
    found = changes_since(seen, now, known=["c-1", "c-2", "c-3", "c-4"])
    return set(found.added), dict(found.before), set(found.left), found.unknown_left


def test_nothing_changed() -> None:
    assert changed(NOW, NOW) == (set(), {}, set(), 0)


def test_order_says_nothing() -> None:
    assert imprint_of(NOW) == imprint_of(dict(reversed(NOW.items())))


def test_new_campaign_is_named() -> None:
    assert changed(NOW, NOW | {"c-4": "w"}) == ({"c-4"}, {}, set(), 0)


def test_campaign_that_stands_otherwise_is_named() -> None:
    assert changed(NOW, NOW | {"c-2": "a"}) == (set(), {"c-2": "w"}, set(), 0)


def test_campaign_that_left_is_named() -> None:
    assert changed(NOW | {"c-4": "w"}, NOW) == (set(), {}, {"c-4"}, 0)


def test_campaign_that_nobody_knows_is_counted() -> None:
    assert changed(NOW | {"c-9": "w"}, NOW) == (set(), {}, set(), 1)


def test_five_thousand_fit_in_forty_kilobytes() -> None:
    many = {f"{number:032x}": "w" for number in range(5000)}
    text = imprint_of(many)
    assert len(text) <= 40_000
    assert read_imprint(text) is not None


@pytest.mark.parametrize("text", ["", "nonsense", "é", "AAAA", "====", "\0"])
def test_nonsense_is_no_imprint(text: str) -> None:
    assert read_imprint(text) is None
