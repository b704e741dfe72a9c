"""The bytes of a calendar file as content lines (RFC 5545, 3.1), and these as components.

Programs end lines in four ways, fold them within a character, and leave out an END: a file is read as long as it is
clear which line belongs to which event. Lines without a meaning are skipped and counted.
"""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from campaigns.holidays.ical.problems import Problem, Unreadable, printable

# A larger file, or one with more lines, is rejected before anything in it is read.
MOST_BYTES = 2 * 1024 * 1024
MOST_LINES = 100_000
TOO_LARGE = "The file is larger than 2 MB, so it was not read. Export fewer years, or fewer calendars."

# UTF-8's byte order mark.
_MARK = b"\xef\xbb\xbf"
# UTF-16 by its byte order mark or, without one, by the B of BEGIN.
_UTF_16 = {b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16", b"B\0": "utf-16-le", b"\0B": "utf-16-be"}
_ARCHIVES = {b"PK\x03\x04": "a zip archive", b"\x1f\x8b": "a compressed file (gzip)"}
_NAME = re.compile(r"\s*([A-Za-z0-9-]+)\s*[;:]")
# vCalendar 1.0: quoted-printable text, in which "=" at the end of a line continues it on the next one.
_SOFT_BREAKS = re.compile(rb"[^:]*;\s*(?:ENCODING\s*=\s*)?\"?QUOTED-PRINTABLE", re.IGNORECASE)
# None of these is ever nested in another (RFC 5545, 3.6; RFC 7953).
_PARTS = {"VEVENT", "VTODO", "VJOURNAL", "VFREEBUSY", "VTIMEZONE", "VAVAILABILITY"}


class ContentLine(NamedTuple):
    number: int
    text: str


@dataclass(slots=True)
class Component:
    """What is between a BEGIN and its END. `lines`: by property name. `parts`: the components nested in it. `ended`:
    whether the END exists."""

    name: str
    line: int
    lines: dict[str, list[ContentLine]] = field(default_factory=dict)
    parts: list["Component"] = field(default_factory=list)
    ended: bool = False


@dataclass(slots=True)
class Source:
    """The calendars of a file. `skipped`: the numbers of lines without a meaning; `guessed`: of those that aren't
    UTF-8."""

    calendars: list[Component] = field(default_factory=list)
    skipped: list[int] = field(default_factory=list)
    guessed: list[int] = field(default_factory=list)


def read_source(data: bytes) -> Source:
    """The calendars in a file. Raises Unreadable if it isn't a calendar file, is too large, or was cut off."""
    if len(data) > MOST_BYTES:
        raise Unreadable(Problem(0, TOO_LARGE))
    for beginning, kind in _ARCHIVES.items():
        if data.startswith(beginning):
            raise Unreadable(Problem(0, f"This is {kind}, not a calendar file. Unpack it, and choose the .ics file."))
    if not data.strip():
        raise Unreadable(Problem(1, "the file is empty."))
    source = Source()
    _Reader(source).read(_content_lines(_with_plain_ends(data), source))
    if not source.calendars:
        raise Unreadable(Problem(1, "a calendar file begins with BEGIN:VCALENDAR; this one doesn’t."))
    return source


def _with_plain_ends(data: bytes) -> list[bytes]:
    """The physical lines of a file: CR LF, LF, CR and CR CR LF each end one."""
    if data[:2] in _UTF_16:
        data = data.decode(_UTF_16[data[:2]], errors="replace").encode(errors="replace")
    for end in (b"\r\r\n", b"\r\n", b"\r"):
        data = data.replace(end, b"\n")
    if data.count(b"\n") > MOST_LINES:
        sentence = f"from here on there are more than {MOST_LINES:,} lines. Export fewer years, or fewer calendars."
        raise Unreadable(Problem(MOST_LINES, sentence))
    return data.split(b"\n")


def _content_lines(physical: list[bytes], source: Source) -> Iterator[ContentLine]:
    """The content lines, each with the number of the physical line on which it begins."""
    # Unfolded as bytes and decoded afterwards: RFC 5545, 3.1 counts octets, so a fold may be within a character.
    number, parts, is_soft = 0, [b""], False
    for count, given in enumerate(physical, 1):
        if is_soft and parts[-1].endswith(b"="):
            parts[-1] = parts[-1][:-1]
            parts.append(given)
        elif given[:1] in {b" ", b"\t"} and number:
            parts.append(given[1:])
        elif given.strip():
            if number:
                yield _decoded(number, b"".join(parts), source)
            number, parts = count, [given.removeprefix(_MARK)]
            is_soft = given.endswith(b"=") and bool(_SOFT_BREAKS.match(given[:200]))
    if number:
        yield _decoded(number, b"".join(parts), source)


def _decoded(number: int, content: bytes, source: Source) -> ContentLine:
    try:
        return ContentLine(number, content.decode())
    except UnicodeDecodeError:
        source.guessed.append(number)
        return ContentLine(number, content.decode("cp1252", errors="replace"))


class _Reader:
    """Assembles components from content lines."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._open: list[Component] = []
        self._open_names: Counter[str] = Counter()

    def read(self, lines: Iterator[ContentLine]) -> None:
        for line in lines:
            found = _NAME.match(line.text)
            name = found[1].upper() if found else ""
            if name == "BEGIN":
                self._begin(_named(line), line.number)
            elif name == "END" and self._open_names[_named(line)]:
                self._end(_named(line))
            elif name and name != "END" and self._open:
                self._open[-1].lines.setdefault(name, []).append(line)
            else:
                self._source.skipped.append(line.number)
        if self._open:
            raise Unreadable(_never_ends(self._open[-1]))

    def _begin(self, name: str, number: int) -> None:
        """Open a component."""
        # A component that never contains another one of these ends where that one begins: its own END is missing.
        if name == "VCALENDAR":
            self._close(0)
        elif not self._open:
            self._source.skipped.append(number)
            return
        elif name in _PARTS:
            self._close(1)
        component = Component(name, number)
        siblings = self._open[-1].parts if self._open else self._source.calendars
        siblings.append(component)
        self._open.append(component)
        self._open_names[name] += 1

    def _end(self, name: str) -> None:
        """Close the innermost component of that name, and all components nested in it."""
        while self._open[-1].name != name:
            self._pop()
        self._pop().ended = True

    def _close(self, depth: int) -> None:
        while len(self._open) > depth:
            self._pop()

    def _pop(self) -> Component:
        component = self._open.pop()
        self._open_names[component.name] -= 1
        return component


def _named(line: ContentLine) -> str:
    return line.text.partition(":")[2].strip().upper()


def _never_ends(component: Component) -> Problem:
    sentence = (
        f"the {printable(component.name)} that begins here never ends: the file was cut off, so nobody can tell what "
        "is missing. Export it again."
    )
    return Problem(component.line, sentence)
