"""Starting the product on one machine: database, static files, accounts, and the processes, which are monitored."""

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.error import URLError
from urllib.request import urlopen

from django.conf import settings
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.db import connections

from campaigns import stopping
from cxadmin import local
from cxadmin.accounts import roles
from cxadmin.celery import QUEUES

Say = Callable[[str], object]
MANAGE = [sys.executable, str(settings.BASE_DIR / "manage.py")]
# On a busy machine a start takes about half of this.
READY_SECONDS = 60
# How often a process may end within READY_SECONDS. One that fails for good fails at once, every time.
MOST_ENDS = 3
# `docker stop` kills what is still running after 10 s.
END_SECONDS = 8
# If one hangs, the other carries on.
DISPATCHERS = 2


class CannotStart(Exception):
    """Why, and what to do."""


@dataclass
class ProcessGroup:
    """The processes of this start, by name. One that ends is started again; one that keeps ending ends them all."""

    environment: dict[str, str]
    processes: dict[str, subprocess.Popen[str]] = field(default_factory=dict)
    commands: dict[str, list[str]] = field(default_factory=dict)
    # When each ended, by the monotonic clock.
    ends: dict[str, list[float]] = field(default_factory=dict)

    def start(self, name: str, command: list[str], stdout: int | None = None) -> subprocess.Popen[str]:
        self.commands[name] = command
        process: subprocess.Popen[str] = subprocess.Popen(
            command,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=stdout,
            text=True,
            # Safe, since this process has only one thread.
            preexec_fn=_end_with_parent,  # noqa: PLW1509
        )
        self.processes[name] = process
        return process

    def restart_ended(self, say: Say) -> None:
        for name, process in list(self.processes.items()):
            if process.poll() is None:
                continue
            self._note_end(name)
            say(f"The {name} ended with status {process.returncode}; it is started again.")
            self.start(name, self.commands[name])

    def _note_end(self, name: str) -> None:
        now = time.monotonic()
        recent = [end for end in self.ends.get(name, []) if now - end < READY_SECONDS] + [now]
        self.ends[name] = recent
        if len(recent) > MOST_ENDS:
            raise CannotStart(f"The {name} keeps ending. What it wrote above says why.")

    def end(self) -> None:
        for process in self.processes.values():
            process.terminate()
        deadline = time.monotonic() + END_SECONDS
        for process in self.processes.values():
            try:
                process.wait(timeout=max(0.1, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                process.kill()


def up(host: str, port: int, say: Say) -> None:
    """Run until a signal ends it. CannotStart: why not."""
    _check_port(host, port)
    say("Preparing the database and the static files…")
    settings.VAR_DIR.mkdir(mode=0o700, parents=True, exist_ok=True)
    call_command("migrate", verbosity=0)
    call_command("collectstatic", verbosity=0, interactive=False)
    group, stop = ProcessGroup(dict(os.environ)), stopping.on_signal()
    try:
        is_simulated = settings.CXONE_SIMULATED or not settings.CXONE_BASE_URL
        if is_simulated:
            _start_simulator(group)
        accounts = _demo_accounts() if is_simulated or settings.DEMO_PASSWORD else ""
        connections.close_all()
        _start_product(group, host, port)
        _wait_until_ready(group, host, port, stop)
        say(_welcome(host, port, accounts, is_simulated=is_simulated))
        while not stop.wait(1):
            group.restart_ended(say)
    finally:
        group.end()
        settings.SIMULATOR_FILE.unlink(missing_ok=True)


def _check_port(host: str, port: int) -> None:
    with socket.socket() as probe:
        # As the server sets it: connections of the last start that are still closing don't block the port.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise CannotStart(
                f"Port {port} of {host} can't be used ({error.strerror}). Choose another: PORT=8001 make run"
            ) from error


def _start_simulator(group: ProcessGroup) -> None:
    state = settings.VAR_DIR / "simulator.json"
    options = ["--state", str(state), "--exit-with-parent", str(os.getpid())]
    process = group.start(
        "simulated CXone", [*MANAGE, "run_simulator", "--port", "0", *options], stdout=subprocess.PIPE
    )
    line = process.stdout.readline() if process.stdout else ""
    if not line:
        raise CannotStart("The simulated CXone did not start. What it wrote above says why.")
    address = json.loads(line)["simulator"]
    # If it is started again, it must listen where the others look for it.
    port = address.rpartition(":")[2]
    group.commands["simulated CXone"] = [*MANAGE, "run_simulator", "--port", port, *options]
    settings.SIMULATOR_FILE.write_text(address, encoding="utf-8")
    group.environment |= {
        "CXONE_BASE_URL": address,
        "CXONE_CLIENT_ID": settings.CXONE_CLIENT_ID or "simulator",
        "CXONE_CLIENT_SECRET": settings.CXONE_CLIENT_SECRET or "simulator-secret",
    }


def _start_product(group: ProcessGroup, host: str, port: int) -> None:
    if not settings.REDIS_URL:
        group.start("product", [*MANAGE, "run_embedded", "--host", host, "--port", str(port)])
        return
    # Gunicorn's own advice for the number of workers.
    workers = 2 * _count_cores() + 1
    web = ["-m", "gunicorn", "cxadmin.wsgi", "--bind", f"{host}:{port}", "--workers", str(workers)]
    group.start("web", [sys.executable, *web, "--log-level", "warning"])
    for queue, threads in QUEUES.items():
        group.start(f"{queue} worker", worker_command(queue, threads))
    for number in range(1, DISPATCHERS + 1):
        group.start(f"dispatcher {number}", [*MANAGE, "run_dispatcher"])


def worker_command(queue: str, threads: int) -> list[str]:
    """Celery's worker for one queue."""
    # Threads, since the work mostly waits for CXone, and they share one pool of connections.
    options = ["-Q", queue, "-P", "threads", "-c", str(threads), "-n", f"{queue}@%h", "-l", "WARNING"]
    quiet = ["--without-gossip", "--without-mingle", "--without-heartbeat"]
    return [sys.executable, "-m", "celery", "-q", "-A", "cxadmin", "worker", *options, *quiet]


def _count_cores() -> int:
    """The cores that this process may use."""
    # Not on macOS.
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _wait_until_ready(group: ProcessGroup, host: str, port: int, stop: threading.Event) -> None:
    deadline = time.monotonic() + READY_SECONDS
    while time.monotonic() < deadline and not stop.is_set():
        if any(process.poll() is not None for process in group.processes.values()):
            raise CannotStart("A part ended while it was starting. What it wrote above says why.")
        if _answers(host, port):
            return
        time.sleep(0.1)
    if not stop.is_set():
        raise CannotStart(f"The web pages did not answer within {READY_SECONDS} s. What was written above says why.")


def _answers(host: str, port: int) -> bool:
    try:
        with urlopen(f"http://{host}:{port}/healthz", timeout=2) as answer:
            return bool(answer.status == 200)
    except (URLError, OSError):
        return False


def _demo_accounts() -> str:
    """Create the three accounts to try the product with, or reset their password. How to sign in with them."""
    if settings.DEMO_PASSWORD:
        password, shown = settings.DEMO_PASSWORD, "the password from DEMO_PASSWORD"
    else:
        # 9 bytes are 12 characters: enough behind the lock after failed sign-ins, and short enough to type.
        password = local.secret(settings.VAR_DIR / "demo_password", strength=9)
        shown = f"the password {password}"
    for role in ("supervisor", "reviewer", "admin"):
        user = User.objects.filter(username=role).first()
        if user is None:
            _make_demo_account(role, password)
        elif not user.check_password(password):
            user.set_password(password)
            user.save()
    return f"Sign in as supervisor, reviewer or admin with {shown}"


def _make_demo_account(role: str, password: str) -> None:
    try:
        roles.create_user(role, role=role, password=password, by="up")
    except ValidationError as refusal:
        raise CannotStart(
            f"The account {role} to try the product with can't be made. {refusal.messages[0]} "
            "Or unset DEMO_PASSWORD, so that none is made."
        ) from None


def _welcome(host: str, port: int, accounts: str, *, is_simulated: bool) -> str:
    lines = ["", f"Campaign control runs at http://{host}:{port}"]
    if is_simulated:
        lines.append("It works on a simulated CXone with 1,000 campaigns: nothing here reaches a real one.")
    else:
        lines.append(f"It works on CXone at {settings.CXONE_BASE_URL}.")
    lines.append(f"It keeps its records in {_database()}.")
    if accounts:
        lines.append(accounts)
    elif not User.objects.exists():
        lines.append("Make the first account: .venv/bin/python manage.py create_user NAME --role admin")
    return "\n".join([*lines, "Ctrl-C ends all of it.", ""])


def _database() -> str:
    database = settings.DATABASES["default"]
    if settings.SQLITE:
        return str(database["NAME"])
    return f"the database {database['NAME']} on {database['HOST'] or 'this machine'}"


def _end_with_parent() -> None:
    """On Linux, have the kernel end a child whose parent was killed; elsewhere the children outlive it."""
    if sys.platform == "linux":
        import ctypes

        # PR_SET_PDEATHSIG of <linux/prctl.h>.
        ctypes.CDLL(None).prctl(1, signal.SIGTERM)
