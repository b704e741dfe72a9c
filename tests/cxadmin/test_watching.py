"""What `up` becomes once all is prepared: a small program that starts processes again, and ends all of them."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from cxadmin import watching
from tests.processes.group import NOWHERE, wait_until
from tests.processes.product import free_port

# Answers as the pages do; -S, since 0.2 s of imports would be all that it does.
PAGES = """
import socketserver, sys
class Answer(socketserver.StreamRequestHandler):
    def handle(self):
        self.rfile.readline()
        self.wfile.write(b"HTTP/1.0 200 OK\\r\\n\\r\\n")
socketserver.TCPServer.allow_reuse_address = True
socketserver.TCPServer(("127.0.0.1", int(sys.argv[1])), Answer).serve_forever()
"""
LEAVES_PID = "import os, pathlib, sys, time; pathlib.Path(sys.argv[1]).write_text(str(os.getpid())); time.sleep(600)"
# Django alone is thirty times as many.
MOST_MODULES = 120

Watch = Callable[..., "subprocess.Popen[str]"]


@pytest.fixture
def watch(tmp_path: Path) -> Iterator[Watch]:
    """The program with pages that answer, and with other commands by name."""
    begun: list[subprocess.Popen[str]] = []

    def begin(as_started: Callable[[], object] = lambda: None, **commands: list[str]) -> "subprocess.Popen[str]":
        port = free_port()
        own = {"web": [sys.executable, "-S", "-c", PAGES, str(port)]}
        plan = {"host": "127.0.0.1", "port": port, "commands": own | commands, "running": {}}
        reader, writer = os.pipe()
        os.write(writer, json.dumps(plan | {"welcome": "It runs.", "leaves": str(NOWHERE / "none")}).encode())
        os.close(writer)
        with (tmp_path / "said").open("w") as log:
            process = subprocess.Popen(
                [sys.executable, "-S", "-P", watching.__file__, str(reader)],
                pass_fds=[reader],
                stderr=log,
                text=True,
                # A test has one thread.
                preexec_fn=as_started,  # noqa: PLW1509
            )
        os.close(reader)
        begun.append(process)
        return process

    yield begin
    for process in begun:
        process.kill()
        process.wait()


def said(tmp_path: Path) -> str:
    return (tmp_path / "said").read_text()


def pid_in(file: Path, other_than: int = 0) -> int:
    """As the process itself has noted it."""
    wait_until(lambda: file.exists() and file.read_text() not in {"", str(other_than)}, lambda: "it never began")
    return int(file.read_text())


def is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def worker(tmp_path: Path) -> list[str]:
    return [sys.executable, "-S", "-c", LEAVES_PID, str(tmp_path / "worker")]


def test_welcome_comes_once_the_pages_answer(watch: Watch, tmp_path: Path) -> None:
    watch()
    wait_until(lambda: "It runs." in said(tmp_path), lambda: said(tmp_path))


def test_process_that_ends_is_started_again(watch: Watch, tmp_path: Path) -> None:
    watch(worker=worker(tmp_path))
    first = pid_in(tmp_path / "worker")
    wait_until(lambda: "It runs." in said(tmp_path), lambda: said(tmp_path))
    os.kill(first, signal.SIGKILL)
    assert is_alive(pid_in(tmp_path / "worker", other_than=first))
    assert "The worker ended with status -9; it is started again." in said(tmp_path)


def test_it_watches_whatever_it_was_started_by(watch: Watch, tmp_path: Path) -> None:
    """Some supervisors ignore how their children end, and what they start inherits that."""
    program = watch(lambda: signal.signal(signal.SIGCHLD, signal.SIG_IGN), worker=worker(tmp_path))
    first = pid_in(tmp_path / "worker")
    wait_until(lambda: "It runs." in said(tmp_path), lambda: said(tmp_path))
    os.kill(first, signal.SIGKILL)
    assert is_alive(pid_in(tmp_path / "worker", other_than=first))
    assert "The worker ended with status -9; it is started again." in said(tmp_path)
    program.send_signal(signal.SIGTERM)
    assert program.wait(60) == 0


def test_process_that_keeps_ending_ends_all(watch: Watch, tmp_path: Path) -> None:
    # It lives until the pages answer, and not for long after that.
    short = [sys.executable, "-S", "-c", "import time; time.sleep(1.5)"]
    program = watch(worker=worker(tmp_path), other=short)
    other = pid_in(tmp_path / "worker")
    assert program.wait(60) == 1
    assert "The other keeps ending" in said(tmp_path)
    assert not is_alive(other)


def test_end_during_the_start_ends_all(watch: Watch, tmp_path: Path) -> None:
    program = watch(worker=worker(tmp_path), other=[sys.executable, "-S", "-c", ""])
    assert program.wait(60) == 1
    assert "A part ended while it was starting." in said(tmp_path)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_signal_ends_all(watch: Watch, tmp_path: Path, number: signal.Signals) -> None:
    program = watch(worker=worker(tmp_path))
    other = pid_in(tmp_path / "worker")
    wait_until(lambda: "It runs." in said(tmp_path), lambda: said(tmp_path))
    program.send_signal(number)
    assert program.wait(60) == 0
    assert not is_alive(other)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux ends the children of whoever was killed")
def test_processes_end_when_the_program_is_killed(watch: Watch, tmp_path: Path) -> None:
    program = watch(worker=worker(tmp_path))
    other = pid_in(tmp_path / "worker")
    program.kill()
    program.wait()
    wait_until(lambda: not is_alive(other), lambda: "it goes on living")


def test_program_imports_little() -> None:
    code = f"import sys; sys.path.insert(0, {str(Path(watching.__file__).parent)!r}); import watching"
    count = subprocess.run(
        [sys.executable, "-S", "-P", "-c", f"{code}; print(len(sys.modules))"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert int(count.stdout) < MOST_MODULES
