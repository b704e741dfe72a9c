"""Watching the processes of a start: one that ends is started again, and one that keeps ending ends them all.

Only smaller modules of the standard library: `up` becomes this program once all is prepared (cxadmin/starting.py),
since Django would hold 80 MB for as long as it waits.
"""

import json
import os
import select
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from functools import partial
from typing import Any, Protocol

# On a busy machine a start takes about half of this.
READY_SECONDS = 60
# How often a process may end within READY_SECONDS. One that fails for good fails at once, every time.
MOST_ENDS = 3
# `docker stop` kills what is still running after 10 s.
END_SECONDS = 8


class CannotStart(Exception):
    """Why, and what to do."""


class Process(Protocol):
    """As `subprocess.Popen` has it."""

    pid: int
    returncode: Any

    def poll(self) -> int | None: ...

    def terminate(self) -> None: ...

    def kill(self) -> None: ...


class Child:
    """A child of this process that `subprocess` knows nothing of: forked, or begun before this program was."""

    def __init__(self, pid: int) -> None:
        self.pid = pid
        self.returncode: int | None = None

    def poll(self) -> int | None:
        if self.returncode is None:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                self.returncode = os.waitstatus_to_exitcode(status)
        return self.returncode

    def terminate(self) -> None:
        self._send(signal.SIGTERM)

    def kill(self) -> None:
        self._send(signal.SIGKILL)

    def _send(self, number: signal.Signals) -> None:
        # One that has ended keeps its number until it is waited for, so this reaches nobody else.
        if self.returncode is None:
            os.kill(self.pid, number)


class ProcessGroup:
    """The processes of this start, by name, and how each is started again."""

    def __init__(self) -> None:
        self.processes: dict[str, Process] = {}
        self._starts: dict[str, Callable[[], Process]] = {}
        # When each ended, by the monotonic clock.
        self._ends: dict[str, list[float]] = {}

    def add(self, name: str, start: Callable[[], Process], running: Process | None = None) -> None:
        """Start one, unless it is `running`."""
        self._starts[name] = start
        self.processes[name] = running or start()

    def restart_ended(self) -> None:
        for name, process in list(self.processes.items()):
            if process.poll() is None:
                continue
            self._note_end(name)
            tell(f"The {name} ended with status {process.returncode}; it is started again.")
            self.processes[name] = self._starts[name]()

    def has_ended(self) -> bool:
        """Whether one of them has."""
        return any(process.poll() is not None for process in self.processes.values())

    def _note_end(self, name: str) -> None:
        now = time.monotonic()
        recent = [end for end in self._ends.get(name, []) if now - end < READY_SECONDS] + [now]
        self._ends[name] = recent
        if len(recent) > MOST_ENDS:
            raise CannotStart(f"The {name} keeps ending. What it wrote above says why.")

    def end(self) -> None:
        for process in self.processes.values():
            process.terminate()
        deadline = time.monotonic() + END_SECONDS
        while any(process.poll() is None for process in self.processes.values()):
            if time.monotonic() > deadline:
                for process in self.processes.values():
                    process.kill()
                return
            time.sleep(0.02)


class Signals:
    """SIGTERM and Ctrl-C, for a process with one thread. `came`: one has."""

    def __init__(self) -> None:
        self.came = False
        wait_for_children()
        self._reader, writer = socket.socketpair()
        writer.setblocking(False)
        self._writer = writer
        signal.set_wakeup_fd(writer.fileno())
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._note)

    def wait(self, seconds: float) -> bool:
        """Whether one comes within that time, or has come."""
        if not self.came:
            select.select([self._reader], [], [], seconds)
        return self.came

    def _note(self, *_: object) -> None:
        self.came = True


def wait_for_children() -> None:
    """Have the kernel keep how a child ended until it is asked. Whoever ignores that signal passes this on to what it
    starts, as some supervisors and shells do, and then nobody can tell that a child has ended."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)


def spawn(command: list[str], stdout: int | None = None) -> "subprocess.Popen[str]":
    """A process that ends with this one."""
    return subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=stdout,
        text=True,
        # Safe, since this process has only one thread.
        preexec_fn=end_with_parent,  # noqa: PLW1509
    )


def end_with_parent() -> None:
    """On Linux, have the kernel end this process when its parent is killed; elsewhere it outlives that."""
    if sys.platform == "linux":
        import ctypes

        # PR_SET_PDEATHSIG of <linux/prctl.h>.
        ctypes.CDLL(None).prctl(1, signal.SIGTERM)


def watch(plan: dict[str, Any]) -> None:
    """Run until a signal ends it. CannotStart: why not.

    `plan`: `commands` by name; the pids of those that are `running` already; `host` and `port` of the pages; what to
    say once they answer (`welcome`); and the file to delete at the end (`leaves`).
    """
    signals, group = Signals(), ProcessGroup()
    try:
        for name, command in plan["commands"].items():
            pid = plan["running"].get(name)
            group.add(name, partial(spawn, command), Child(pid) if pid else None)
        _wait_until_ready(group, plan["host"], plan["port"], signals)
        if not signals.came:
            tell(plan["welcome"])
        while not signals.wait(1):
            group.restart_ended()
    finally:
        group.end()
        if os.path.exists(plan["leaves"]):  # noqa: PTH110 (pathlib would be half a megabyte)
            os.unlink(plan["leaves"])  # noqa: PTH108


def _wait_until_ready(group: ProcessGroup, host: str, port: int, signals: Signals) -> None:
    deadline = time.monotonic() + READY_SECONDS
    while time.monotonic() < deadline and not signals.wait(0.1):
        if group.has_ended():
            raise CannotStart("A part ended while it was starting. What it wrote above says why.")
        if _answers(host, port):
            return
    if not signals.came:
        raise CannotStart(f"The web pages did not answer within {READY_SECONDS} s. What was written above says why.")


def _answers(host: str, port: int) -> bool:
    try:
        with socket.create_connection((host, port), timeout=2) as connection:
            connection.sendall(b"GET /healthz HTTP/1.0\r\nHost: localhost\r\n\r\n")
            return b" 200 " in connection.recv(32)
    except OSError:
        return False


def tell(words: str) -> None:
    sys.stderr.write(f"{words}\n")
    sys.stderr.flush()


def main(plan_from: int) -> int:
    """`plan_from`: the file descriptor from which the plan is read, as JSON."""
    with os.fdopen(plan_from, encoding="utf-8") as file:
        plan = json.load(file)
    try:
        watch(plan)
    except CannotStart as reason:
        tell(f"CommandError: {reason}")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[-1])))
