"""What every test stands on: a database of its own, and after each test the rows that the migrations left."""

import gc
import logging
import os
import sqlite3
import tempfile
from collections import Counter
from collections.abc import Callable, Generator, Iterator
from contextlib import closing
from dataclasses import replace
from itertools import count
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import hypothesis
import psycopg
import pytest
from django.conf import settings
from django.db import connection, connections, transaction
from django.db.models.functions import Now
from django.test import TransactionTestCase
from django.utils import timezone
from pytest_django import DjangoDbBlocker
from xdist.scheduler import LoadFileScheduling

from audit import triggers
from audit.integrity import signing
from audit.pages import kept
from campaigns import tenancy
from campaigns.cxone import connect
from campaigns.prepared import forget_compiled
from campaigns.queueing import request_counts, wakeups
from cxadmin.new_database import SCHEMA

# What asserts for several tests says what it found, as their own lines do.
pytest.register_assert_rewrite("tests.browser", "tests.faults", "tests.processes")
# A busy machine is no fault of the code: what a test proves doesn't depend on the clock.
hypothesis.settings.register_profile("patient", deadline=None)
hypothesis.settings.load_profile("patient")

_numbers = count(1)
AS_LONG_AS = 30  # other tests takes one that is `slow`
CLOCK_IS_ONE = pytest.StashKey[bool]()


def pytest_configure(config: pytest.Config) -> None:
    # Nothing is written to the product's own folder.
    var = tempfile.TemporaryDirectory(prefix="test-var-")
    config.add_cleanup(var.cleanup)
    settings.AUDIT_SIGNING_KEY_FILE = Path(var.name, "audit_signing_key.pem")
    settings.AUDIT_SIGNING_KEY_FILE.write_text(signing.make_key(), encoding="ascii")
    # Neither another process of these tests nor a product that runs here shares the cache.
    if settings.REDIS_URL:
        settings.CACHES["default"]["LOCATION"] = settings.CELERY_BROKER_URL = _own_redis(settings.REDIS_URL)
    else:
        directory = tempfile.TemporaryDirectory(prefix="test-cache-")
        config.add_cleanup(directory.cleanup)
        settings.CACHES["default"]["LOCATION"] = directory.name
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # a slow one costs 0.2 s a user
    # As in a product that has begun: it asks the database once, and not with the first request of some test.
    tenancy._found = tenancy.in_settings()
    settings.WHITENOISE_AUTOREFRESH = True  # no collected files to look for


def _own_redis(url: str) -> str:
    """The database of that number for the first process, the next one for the second."""
    worker = os.environ.get("PYTEST_XDIST_WORKER", "gw0")
    parts = urlsplit(url)
    number = int(parts.path.strip("/") or 0) + int(worker.removeprefix("gw"))
    return parts._replace(path=f"/{number}").geturl()


class ByFile(LoadFileScheduling):  # type: ignore[misc]
    """But those in Firefox in one process: it takes 5 s of CPU to start."""

    def _split_scope(self, nodeid: str) -> str:
        return "firefox" if "[firefox" in nodeid else str(super()._split_scope(nodeid))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> ByFile | None:
    if config.getvalue("dist") != "loadfile":
        return None
    config.option.loadscopereorder = False  # they come in the order below
    return ByFile(config, log)


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Every process collects all tests, which then stay: nothing of them is garbage, so none is looked for."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.enable()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What takes longest goes first: the rest runs beside it, instead of waiting for it at the end.

    Files of browser tests follow each other, since a process ends its browser before any other test.
    """
    work_in: Counter[Path] = Counter()
    for item in items:
        work_in[item.path] += AS_LONG_AS if item.get_closest_marker("slow") else 1

    def place(item: pytest.Item) -> tuple[bool, bool, int]:
        starts_processes, opens_pages = (item.get_closest_marker(name) for name in ("faults", "browser"))
        return starts_processes is None, opens_pages is None, -work_in[item.path]

    items.sort(key=place)
    if os.environ.get("CI"):
        _grant_second_try(items)


def _grant_second_try(items: list[pytest.Item]) -> None:
    """In CI alone, where a machine may stall for seconds. The end of the run lists who took it.

    Only what drives browsers or real processes has one: any other test that fails now and then is wrong.
    """
    for item in items:
        if item.get_closest_marker("browser") or item.get_closest_marker("faults"):
            item.add_marker(pytest.mark.flaky(reruns=1))


@pytest.fixture(scope="session")
def django_db_modify_db_settings(
    django_db_modify_db_settings_parallel_suffix: None, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """SQLite in a file: threads that share one in memory don't wait for each other's locks, they fail.

    No test pulls the plug, so none waits for the disk.
    """
    database = connections["default"].settings_dict
    if settings.SQLITE:
        path: Path = tmp_path_factory.mktemp("database") / "test.sqlite3"
        database["TEST"]["NAME"] = str(path)
        database["OPTIONS"]["init_command"] += "PRAGMA synchronous=OFF;"
        creation = connections["default"].creation
        setattr(creation, "_create_test_db", lambda *_: _make_database(path))  # noqa: B010, it is Django's own method
    # What is before a pooler belongs to the tests, with such options of its own (tests.services).
    elif not settings.DATABASE_POOLED:
        database["OPTIONS"]["options"] += " -c synchronous_commit=off"


def _make_database(path: Path) -> str:
    """As the product makes a new one, in a twentieth of the time that all migrations take. Those that the file
    doesn't have run afterwards; that it is what they lead to is for tests/cxadmin/test_new_database.py to see."""
    with closing(sqlite3.connect(path)) as made:
        made.executescript(f"PRAGMA synchronous=OFF; BEGIN; {SCHEMA.read_text(encoding='utf-8')} COMMIT")
    return str(path)


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """After a test that commits (`transaction=True`): the rows of the migrations again, and nothing else.

    Django's own flush would stop at the audit's triggers, and leave out what migrations have seeded.
    """
    with closing(sqlite3.connect(":memory:")) as kept, pytest.MonkeyPatch.context() as patch:
        with django_db_blocker.unblock():
            put_back = _keep_file(kept) if settings.SQLITE else _keep_rows()
        patch.setattr(TransactionTestCase, "_fixture_teardown", lambda _: put_back())
        yield


