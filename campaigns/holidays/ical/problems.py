"""What can be wrong: with a whole file, and with one event of it. And how much work a file may make."""

from typing import NamedTuple

MOST_PROBLEMS = 10
# Steps of one or two microseconds that all events of a file may take together: a person waits for the preview.
MOST_WORK = 200_000
# Those of one event: a rule that is met on every day from 1900 on takes fewer.
MOST_EVENT_WORK = 60_000
TOO_MUCH = "from here on this file takes too long to work out. Export fewer years, or fewer events that recur."


class Problem(NamedTuple):
    """`line` counts from 1, as editors do; 0: of the file as a whole."""

    line: int
    sentence: str

    def __str__(self) -> str:
        if self.line:
            return f"Line {self.line:,}: {self.sentence}"
        return self.sentence


class Unreadable(Exception):
    """There is nothing in the file that could be read, or more than can be; `problems` says where and why."""

    def __init__(self, *problems: Problem) -> None:
        super().__init__(" ".join(map(str, problems)))
        self.problems = problems[:MOST_PROBLEMS]


class Broken(Exception):
    """This one event, or time zone, can't be taken. `sentence` says why, in words that follow its line and name."""

    def __init__(self, line: int, sentence: str) -> None:
        super().__init__(sentence)
        self.line = line
        self.sentence = sentence


class Work:
    """What may still be done for a file, and for the event that is being worked out."""

    def __init__(self) -> None:
        self._line = 0
        self._left = MOST_WORK
        self._event_left = 0

    def begin(self, line: int) -> None:
        """With the event, or time zone, of that line."""
        self._line, self._event_left = line, MOST_EVENT_WORK

    def spend(self, steps: int) -> None:
        self._left -= steps
        self._event_left -= steps
        if self._left < 0:
            raise Unreadable(Problem(self._line, TOO_MUCH))
        if self._event_left < 0:
            raise Broken(self._line, "It recurs for too long, or too often, to be worked out.")


def printable(text: str, most: int = 60) -> str:
    """Short enough for a sentence, and printable."""
    return "".join(c if c.isprintable() else " " for c in text[:most])
