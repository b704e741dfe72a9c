"""What a process imports stays in its memory for good."""

import subprocess
import sys
from pathlib import Path

from tests.processes.group import ROOT
from tests.processes.product import environment_in

CODE = """
import sys, cxadmin.wsgi
from django.urls import get_resolver
get_resolver().url_patterns
print(*sys.modules)
"""


def import_pages(var: Path) -> list[str]:
    """The modules of a process that shows pages, without Redis."""
    return subprocess.run(
        [sys.executable, "-c", CODE],
        cwd=ROOT,
        env=environment_in(var),
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split()


def test_pages_import_no_worker_of_celery(tmp_path: Path) -> None:
    imported = import_pages(tmp_path)
    assert "celery.app.base" in imported
    assert [name for name in imported if name.startswith(("celery.worker", "celery.apps", "celery.bin"))] == []


def test_pages_without_redis_import_no_client_of_it(tmp_path: Path) -> None:
    imported = import_pages(tmp_path)
    assert "cxadmin.broker_answer" in imported
    assert "redis" not in imported
