"""What every test stands on: a database of its own, and after each test the rows that the migrations left."""

import os
import tempfile
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import hypothesis
import pytest
from django.conf import settings
from django.core.management.color import no_style
from django.core.management.sql import sql_flush
from django.db import connection, connections, transaction
from django.db.models.functions import Now
from django.test import TransactionTestCase
from django.utils import timezone
from pytest_django import DjangoDbBlocker

from audit import triggers
from audit.integrity import signing
from campaigns.queueing import wakeups

# A busy machine is no fault of the code: what a test proves doesn't depend on the clock.
hypothesis.settings.register_profile("patient", deadline=None)
hypothesis.settings.load_profile("patient")

_numbers = count(1)


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
    settings.WHITENOISE_AUTOREFRESH = True  # no collected files to look for


def _own_redis(url: str) -> str:
    """The database of that number for the first process, the next one for the second."""
    worker = os.environ.get("PYTEST_XDIST_WORKER", "gw0")
    parts = urlsplit(url)
    number = int(parts.path.strip("/") or 0) + int(worker.removeprefix("gw"))
    return parts._replace(path=f"/{number}").geturl()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What waits for real processes goes first: the rest runs beside it, instead of waiting for it at the end."""
    items.sort(key=lambda item: item.get_closest_marker("faults") is None)


@pytest.fixture(scope="session")
def django_db_modify_db_settings(
    django_db_modify_db_settings_parallel_suffix: None, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """SQLite in a file: threads that share one in memory don't wait for each other's locks, they fail."""
    if settings.SQLITE:
        path: Path = tmp_path_factory.mktemp("database") / "test.sqlite3"
        connections["default"].settings_dict["TEST"]["NAME"] = str(path)


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """After a test that commits (`transaction=True`): the rows of the migrations again, and nothing else.

    Django's own flush would stop at the audit's triggers, and leave out what migrations have seeded.
    """
    with django_db_blocker.unblock():
        seeds = connection.creation.serialize_db_to_string()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TransactionTestCase, "_fixture_teardown", lambda _: _put_back(seeds))
        yield


def _put_back(seeds: str) -> None:
    with transaction.atomic():
        triggers.remove(connection)
        with connection.cursor() as cursor:
            # Sequences go on: begun anew, they would give the numbers of seeded rows once more.
            for statement in sql_flush(no_style(), connection, reset_sequences=False):
                cursor.execute(statement)
        connection.creation.deserialize_db_from_string(seeds)
        triggers.install(connection)


@pytest.fixture(autouse=True)
def _own_checkpoints(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each test has a ledger of its own, and so its own signed checkpoints of it."""
    path = tmp_path_factory.getbasetemp() / f"checkpoints-{next(_numbers)}"
    monkeypatch.setattr(settings, "AUDIT_CHECKPOINT_DIR", path)


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

    def as_process(*_: Any, **__: Any) -> tuple[str, list[Any]]:
        return "%s", [timezone.now().strftime("%Y-%m-%d %H:%M:%S.%f")]

    monkeypatch.setattr(Now, "as_sqlite", as_process)
    monkeypatch.setattr(Now, "as_postgresql", lambda *_, **__: ("%s::timestamptz", [timezone.now()]))
