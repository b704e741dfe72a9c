"""What the doctor says of PostgreSQL and Redis."""

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest
import redis
from psycopg import sql

from tests.cxadmin.doctor.visit import Place
from tests.processes import servers
from tests.processes.cxone import SimulatedCXone
from tests.processes.product import free_port

pytestmark = [pytest.mark.slow, pytest.mark.services]
PASSWORD = "a-password-of-the-tests"


@pytest.fixture(scope="module")
def database_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A database with all its tables. Who breaks something in it repairs it."""
    servers.require()
    with servers.database() as url:
        Place(tmp_path_factory.mktemp("migrated"), DATABASE_URL=url).prepare()
        yield url


@pytest.fixture
def place(tmp_path: Path, prepared: Path, cxone: SimulatedCXone, database_url: str, redis_url: str) -> Place:
    """On PostgreSQL and Redis."""
    static = str(prepared / "static")
    return Place(tmp_path, DATABASE_URL=database_url, REDIS_URL=redis_url, STATIC_ROOT=static, **cxone.settings)


def at_another_port(url: str) -> str:
    parts = urlsplit(url)
    return parts._replace(netloc=f"postgres:{PASSWORD}@127.0.0.1:{free_port()}").geturl()


def test_everything_is_well(place: Place) -> None:
    report = place.ask_doctor()
    assert report.failing == []
    assert report.checks["database"].found.startswith("PostgreSQL ")
    assert report.checks["redis"].found.startswith("Redis ")


def test_closed_port_of_the_database(place: Place, database_url: str) -> None:
    report = place.ask_doctor(DATABASE_URL=at_another_port(database_url))
    assert "Connection refused" in report.checks["database"].found
    assert "Start PostgreSQL" in report.checks["database"].do
    assert report.checks["read"].ok, "CXone can be asked without a database"
    assert PASSWORD not in report.text


def test_database_that_is_not_there(place: Place, database_url: str) -> None:
    said = place.ask_doctor(DATABASE_URL=f"{database_url}_no").checks["database"]
    assert "does not exist" in said.found
    assert "Correct the name at the end of DATABASE_URL" in said.do


def test_user_that_is_not_there(place: Place, database_url: str) -> None:
    said = place.ask_doctor(DATABASE_URL=database_url.replace("postgres@", "nobody_here@")).checks["database"]
    assert 'role "nobody_here" does not exist' in said.found
    assert "make that role" in said.do


def test_wrong_password(tmp_path: Path, cxone: SimulatedCXone) -> None:
    own = servers.OwnPostgreSQL()
    try:
        own.start()
        own.require_password()
        url = own.url.replace("postgres@", f"postgres:{PASSWORD}@")
        report = Place(tmp_path, DATABASE_URL=url, **cxone.settings).ask_doctor()
    finally:
        own.close()
    assert "password authentication failed" in report.checks["database"].found
    assert "Correct the user name or the password in DATABASE_URL" in report.checks["database"].do
    assert PASSWORD not in report.text


def test_database_that_hangs(tmp_path: Path, cxone: SimulatedCXone) -> None:
    own = servers.OwnPostgreSQL()
    try:
        own.start()
        own.stop()
        report = Place(tmp_path, DATABASE_URL=own.url, **cxone.settings).ask_doctor()
    finally:
        own.close()
    assert "timeout" in report.checks["database"].found
    assert "whether the server runs" in report.checks["database"].do
    assert report.checks["read"].ok, "CXone can be asked without a database"


def test_database_that_only_reads(place: Place, database_url: str) -> None:
    name = sql.Identifier(urlsplit(database_url).path[1:])
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute(sql.SQL("ALTER DATABASE {} SET default_transaction_read_only = on").format(name))
        said = place.ask_doctor().checks["database"]
        connection.execute(sql.SQL("ALTER DATABASE {} RESET default_transaction_read_only").format(name))
    assert "can’t be written" in said.found


def test_disabled_trigger_is_named(place: Place, database_url: str) -> None:
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute("ALTER TABLE audit_record DISABLE TRIGGER audit_record_keep")
        said = place.ask_doctor().checks["triggers"]
        connection.execute("ALTER TABLE audit_record ENABLE ALWAYS TRIGGER audit_record_keep")
    assert "audit_record_keep." in said.found


def test_closed_port_of_redis(place: Place) -> None:
    report = place.ask_doctor(REDIS_URL=f"redis://:{PASSWORD}@127.0.0.1:{free_port()}/0")
    assert "doesn’t answer" in report.checks["redis"].found
    assert "the product works, but slower" in report.checks["redis"].do
    assert report.failing == ["redis"]
    assert PASSWORD not in report.text


def test_redis_that_hangs(place: Place) -> None:
    own = servers.OwnRedis()
    own.start()
    own.stop()
    try:
        said = place.ask_doctor(REDIS_URL=own.url).checks["redis"]
    finally:
        own.kill()
    assert "doesn’t answer" in said.found


def test_redis_that_wants_a_password(place: Place) -> None:
    own = servers.OwnRedis()
    own.start()
    try:
        with redis.Redis.from_url(own.url) as client:
            client.config_set("requirepass", "another")
        said = place.ask_doctor(REDIS_URL=own.url).checks["redis"]
    finally:
        own.kill()
    assert "doesn’t let this system in" in said.found
    assert "password in REDIS_URL" in said.do


def test_redis_that_is_a_replica(place: Place) -> None:
    own = servers.OwnRedis()
    own.start()
    try:
        with redis.Redis.from_url(own.url) as client:
            client.replicaof("127.0.0.1", str(free_port()))
        said = place.ask_doctor(REDIS_URL=own.url).checks["redis"]
    finally:
        own.kill()
    assert "replica" in said.found


def test_redis_without_that_database(place: Place, redis_url: str) -> None:
    said = place.ask_doctor(REDIS_URL=f"{redis_url.rpartition('/')[0]}/9999").checks["redis"]
    assert "number of the database" in said.do
