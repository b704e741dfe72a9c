"""Any program that opens zip files opens an evidence file."""

import io
import shutil
import subprocess
import zipfile
from pathlib import Path

import pytest

from audit.evidence import container
from tests.audit.evidence.files import bodies, files, pack, small


def test_python_opens_it() -> None:
    made = files(bodies(2))
    with zipfile.ZipFile(io.BytesIO(pack(made))) as archive:
        assert archive.testzip() is None
        assert archive.namelist() == [*container.NAMES]
        assert {name: archive.read(name) for name in made} == made
        assert {entry.date_time for entry in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}


@pytest.mark.skipif(not shutil.which("unzip"), reason="unzip isn't installed")
def test_unzip_opens_it(tmp_path: Path) -> None:
    (tmp_path / "evidence.zip").write_bytes(small())
    run = subprocess.run(["unzip", "-t", "evidence.zip"], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (run.returncode, run.stderr) == (0, "")
    assert "No errors detected" in run.stdout


@pytest.mark.parametrize("size", [0, 2**32 - 1])
def test_directory_fits_any_size(size: int) -> None:
    entry = container.ZipEntry("a", size, 0)
    assert container.read_size(container.local_header(entry)) == size


def test_whole_size_is_the_files() -> None:
    entries = [container.ZipEntry(name, len(content), 0) for name, content in files(bodies(2)).items()]
    assert container.whole_size(entries) == len(pack(files(bodies(2))))
