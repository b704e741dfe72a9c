"""PostgreSQL and Redis for one test: a database of its own, and a Redis database that is emptied after it."""

import os
import shutil
import subprocess
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from urllib.parse import urlsplit

import psycopg
import pytest
import redis
from psycopg import sql

from tests.processes.group import wait_until
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
    """A Redis that a test may kill. It keeps nothing."""

    def __init__(self) -> None:
        self.port = free_port()
        self.url = f"redis://127.0.0.1:{self.port}/0"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        if shutil.which("redis-server") is None:
            leave_out("There is no redis-server to start.")
        options = ["--port", str(self.port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]
        self._process = subprocess.Popen(["redis-server", *options], stdout=subprocess.DEVNULL)
        wait_until(self._answers, lambda: "Redis doesn't answer")

    def kill(self) -> None:
        if self._process:
            self._process.kill()
            self._process.wait()

    def listeners(self) -> int:
        """How many workers wait for tasks."""
        with redis.Redis.from_url(self.url) as client:
            return sum(other["cmd"] == "brpop" for other in client.client_list())

    def _answers(self) -> bool:
        with suppress(redis.ConnectionError), redis.Redis.from_url(self.url) as client:
            return bool(client.ping())
        return False


def _execute(statement: str, name: str) -> None:
    with psycopg.connect(services.DATABASE_URL, autocommit=True) as connection:
        connection.execute(sql.SQL(statement).format(sql.Identifier(name)))
