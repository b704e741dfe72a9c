"""A child has nothing of its parent's that only one process may use."""

import subprocess
import sys
from pathlib import Path

from tests.processes.group import PATIENCE, ROOT
from tests.processes.product import environment_in

# What was read before the fork is still open then, unless somebody closes it.
FORKS = """
import os

import django

django.setup()

from django.db import connection

from cxadmin import forking

with connection.cursor() as cursor:
    cursor.execute("SELECT 1")
child = forking.fork(lambda: print("open" if connection.connection else "closed"))
os.waitpid(child.pid, 0)
"""


def test_no_connection_to_the_database_is_shared(tmp_path: Path) -> None:
    """Two processes on one would read each other's answers."""
    environment = environment_in(tmp_path) | {"DJANGO_SETTINGS_MODULE": "cxadmin.settings"}
    (tmp_path / "var").mkdir(mode=0o700)
    command = [sys.executable, "-c", FORKS]
    ran = subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=PATIENCE, check=True
    )
    assert ran.stdout.split() == ["closed"], ran.stderr
