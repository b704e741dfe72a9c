"""The figures and the places, on small files whose answer is plain to see."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from textwrap import dedent

import pytest

from tests.style import places
from tests.style.figures import Figures, commit_lines_median, measure_code, template_lines_over
from tests.style.places import Place
from tests.style.sources import Source, application, read_sources


def write(root: Path, path: str, text: str) -> None:
    (root / path).parent.mkdir(parents=True, exist_ok=True)
    (root / path).write_text(dedent(text), encoding="utf-8")


def one_source(root: Path, text: str) -> Source:
    write(root, "campaigns/one.py", text)
    return read_sources(root)[0]


def figures(root: Path, text: str) -> Figures:
    return measure_code([one_source(root, text)])


def git(root: Path, *command: str) -> None:
    who = ["-c", "user.name=Ada", "-c", "user.email=ada@example.com"]
    subprocess.run(["git", "-C", str(root), *who, *command], check=True, capture_output=True)


def test_tests_and_migrations_are_not_counted(tmp_path: Path) -> None:
    for path in ("audit/ledger.py", "audit/migrations/0001_initial.py", "tests/one.py", "audit/test_ledger.py"):
        write(tmp_path, path, "x = 1\n")
    assert [str(source.path) for source in read_sources(tmp_path)] == ["audit/ledger.py"]


def test_application_is_without_scripts(tmp_path: Path) -> None:
    write(tmp_path, "audit/ledger.py", "x = 1\n")
    write(tmp_path, "benchmarks/pages.py", "x = 1\n")
    assert [source.package for source in application(read_sources(tmp_path))] == ["audit"]


@pytest.mark.parametrize(
    ("find", "line", "is_found"),
    [
        (places.nested_conditionals, "return 1 if a else 2 if b else 3", True),
        (places.nested_conditionals, "return (1 if a else 2) + (3 if b else 4)", False),
        (places.nested_conditionals, "return f(1 if b else 2) if a else 3", True),
        (places.double_comprehensions, "return [x for y in a for x in y]", True),
        (places.double_comprehensions, "return [[x for x in y] for y in a]", False),
        (places.walruses_in_elements, "return [x for y in a if (x := y.b)]", False),
        (places.walruses_in_elements, "return [(x := y.b) for y in a]", True),
        (places.walruses_in_elements, "return {y: (x := y.b) for y in a}", True),
    ],
)
def test_dense_expressions(
    tmp_path: Path, find: Callable[[Source], Iterator[Place]], line: str, is_found: bool
) -> None:
    source = one_source(tmp_path, f"class Page:\n    def read(self, a, b):\n        {line}\n")
    found = [(place.key, place.line) for place in find(source)]
    assert found == ([("campaigns::Page.read", 3)] if is_found else [])


@pytest.mark.parametrize(("lines", "is_found"), [(50, False), (51, True)])
def test_long_functions(tmp_path: Path, lines: int, is_found: bool) -> None:
    source = one_source(tmp_path, "@cache\ndef read():\n" + "    x = 1\n" * (lines - 1))
    assert bool(list(places.long_functions(source))) is is_found


def test_helpers_that_are_called_once(tmp_path: Path) -> None:
    source = one_source(
        tmp_path,
        """
        def read(): return _once() + _twice() + _twice() + _long()
        def _once(): return 1
        def _twice(): return 2
        def _long():
            x = 3
            x += 1
            return x
        """,
    )
    assert {place.function for place, _ in places.once_called_helpers(source)} == {"_once", "_long"}
    assert [place.function for place in places.once_called_tiny_helpers(source)] == ["_once"]


def test_public_names_in_several_files(tmp_path: Path) -> None:
    write(tmp_path, "audit/a.py", "def read(): ...\ndef _own(): ...\nclass Command: ...\ndef only(): ...\n")
    write(tmp_path, "audit/b.py", "def read(): ...\ndef _own(): ...\nclass Command: ...\n")
    repeated = places.repeated_public_names(read_sources(tmp_path))
    assert {name: len(found) for name, found in repeated.items()} == {"read": 2}


def test_methods_are_no_public_names_of_a_module(tmp_path: Path) -> None:
    for path in ("audit/a.py", "audit/b.py"):
        write(tmp_path, path, f"class {Path(path).stem.upper()}:\n    def read(self): ...\n")
    assert places.repeated_public_names(read_sources(tmp_path)) == {}


def test_figures_of_code(tmp_path: Path) -> None:
    found = figures(
        tmp_path,
        """\
        # Why.
        def read_all(): return [x for x in (1, 2)]
        class Page:
            def read(self):  # not on a line of its own
                return _once()
        def _once():
            y = 1 if Page else 2
            z = y
            return z
        # Why, again.
        """,
    )
    assert (found.function_lines_median, found.function_lines_p90, found.function_lines_max) == (2, 4, 4)
    assert (found.functions_per_1000, found.comments_per_100) == (300, 20)
    assert (found.conditionals_per_1000, found.comprehensions_per_1000) == (100, 100)
    assert found.once_called_percent == pytest.approx(100 / 3)
    assert found.one_word_percent == pytest.approx(200 / 3)


def test_template_lines(tmp_path: Path) -> None:
    assert template_lines_over(200, tmp_path) is None
    write(tmp_path, "templates/list.html", "x" * 201 + "\n" + "x" * 200 + "\n\n\n")
    assert template_lines_over(200, tmp_path) == 25


def test_lines_of_commits(tmp_path: Path) -> None:
    git(tmp_path, "init", "-q")
    for lines in (1, 4, 9):
        write(tmp_path, f"{lines}.txt", "x\n" * lines)
        git(tmp_path, "add", ".")
        git(tmp_path, "commit", "-qm", "commit")
    assert commit_lines_median(tmp_path) == 4


def test_no_history_no_figure(tmp_path: Path) -> None:
    assert commit_lines_median(tmp_path) is None


def test_table_and_places_are_printed(tmp_path: Path) -> None:
    write(tmp_path, "campaigns/one.py", "def read(a): return [x for y in a for x in y]\n")
    command = [sys.executable, "-m", "tests.style", "--list", str(tmp_path)]
    printed = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    assert "healthchecks" in printed.splitlines()[0]
    assert "campaigns/one.py:1 read" in printed
