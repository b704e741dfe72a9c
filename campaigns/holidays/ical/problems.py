"""Problems with a whole file and with one of its events, and the bounds of the work that a file may cause."""

from typing import NamedTuple

# Problems shown of one file.
MOST_PROBLEMS = 10
# Steps, of one to two microseconds each, for all events of a file; beyond that it is rejected. A person is waiting for
# the preview.
MOST_WORK = 200_000
# Steps for one event; beyond that the event is left out. A rule that is met on every day since 1900 takes fewer.
MOST_EVENT_WORK = 60_000
TOO_MUCH = "from here on this file takes too long to work out. Export fewer years, or fewer events that recur."


class Problem(NamedTuple):
    """`line`: from 1, as in editors; 0 for the file as a whole."""

    line: int
    sentence: str

    def __str__(self) -> str:
        if self.line:
            return f"Line {self.line:,}: {self.sentence}"
        return self.sentence


class Unreadable(Exception):
    """There is nothing to read in the file, or more than the bounds allow. `problems`: where and why."""

    def __init__(self, *problems: Problem) -> None:
        super().__init__(" ".join(map(str, problems)))
        self.problems = problems[:MOST_PROBLEMS]


class Broken(Exception):
    """One event or time zone can't be read. `sentence`: the reason, to follow its line and name."""

    def __init__(self, line: int, sentence: str) -> None:
        super().__init__(sentence)
        self.line = line
        self.sentence = sentence


class Work:
    """The work that is left for a file, and for the event that is being read."""

    def __init__(self) -> None:
        self._line = 0
        self._left = MOST_WORK
        self._event_left = 0

    def begin(self, line: int) -> None:
        """Start the event or time zone on that line."""
        self._line, self._event_left = line, MOST_EVENT_WORK

    def spend(self, steps: int) -> None:
        self._left -= steps
        self._event_left -= steps
        if self._left < 0:
            raise Unreadable(Problem(self._line, TOO_MUCH))
        if self._event_left < 0:
            raise Broken(self._line, "It recurs for too long, or too often, to be worked out.")


def printable(text: str, most: int = 60) -> str:
    """The text, cut to `most` characters, with blanks for those that aren't printable."""
    return "".join(c if c.isprintable() else " " for c in text[:most])
