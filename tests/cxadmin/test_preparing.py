"""What a start does again and what it doesn't: nothing runs on a database or with files of another version."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.apps import apps
from django.contrib.auth.models import Group
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from pytest_django import Settings

from campaigns.models import PeriodicJob
from cxadmin import preparing
from tests.processes.group import ROOT
from tests.processes.product import environment_in, free_port

SHEET = "body { color: black }\n"


# --- The database ---


@pytest.mark.django_db
@pytest.mark.data_layer
def test_database_with_all_migrations_is_migrated() -> None:
    assert preparing.is_migrated()


@pytest.mark.django_db
@pytest.mark.data_layer
def test_one_that_has_not_run_is_missed_in_any_app() -> None:
    """As in a database that was restored, or after a dependency was updated."""
    for app in MigrationLoader(connection).migrated_apps:
        newest = MigrationRecorder.Migration.objects.filter(app=app).order_by("name").last()
        assert newest
        newest.delete()
        assert not preparing.is_migrated(), app
        newest.save()
    assert preparing.is_migrated()


@pytest.mark.django_db
def test_migrations_are_those_that_django_finds() -> None:
    assert preparing._migrations() == set(MigrationLoader(connection).disk_migrations)


@pytest.mark.django_db
def test_file_of_another_branch_is_missed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, settings: Settings) -> None:
    folder = tmp_path / "other_branch"
    folder.mkdir()
    for name in ("__init__", "0001_initial", "0999_of_the_branch"):
        (folder / f"{name}.py").touch()
    monkeypatch.syspath_prepend(tmp_path)
    settings.MIGRATION_MODULES = {"campaigns": "other_branch"}
    assert not preparing.is_migrated()


@pytest.mark.django_db
def test_migration_of_a_newer_version_is_no_reason_to_migrate() -> None:
    MigrationRecorder(connection).record_applied("campaigns", "9999_of_a_newer_version")
    assert preparing.is_migrated()


def test_older_database_is_migrated(tmp_path: Path) -> None:
    code = "from cxadmin import preparing; print(preparing.migrate(), preparing.migrate(), preparing.is_migrated())"
    manage(tmp_path, "migrate", "--verbosity", "0")
    manage(tmp_path, "migrate", "sessions", "zero", "--verbosity", "0")
    assert manage(tmp_path, "shell", "--verbosity", "0", "--command", code).split() == ["True", "False", "True"]


@pytest.mark.django_db
@pytest.mark.data_layer
def test_what_follows_each_migrate_is_done_without_one() -> None:
    Group.objects.get(name="supervisor").permissions.clear()
    PeriodicJob.objects.filter(name="sync_campaigns").delete()
    assert not preparing.migrate()
    assert Group.objects.get(name="supervisor").permissions.exists()
    assert PeriodicJob.objects.filter(name="sync_campaigns").exists()


# --- Static files ---


@pytest.fixture
def sheet(tmp_path: Path, settings: Settings) -> Path:
    """A source of its own, beside those of the product."""
    source = tmp_path / "source"
    source.mkdir()
    settings.STATICFILES_DIRS = [source]
    settings.STATIC_ROOT = tmp_path / "collected"
    settings.VAR_DIR = tmp_path
    settings.STORAGES = {
        **settings.STORAGES,
        "staticfiles": {"BACKEND": "cxadmin.static_files.RememberedNames"},
    }
    (source / "sheet.css").write_text(SHEET)
    return source / "sheet.css"


def collected_sheet(settings: Settings) -> str:
    """What a page gets: the file of the name that tells its content."""
    root = Path(settings.STATIC_ROOT)
    names: dict[str, str] = json.loads((root / "staticfiles.json").read_text())["paths"]
    return Path(root, names["sheet.css"]).read_text()


def test_files_are_collected_once(sheet: Path, settings: Settings) -> None:
    assert preparing.collect_static_files()
    assert collected_sheet(settings) == SHEET
    assert not preparing.collect_static_files()


def test_other_content_is_collected_even_of_the_same_length_and_time(sheet: Path, settings: Settings) -> None:
    """As in another branch, or in packages whose files all have one time."""
    os.utime(sheet, (1_000_000_000, 1_000_000_000))
    preparing.collect_static_files()
    other = SHEET.replace("black", "white")
    sheet.write_text(other)
    os.utime(sheet, (1_000_000_000, 1_000_000_000))
    assert preparing.collect_static_files()
    assert collected_sheet(settings) == other


def test_added_file_is_collected(sheet: Path, settings: Settings) -> None:
    preparing.collect_static_files()
    (sheet.parent / "another.css").write_text(SHEET)
    assert preparing.collect_static_files()
    assert Path(settings.STATIC_ROOT, "another.css").exists()


@pytest.mark.parametrize("name", ["staticfiles.json", "sheet.css", "sheet.*.css", "sheet.*.css.gz"])
def test_lost_file_is_collected_again(sheet: Path, settings: Settings, name: str) -> None:
    # Of a few bytes there is nothing to compress.
    sheet.write_text(SHEET * 100)
    preparing.collect_static_files()
    (lost,) = [each for each in Path(settings.STATIC_ROOT).glob(name) if name.count(".") == each.name.count(".")]
    lost.unlink()
    assert preparing.collect_static_files()
    assert lost.exists()


def test_changed_collected_file_is_collected_again(sheet: Path, settings: Settings) -> None:
    preparing.collect_static_files()
    Path(settings.STATIC_ROOT, "sheet.css").write_text("spoilt")
    assert preparing.collect_static_files()
    assert Path(settings.STATIC_ROOT, "sheet.css").read_text() == SHEET


@pytest.mark.parametrize("package", preparing.COLLECTORS)
def test_other_version_of_what_collects_collects_again(
    sheet: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch, package: str
) -> None:
    preparing.collect_static_files()
    found = preparing._version_of
    monkeypatch.setattr(preparing, "_version_of", lambda name: "99" if name == package else found(name))
    assert preparing.collect_static_files()


def test_other_folder_is_filled(sheet: Path, settings: Settings, tmp_path: Path) -> None:
    preparing.collect_static_files()
    settings.STATIC_ROOT = tmp_path / "elsewhere"
    assert preparing.collect_static_files()
    assert collected_sheet(settings) == SHEET


def test_files_of_apps_are_collected(sheet: Path, settings: Settings) -> None:
    """Each app's own folder is looked at, such as that of django_htmx."""
    preparing.collect_static_files()
    config = apps.get_app_config("django_htmx")
    assert [*Path(config.path, "static").rglob("*.js")]
    assert [*Path(settings.STATIC_ROOT, "django_htmx").glob("*.js")]


