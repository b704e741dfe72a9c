"""What a benchmark measured, in the one form that all of them print and that `make bench` collects."""

import json
import os
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

# The exit status of a benchmark with a missed target: one that failed has 1.
MISSED = 3
HEAD = ("what", "where", "measured", "earlier", "target", "")


@dataclass(frozen=True, slots=True)
class Figure:
    """`unit`: "x" (times the yardstick that `what` names), "statements", "requests", "bytes", "MB" or "s".

    `where`: the database, or "" where it makes no difference. `base`: the same of the earlier version, in turn.
    `most`: False for a figure that should be at least its target.
    """

    what: str
    value: float
    unit: str
    where: str = ""
    target: float | None = None
    base: float | None = None
    most: bool = True

    @property
    def is_missed(self) -> bool:
        if self.target is None:
            return False
        return self.value > self.target if self.most else self.value < self.target

    @property
    def cells(self) -> tuple[str, ...]:
        sign = "≤" if self.most else "≥"
        bound = "" if self.target is None else f"{sign} {_number(self.target)}"
        base = "" if self.base is None else f"{_number(self.base)} {self.unit}"
        verdict = "missed" if self.is_missed else ""
        return self.what, self.where, f"{_number(self.value)} {self.unit}", base, bound, verdict


def report(figures: Sequence[Figure]) -> int:
    """Print them as a table, and leave them for whoever collects them. Returns the exit status."""
    print(f"\n{as_table(figures)}", flush=True)
    if collected := os.environ.get("FIGURES"):
        with Path(collected).open("a", encoding="utf-8") as file:
            file.writelines(f"{json.dumps(asdict(figure))}\n" for figure in figures)
    return MISSED if any(figure.is_missed for figure in figures) else 0


def read_collected(path: Path) -> list[Figure]:
    return [Figure(**json.loads(line)) for line in path.read_text(encoding="utf-8").splitlines()]


def as_table(figures: Iterable[Figure]) -> str:
    """In Markdown, with columns of one width."""
    rows = [HEAD, *(figure.cells for figure in figures)]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = ["| " + " | ".join(map(str.ljust, row, widths)) + " |" for row in rows]
    lines.insert(1, "|" + "|".join("-" * (width + 2) for width in widths) + "|")
    return "\n".join(lines)


def _number(value: float) -> str:
    """Two or three digits that count."""
    if value >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if value >= 10 else f"{value:.2f}"
