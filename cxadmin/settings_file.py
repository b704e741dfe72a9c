"""The file `.env`, as people write it: python-dotenv parses it, and what it would skip or guess is a problem.

A value reads as a shell would read it, with two exceptions: a `$` stays a `$`, and an unquoted backslash stays too,
since passwords hold both. `export`, blanks around `=`, comments behind values, quotes, CRLF and a byte order mark are
all fine.
"""

import codecs
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from typing import NamedTuple

from dotenv.parser import Binding, parse_stream

# By which a problem of the file itself is known.
NAME = ".env"
NAME_OF_SETTING = re.compile(r"[A-Za-z_][A-Za-z0-9_.]*")
SINGLE_QUOTED = re.compile(r"[^=]*=\s*'([^']*)'")
DOUBLE_QUOTED = re.compile(r'[^=]*=\s*"((?:\\.|[^"\\])*)"', re.DOTALL)
UNQUOTED = re.compile(r"[^=]*=[^\S\r\n]*([^\r\n]*)")
# Before these a shell drops the backslash within double quotes; before anything else it keeps it.
ESCAPED = re.compile(r'\\([\\"$`])')
SECOND_SETTING = re.compile(r"\s[A-Z][A-Z0-9_]+=")
TYPOGRAPHIC_QUOTES = ("\u201c", "\u201d", "\u201e", "\u2018", "\u2019", "\u201a", "\u00ab", "\u00bb")
UTF_16_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


@dataclass(frozen=True, slots=True)
class SettingProblem:
    """What is wrong with a setting, and what to do about it. Neither shows a secret."""

    setting: str
    sentence: str
    hint: str


class File(NamedTuple):
    values: Mapping[str, str]
    problems: Sequence[SettingProblem]


EMPTY = File({}, [])


class BadFile(Exception):
    """`sentence` and `hint`, of a line or of the whole file."""

    def __init__(self, sentence: str, hint: str) -> None:
        super().__init__(sentence, hint)
        self.sentence = sentence
        self.hint = hint


def read_env_file(path: Path) -> File:
    """What the file sets, and a problem for each line that can't be read. Where there is no file it sets nothing."""
    try:
        text = _text(path)
    except BadFile as reason:
        return File({}, [SettingProblem(NAME, reason.sentence, reason.hint)])
    lines: dict[str, int] = {}
    values: dict[str, str] = {}
    problems: list[SettingProblem] = []
    for binding in parse_stream(StringIO(text)):
        number = _line(binding)
        place = f"{path}, line {number}"
        try:
            setting = _setting(binding, place)
            if setting is None:
                continue
            name, value = setting
            if values.get(name, value) != value:
                raise BadFile(
                    f"{place} sets {name} to something else than line {lines[name]} does.", "Remove one of the two."
                )
        except BadFile as reason:
            problems.append(SettingProblem(NAME, reason.sentence, reason.hint))
            continue
        lines.setdefault(name, number)
        values[name] = value
    return File(values, problems)


def _text(path: Path) -> str:
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        if path.is_symlink():
            raise BadFile(f"{path} is a link to a file that does not exist.", "Correct or remove it.") from None
        return ""
    except OSError as error:
        raise BadFile(f"{path} can’t be read: {error.strerror}.", "Correct its rights, or remove it.") from None
    if data.startswith(UTF_16_MARKS) or b"\0" in data:
        raise BadFile(f"{path} is not text in UTF-8; it looks like UTF-16.", "Save it as UTF-8.")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise BadFile(f"{path}, line {line} is not text in UTF-8.", "Save the file as UTF-8.") from None


def _line(binding: Binding) -> int:
    """python-dotenv counts the blank lines before a setting as part of it."""
    text = binding.original.string
    return binding.original.line + text[: len(text) - len(text.lstrip())].count("\n")


def _setting(binding: Binding, place: str) -> tuple[str, str] | None:
    """Name and value; None for a comment, or blank lines at the end."""
    if binding.error:
        raise BadFile(f"{place} can’t be read.", "Write NAME=value, with a quote at both ends or at none.")
    if binding.key is None:
        return None
    name = binding.key
    if not NAME_OF_SETTING.fullmatch(name):
        raise BadFile(f"{place}: {name!r} is not a name of a setting.", "Write NAME=value.")
    if binding.value is None:
        raise BadFile(f"{place}: {name} has no = and no value.", f"Write {name}=value, or remove the line.")
    return name, _value(binding.value, binding.original.string, f"{place}: the value of {name}")


def _value(as_parsed: str, text: str, subject: str) -> str:
    """The value that the line `text` sets, of which python-dotenv has made `as_parsed`."""
    if as_parsed.startswith(TYPOGRAPHIC_QUOTES):
        raise BadFile(f"{subject} is in typographic quotes.", "Write plain ones (' or \"), or none.")
    value = as_parsed
    if single := SINGLE_QUOTED.match(text):
        # Between single quotes everything stays as it is; python-dotenv would read `\'` as a quote inside.
        if "'" in as_parsed:
            raise BadFile(f"{subject} has a single quote between single quotes.", "Use double quotes around it.")
        value = single[1]
    elif double := DOUBLE_QUOTED.match(text):
        value = ESCAPED.sub(r"\1", double[1])
    elif unquoted := UNQUOTED.match(text):
        _check_unquoted(value, unquoted[1], subject)
    if fault := invisible(value):
        raise BadFile(f"{subject} {fault}.", "A closing quote may be missing.")
    return value


def _check_unquoted(value: str, text: str, subject: str) -> None:
    """`pass'word #1'` is one value to some readers and a value with a comment to others, and `a B=c` two settings."""
    if SECOND_SETTING.search(value):
        raise BadFile(
            f"{subject} goes on with another setting.",
            "Put each on a line of its own, or quotes around the value.",
        )
    dropped = text[len(value) :]
    for quote in "'\"":
        if quote in value and quote in dropped:
            raise BadFile(
                f"{subject} can be read in two ways: part of it, behind the #, may be a comment.",
                "Put quotes around all of it, or leave the comment out.",
            )


def invisible(value: str) -> str:
    """What is in it that nobody sees, as the end of a sentence; "" where there is nothing."""
    for character in value:
        if character in "\r\n":
            return "has a line break in it"
        if unicodedata.category(character) in {"Cc", "Cf", "Zl", "Zp"}:
            return f"has an invisible character in it (U+{ord(character):04X})"
    return ""
