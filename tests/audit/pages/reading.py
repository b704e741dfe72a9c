"""Pages as they are read."""

import re
from html import unescape
from typing import Any

from django.utils.html import strip_tags


def words_of(response: Any) -> str:
    """The text of a page's main part, in one line."""
    main = response.text.partition("<main")[2]
    return _words("<main" + main)


def numbers_on(response: Any) -> list[int]:
    """The numbers of the records in the list."""
    return [int(number) for number in re.findall(r'<tr data-record="(\d+)"', response.text)]


def rows_on(response: Any) -> list[list[str]]:
    """The cells of the list's rows as their words."""
    rows = re.findall(r"<tr data-record.*?</tr>", response.text, re.DOTALL)
    return [[_words(cell) for cell in re.findall(r"<td.*?</td>", row, re.DOTALL)] for row in rows]


def _words(markup: str) -> str:
    return " ".join(unescape(strip_tags(markup)).replace("\xa0", " ").split())


def link_to(response: Any, label: str) -> str:
    """Where the link of that label leads."""
    for address, inner in re.findall(r'<a [^>]*href="([^"]*)"[^>]*>(.*?)</a>', response.text, re.DOTALL):
        if " ".join(strip_tags(inner).split()) == label:
            return unescape(address)
    raise AssertionError(f"no link {label}")
