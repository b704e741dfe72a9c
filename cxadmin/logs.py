"""The log: a line for each event, as text or as JSON; no secret in it, and no more lines than somebody can read.

What a line is about comes along by itself: whoever works on something binds it to the context
(structlog.contextvars), and each line that is written meanwhile has it, whichever library writes it.
"""

import json
import logging
import os
import re
import socket
import threading
from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from time import monotonic

from django.conf import settings
from structlog import stdlib
from structlog.contextvars import get_contextvars
from structlog.typing import EventDict

from campaigns.cxone.masking import SecretMask

BLANK = "•••"
# A shorter secret, such as the password of a demonstration, may be an ordinary word of many lines.
LEAST_CHARACTERS = 8
# What anybody can provoke: refused hosts, forms and events, failed sign-ins, pages that fail while the database is
# down. The dispatcher fails twice a second for as long as it is down, and the count of calls every three seconds for
# as long as CXone refuses it.
PROVOKED = (
    "django.security",
    "django.request",
    "axes",
    "waitress",
    "campaigns.dispatcher",
    "campaigns.events.views",
    "campaigns.sync.drains",
    "cxadmin.accounts.company",
)
PROVOKED_IN_GUNICORN = ("Invalid request", "Error handling request")
SECONDS_BETWEEN = 60.0
MOST_CHARACTERS = 500
TEXT, JSON = FORMATS = ("text", "json")

# Whoever knows the address of a wallboard may see it, and whoever knows a one-time link sets a password with it.
_TOKENS = re.compile(r"(/wall/(?!links/)|/accounts/password/)[^/?#\s\"']+")
# They could begin a line that nobody wrote, or reorder what a terminal shows.
_CONTROL_CHARACTERS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
# In this order, in both formats; whatever else a line has comes after them.
_FIRST = ("time", "level", "logger", "event")
_LAST = ("process", "host")
_INDENT = "    "
# What each record has; the last two once another handler has written it.
_OWN = {*vars(logging.makeLogRecord({})), "message", "asctime"}
PLAIN = (str, bool, int, float, dict, list, tuple)


class Formatter(stdlib.ProcessorFormatter):
    """Masks every secret of the settings, wherever it is in the line: message, path of a request, traceback. And the
    tokens of wallboards and one-time links, which are nowhere in the settings."""

    def __init__(self, log_format: str = TEXT) -> None:
        super().__init__(
            foreign_pre_chain=[_add_extra],
            processors=[_add_context, _describe, _write_json if log_format == JSON else _write_text],
        )


def _add_extra(_logger: object, _method: str, event: EventDict) -> EventDict:
    """What the line was given besides its words (`extra`). Libraries give objects, which nobody can read."""
    given = vars(event["_record"])
    extra = {name: value for name, value in given.items() if name not in _OWN and isinstance(value, PLAIN)}
    return {**extra, **event}


def _add_context(_logger: object, _method: str, event: EventDict) -> EventDict:
    return {**event, **get_contextvars()}


def _describe(_logger: object, _method: str, event: EventDict) -> EventDict:
    record: logging.LogRecord = event.pop("_record")
    event.pop("_from_structlog")
    said, trace = event.pop("event"), _trace_of(event, record)
    fields = {name: _plain(value) for name, value in event.items() if name not in _FIRST}
    about: EventDict = {
        "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "level": record.levelname,
        "logger": record.name,
        "event": _masked(str(said)),
        **fields,
        "process": os.getpid(),
        "host": _host(),
    }
    if trace:
        about["exception"] = _masked(trace)
    return about


def _trace_of(event: EventDict, record: logging.LogRecord) -> str:
    exc_info, stack_info = event.pop("exc_info", None), event.pop("stack_info", None)
    written = logging.Formatter().formatException(exc_info) if exc_info and exc_info[0] else record.exc_text or ""
    return "\n".join(filter(None, (written, stack_info)))


def _plain(value: object) -> object:
    """A value as JSON has it, without secrets."""
    if isinstance(value, bool | int | float | None):
        return value
    if isinstance(value, Mapping):
        return {_masked(str(name)): _plain(each) for name, each in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_plain(each) for each in value]
    return _masked(str(value))


def _masked(text: str) -> str:
    return _TOKENS.sub(rf"\1{BLANK}", mask_secrets(text))


def _write_json(_logger: object, _method: str, event: EventDict) -> str:
    # Its own escapes keep a line one line.
    return json.dumps(event, ensure_ascii=False)


def _write_text(_logger: object, _method: str, event: EventDict) -> str:
    """The traceback follows, each line of it indented: a line that isn't begins with its time."""
    trace = event.pop("exception", "")
    rest = {name: value for name, value in event.items() if name not in {*_FIRST, *_LAST}}
    about = " ".join(f"{name}={value}" for name, value in rest.items())
    line = " ".join(str(event[name]) for name in _FIRST) + (f" [{about}]" if about else "")
    lines = [line, *(f"{_INDENT}{each}" for each in trace.splitlines())]
    return "\n".join(_CONTROL_CHARACTERS.sub(_escape, each) for each in lines)


def _escape(found: re.Match[str]) -> str:
    return found[0].encode("unicode_escape").decode("ascii")


@cache
def _host() -> str:
    return socket.gethostname()


def mask_secrets(text: str) -> str:
    """`text` without the secrets of the settings."""
    return _blanks(settings.SECRETS)(text)


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
