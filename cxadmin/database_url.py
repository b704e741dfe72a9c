"""DATABASE_URL as Django has it: parsed by dj-database-url, after a look for what people forget to escape.

No sentence shows the address, for its password.
"""

import re
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import dj_database_url

from cxadmin.environment import Environment

SQLITE = "sqlite:///"
SERVER = ("postgres://", "postgresql://")
ESCAPES = "Write @ as %40, / as %2F, : as %3A, # as %23, ? as %3F and % as %25 in its user name and password."
# Each query raises ImproperlyConfigured.
NO_DATABASE = {"ENGINE": "django.db.backends.dummy"}


def read_database(environment: Environment, name: str, default: Path) -> dict[str, Any]:
    """The database that the setting names, or SQLite at `default`."""
    database = _read(environment, name, default)
    # With one setting that can't be used, whatever skips the checks must not work on another database than was meant.
    if environment.problems:
        return dict(NO_DATABASE)
    return database


def _read(environment: Environment, name: str, default: Path) -> dict[str, Any]:
    text = environment.secret(name)
    if text.startswith(SQLITE):
        return _sqlite(_file(environment, name, text) or default)
    if text.startswith(SERVER):
        return _server(environment, name, text)
    if text:
        environment.note(
            name,
            f"{name} must start with postgres:// or sqlite:///, and name a database.",
            "Correct it, or unset it to use SQLite.",
        )
    elif environment.is_blank_in_file(name):
        environment.note(name, f"{name} is set to nothing in .env.", "Set it, or remove the line to use SQLite.")
    return _sqlite(default)


def _sqlite(path: Path) -> dict[str, Any]:
    return {"ENGINE": "django.db.backends.sqlite3", "NAME": str(path)}


def _file(environment: Environment, name: str, text: str) -> Path | None:
    path = text.removeprefix(SQLITE)
    if path and path != ":memory:" and "?" not in path and not path.endswith("/"):
        return environment.expand(name, path)
    environment.note(
        name,
        f"{name} names no file for SQLite.",
        "Write sqlite:////folder/file, with four slashes for an absolute path.",
    )
    return None


def _server(environment: Environment, name: str, text: str) -> dict[str, Any]:
    try:
        parts = urlsplit(text)
        config: dict[str, Any] = dict(dj_database_url.parse(text))
    except ValueError:
        environment.note(name, f"{name} can’t be read: its host or its port is malformed.", ESCAPES)
        return {}
    credentials = parts.netloc.rpartition("@")[0]
    is_cut = "#" in text or "@" in parts.path + parts.query or re.search("%(?![0-9A-Fa-f]{2})", credentials)
    if is_cut or re.search(r"\s", text):
        environment.note(name, f"{name} can’t be read: a character in it must be escaped.", ESCAPES)
    elif not config["NAME"] or "/" in config["NAME"]:
        environment.note(name, f"{name} names no database.", "Write postgres://user:password@host:5432/database.")
    if config.get("PASSWORD"):
        environment.secrets.add(config["PASSWORD"])
    return config
