"""Which names read the same, whatever their case, look-alike letters, compatible spellings and invisible characters.

Skeletons as defined by Unicode's UTS #39 (section 4): each character is replaced by the one it is confused with. The
table is that of confusable_homoglyphs 3.3.1 (Unicode 15.1). It lists each pair in both directions, so the direction is
determined here, and its characters of right-to-left scripts are between invisible marks (U+200E), which are removed.
Compared with ICU 72 over the 16,756 characters of Unicode 15 whose skeleton differs from themselves: all but five have
the same skeleton, and three of these five are invisible, so `keys_of` drops them.
"""

import re
import unicodedata
from functools import cache

MARK = "\u200e"
# Invisible (Default_Ignorable_Code_Point), though their category says otherwise.
IGNORABLE = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180d\u180f\u3164\ufe00-\ufe0f\uffa0\U000e0100-\U000e01ef]"
)
# Categories: control and format characters, spaces and line ends, unassigned characters.
UNSEEN = frozenset({"Cc", "Cf", "Cn", "Co", "Cs", "Zs", "Zl", "Zp"})


def keys_of(name: str) -> frozenset[str]:
    """Keys of a name. Two names that have one in common read the same.

    There are two keys, since case matters to look-alikes. The capital I is like l, and i isn't; the Greek capital nu
    is like N, and the small one is like v. A key that folds the case first misses what one that folds it last finds.
    """
    seen = _seen(name)
    return frozenset({skeleton(seen.casefold()), skeleton(skeleton(seen).casefold())})


def skeleton(text: str) -> str:
    """The skeleton of UTS #39."""
    # Twice: some replacements have a replacement themselves.
    for _ in range(2):
        decomposed = unicodedata.normalize("NFD", text)
        text = "".join(_table().get(character, character) for character in decomposed)
    return unicodedata.normalize("NFD", text)


def _seen(name: str) -> str:
    """Its visible characters, in one spelling (NFKC)."""
    shown = IGNORABLE.sub("", unicodedata.normalize("NFKC", name))
    return "".join(character for character in shown if unicodedata.category(character) not in UNSEEN)


@cache
def _table() -> dict[str, str]:
    """Character -> the one that replaces it. Built on first use: it takes 5 MB and some hundredths of a second."""
    partners = _partners()
    table = {}
    for character, others in partners.items():
        if len(character) != 1 or len(others) != 1:
            # Several characters are confused with this one, so it is what replaces them.
            continue
        (other,) = others
        is_pair = len(other) == 1 and len(partners[other]) == 1
        if not is_pair or character > other:
            table[character] = other
    return table


def _partners() -> dict[str, set[str]]:
    from confusable_homoglyphs.confusables import confusables_data

    partners: dict[str, set[str]] = {}
    for text, entries in confusables_data.items():
        for entry in entries:
            one, other = text.replace(MARK, ""), entry["c"].replace(MARK, "")
            partners.setdefault(one, set()).add(other)
            partners.setdefault(other, set()).add(one)
    return partners
