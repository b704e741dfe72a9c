"""What the doctor says where a PgBouncer is before PostgreSQL, and of sessions without limits."""

from collections.abc import Iterator
from contextlib import ExitStack, closing
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest
from psycopg import sql

from tests.cxadmin.doctor.visit import Place
from tests.processes import servers
from tests.processes.cxone import SimulatedCXone
from tests.processes.pgbouncer import OwnPgBouncer

pytestmark = [pytest.mark.slow, pytest.mark.services]
LIMITS = {"idle_in_transaction_session_timeout": "15s", "jit": "off"}


@pytest.fixture(scope="module")
def unlimited_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A database with all its tables, in which nothing limits a session."""
    servers.require()
    with servers.database() as url:
        Place(tmp_path_factory.mktemp("migrated"), DATABASE_URL=url).prepare()
        yield url


@pytest.fixture
def limited_url(unlimited_url: str) -> Iterator[str]:
    """The same, with the limits that docs/deployment.md has; here of this database alone, not of the whole role."""
    name = sql.Identifier(urlsplit(unlimited_url).path[1:])
    with psycopg.connect(unlimited_url, autocommit=True) as connection:
        for limit, value in LIMITS.items():
            set_limit = sql.SQL("ALTER DATABASE {} SET {} = {}").format(name, sql.Identifier(limit), value)
            connection.execute(set_limit)
        yield unlimited_url
        connection.execute(sql.SQL("ALTER DATABASE {} RESET ALL").format(name))


@pytest.fixture
def place(tmp_path: Path, prepared: Path, cxone: SimulatedCXone, redis_url: str) -> Place:
    return Place(tmp_path, REDIS_URL=redis_url, STATIC_ROOT=str(prepared / "static"), **cxone.settings)


@pytest.fixture
def pool() -> Iterator["Pool"]:
    with ExitStack() as stack:
        yield Pool(stack)


class Pool:
    """Starts poolers, each of a kind, before a database."""

    def __init__(self, stack: ExitStack) -> None:
        self._stack = stack

    def before(self, url: str, mode: str = "transaction", *, ignore_options: bool = False) -> str:
        pooler = self._stack.enter_context(closing(OwnPgBouncer(url, mode=mode, ignore_options=ignore_options)))
        pooler.start()
        return pooler.url


def test_product_that_is_told(place: Place, pool: Pool, limited_url: str) -> None:
    report = place.ask_doctor(DATABASE_URL=pool.before(limited_url), DATABASE_POOLED="on")
    assert report.failing == []
    assert "another session, as DATABASE_POOLED says" in report.checks["database_sessions"].found


def test_product_that_is_not_told_is_refused(place: Place, pool: Pool, limited_url: str) -> None:
    said = place.ask_doctor(DATABASE_URL=pool.before(limited_url)).checks["database"]
    assert "unsupported startup parameter: options" in said.found
    assert "set DATABASE_POOLED=on" in said.do


def test_product_that_is_not_told_and_let_in(place: Place, pool: Pool, limited_url: str) -> None:
    report = place.ask_doctor(DATABASE_URL=pool.before(limited_url, ignore_options=True))
    assert report.failing == ["database_sessions"]
    assert "DATABASE_POOLED is off" in report.checks["database_sessions"].found
    assert "Set DATABASE_POOLED=on" in report.checks["database_sessions"].do


def test_role_without_limits(place: Place, pool: Pool, unlimited_url: str) -> None:
    said = place.ask_doctor(DATABASE_URL=pool.before(unlimited_url), DATABASE_POOLED="on").checks["database_sessions"]
    assert not said.ok
    assert "ALTER ROLE postgres SET idle_in_transaction_session_timeout = '15s';" in said.do
    assert "ALTER ROLE postgres SET jit = off;" in said.do


def test_pooler_that_keeps_sessions(place: Place, pool: Pool, limited_url: str) -> None:
    url = pool.before(limited_url, mode="session", ignore_options=True)
    said = place.ask_doctor(DATABASE_URL=url).checks["database_sessions"]
    assert (said.ok, said.found.endswith("a pooler lets each connection keep its session.")) == (True, True)


def test_options_of_the_address_that_leave_a_limit_out(place: Place, unlimited_url: str) -> None:
    said = place.ask_doctor(DATABASE_URL=f"{unlimited_url}?options=-c%20jit%3Doff").checks["database_sessions"]
    assert "SET idle_in_transaction_session_timeout = '15s'" in said.do
    assert "jit" not in said.do


def test_server_that_hangs_behind_its_pooler(place: Place, pool: Pool) -> None:
    own = servers.OwnPostgreSQL()
    try:
        own.start()
        url = pool.before(own.url)
        own.end_sessions()
        own.stop()
        report = place.ask_doctor(DATABASE_URL=url, DATABASE_POOLED="on")
    finally:
        own.close()
    assert "No answer within 10 s" in report.checks["database"].found
    assert report.checks["read"].ok, "CXone can be asked without a database"
