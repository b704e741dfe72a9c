"""A new SQLite database is made at once, and is the one that all migrations lead to."""

import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from cxadmin.new_database import SCHEMA
from tests.processes.product import MANAGE, environment_in

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
MAKE = "from cxadmin import new_database; print(new_database.make())"


def made_in(directory: Path) -> str:
    command = [*MANAGE, "shell", "--verbosity", "0", "--command", MAKE]
    ran = subprocess.run(command, env=environment_in(directory), capture_output=True, text=True, check=True)
    return ran.stdout.strip()


def test_it_is_what_all_migrations_lead_to(tmp_path: Path) -> None:
    written = tmp_path / "schema.sql"
    command = [sys.executable, "-m", "tests.schema", str(written)]
    subprocess.run(command, env=environment_in(tmp_path), cwd=ROOT, check=True)
    assert written.read_text() == SCHEMA.read_text(), "migrations have changed; make schema"


def test_nothing_is_left_to_migrate(tmp_path: Path) -> None:
    assert made_in(tmp_path) == "True"
    subprocess.run(
        [*MANAGE, "migrate", "--check"], env=environment_in(tmp_path), check=True, stdout=subprocess.DEVNULL
    )


def test_database_with_something_in_it_stays_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "var").mkdir()
    database = tmp_path / "var" / "campaign-control.sqlite3"
    with sqlite3.connect(database) as connection:
        connection.execute("CREATE TABLE django_migrations (id integer)")
    assert made_in(tmp_path) == "False"
    with sqlite3.connect(database) as connection:
        assert connection.execute("SELECT name FROM sqlite_master").fetchall() == [("django_migrations",)]


def test_migrations_ran_when_it_was_made(tmp_path: Path) -> None:
    made_in(tmp_path)
    with sqlite3.connect(tmp_path / "var" / "campaign-control.sqlite3") as connection:
        ((oldest,),) = connection.execute("SELECT min(applied) > datetime('now', '-5 minutes') FROM django_migrations")
    assert oldest
