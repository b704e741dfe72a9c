"""A backup of the database while the product runs: one file, whose last record of the audit is signed.

A restored copy of it can then be told from a tampered one to its very last record. Both databases copy one moment:
SQLite by its online backup in a read transaction, PostgreSQL by pg_dump with an exported snapshot.
"""

import hashlib
import json
import os
import shutil
import sqlite3
import subprocess
from abc import ABC, abstractmethod
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from django.db import connection

from audit import chain
from audit.integrity import checkpoint_files, checkpoints
from audit.integrity.checkpoints import NotWritten
from campaigns.queueing.rows import database_now
from campaigns.restoring.identity import COPY

STEM = "campaign-control-"
_HEAD = "SELECT number, digest FROM audit_head WHERE id = 1"
# What libpq and its programs read where a connection's options have another name.
_OPTIONS = (
    "host",
    "port",
    "sslmode",
    "sslrootcert",
    "sslcert",
    "sslkey",
    "target_session_attrs",
    "connect_timeout",
    "service",
)
_BLOCK = 1 << 20


class BackupError(Exception):
    """Why there is no backup, as a sentence."""


class Backup(NamedTuple):
    """`trouble`: why no checkpoint was signed for its last record, as a sentence; "" if that is signed."""

    path: Path
    size: int
    sha256: str
    head: chain.Head
    trouble: str


class Snapshot(ABC):
    """One moment of the database, which stays as it is until `close`."""

    suffix: str

    @abstractmethod
    def read_head(self) -> chain.Head:
        """Take the snapshot, and read the last record of its audit."""

    @abstractmethod
    def copy_to(self, path: Path) -> None:
        """BackupError: it can't be copied, or the copy can't be read."""

    @abstractmethod
    def close(self) -> None: ...


class SQLiteSnapshot(Snapshot):
    suffix = ".sqlite3"

    def __init__(self) -> None:
        name = connection.settings_dict["NAME"]
        # Not Django's connection: its transactions lock out all writers from the beginning.
        self._source = sqlite3.connect(f"file:{name}?mode=ro", uri=True, isolation_level=None, timeout=20)

    def read_head(self) -> chain.Head:
        self._source.execute("BEGIN")
        return chain.Head(*self._source.execute(_HEAD).fetchone())

    def copy_to(self, path: Path) -> None:
        target = sqlite3.connect(path, isolation_level=None)
        try:
            # In the read transaction that is open: writers aren't held up, and what they write isn't copied.
            self._source.backup(target)
            target.execute("PRAGMA journal_mode = DELETE")
            identity = "INSERT OR REPLACE INTO campaigns_knowndatabase (id, identity) VALUES (1, ?)"
            target.execute(identity, [json.dumps(COPY)])
            (found,) = target.execute("PRAGMA quick_check(1)").fetchone()
        except sqlite3.Error as error:
            raise BackupError(f"SQLite can’t copy the database: {error}.") from error
        finally:
            target.close()
        if found != "ok":
            raise BackupError(f"The copy is damaged, and so may the database be: {found}.")

    def close(self) -> None:
        self._source.close()


class PostgreSQLSnapshot(Snapshot):
    suffix = ".dump"

    def __init__(self) -> None:
        for program in ("pg_dump", "pg_restore"):
            if shutil.which(program) is None:
                raise BackupError(f"There is no {program} here. Install PostgreSQL’s client programs.")
        # A connection of its own: Django's is needed for the checkpoint.
        self._source = connection.get_new_connection(connection.get_connection_params())
        self._source.autocommit = True
        self._name = ""

    def read_head(self) -> chain.Head:
        self._source.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
        # pg_dump takes longer than a transaction of ours may be idle.
        self._source.execute("SET LOCAL idle_in_transaction_session_timeout = 0")
        self._name, number, digest = self._source.execute(
            "SELECT pg_export_snapshot(), number, digest FROM audit_head WHERE id = 1"
        ).fetchone()
        return chain.Head(number, digest)

    def copy_to(self, path: Path) -> None:
        # Owners and grants too: pg_restore --no-owner leaves them out where the roles are others.
        self._run("pg_dump", "--format=custom", f"--snapshot={self._name}", f"--file={path}")
        self._run("pg_restore", "--list", str(path))

    def close(self) -> None:
        self._source.close()

    def _run(self, *command: str) -> None:
        # The password goes into the environment: everybody may read a command line.
        ran = subprocess.run(
            command,
            env=os.environ | libpq_environment(connection.settings_dict),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
        if ran.returncode:
            raise BackupError(f"{command[0]} failed: {' '.join(ran.stderr.split())[:500]}")


def libpq_environment(database: Mapping[str, Any]) -> dict[str, str]:
    """A connection as PostgreSQL's own programs are told of it. `database`: as in Django's settings."""
    names = {"NAME": "PGDATABASE", "HOST": "PGHOST", "PORT": "PGPORT", "USER": "PGUSER", "PASSWORD": "PGPASSWORD"}
    found = {variable: str(database[name]) for name, variable in names.items() if database.get(name)}
    options = database.get("OPTIONS", {})
    return found | {f"PG{_without_underscores(name)}": str(options[name]) for name in _OPTIONS if name in options}


def _without_underscores(name: str) -> str:
    # PGTARGETSESSIONATTRS, but PGCONNECT_TIMEOUT.
    return name.upper() if name == "connect_timeout" else name.replace("_", "").upper()


def make_backup(folder: Path) -> Backup:
    """Copy the database into a new file in `folder`, and sign the last record that it has.

    The file appears once it is whole and on disk, readable for its owner alone. OSError, BackupError: there is none.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    snapshot = SQLiteSnapshot() if connection.vendor == "sqlite" else PostgreSQLSnapshot()
    path = folder / f"{STEM}{database_now():%Y%m%dT%H%M%SZ}{snapshot.suffix}"
    unfinished = path.with_name(f".{path.name}.unfinished")
    try:
        head, trouble = _sign(snapshot)
        unfinished.touch(mode=0o600)
        snapshot.copy_to(unfinished)
        checkpoint_files.sync(unfinished)
        sha256 = _digest(unfinished)
        unfinished.rename(path)
    finally:
        snapshot.close()
        unfinished.unlink(missing_ok=True)
    path.with_name(f"{path.name}.sha256").write_text(f"{sha256}  {path.name}\n", "ascii")
    checkpoint_files.sync(folder)
    return Backup(path, path.stat().st_size, sha256, head, trouble)


def _sign(snapshot: Snapshot) -> tuple[chain.Head, str]:
    """The last record of the snapshot, and why it isn't signed, if it isn't."""
    taken: list[chain.Head] = []

    def take() -> chain.Head:
        taken.append(snapshot.read_head())
        return taken[0]

    try:
        # Taken while nobody else can write a checkpoint, so that none is newer than what it has.
        checkpoints.write(upto=take)
    except NotWritten as reason:
        # A backup without one is better than none, all the more if the audit is broken.
        return taken[0] if taken else take(), str(reason)
    return taken[0], ""


def _digest(path: Path) -> str:
    found = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            found.update(block)
    return found.hexdigest()


def delete_older(folder: Path, keep: int) -> list[Path]:
    """Delete all but the newest `keep` backups in `folder`, with what stands beside them."""
    # Names are in the order of their times.
    suffixes = (SQLiteSnapshot.suffix, PostgreSQLSnapshot.suffix)
    found = sorted(path for path in folder.glob(f"{STEM}*") if path.suffix in suffixes)
    older = found[: max(len(found) - keep, 0)]
    for path in older:
        path.unlink()
        path.with_name(f"{path.name}.sha256").unlink(missing_ok=True)
    return older
