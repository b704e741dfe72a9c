"""The lines of a calendar file: unfolded, numbered, and put together to components."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from icalendar.parser import Contentline

MOST_BYTES = 2 * 1024 * 1024
MOST_PROBLEMS = 10
TOO_LARGE = "The file is larger than 2 MB, so it was not read. Export fewer years, or fewer calendars."


class Problem(NamedTuple):
    """`line` counts from 1, as editors do; 0: of the file as a whole."""

    line: int
    sentence: str

    def __str__(self) -> str:
        return f"Line {self.line:,}: {self.sentence}" if self.line else self.sentence


class Unreadable(Exception):
    """The file can't be taken; `problems` says where and why, the first ten of them."""

    def __init__(self, *problems: Problem) -> None:
        super().__init__(" ".join(map(str, problems)))
        self.problems = problems[:MOST_PROBLEMS]


class Line(NamedTuple):
    number: int
    text: str


class Property(NamedTuple):
    """`value` has its backslashes resolved."""

    line: int
    name: str
    params: dict[str, str]
    value: str


@dataclass(slots=True)
class Component:
    """What stands between a BEGIN and its END, but for what is nested in it."""

    name: str
    line: int
    lines: list[Line] = field(default_factory=list)


def decode(data: bytes) -> str:
    if b"\0" in data[:1000]:
        raise Unreadable(Problem(1, "this is no text in UTF-8. Export the calendar as .ics again."))
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise Unreadable(Problem(line, "this is no text in UTF-8. Save the file as UTF-8.")) from None


def unfold(text: str) -> Iterator[Line]:
    """Each content line with the number of the physical line that it begins on."""
    number, parts = 0, [""]
    for count, physical in enumerate(text.replace("\r\n", "\n").split("\n"), 1):
        if physical[:1] in {" ", "\t"} and number:
            parts.append(physical[1:])
        elif physical.strip():
            if number:
                yield Line(number, "".join(parts))
            number, parts = count, [physical]
    if number:
        yield Line(number, "".join(parts))


def components(lines: Iterable[Line]) -> list[Component]:
    """All of the file, the calendar itself first. Unreadable where a BEGIN and its END don't match."""
    found: list[Component] = []
    begun: list[Component] = []
    for line in lines:
        word, _, name = line.text.partition(":")
        word, name = word.strip().upper(), name.strip().upper()
        if not found and (word, name) != ("BEGIN", "VCALENDAR"):
            raise Unreadable(Problem(line.number, "a calendar file begins with BEGIN:VCALENDAR; this one doesn't."))
        if word == "BEGIN":
            found.append(Component(name, line.number))
            begun.append(found[-1])
        elif word == "END":
            _end(begun, name, line.number)
        elif begun and ":" in line.text:
            begun[-1].lines.append(line)
        else:
            raise Unreadable(_no_property(line))
    if begun:
        sentence = f"the {begun[-1].name} that begins here never ends: the file was cut off, or an END is missing."
        raise Unreadable(Problem(begun[-1].line, sentence))
    if not found:
        raise Unreadable(Problem(1, "the file is empty."))
    return found


def _end(begun: list[Component], name: str, number: int) -> None:
    if not begun:
        raise Unreadable(Problem(number, f"END:{name[:40]} ends what never began."))
    if begun[-1].name != name:
        sentence = f"END:{name[:40]}, while the {begun[-1].name[:40]} of line {begun[-1].line:,} is still open."
        raise Unreadable(Problem(number, sentence))
    begun.pop()


def property_of(line: Line) -> Property:
    """Unreadable for a line that is no `NAME;PARAMETERS:VALUE`."""
    try:
        name, params, value = Contentline(line.text).parts()  # type: ignore[no-untyped-call]
    except ValueError:
        raise Unreadable(_no_property(line)) from None
    return Property(
        line.number,
        name.upper(),
        {key.upper(): given if isinstance(given, str) else ",".join(given) for key, given in params.items()},
        value,
    )


def _no_property(line: Line) -> Problem:
    return Problem(line.number, f"“{line.text[:60]}” is no property of the form NAME:VALUE.")
