"""Backups as files, and what PostgreSQL's programs are told. tests/faults/test_restore.py makes and restores them."""

from pathlib import Path

import pytest

from campaigns.restoring import backups


def make_files(folder: Path, *names: str) -> None:
    for name in names:
        (folder / name).write_text("")


def names_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_newest_are_kept_with_their_digests(tmp_path: Path) -> None:
    days = [f"campaign-control-2026112{day}T020000Z.dump" for day in range(3)]
    make_files(tmp_path, *days, *(f"{name}.sha256" for name in days))
    deleted = backups.delete_older(tmp_path, 2)
    assert [path.name for path in deleted] == days[:1]
    assert names_in(tmp_path) == sorted([*days[1:], *(f"{name}.sha256" for name in days[1:])])


def test_fewer_than_that_all_stay(tmp_path: Path) -> None:
    make_files(tmp_path, "campaign-control-20261120T020000Z.sqlite3")
    assert backups.delete_older(tmp_path, 14) == []


def test_other_files_are_nobodys_business(tmp_path: Path) -> None:
    others = ["campaign-control.sqlite3", "campaign-control-notes.txt", "photo.dump"]
    make_files(tmp_path, *others, "campaign-control-20261120T020000Z.dump")
    backups.delete_older(tmp_path, 1)
    assert set(others) <= set(names_in(tmp_path))


@pytest.mark.parametrize(
    ("database", "told"),
    [
        (
            {"NAME": "control", "HOST": "db1", "PORT": 5432, "USER": "app", "PASSWORD": "s"},
            {"PGDATABASE": "control", "PGHOST": "db1", "PGPORT": "5432", "PGUSER": "app", "PGPASSWORD": "s"},
        ),
        (
            {
                "NAME": "control",
                "HOST": "",
                "OPTIONS": {"sslmode": "require", "connect_timeout": 5, "options": "-c x=y"},
            },
            {"PGDATABASE": "control", "PGSSLMODE": "require", "PGCONNECT_TIMEOUT": "5"},
        ),
        (
            {"NAME": "control", "OPTIONS": {"host": "db1,db2", "port": "1,2", "target_session_attrs": "read-write"}},
            {"PGDATABASE": "control", "PGHOST": "db1,db2", "PGPORT": "1,2", "PGTARGETSESSIONATTRS": "read-write"},
        ),
    ],
)
def test_programs_reach_the_same_database(database: dict[str, object], told: dict[str, str]) -> None:
    assert backups.libpq_environment(database) == told
