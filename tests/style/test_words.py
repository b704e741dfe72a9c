"""Pages, notices, commands and records speak as people on the floor do: `words.FOREIGN` lists what stays out."""

import re
from pathlib import Path

import pytest
from django.conf import settings

from tests.style.sources import application, read_sources
from tests.style.words import STRAIGHT, foreign_in, texts_of_source, texts_of_template

ROOT = Path(settings.BASE_DIR)
OF_DATABASES = {"triggers.py", "row_sql.py"}


def test_no_template_has_a_foreign_word() -> None:
    found = [
        f"{path.relative_to(ROOT)}: {fault}"
        for path in sorted((ROOT / "templates").rglob("*.html"))
        for text in texts_of_template(path)
        for fault in foreign_in(text)
    ]
    assert found == []


def test_no_sentence_in_python_has_a_foreign_word() -> None:
    found = [
        f"{source.path}:{line}: {fault}"
        for source in application(read_sources(ROOT))
        if "simulator" not in source.path.parts
        for line, text in texts_of_source(source)
        for fault in foreign_in(text)
    ]
    assert found == []


def test_no_template_has_a_straight_apostrophe() -> None:
    found = [
        f"{path.relative_to(ROOT)}: {text}"
        for path in sorted((ROOT / "templates").rglob("*.html"))
        for text in texts_of_template(path)
        if STRAIGHT.search(text)
    ]
    assert found == []


def test_no_sentence_in_python_has_a_straight_apostrophe() -> None:
    """Those of models are in migrations, those of SQL in databases; the simulated CXone speaks as CXone does."""
    found = [
        f"{source.path}:{line}: {text}"
        for source in application(read_sources(ROOT))
        if not {"models", "simulator"}.intersection(source.path.parts) and source.path.name not in OF_DATABASES
        for line, text in texts_of_source(source)
        if STRAIGHT.search(text)
    ]
    assert found == []


def test_no_script_says_a_straight_apostrophe() -> None:
    said = re.compile(r'"(?:[^"\\\n]|\\.)*"|`[^`]*`')
    found = [
        f"{path.relative_to(ROOT)}: {text}"
        for path in sorted((ROOT / "static" / "js").glob("*.js"))
        for line in path.read_text(encoding="utf-8").splitlines()
        if not line.lstrip().startswith(("//", "*"))
        for text in said.findall(line)
        if STRAIGHT.search(text)
    ]
    assert found == []


@pytest.mark.parametrize("text", ["It can't be read", "the campaigns' hours"])
def test_straight_apostrophes_are_found(text: str) -> None:
    assert STRAIGHT.search(text)


@pytest.mark.parametrize("text", ["It can’t be read", "zone 'Odd Time' of"])
def test_others_pass(text: str) -> None:
    assert not STRAIGHT.search(text)


@pytest.mark.parametrize(
    "text",
    ["Leave it as it is", "Make calendar", "Its pause, asked for by Ann", "“9x” is no time.", "Mend these lines"],
)
def test_foreign_words_are_found(text: str) -> None:
    assert list(foreign_in(text))


@pytest.mark.parametrize("text", ["Cancel", "Leave the database as it is", "Create calendar", "It is no longer there"])
def test_plain_words_pass(text: str) -> None:
    assert list(foreign_in(text)) == []
