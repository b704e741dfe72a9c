"""The figures of a checkout: of its Python files, its templates and its latest commits."""

import ast
import statistics
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from tests.style import places
from tests.style.sources import LEFT_OUT, Source, length

# Old commits say little about how people work now.
COMMITS = 500


@dataclass(frozen=True)
class Figures:
    function_lines_median: float
    function_lines_p90: int
    function_lines_max: int
    functions_per_1000: float
    once_called_percent: float
    conditionals_per_1000: float
    nested_conditionals: int
    comprehensions_per_1000: float
    double_comprehensions: int
    comments_per_100: float
    one_word_percent: float
    repeated_names: int
    template_over_160_percent: float | None = None  # None: no templates
    template_over_200_percent: float | None = None
    commit_lines_median: float | None = None  # None: no history here


def measure(root: Path, sources: Sequence[Source]) -> Figures:
    shares = [template_lines_over(160, root), template_lines_over(200, root)]
    return replace(
        measure_code(sources),
        template_over_160_percent=shares[0],
        template_over_200_percent=shares[1],
        commit_lines_median=commit_lines_median(root),
    )


def measure_code(sources: Sequence[Source]) -> Figures:
    lines = sum(len(source.lines) for source in sources)
    nodes = [node for source in sources for _, node in source.nodes]
    defined = [function for source in sources for _, function in source.functions()]
    lengths = sorted(map(length, defined))
    names = [function.name for function in defined if not function.name.endswith("__")]

    conditionals = sum(isinstance(node, ast.IfExp) for node in nodes)
    comprehensions = sum(isinstance(node, places.Comprehension) for node in nodes)
    comments = sum(line.lstrip().startswith("#") for source in sources for line in source.lines)
    once_called = sum(len(list(places.once_called_helpers(source))) for source in sources)
    return Figures(
        function_lines_median=statistics.median(lengths),
        function_lines_p90=lengths[len(lengths) * 9 // 10],
        function_lines_max=lengths[-1],
        functions_per_1000=1000 * len(defined) / lines,
        once_called_percent=100 * once_called / len(defined),
        conditionals_per_1000=1000 * conditionals / lines,
        nested_conditionals=sum(len(list(places.nested_conditionals(source))) for source in sources),
        comprehensions_per_1000=1000 * comprehensions / lines,
        double_comprehensions=sum(len(list(places.double_comprehensions(source))) for source in sources),
        comments_per_100=100 * comments / lines,
        one_word_percent=100 * sum("_" not in name.strip("_") for name in names) / len(names),
        repeated_names=len(places.repeated_public_names(sources)),
    )


def template_lines_over(limit: int, root: Path) -> float | None:
    """The percentage of the templates' lines that are longer than `limit` characters."""
    templates = [
        path
        for path in sorted(root.rglob("*.html"))
        if "templates" in path.parts and not LEFT_OUT.intersection(path.relative_to(root).parts)
    ]
    lines = [line for path in templates for line in path.read_text(encoding="utf-8").splitlines()]
    if not lines:
        return None
    return 100 * sum(len(line) > limit for line in lines) / len(lines)


def commit_lines_median(root: Path) -> float | None:
    """Lines added and removed by a commit, the median of the latest ones; merges are left out."""
    command = ["git", "-C", str(root), "log", f"-{COMMITS}", "--no-merges", "--numstat", "--format=tformat:commit"]
    log = subprocess.run(command, capture_output=True, text=True, check=False)
    if log.returncode != 0 or not log.stdout:
        return None
    return statistics.median(_changed_lines(commit) for commit in log.stdout.split("commit\n")[1:])


def _changed_lines(numstat: str) -> int:
    """Git writes `added TAB removed TAB path` for each file, and `-` for both counts of a binary one."""
    counts = [line.split("\t")[:2] for line in numstat.splitlines() if line]
    return sum(int(added) + int(removed) for added, removed in counts if added != "-")
