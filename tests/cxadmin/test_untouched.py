"""Tools that only read the settings leave a fresh clone as it is."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings

pytestmark = pytest.mark.slow

ROOT = Path(settings.BASE_DIR)
NOT_IN_A_CLONE = shutil.ignore_patterns(".*", "var", "__pycache__", "secrets")
MYPY_PLUGIN = "from mypy_django_plugin.django.context import DjangoContext; DjangoContext('cxadmin.settings')"


@pytest.fixture(scope="module")
def clone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return Path(shutil.copytree(ROOT, tmp_path_factory.mktemp("fresh") / "clone", ignore=NOT_IN_A_CLONE))


def files_in(folder: Path) -> set[Path]:
    return set(folder.rglob("*"))


@pytest.mark.parametrize(
    "command",
    [
        ["-c", "import django; django.setup()"],
        ["-c", MYPY_PLUGIN],
        ["-m", "pytest", "-q", "-p", "no:cacheprovider", "tests/schedule/test_windows.py"],
    ],
    ids=["setup", "mypy", "pytest"],
)
def test_reading_the_settings_writes_nothing(clone: Path, command: list[str]) -> None:
    before = files_in(clone)
    subprocess.run(
        [sys.executable, *command],
        cwd=clone,
        env={"PATH": os.environ["PATH"], "DJANGO_SETTINGS_MODULE": "cxadmin.settings", "PYTHONDONTWRITEBYTECODE": "1"},
        stdout=subprocess.DEVNULL,
        check=True,
    )
    assert files_in(clone) == before
