"""Templates are code too: a line of theirs fits on a screen."""

import re
from pathlib import Path

from django.conf import settings

TEMPLATES = Path(settings.BASE_DIR) / "templates"
# Twice a narrow window. Django can't break a tag over lines, so a few includes need more than the usual 120.
MOST_CHARACTERS = 160


def test_no_line_is_too_long() -> None:
    too_long = [
        f"{path.relative_to(TEMPLATES)}:{number}"
        for path in sorted(TEMPLATES.rglob("*.html"))
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1)
        if len(line) > MOST_CHARACTERS
    ]
    assert too_long == []


def test_no_tag_is_broken_over_lines() -> None:
    """Django shows such a one as it stands."""
    opened = re.compile(r"\{\{[^}]*$|\{%[^%]*$", re.MULTILINE)
    broken = [
        f"{path.relative_to(TEMPLATES)}: {found[0]}"
        for path in sorted(TEMPLATES.rglob("*.html"))
        for found in opened.finditer(path.read_text(encoding="utf-8"))
    ]
    assert broken == []


def test_no_space_after_hidden_words_of_a_button() -> None:
    """A browser draws it as a gap, and the button's words stand off its middle."""
    gap = re.compile(r'<span class="visually-hidden">[^<]*</span>\s+</(?:a|button|summary)>')
    gaps = [
        f"{path.relative_to(TEMPLATES)}: {found[0]}"
        for path in sorted(TEMPLATES.rglob("*.html"))
        for found in gap.finditer(path.read_text(encoding="utf-8"))
    ]
    assert gaps == []
