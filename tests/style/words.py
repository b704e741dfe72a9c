"""Words that no page, notice, command or record uses: foreign, passive, or a second name for one thing.

Each has what to write instead. Looked at are the text of templates, and strings in Python.
"""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from tests.style.sources import Source

# By pattern: what to write instead.
FOREIGN: dict[str, str] = {
    r"\b[Ll]eave (it|them) as (it is|they are)\b": "Cancel",
    r"^(Add none|Keep it|Change nothing)$": "Cancel",
    r"\b[Mm]ake (a |the )?(calendar|link|evidence|account|rule)\b": "Create …",
    r"\bNot made:": "Not created:",
    r"\bNot asked for\b|[Nn]othing was asked for": "Not saved, Nothing was requested",
    r"\basked for by\b": "requested by",
    r"\b[Gg]oes on by itself\b|\bgo on until\b": "continues",
    r"\btried again by itself\b": "retried automatically",
    r"\btaken (up|out|back)\b|\b[Tt]akes? it up\b": "picked up, removed",
    r"(?<!here )\bis no (time|date|time zone|tag|port|campaign|reason|preview|operation’s)\b": "isn’t a …",
    r"\bit was so already\b|\bare so already\b": "Nothing was changed; need no change",
    r"\b[Nn]obody knows\b|\bthere it is\b": "It is unknown",
    r"\b[Mm]end(s|ed)? (these|this|the|it)\b": "Fix …",
    r"\b[Pp]lace among\b": "Waiting for its turn",
    r"\b(was|were|is|are) walked\b": "Checked",
    r"\b[Ii]s told\b|\b[Ww]as to be told\b": "is sent to; No notices yet",
    r"\bchanged outside\b|\boutside this control room\b": "Changed in CXone",
    r"^Its policy$|\bpolicy of this campaign\b": "Limits and hours rule",
    r"^Parked$|\bis parked\b|\b[Ww]as given up\b": "Gave up",
    r"\b[Aa]new\b": "again",
    r"\b[Ll]ook (it|them) over\b": "check it",
    r"\bif that is meant\b": "if you mean it",
    r"\bWho is hit\b": "Affected campaigns",
    r"\b[Mm]ay be otherwise\b": "may be different",
}
# Between letters, and after an s; not where a quotation begins or ends.
STRAIGHT = re.compile(r"\w'\w|\ws' (?=\w)")
# Attributes of templates that are read, seen or spoken.
_READ = re.compile(r'\b(?:title|aria-label|placeholder|alt)="([^"]*)"')
_COMMENT = re.compile(r"\{#.*?#\}|\{% comment %\}.*?\{% endcomment %\}", re.DOTALL)
_TAG = re.compile(r"\{%.*?%\}|\{\{.*?\}\}|<[^>]*>", re.DOTALL)


def foreign_in(text: str) -> Iterator[str]:
    for pattern, instead in FOREIGN.items():
        if found := re.search(pattern, text):
            yield f"“{found[0]}”: write {instead}"


def texts_of_template(path: Path) -> Iterator[str]:
    """Its sentences between the tags, and what is spoken or shown of them."""
    markup = _COMMENT.sub("", path.read_text(encoding="utf-8"))
    yield from _READ.findall(markup)
    for text in _TAG.split(markup):
        if said := " ".join(text.split()):
            yield said


def texts_of_source(source: Source) -> Iterator[tuple[int, str]]:
    """The strings in it, but for docstrings: what is filled into them stands as an ellipsis."""
    unread = {
        id(node.body[0].value)
        for _, node in source.nodes
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
        and node.body
        and isinstance(node.body[0], ast.Expr)
    }
    for _, node in source.nodes:
        if isinstance(node, ast.JoinedStr):
            pieces = [piece.value if isinstance(piece, ast.Constant) else "…" for piece in node.values]
            yield node.lineno, "".join(map(str, pieces))
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in unread:
            yield node.lineno, node.value
