"""Which names read the same: by case, look-alike letters, compatible spellings, and what can't be seen.

Skeletons as Unicode's UTS #39 (section 4) has them: each character is replaced by the one it is confused with. The
table is that of confusable_homoglyphs 3.3.1 (Unicode 15.1). It holds each pair both ways, so the direction is found
here, and its characters of right-to-left scripts stand between invisible marks (U+200E), which are taken out.
Compared with ICU 72 over the 16,756 characters of Unicode 15 that have a skeleton of their own: all but five have the
same, and three of these five can't be seen, so `keys_of` leaves them out.
"""

import re
import unicodedata
from functools import cache

MARK = "\u200e"
# Invisible by Unicode (Default_Ignorable_Code_Point) without being of the categories that say so.
IGNORABLE = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180d\u180f\u3164\ufe00-\ufe0f\uffa0\U000e0100-\U000e01ef]"
)
# Control and format characters, spaces and line ends, what is not assigned.
UNSEEN = frozenset({"Cc", "Cf", "Cn", "Co", "Cs", "Zs", "Zl", "Zp"})


def keys_of(name: str) -> frozenset[str]:
    """Two names read the same where they have a key in common.

    Two keys: look-alikes go with capitals (I is like l, and i isn't) and the other way round (the Greek capital nu is
    like N, the small one like v), so one that folds the case first misses what one that does so last finds.
    """
    seen = _seen(name)
    return frozenset({skeleton(seen.casefold()), skeleton(skeleton(seen).casefold())})


def skeleton(text: str) -> str:
    """UTS #39's, repeated: some of its replacements have one of their own."""
    for _ in range(2):
        decomposed = unicodedata.normalize("NFD", text)
        text = "".join(_table().get(character, character) for character in decomposed)
    return unicodedata.normalize("NFD", text)


def _seen(name: str) -> str:
    """What of it can be seen, in one spelling."""
    shown = IGNORABLE.sub("", unicodedata.normalize("NFKC", name))
    return "".join(character for character in shown if unicodedata.category(character) not in UNSEEN)


@cache
def _table() -> dict[str, str]:
    """Character -> what it is like. 5 MB and a few hundredths of a second, so only where a name is asked about."""
    partners = _partners()
    table = {}
    for character, others in partners.items():
        if len(character) != 1 or len(others) != 1:
            # What several are like is itself what they are replaced by.
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
