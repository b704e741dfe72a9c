"""Pages, notices, commands and records speak as people on the floor do: `words.FOREIGN` lists what stays out."""

from pathlib import Path

import pytest
from django.conf import settings

from tests.style.sources import application, read_sources
from tests.style.words import foreign_in, texts_of_source, texts_of_template

ROOT = Path(settings.BASE_DIR)


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


@pytest.mark.parametrize(
    "text",
    ["Leave it as it is", "Make calendar", "Its pause, asked for by Ann", "“9x” is no time.", "Mend these lines"],
)
def test_foreign_words_are_found(text: str) -> None:
    assert list(foreign_in(text))


@pytest.mark.parametrize("text", ["Cancel", "Leave the database as it is", "Create calendar", "It is no longer there"])
def test_plain_words_pass(text: str) -> None:
    assert list(foreign_in(text)) == []
