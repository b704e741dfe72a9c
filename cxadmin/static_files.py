"""Static files under names that tell their content, each name looked up once in a process."""

import json
import logging
from itertools import chain
from pathlib import Path
from typing import Any
from urllib.parse import quote

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from whitenoise.storage import CompressedManifestStaticFilesStorage  # type: ignore[import-untyped]

log = logging.getLogger(__name__)

WHAT_TO_DO = "Run manage.py collectstatic --no-input with the same settings, then start the web server again."


class RememberedNames(CompressedManifestStaticFilesStorage):  # type: ignore[misc]
    """A page names some forty files, and collected files don't change while a process runs."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._addresses: dict[str, str] = {}
        self._is_told = False

    def url(self, name: str | None, force: bool = False) -> str:
        """The address of a file."""
        if name is None or force:
            return str(super().url(name, force))
        if name not in self._addresses:
            self._addresses[name] = self._look_up(name)
        return self._addresses[name]

    def _look_up(self, name: str) -> str:
        """A page without styles and scripts works; one that can't be drawn helps nobody."""
        try:
            return str(super().url(name))
        except ValueError:
            # They are usually all missing.
            if not self._is_told:
                self._is_told = True
                log.error("%s %s", not_collected([name]), WHAT_TO_DO)
            return f"{self.base_url}{quote(name)}"


def not_collected(names: list[str]) -> str:
    """A sentence about files that pages name and that aren't there."""
    some = f"{names[0]} and {len(names) - 1} others aren’t" if len(names) > 1 else f"{names[0]} isn’t"
    return f"Of the static files {some} collected in {settings.STATIC_ROOT}: pages lack styles and scripts."


def uncollected() -> list[str]:
    """The names of the product's files that no page finds: of all if none were collected, or of those that are new."""
    if settings.STORAGES["staticfiles"]["BACKEND"] != f"{__name__}.{RememberedNames.__name__}":
        return []
    try:
        collected = json.loads(Path(settings.STATIC_ROOT, "staticfiles.json").read_bytes())["paths"]
    except (OSError, ValueError, KeyError, TypeError):
        collected = {}
    found = chain.from_iterable(finder.list([]) for finder in get_finders())
    return sorted(name for name, _ in found if name not in collected)
