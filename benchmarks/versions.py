"""A version of the product with some campaigns, in a process and a database of its own (benchmarks/list_worker.py)."""

import json
import subprocess
import tempfile
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from benchmarks import earlier, list_worker


class Version:
    """`environment`: the settings of its processes, which keep everything in `directory`."""

    def __init__(self, tree: Path, database: str, campaigns: int, resources: ExitStack) -> None:
        from tests.processes.product import environment_in

        self.tree = tree
        self.directory = Path(resources.enter_context(tempfile.TemporaryDirectory()))
        self.environment = environment_in(self.directory, tree) | {"DATABASE_URL": database, "PYTHONPATH": str(tree)}
        # -P: the modules beside that file are not those of the other version.
        command = [earlier.python_of(tree), "-P", list_worker.__file__, str(campaigns)]
        self._worker = subprocess.Popen(
            command, env=self.environment, cwd=tree, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        resources.enter_context(self._worker)
        resources.callback(self._worker.kill)
        while self._read() != "ready\n":
            assert self._worker.poll() is None, f"the process of {tree} ended with {self._worker.returncode}"

    def ask(self, what: str) -> Any:  # noqa: ANN401 - whatever JSON has
        assert self._worker.stdin is not None
        self._worker.stdin.write(f"{what}\n")
        self._worker.stdin.flush()
        return json.loads(self._read())

    def _read(self) -> str:
        assert self._worker.stdout is not None
        return self._worker.stdout.readline()
