"""A shell of the product that stays open: starting a command for each question would take a second each."""

import json
import subprocess
from collections.abc import Mapping
from typing import Any

from tests.processes.group import ROOT, dies_with_us
from tests.processes.product import MANAGE

SERVE = "from tests.processes.within import serve; serve()"


class Shell:
    def __init__(self, environment: Mapping[str, str]) -> None:
        self._environment = environment
        self._process: subprocess.Popen[str] | None = None

    def start(self) -> None:
        self._process = subprocess.Popen(
            dies_with_us([*MANAGE, "shell", "--verbosity", "0", "--command", SERVE]),
            env=self._environment,
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    def call(self, name: str, **arguments: Any) -> Any:
        """What the function of `within` of that name returns."""
        assert self._process, "the shell was never started"
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(json.dumps({"name": name, "arguments": arguments}) + "\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        assert line, f"the product's shell ended while it was asked for {name}"
        answer = json.loads(line)
        assert "failure" not in answer, f"{name} failed in the product's shell:\n{answer['failure']}"
        return answer["value"]

    def close(self) -> None:
        if self._process:
            self._process.kill()
            self._process.wait()
            for pipe in (self._process.stdin, self._process.stdout):
                if pipe:
                    pipe.close()
