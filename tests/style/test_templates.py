"""Templates are code too: a line of theirs fits on a screen."""

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
