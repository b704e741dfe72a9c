"""What the doctor says where everything is well, and where one thing on this machine is broken."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tests.cxadmin.doctor.visit import Place, everything_below
from tests.processes.cxone import SimulatedCXone

pytestmark = pytest.mark.slow

NAMES = (
    "settings",
    "database",
    "database_sessions",
    "migrations",
    "triggers",
    "restores",
    "redis",
    "clock_database",
    "clock_cxone",
    "zone_data",
    "tenant",
    "token",
    "read",
    "signing_key",
    "checkpoint_folder",
    "static_files",
    "company_sign_in",
    "webhook_cxone",
    "webhook_wfm",
    "webhook_notify",
)


def execute(place: Place, statement: str) -> None:
    with closing(sqlite3.connect(place.var / "campaign-control.sqlite3")) as database:
        database.execute(statement)
        database.commit()


def test_everything_is_well(place: Place) -> None:
    report = place.ask_doctor()
    assert tuple(report.checks) == NAMES
    assert (report.failing, report.exits, report.aloud) == ([], 0, "")
    assert "SQLite" in report.checks["database"].found


def test_nothing_is_changed_but_the_budget(place: Place) -> None:
    place.ask_doctor()  # the database's log is as it is after a first connection
    before = everything_below(place.directory)
    place.ask_doctor()
    changed = {name for name, content in everything_below(place.directory).items() if before.get(name) != content}
    assert {Path(name).name for name in changed} <= {"campaign-control.sqlite3"}


def test_place_where_nothing_was_ever_started(tmp_path: Path, cxone: SimulatedCXone) -> None:
    place = Place(tmp_path, **cxone.settings)
    report = place.ask_doctor()
    assert report.exits == 1
    assert "isn’t there" in report.checks["database"].found
    assert "make run" in report.checks["database"].do
    assert report.checks["read"].ok, "CXone can be asked without a database"
    assert not place.var.exists(), "the doctor has made something"


def test_each_setting_that_cannot_be_used_is_named(place: Place) -> None:
    report = place.ask_doctor(CONFIRM_SECONDS="soon")
    assert "CONFIRM_SECONDS is 'soon'" in report.checks["settings"].found
    assert "campaigns.E012" in report.checks["settings"].do
    assert report.checks["database"].found == "Not looked at: a setting can’t be used."
    assert report.checks["token"].ok, "this setting has nothing to do with CXone"
    assert report.exits == 1


@pytest.mark.parametrize(
    ("name", "value", "check"),
    [
        ("DATABASE_URL", "nonsense", "database"),
        ("DATABASE_URL", "postgres://anna:p#ss@db/control", "database"),
        ("REDIS_URL", "localhost", "redis"),
        ("CXONE_DIALECT", "v9", "token"),
        ("CXONE_TOKEN_URL", "https://[::1", "token"),
        ("VAR_DIR", "/dev/null/folder", "signing_key"),
        ("AUDIT_CHECKPOINT_DIR", "$NOWHERE/checkpoints", "checkpoint_folder"),
        ("STATIC_ROOT", "$NOWHERE/static", "static_files"),
        ("OIDC_ISSUER", "login.example.com", "company_sign_in"),
        ("WFM_WEBHOOK_SECRET", "hello", "webhook_wfm"),
    ],
)
def test_check_that_a_malformed_setting_stands_in_the_way_of(place: Place, name: str, value: str, check: str) -> None:
    report = place.ask_doctor(**{name: value})
    assert report.exits == 1
    assert name in report.checks["settings"].do + report.checks["settings"].found
    assert report.checks[check].found.startswith("Not looked at: ")
    assert "p#ss" not in report.text


def test_aloud_are_the_causes_alone(place: Place) -> None:
    report = place.ask_doctor(CONFIRM_SECONDS="soon")
    assert [line.partition(":")[0] for line in report.aloud.splitlines()] == ["settings"]


def test_unusable_address_of_cxone_is_not_visited(place: Place) -> None:
    report = place.ask_doctor(CXONE_BASE_URL="http://cxone.example.com")
    assert "http://" in report.checks["settings"].found
    assert report.checks["token"].found == "Not looked at: CXONE_BASE_URL can’t be used."


def test_missing_migration_is_named(place: Place) -> None:
    newest = "SELECT max(id) FROM django_migrations WHERE app = 'cxadmin'"
    execute(place, f"DELETE FROM django_migrations WHERE id = ({newest})")  # noqa: S608
    said = place.ask_doctor().checks["migrations"]
    assert said.found.startswith("1 of this version are missing in the database: cxadmin.0")
    assert "manage.py migrate" in said.do


def test_gap_among_applied_migrations_is_named(place: Place) -> None:
    execute(place, "DELETE FROM django_migrations WHERE app = 'campaigns' AND name LIKE '0030%'")
    said = place.ask_doctor().checks["migrations"]
    assert said.found == "1 of this version are missing in the database: campaigns.0030_wall_and_handover."
    assert "Restore the last backup" in said.do
    migrated = place.manage("migrate")
    assert migrated.returncode == 1
    assert "Restore the last backup" in migrated.stderr
    assert "Traceback" not in migrated.stderr


def test_static_file_that_is_not_collected_is_named(place: Place) -> None:
    (place.var / "static" / "staticfiles.json").unlink()
    said = place.ask_doctor().checks["static_files"]
    assert "aren’t collected in" in said.found
    assert "collectstatic" in said.do


def test_database_of_a_later_version_is_told(place: Place) -> None:
    execute(
        place, "INSERT INTO django_migrations (app, name, applied) VALUES ('campaigns', '9999_later', '2030-01-01')"
    )
    said = place.ask_doctor().checks["migrations"]
    assert "later version than this one: campaigns.9999_later" in said.found
    assert "backup" in said.do


def test_dropped_trigger_is_named(place: Place) -> None:
    execute(place, "DROP TRIGGER audit_record_no_update")
    said = place.ask_doctor().checks["triggers"]
    assert "audit_record_no_update" in said.found
    assert "protect_audit" in said.do


def test_file_that_is_no_database(place: Place) -> None:
    (place.var / "campaign-control.sqlite3").write_bytes(b"not a database, but long enough to look at" * 50)
    said = place.ask_doctor().checks["database"]
    assert "can’t be read: file is not a database" in said.found
    assert "backup" in said.do


def test_unknown_zone_of_a_campaign_is_named(place: Place) -> None:
    assert place.manage("sync_campaigns").returncode == 0
    execute(place, "UPDATE campaigns_campaign SET timezone = 'America/Atlantis'")
    assert "America/Atlantis" in place.ask_doctor().checks["zone_data"].found


def test_database_in_a_folder_that_nobody_may_write(place: Place) -> None:
    place.var.chmod(0o555)
    try:
        report = place.ask_doctor()
    finally:
        place.var.chmod(0o755)
    assert report.checks["database"].found == f"{place.var} can’t be written by this user."


def test_checkpoint_folder_that_nobody_may_write(place: Place, tmp_path: Path) -> None:
    folder = tmp_path / "checkpoints"
    folder.mkdir(mode=0o555)
    said = place.ask_doctor(AUDIT_CHECKPOINT_DIR=str(folder)).checks["checkpoint_folder"]
    assert said.found == f"This user can’t read and write {folder}."
    assert "user that the product runs as" in said.do


def test_folder_of_somebody_else(place: Place) -> None:
    place.directory.chmod(0o700)
    place.var.chmod(0o000)
    try:
        report = place.ask_doctor()
        told = place.manage("list_campaigns")
    finally:
        place.var.chmod(0o700)
    database = report.checks["database"]
    assert database.found.endswith("campaign-control.sqlite3 can’t be looked at: Permission denied.")
    assert database.do.startswith("Run this as the user that the product runs as")
    assert "(cxadmin.E003)" in report.checks["settings"].do
    # The same holds for every other command.
    assert (told.returncode, told.stderr.count("\n")) == (1, 1)
    assert "secret_key can’t be read or made: Permission denied." in told.stderr


def test_checkpoint_folder_within_one_of_somebody_else(place: Place, tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    closed.mkdir()
    (closed / "checkpoints").mkdir()
    closed.chmod(0o000)
    try:
        report = place.ask_doctor(AUDIT_CHECKPOINT_DIR=str(closed / "checkpoints"))
    finally:
        closed.chmod(0o700)
    assert report.checks["checkpoint_folder"].found == f"This user can’t read and write {closed}."


def test_checkpoint_folder_that_is_a_file(place: Place, tmp_path: Path) -> None:
    (tmp_path / "checkpoints").touch()
    said = place.ask_doctor(AUDIT_CHECKPOINT_DIR=str(tmp_path / "checkpoints")).checks["checkpoint_folder"]
    assert said.found == f"{tmp_path / 'checkpoints'} isn’t a folder."


def test_signing_key_that_is_none(place: Place, tmp_path: Path) -> None:
    (tmp_path / "key").write_text("a key? no.")
    said = place.ask_doctor(AUDIT_SIGNING_KEY_FILE=str(tmp_path / "key")).checks["signing_key"]
    assert "holds no unencrypted Ed25519 private key" in said.found
    assert "openssl genpkey" in said.do


def test_signing_key_that_is_gone(place: Place, tmp_path: Path) -> None:
    said = place.ask_doctor(AUDIT_SIGNING_KEY_FILE=str(tmp_path / "gone")).checks["signing_key"]
    assert (said.ok, said.found) == (False, f"{tmp_path / 'gone'} isn’t there.")
