"""What a form about many campaigns showed, in a few bytes each: to tell later exactly what has changed since. Pure.

A form that stays open for a while must not pause other campaigns than those that its person saw. So it carries an
imprint of them: of each, five bytes of its id's digest and how it stood. 5,000 campaigns make a field of 40 kB, and
two of them are mistaken for each other once in a hundred thousand forms.
"""

import base64
import binascii
import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

# Bytes for an id, and the one behind them for how the campaign stood.
ID_BYTES = 5
ENTRY_BYTES = ID_BYTES + 1

# By campaign id, one ASCII letter that says how it stands.
Standings = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class SeenChanges:
    """`before`: by id, how a campaign stood that stands otherwise now. `left`: the ids that are no longer meant;
    `unknown_left`: how many more, whose ids nobody knows any more."""

    added: frozenset[str]
    before: Mapping[str, str]
    left: frozenset[str]
    unknown_left: int

    def __bool__(self) -> bool:
        return bool(self.added or self.before or self.left or self.unknown_left)


def imprint_of(standings: Standings) -> str:
    """Text for a hidden field."""
    entries = sorted(_digest(pk) + standing.encode("ascii") for pk, standing in standings.items())
    return base64.b64encode(b"".join(entries)).decode("ascii")


def read_imprint(text: str) -> dict[bytes, str] | None:
    """How each campaign stood, by its digest. None if it isn't one."""
    try:
        raw = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return None
    standings = raw[ID_BYTES::ENTRY_BYTES].decode("latin-1")
    if len(standings) * ENTRY_BYTES != len(raw) or not (standings.isascii() and standings.isalpha()):
        return None
    digests = (raw[at : at + ID_BYTES] for at in range(0, len(raw), ENTRY_BYTES))
    return dict(zip(digests, standings, strict=True))


def changes_since(seen: Mapping[bytes, str], now: Standings, known: Iterable[str]) -> SeenChanges:
    """`known`: the ids of all campaigns, to name those that have left."""
    digests = {pk: _digest(pk) for pk in now}
    before = {pk: seen[digest] for pk, digest in digests.items() if digest in seen and seen[digest] != now[pk]}
    missing = seen.keys() - digests.values()
    left = frozenset(pk for pk in known if _digest(pk) in missing) if missing else frozenset()
    return SeenChanges(
        added=frozenset(pk for pk, digest in digests.items() if digest not in seen),
        before=before,
        left=left,
        unknown_left=len(missing) - len(left),
    )


def _digest(campaign_id: str) -> bytes:
    return hashlib.blake2b(campaign_id.encode(), digest_size=ID_BYTES).digest()
