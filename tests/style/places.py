"""Where the code is denser than the house style allows."""

import ast
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.style.sources import Function, Source, length

Comprehension = ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp

MAX_FUNCTION_LINES = 50
# A private helper below this length that is called once costs its reader more than it saves.
MIN_HELPER_LINES = 4

# Django's own words, which every application repeats, and the name of a script's only function.
COMMON_NAMES = {"Command", "Meta", "main"}


@dataclass(frozen=True, order=True)
class Place:
    path: Path
    line: int
    function: str

    @property
    def key(self) -> str:
        """How an allow list names the place: without the module and the line, which change when code moves."""
        return f"{self.path.parts[0]}::{self.function or 'module'}"

    def __str__(self) -> str:
        return f"{self.path}:{self.line} {self.function}".rstrip()


def nested_conditionals(source: Source) -> Iterator[Place]:
    """Conditional expressions with another one somewhere inside."""
    for name, node in source.nodes:
        if isinstance(node, ast.IfExp) and _contains(ast.iter_child_nodes(node), ast.IfExp):
            yield Place(source.path, node.lineno, name)


def double_comprehensions(source: Source) -> Iterator[Place]:
    """Comprehensions with two `for` or more."""
    for name, node in source.nodes:
        if isinstance(node, Comprehension) and len(node.generators) > 1:
            yield Place(source.path, node.lineno, name)


def walruses_in_elements(source: Source) -> Iterator[Place]:
    """Comprehensions that assign in what they collect; in a condition, a walrus reads well."""
    for name, node in source.nodes:
        if isinstance(node, Comprehension) and _contains(_elements(node), ast.NamedExpr):
            yield Place(source.path, node.lineno, name)


def _elements(node: Comprehension) -> list[ast.expr]:
    if isinstance(node, ast.DictComp):
        return [node.key, node.value]
    return [node.elt]


def _contains(nodes: Iterable[ast.AST], kind: type[ast.AST]) -> bool:
    return any(isinstance(inner, kind) for node in nodes for inner in ast.walk(node))


def long_functions(source: Source) -> Iterator[Place]:
    for name, function in source.functions():
        if length(function) > MAX_FUNCTION_LINES:
            yield Place(source.path, function.lineno, name)


def once_called_helpers(source: Source) -> Iterator[tuple[Place, Function]]:
    """Private functions and methods that their file names once."""
    uses = Counter(_names_used(source))
    for name, function in source.functions():
        if _is_private(function.name) and uses[function.name] == 1:
            yield Place(source.path, function.lineno, name), function


def once_called_tiny_helpers(source: Source) -> Iterator[Place]:
    for place, function in once_called_helpers(source):
        if length(function) < MIN_HELPER_LINES:
            yield place


def _names_used(source: Source) -> Iterator[str]:
    for _, node in source.nodes:
        if isinstance(node, ast.Name):
            yield node.id
        elif isinstance(node, ast.Attribute):
            yield node.attr


def _is_private(name: str) -> bool:
    return name.startswith("_") and not name.endswith("__")


def repeated_public_names(sources: Iterable[Source]) -> dict[str, list[Place]]:
    """Public functions and classes, at module level, whose name is defined in several files."""
    places: dict[str, list[Place]] = defaultdict(list)
    for source in sources:
        for name, node in source.nodes:
            if isinstance(node, Function | ast.ClassDef) and name == node.name and _is_public(name):
                places[name].append(Place(source.path, node.lineno, name))
    return {name: found for name, found in sorted(places.items()) if len({place.path for place in found}) > 1}


def _is_public(name: str) -> bool:
    return not name.startswith("_") and name not in COMMON_NAMES
