"""DATABASE_URL as Django has it: dj-database-url takes it apart, after a look for what people forget to escape."""

import re
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import dj_database_url
from django.core.exceptions import ImproperlyConfigured

from cxadmin.environment import Environment

SQLITE = "sqlite:///"
SERVER = ("postgres://", "postgresql://")
ESCAPES = "Write @ as %40, / as %2F, : as %3A, # as %23, ? as %3F and % as %25 in its user name and password."


def read(environment: Environment, name: str, default: Path) -> dict[str, Any]:
    """The database that the setting names, or SQLite at `default`. No sentence shows the address, for its password."""
    text = environment.secret(name)
    if not text and environment.is_blank_in_file(name):
        raise ImproperlyConfigured(f"{name} is set to nothing in .env. Set it, or remove the line to use SQLite.")
    if not text:
        return _sqlite(default)
    if text.startswith(SQLITE):
        return _sqlite(_file(environment, name, text))
    if not text.startswith(SERVER):
        raise ImproperlyConfigured(f"{name} must start with postgres:// or sqlite:///, and name a database.")
    return _server(environment, name, text)


def _sqlite(path: Path) -> dict[str, Any]:
    return {"ENGINE": "django.db.backends.sqlite3", "NAME": str(path)}


def _file(environment: Environment, name: str, text: str) -> Path:
    path = text.removeprefix(SQLITE)
    if not path or path == ":memory:" or "?" in path or path.endswith("/"):
        raise ImproperlyConfigured(
            f"{name} names no file for SQLite. Write sqlite:////folder/file, with four slashes for an absolute path."
        )
    return environment.expand(name, path)


def _server(environment: Environment, name: str, text: str) -> dict[str, Any]:
    try:
        parts = urlsplit(text)
        config: dict[str, Any] = dict(dj_database_url.parse(text))
    except ValueError:
        raise ImproperlyConfigured(f"{name} can't be read: its host or its port is malformed. {ESCAPES}") from None
    credentials = parts.netloc.rpartition("@")[0]
    is_cut = "#" in text or "@" in parts.path + parts.query or re.search("%(?![0-9A-Fa-f]{2})", credentials)
    if is_cut or re.search(r"\s", text):
        raise ImproperlyConfigured(f"{name} can't be read: a character in it must be escaped. {ESCAPES}")
    if not config["NAME"] or "/" in config["NAME"]:
        raise ImproperlyConfigured(f"{name} names no database. Write postgres://user:password@host:5432/database.")
    if config.get("PASSWORD"):
        environment.secrets.add(config["PASSWORD"])
    return config
