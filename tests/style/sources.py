"""The Python files of a checkout as syntax trees, and the functions in them."""

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

Function = ast.FunctionDef | ast.AsyncFunctionDef

APPLICATION = ("audit", "campaigns", "cxadmin")
LEFT_OUT = {"tests", "migrations", ".venv", "var", "node_modules", "__pycache__"}


@dataclass(frozen=True)
class Source:
    path: Path  # relative to the checkout
    lines: list[str]
    nodes: list[tuple[str, ast.AST]]  # each with the dotted name of the innermost function or class around it

    @property
    def package(self) -> str:
        return self.path.parts[0]

    def functions(self) -> Iterator[tuple[str, Function]]:
        """Each function and method, nested ones too, with its dotted name."""
        for name, node in self.nodes:
            if isinstance(node, Function):
                yield name, node


def read_sources(root: Path) -> list[Source]:
    """Every Python file but tests and migrations."""
    return [_read(root, path) for path in sorted(root.rglob("*.py")) if _is_counted(path.relative_to(root))]


def _is_counted(path: Path) -> bool:
    if LEFT_OUT.intersection(path.parts):
        return False
    return path.name not in {"conftest.py", "tests.py"} and not path.name.startswith("test_")


def _read(root: Path, path: Path) -> Source:
    text = path.read_text(encoding="utf-8")
    return Source(path.relative_to(root), text.splitlines(), list(_named_nodes(ast.parse(text))))


def _named_nodes(tree: ast.Module) -> Iterator[tuple[str, ast.AST]]:
    waiting: list[tuple[str, ast.AST]] = [("", tree)]
    while waiting:
        name, node = waiting.pop()
        if isinstance(node, Function | ast.ClassDef):
            name = f"{name}.{node.name}".lstrip(".")
        yield name, node
        waiting.extend((name, child) for child in ast.iter_child_nodes(node))


def application(sources: Iterable[Source]) -> list[Source]:
    return [source for source in sources if source.package in APPLICATION]


def length(function: Function) -> int:
    """Lines from `def` to the last one, the docstring included, decorators not."""
    return (function.end_lineno or function.lineno) - function.lineno + 1
