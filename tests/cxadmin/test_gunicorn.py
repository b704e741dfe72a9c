"""What gunicorn's workers do while an answer is long, and what is in its log."""

import http.client
import re
import runpy
import signal
import socket
import subprocess
import sys
from collections.abc import Iterable, Iterator
from contextlib import closing, suppress
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from wsgiref.util import FileWrapper

import pytest
from django.conf import settings

from tests.processes.group import wait_until
from tests.processes.product import environment_in, free_port

ENVIRON = {"wsgi.file_wrapper": FileWrapper}


@pytest.fixture
def signs() -> list[int]:
    """One for each sign of life."""
    return []


def answer(blocks: Iterable[bytes], signs: list[int]) -> Any:
    """What a worker gets from the application, once gunicorn.conf.py has seen the worker."""
    worker = SimpleNamespace(wsgi=lambda _environ, _start: blocks, notify=lambda: signs.append(1))
    runpy.run_path(f"{settings.BASE_DIR}/gunicorn.conf.py")["post_worker_init"](worker)
    return worker.wsgi(ENVIRON, None)


def test_long_answer_gives_signs_of_life(signs: list[int]) -> None:
    answered = answer([b"x" * 200_000, b"y"], signs)
    assert b"".join(answered) == b"x" * 200_000 + b"y"
    assert len(signs) == 5  # 64 KiB at once, at most


def test_answer_is_closed_behind_it(signs: list[int]) -> None:
    closed = []

    def blocks() -> Iterator[bytes]:
        try:
            yield b"x"
        finally:
            closed.append(True)

    answered = answer(blocks(), signs)
    next(iter(answered))
    answered.close()
    assert closed == [True]


def test_file_is_left_to_gunicorn(signs: list[int]) -> None:
    file = FileWrapper(open(__file__, "rb"))  # noqa: PTH123, SIM115
    assert answer(file, signs) is file
    file.close()


TOKEN = "t0ken-of-the-events-in-a-path"


class Gunicorn:
    """With its access log on, as its command line can have it."""

    def __init__(self, folder: Path) -> None:
        self.port, self._log = free_port(), folder / "log"
        command = [sys.executable, "-m", "gunicorn", "cxadmin.wsgi", "--bind", f"127.0.0.1:{self.port}"]
        # DEBUG: no collected static files to look for.
        environment = environment_in(folder) | {"CXONE_WEBHOOK_TOKEN": TOKEN, "DEBUG": "on"}
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(
                [*command, "--workers", "1", "--access-logfile", "-"],
                cwd=settings.BASE_DIR,
                env=environment,
                stdout=log,
                stderr=log,
            )
        wait_until(self._answers, self.read_log)

    def close(self) -> None:
        self._process.terminate()
        self._process.wait()

    def read_log(self) -> str:
        return self._log.read_text(encoding="utf-8")

    def get(self, path: str) -> None:
        with closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)) as connection:
            connection.request("GET", path)
            connection.getresponse().read()

    def send_nonsense(self) -> None:
        with socket.create_connection(("127.0.0.1", self.port), timeout=60) as connection:
            connection.sendall(b"no request\r\n\r\n")
            connection.recv(1000)

    def reload(self) -> None:
        self._process.send_signal(signal.SIGHUP)
        wait_until(lambda: "Worker exiting" in self.read_log(), self.read_log)
        wait_until(self._answers, self.read_log)

    def _answers(self) -> bool:
        with suppress(OSError):
            self.get("/healthz")
            return True
        return False


def test_log_is_as_elsewhere_after_a_reload_too(tmp_path: Path) -> None:
    with closing(Gunicorn(tmp_path)) as gunicorn:
        gunicorn.get(f"/webhooks/cxone/{TOKEN}/")
        gunicorn.reload()
        gunicorn.get(f"/webhooks/cxone/{TOKEN}/again/")
        for _ in range(5):
            gunicorn.send_nonsense()
        wait_until(lambda: "Invalid request" in gunicorn.read_log(), gunicorn.read_log)
    written = gunicorn.read_log()
    assert "/webhooks/cxone/•••/ " in written
    assert "/webhooks/cxone/•••/again/ " in written
    assert TOKEN not in written
    assert written.count("Invalid request") == 1
    # But for the first, which is written before anybody is asked.
    assert [line for line in written.splitlines()[1:] if not re.match(r"\d{4}-\d\d-\d\dT", line)] == []