def test_nothing_is_noted_of_a_collection_that_failed(
    sheet: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    preparing.collect_static_files()
    sheet.write_text("body { background: url(missing.png) }\n")
    with pytest.raises(ValueError, match=r"missing\.png"):
        preparing.collect_static_files()
    sheet.write_text(SHEET)
    assert preparing.collect_static_files()


@pytest.mark.parametrize("left", [b"", b"\xff\xfe\x00"], ids=["nothing", "not even text"])
def test_spoilt_note_is_no_note(sheet: Path, settings: Settings, tmp_path: Path, left: bytes) -> None:
    """As a full disk or a lost machine may leave it."""
    preparing.collect_static_files()
    (tmp_path / "static_files.digest").write_bytes(left)
    assert preparing.collect_static_files()
    assert not preparing.collect_static_files()


def test_link_to_nowhere_keeps_nobody_from_starting(sheet: Path, settings: Settings) -> None:
    preparing.collect_static_files()
    Path(settings.STATIC_ROOT, "link").symlink_to("nowhere")
    assert preparing.collect_static_files()
    assert not preparing.collect_static_files()


def test_folder_that_cannot_be_written_is_a_sentence(tmp_path: Path) -> None:
    environment = environment_in(tmp_path) | {"STATIC_ROOT": "/proc/static"}
    command = [sys.executable, "manage.py", "up", "--port", str(free_port())]
    ran = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert ran.returncode == 1
    assert "The static files can’t be collected in /proc/static" in ran.stderr
    assert "Traceback" not in ran.stderr


def manage(directory: Path, *words: str) -> str:
    return subprocess.run(
        [sys.executable, "manage.py", *words],
        cwd=ROOT,
        env=environment_in(directory),
        capture_output=True,
        text=True,
        check=True,
    ).stdout
