"""The log: no secrets in its lines, and no more lines than somebody can read."""

import logging
import threading
from collections.abc import Hashable
from dataclasses import dataclass
from functools import cache
from time import monotonic

from django.conf import settings

from campaigns.cxone.masking import SecretMask

BLANK = "•••"
# A shorter secret, such as the password of a demonstration, may be an ordinary word of many lines.
LEAST_CHARACTERS = 8
# What anybody can provoke: refused hosts, forms and events, failed sign-ins, pages that fail while the database is
# down. The dispatcher fails twice a second for as long as it is down.
PROVOKED = ("django.security", "django.request", "axes", "waitress", "campaigns.dispatcher", "campaigns.events.views")
PROVOKED_IN_GUNICORN = ("Invalid request", "Error handling request")
SECONDS_BETWEEN = 60.0
MOST_CHARACTERS = 500


class Formatter(logging.Formatter):
    """Masks every secret of the settings, wherever it is in the line: message, path of a request, traceback."""

    def format(self, record: logging.LogRecord) -> str:
        return _blanks(settings.SECRETS)(super().format(record))


class OnceAMinute(logging.Filter):
    """Of what strangers can provoke, passes one line a minute for each kind, with the number of lines dropped before.

    Each process counts for itself. A malformed request needs no traceback; an error of ours keeps its traceback, one
    for each line of code that raised it.
    """

    def __init__(self) -> None:
        super().__init__()
        self._lock = threading.Lock()
        self._kinds: dict[Hashable, _Kind] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        if not _is_provoked(record):
            return True
        with self._lock:
            left_out = self._kinds.setdefault(_kind_of(record), _Kind()).pass_or_count()
        if left_out is None:
            return False
        _shorten(record, left_out)
        return True


@dataclass
class _Kind:
    passed_at: float = -SECONDS_BETWEEN
    left_out: int = 0

    def pass_or_count(self) -> int | None:
        """How many were dropped since the last one that passed; None drops this one as well."""
        now = monotonic()
        if now - self.passed_at < SECONDS_BETWEEN:
            self.left_out += 1
            return None
        left_out, self.left_out, self.passed_at = self.left_out, 0, now
        return left_out


def _is_provoked(record: logging.LogRecord) -> bool:
    # Gunicorn also reports on its own workers under this name.
    if record.name == "gunicorn.error":
        return record.getMessage().startswith(PROVOKED_IN_GUNICORN)
    return record.name.startswith(PROVOKED)


def _kind_of(record: logging.LogRecord) -> Hashable:
    """The logger's name says what was refused; errors are distinguished by the line of code that raised them."""
    if record.name.startswith("django.security") or not record.exc_info or not record.exc_info[2]:
        return record.name, record.levelno
    trace = record.exc_info[2]
    while trace.tb_next:
        trace = trace.tb_next
    return record.name, record.exc_info[0], trace.tb_frame.f_code.co_filename, trace.tb_lineno


def _shorten(record: logging.LogRecord, left_out: int) -> None:
    message = record.getMessage()
    if len(message) > MOST_CHARACTERS:
        message = f"{message[:MOST_CHARACTERS]}…"
    if left_out:
        message += f" ({left_out} more like this were left out)"
    record.msg, record.args = message, ()
    if record.name.startswith("django.security"):
        record.exc_info = record.exc_text = None


@cache
def _blanks(secrets: frozenset[str]) -> SecretMask:
    """Cached by the secrets: an entry point adds those that it makes, and lines may have been written before."""
    return SecretMask((secret for secret in secrets if len(secret) >= LEAST_CHARACTERS), BLANK)
