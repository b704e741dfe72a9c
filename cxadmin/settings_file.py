"""The file `.env`, as people write it: python-dotenv takes it apart, and what it would skip or guess stops the start.

A value reads as a shell would read it, with two exceptions: a `$` stays a `$`, and an unquoted backslash stays too,
since passwords hold both. `export`, blanks around `=`, comments behind values, quotes, CRLF and a byte order mark are
all fine.
"""

import codecs
import re
import unicodedata
from io import StringIO
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured
from dotenv.parser import Binding, parse_stream

NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.]*")
SINGLE_QUOTED = re.compile(r"[^=]*=\s*'([^']*)'")
DOUBLE_QUOTED = re.compile(r'[^=]*=\s*"((?:\\.|[^"\\])*)"', re.DOTALL)
UNQUOTED = re.compile(r"[^=]*=[^\S\r\n]*([^\r\n]*)")
# Before these a shell drops the backslash within double quotes; before anything else it keeps it.
ESCAPED = re.compile(r'\\([\\"$`])')
SECOND_SETTING = re.compile(r"\s[A-Z][A-Z0-9_]+=")
TYPOGRAPHIC_QUOTES = ("\u201c", "\u201d", "\u201e", "\u2018", "\u2019", "\u201a", "\u00ab", "\u00bb")
UTF_16_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


def read(path: Path) -> dict[str, str]:
    """What the file sets; {} where there is none. ImproperlyConfigured: a sentence with the file and the line."""
    lines: dict[str, int] = {}
    values: dict[str, str] = {}
    for binding in parse_stream(StringIO(_text(path))):
        place = f"{path}, line {_line(binding)}"
        if binding.error:
            raise ImproperlyConfigured(
                f"{place} can't be read. Write NAME=value, with a quote at both ends or at none."
            )
        if binding.key is None:  # a comment, or blank lines at the end
            continue
        name, value = binding.key, _value(binding, place)
        if values.get(name, value) != value:
            raise ImproperlyConfigured(
                f"{place} sets {name} to something else than line {lines[name]} does. Remove one of the two."
            )
        lines[name], values[name] = lines.get(name, _line(binding)), value
    return values


def _text(path: Path) -> str:
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        if path.is_symlink():
            raise ImproperlyConfigured(
                f"{path} is a link to a file that does not exist. Correct or remove it."
            ) from None
        return ""
    except OSError as error:
        raise ImproperlyConfigured(
            f"{path} can't be read: {error.strerror}. Correct its rights, or remove it."
        ) from None
    if data.startswith(UTF_16_MARKS) or b"\0" in data:
        raise ImproperlyConfigured(f"{path} is not text in UTF-8; it looks like UTF-16. Save it as UTF-8.")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise ImproperlyConfigured(f"{path}, line {line} is not text in UTF-8. Save the file as UTF-8.") from None


def _line(binding: Binding) -> int:
    """python-dotenv counts the blank lines before a setting as part of it."""
    text = binding.original.string
    return binding.original.line + text[: len(text) - len(text.lstrip())].count("\n")


def _value(binding: Binding, place: str) -> str:
    name, value, text = binding.key or "", binding.value, binding.original.string
    if not NAME.fullmatch(name):
        raise ImproperlyConfigured(f"{place}: {name!r} is not a name of a setting. Write NAME=value.")
    if value is None:
        raise ImproperlyConfigured(f"{place}: {name} has no = and no value. Write {name}=value, or remove the line.")
    if value.startswith(TYPOGRAPHIC_QUOTES):
        raise ImproperlyConfigured(
            f"{place}: the value of {name} is in typographic quotes. Write plain ones (' or \"), or none."
        )
    if single := SINGLE_QUOTED.match(text):
        value = _single_quoted(single[1], value, f"{place}: the value of {name}")
    elif double := DOUBLE_QUOTED.match(text):
        value = ESCAPED.sub(r"\1", double[1])
    elif unquoted := UNQUOTED.match(text):
        _check_unquoted(value, unquoted[1], f"{place}: the value of {name}")
    if fault := invisible(value):
        raise ImproperlyConfigured(f"{place}: the value of {name} {fault}. A closing quote may be missing.")
    return value


def _single_quoted(inside: str, as_parsed: str, subject: str) -> str:
    """Between single quotes all stays as it is; python-dotenv would take `\\'` for a quote inside."""
    if "'" in as_parsed:
        raise ImproperlyConfigured(f"{subject} has a single quote between single quotes. Use double quotes around it.")
    return inside


def _check_unquoted(value: str, text: str, subject: str) -> None:
    """`pass'word #1'` is one value to some readers and a value with a comment to others, and `a B=c` two settings."""
    if SECOND_SETTING.search(value):
        raise ImproperlyConfigured(
            f"{subject} goes on with another setting. Put each on a line of its own, or quotes around the value."
        )
    dropped = text[len(value) :]
    for quote in "'\"":
        if quote in value and quote in dropped:
            raise ImproperlyConfigured(
                f"{subject} can be read in two ways: part of it, behind the #, may be a comment. "
                "Put quotes around all of it, or leave the comment out."
            )


def invisible(value: str) -> str:
    """What is in it that nobody sees, as the end of a sentence; "" where there is nothing."""
    for character in value:
        if character in "\r\n":
            return "has a line break in it"
        if unicodedata.category(character) in {"Cc", "Cf", "Zl", "Zp"}:
            return f"has an invisible character in it (U+{ord(character):04X})"
    return ""
