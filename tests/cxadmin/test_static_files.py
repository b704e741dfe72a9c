"""Pages whose styles and scripts nobody has collected."""

from pathlib import Path

import pytest
from django.test import Client
from pytest_django import Settings

from cxadmin import preparing, static_files


@pytest.fixture
def collected(tmp_path: Path, settings: Settings) -> Path:
    """Where they are to be, as in production."""
    settings.STATIC_ROOT = tmp_path / "collected"
    settings.VAR_DIR = tmp_path
    settings.STORAGES = {
        **settings.STORAGES,
        "staticfiles": {"BACKEND": "cxadmin.static_files.RememberedNames"},
    }
    return tmp_path / "collected"


@pytest.mark.django_db
def test_page_is_drawn_without_them(collected: Path, caplog: pytest.LogCaptureFixture) -> None:
    response = Client().get("/accounts/login/")
    assert response.status_code == 200
    assert '"/static/icons/icon.svg"' in response.text
    [line] = [record.getMessage() for record in caplog.records if record.name == static_files.__name__]
    assert "isn’t collected" in line
    assert "collectstatic" in line


@pytest.mark.django_db
def test_those_that_are_missing_are_known(collected: Path) -> None:
    assert "icons/icon.svg" in static_files.uncollected()
    preparing.collect_static_files()
    assert static_files.uncollected() == []


def test_where_nothing_is_collected_nothing_is_missing() -> None:
    """Tests and debug pages use the sources."""
    assert static_files.uncollected() == []