def _keep_file(kept: sqlite3.Connection) -> Callable[[], None]:
    """SQLite copies the whole file back in a tenth of the time that deleting from all tables takes."""
    connection.ensure_connection()
    connection.connection.backup(kept)

    def put_back() -> None:
        connection.ensure_connection()
        kept.backup(connection.connection)

    return put_back


def _keep_rows() -> Callable[[], None]:
    """PostgreSQL deletes and copies rows. TRUNCATE would make a new file for each table, ten times as slowly.

    Sequences go on: begun anew, they would give the numbers of seeded rows once more.
    """
    with connection.cursor() as cursor:
        cursor.execute("CREATE SCHEMA seeds")
        tables = connection.introspection.table_names(cursor)
        for table in tables:
            cursor.execute(f"CREATE TABLE seeds.{table} AS TABLE {table}")
    guarded = sorted({table for table, _, _ in triggers.POSTGRESQL.values()})
    statements = [
        *(f"ALTER TABLE {table} DISABLE TRIGGER USER" for table in guarded),
        *(f"DELETE FROM {table}; INSERT INTO {table} TABLE seeds.{table}" for table in tables),  # noqa: S608
        # The keys of all rows are checked here, since no trigger is switched while any is to be checked.
        "SET CONSTRAINTS ALL IMMEDIATE",
        *(f"ALTER TABLE {table} ENABLE TRIGGER USER" for table in guarded),
    ]

    def put_back() -> None:
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute(";".join(statements))
            if triggers.missing(connection):
                triggers.install(connection)

    return put_back


@pytest.fixture(autouse=True)
def _log_as_it_was_found() -> Iterator[None]:
    """Whoever sets the log up binds it to what stands for standard error during the test, which is closed afterwards:
    a later test would find the log's complaint in its own output."""
    found = [*logging.root.handlers]
    yield
    logging.root.handlers[:] = found


@pytest.fixture(autouse=True)
def _own_checkpoints(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each test has a ledger of its own, and so its own signed checkpoints of it."""
    path = tmp_path_factory.getbasetemp() / f"checkpoints-{next(_numbers)}"
    monkeypatch.setattr(settings, "AUDIT_CHECKPOINT_DIR", path)


@pytest.fixture
def cxone_cannot(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Take capabilities away from CXone, by their names, whatever the dialect has."""

    def lack(*names: str) -> None:
        fewer = replace(connect.capabilities(), **dict.fromkeys(names, False))
        monkeypatch.setattr(connect, "capabilities", lambda: fewer)

    return lack


@pytest.fixture(autouse=True)
def _nothing_drawn_before() -> None:
    """Each test has a database of its own, and so a list of its own: a process keeps what it has drawn."""
    kept.forget_all()


@pytest.fixture(autouse=True)
def _compiled_for_this_clock(request: pytest.FixtureRequest) -> None:
    """A process keeps the SQL that it has worked out, in which `one_clock` puts another time."""
    stopped = "one_clock" in request.fixturenames
    if request.config.stash.get(CLOCK_IS_ONE, None) != stopped:
        forget_compiled()
    request.config.stash[CLOCK_IS_ONE] = stopped


@pytest.fixture(autouse=True)
def _no_counts_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """A test that prepares this process as one of the product's doesn't have it write its counts later on."""
    monkeypatch.setattr(request_counts, "keep_counts", lambda: None)


@pytest.fixture
def enqueued(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, ...]]:
    """What was enqueued, instead of a broker: no worker takes it unless the test runs it."""
    messages: list[tuple[str, ...]] = []

    def enqueue(*task: str) -> bool:
        messages.append(task)
        return True

    monkeypatch.setattr(wakeups, "enqueue", enqueue)
    return messages


@pytest.fixture
def one_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    """A test that stops the clock stops the database's, too."""
    monkeypatch.setattr(Now, "as_sqlite", lambda *_, **__: ("%s", [_ProcessNow()]))
    monkeypatch.setattr(Now, "as_postgresql", lambda *_, **__: ("%s::timestamptz", [_ProcessNow()]))


class _ProcessNow:
    """The time of the process whenever a statement is executed: its SQL may have been worked out before."""

    def __str__(self) -> str:
        return timezone.now().strftime("%Y-%m-%d %H:%M:%S.%f")


class _NowDumper(psycopg.adapt.Dumper):
    def dump(self, obj: _ProcessNow) -> bytes:
        return f"{obj}+00".encode()


sqlite3.register_adapter(_ProcessNow, str)
psycopg.adapters.register_dumper(_ProcessNow, _NowDumper)
