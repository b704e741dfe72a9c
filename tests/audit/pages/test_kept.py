"""What a process keeps for the next reader."""

from audit.pages.kept import Kept, forget_all


def test_made_once() -> None:
    kept: Kept[str, int] = Kept(2)
    assert [kept.get_or_make("a", lambda: 1), kept.get_or_make("a", lambda: 2)] == [1, 1]


def test_longest_unused_goes_first() -> None:
    kept: Kept[str, int] = Kept(2)
    for key, value in (("a", 1), ("b", 2)):
        kept.set(key, value)
    kept.get("a")
    kept.set("c", 3)
    assert [kept.get(key) for key in "abc"] == [1, None, 3]


def test_forgotten_while_it_was_made() -> None:
    kept: Kept[str, int] = Kept(2)

    def make() -> int:
        forget_all()
        return 1

    assert kept.get_or_make("a", make) == 1
    assert kept.get("a") is None
