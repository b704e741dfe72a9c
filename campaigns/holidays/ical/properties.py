"""A content line as a property: NAME;PARAMETERS:VALUE (RFC 5545, 3.1), and its value as text (3.3.11).

Also reads what programs write beyond the standard: parameters with a colon and no quotes, quoted-printable text
(vCalendar 1.0), HTML in names.
"""

import html
import quopri
import re
from typing import NamedTuple
from unicodedata import category

from campaigns.holidays.ical.lines import Component, ContentLine

_JOINERS = "\u200c\u200d"
# In characters; the rest of a longer text is ignored. Names are cut at far fewer.
MOST_TEXT = 4_000
_DATED = {"DTSTART", "DTEND", "RDATE", "EXDATE", "RECURRENCE-ID"}
_CLOCK = re.compile(r"(?<=[0-9]T)([0-9]{2}):([0-9]{2})(?::([0-9]{2}))?", re.IGNORECASE)
_HEAD = re.compile(r'((?:[^:"]++|"[^"]*+")*+):(.*)', re.DOTALL)
_PIECE = re.compile(r'(?:[^;"]++|"[^"]*+"?)++')
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
_TAG = re.compile(r"</?(?:a|b|br|i|u|p|em|div|span|font|strong|html|body|small|h[1-6])(?:\s[^<>]*)?/?>", re.IGNORECASE)
_ENTITY = re.compile(r"&(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[a-zA-Z0-9]{2,31});")


class Property(NamedTuple):
    """`params`: values without quotes by upper-case name; of repeated ones, the first. `value`: still encoded."""

    line: int
    name: str
    params: dict[str, str]
    value: str


def properties(component: Component, name: str) -> list[Property]:
    """The properties of that name. Empty ones are ignored."""
    found = [read_property(name, line) for line in component.lines.get(name, [])]
    return [given for given in found if given.value]


def read_property(name: str, line: ContentLine) -> Property:
    head, value = _dated(line.text) if name in _DATED else _split(line.text)
    pieces = _PIECE.findall(head)[1:]
    params: dict[str, str] = {}
    for piece in pieces[:50]:
        key, _, given = piece.partition("=")
        params.setdefault(key.strip().upper(), given.strip().strip('"').strip())
    return Property(line.number, name, params, value.strip())


def _dated(text: str) -> tuple[str, str]:
    """Split a line with dates into its head and its value."""
    # Without the colons of clock times (ISO 8601: 2027-06-08T13:00:00) no date contains one, so the last colon
    # separates the value from the parameters, even if these contain colons without quotes.
    head, _, value = _CLOCK.sub(r"\1\2\3", text).rpartition(":")
    return head, value


def _split(text: str) -> tuple[str, str]:
    found = _HEAD.match(text)
    if found:
        return found[1], found[2]
    head, _, value = text.partition(":")
    return head, value


def property_text(component: Component, name: str) -> str:
    """The text of the first property of that name that isn't empty, such as a name in two languages; "" if there is
    none."""
    given = properties(component, name)
    return plain_text(given[0]) if given else ""


def plain_text(given: Property) -> str:
    """The value as plain text: decoded, without HTML, and with single blanks."""
    value = given.value[:MOST_TEXT]
    if "QUOTED-PRINTABLE" in {given.params.get("ENCODING", "").upper(), *given.params}:
        value = _unquoted(value, given.params.get("CHARSET", "utf-8"))
    value = _ESCAPED.sub(lambda found: " " if found[1] in "nN" else found[1], value)
    value = _ENTITY.sub(lambda found: html.unescape(found[0]), _TAG.sub(" ", value))
    shown = " ".join("".join(map(_printable, value)).split())
    return shown if shown.strip(_JOINERS) else ""


def _printable(character: str) -> str:
    """The character if it is visible; otherwise "" or a blank."""
    # Joiners stay: Persian, Hindi and emoji of families are written with them.
    if character.isprintable() or character in _JOINERS:
        return character
    return "" if category(character) == "Cf" else " "


def _unquoted(value: str, charset: str) -> str:
    content = quopri.decodestring(value.encode())
    try:
        return content.decode(charset)
    except (UnicodeDecodeError, LookupError):
        return content.decode("cp1252", errors="replace")
