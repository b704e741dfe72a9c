"""The commands work on the same pretend CXone as the runner's tests."""

import json
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from tests.worker import campaign, clock, cxone, posts_events

__all__ = ["campaign", "clock", "cxone", "posts_events"]


@pytest.fixture
def command(capsys: pytest.CaptureFixture[str]) -> Any:
    """Run a command: its exit status, the JSON of its output, its words."""

    def run(*words: str) -> tuple[int, Any, str]:
        status = 0
        try:
            call_command(*words)
        except SystemExit as end:
            status = int(end.code or 0)
        except CommandError as error:
            return error.returncode, None, str(error)
        said = capsys.readouterr()
        lines = [json.loads(line) for line in said.out.splitlines()]
        return status, lines[0] if len(lines) == 1 else lines, said.err

    return run
