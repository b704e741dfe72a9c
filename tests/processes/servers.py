"""PostgreSQL and Redis for tests: a database on the servers that run here, or servers of their own to kill."""

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest
import redis
from psycopg import sql

from tests.processes.group import NOWHERE, Group, dies_with_us, wait_until
from tests.processes.product import free_port
from tests.services import __main__ as services

REDIS_URL = os.environ.get("TEST_REDIS_URL") or urlsplit(services.REDIS_URL)._replace(path="/15").geturl()


def require() -> None:
    """Skip the test where the servers are missing; in CI, fail it."""
    if reason := services.missing():
        leave_out(reason)


def leave_out(reason: str) -> None:
    if os.environ.get("CI"):
        pytest.fail(reason)
    pytest.skip(reason)


@contextmanager
def database() -> Iterator[str]:
    """The address of a new PostgreSQL database."""
    name = f"proof_{uuid.uuid4().hex[:12]}"
    _execute("CREATE DATABASE {}", name)
    try:
        yield urlsplit(services.DATABASE_URL)._replace(path=f"/{name}").geturl()
    finally:
        _execute("DROP DATABASE {} WITH (FORCE)", name)


def sessions(database_url: str) -> int:
    """How many connections were ever opened to the database."""
    query = "SELECT sessions FROM pg_stat_database WHERE datname = current_database()"
    with psycopg.connect(database_url, autocommit=True) as connection:
        row = connection.execute(query).fetchone()
    assert row
    return int(row[0])


@contextmanager
def emptied_redis() -> Iterator[str]:
    """The address of the Redis database for tests."""
    with redis.Redis.from_url(REDIS_URL) as client:
        client.flushdb()
        try:
            yield REDIS_URL
        finally:
            client.flushdb()


def waiting_messages(redis_url: str, queue: str) -> int:
    """How many messages no worker has taken yet."""
    with redis.Redis.from_url(redis_url) as client:
        return int(client.llen(f"campaign-control:{queue}"))


class OwnRedis:
    """A Redis that a test may kill, and start as often as it likes. It keeps nothing."""

    def __init__(self) -> None:
        self.port = free_port()
        self.url = f"redis://127.0.0.1:{self.port}/0"
        self._group: Group | None = None

    def start(self) -> None:
        if shutil.which("redis-server") is None:
            leave_out("There is no redis-server to start.")
        if self._group and self._group.runs:
            return
        options = ["--port", str(self.port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]
        self._group = Group(["redis-server", *options], os.environ, NOWHERE)
        wait_until(self._answers, lambda: "Redis doesn't answer")

    def kill(self) -> None:
        if self._group:
            self._group.kill()

    def stop(self) -> None:
        """It hangs: its port is open, and nothing answers."""
        if self._group:
            self._group.send(signal.SIGSTOP)

    def resume(self) -> None:
        if self._group:
            self._group.send(signal.SIGCONT)

    def listeners(self) -> int:
        """How many workers wait for tasks."""
        with redis.Redis.from_url(self.url) as client:
            return sum(other["cmd"] == "brpop" for other in client.client_list())

    def _answers(self) -> bool:
        with suppress(redis.ConnectionError), redis.Redis.from_url(self.url) as client:
            return bool(client.ping())
        return False


class OwnPostgreSQL:
    """A PostgreSQL that a test may end, with one database. What it has committed survives its own end."""

    def __init__(self) -> None:
        self.port = free_port()
        self.url = f"postgres://postgres@127.0.0.1:{self.port}/postgres"
        self._group: Group | None = None
        # Not below pytest's folder, which no other user may enter.
        self._directory = Path(tempfile.mkdtemp(prefix="own-postgres-"))
        # The server refuses to run as root.
        self._user = _server_user() if os.geteuid() == 0 else ""
        if self._user:
            shutil.chown(self._directory, self._user)

    def start(self) -> None:
        if self._group and self._group.runs:
            return
        data = self._directory / "data"
        if not data.exists():
            options = [
                "-D",
                str(data),
                "-U",
                "postgres",
                "-A",
                "trust",
                "-E",
                "UTF8",
                "--no-sync",
                "--no-instructions",
            ]
            # In a folder that this user may enter, or its programs complain.
            initdb = dies_with_us([_server_program("initdb"), *options], self._user)
            subprocess.run(initdb, check=True, cwd=self._directory, stdout=subprocess.DEVNULL)
        # Without waiting for the disk: only the machine's own end would lose anything.
        options = ["--fsync=off", "--listen-addresses=127.0.0.1", "--unix-socket-directories="]
        command = [_server_program("postgres"), "-D", str(data), "-p", str(self.port), *options]
        self._group = Group(command, os.environ, NOWHERE, user=self._user)
        wait_until(self._answers, lambda: "PostgreSQL doesn't answer")

    def end(self) -> None:
        """At once: it breaks off whatever its clients are doing."""
        if self._group:
            self._group.send(signal.SIGQUIT)
            self._group.wait_for_end()

    def close(self) -> None:
        self.end()
        shutil.rmtree(self._directory)

    def _answers(self) -> bool:
        with suppress(psycopg.OperationalError):
            psycopg.connect(self.url, connect_timeout=3).close()
            return True
        return False


def _server_program(name: str) -> str:
    """A program of the newest PostgreSQL on this machine. Debian has them outside the path."""
    found = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"), key=lambda path: int(path.parts[-3]))
    program = str(found[-1]) if found else shutil.which(name)
    if not program:
        leave_out(f"There is no {name} of PostgreSQL to start.")
    return str(program)


def _server_user() -> str:
    names = {entry.pw_name for entry in pwd.getpwall()}
    return "postgres" if "postgres" in names else "nobody"


def _execute(statement: str, name: str) -> None:
    with psycopg.connect(services.DATABASE_URL, autocommit=True) as connection:
        connection.execute(sql.SQL(statement).format(sql.Identifier(name)))
