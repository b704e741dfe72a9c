"""Starting the product on one machine: database, static files, accounts, and the processes, which are watched."""

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
READY_SECONDS = 60
END_SECONDS = 8
DISPATCHERS = 2


class CannotStart(Exception):
    """Why, and what to do."""


@dataclass
class Family:
    """The processes of this start. One that ends is started again, but one that keeps ending ends all."""

    environment: dict[str, str]
    processes: dict[str, subprocess.Popen[str]] = field(default_factory=dict)
    commands: dict[str, list[str]] = field(default_factory=dict)
    ends: dict[str, list[float]] = field(default_factory=dict)

    def start(self, name: str, command: list[str], stdout: int | None = None) -> subprocess.Popen[str]:
        self.commands[name] = command
        process: subprocess.Popen[str] = subprocess.Popen(
            command,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=stdout,
            text=True,
            preexec_fn=_end_with_parent,  # noqa: PLW1509 (this process has one thread)
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
        if len(recent) > 3:
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
    """Run until a signal asks for the end. CannotStart: why not."""
    _check_port(host, port)
    say("Preparing the database and the static files…")
    settings.VAR_DIR.mkdir(mode=0o700, parents=True, exist_ok=True)
    call_command("migrate", verbosity=0)
    call_command("collectstatic", verbosity=0, interactive=False)
    family, stop = Family(dict(os.environ)), stopping.on_signal()
    try:
        simulated = settings.CXONE_SIMULATED or not settings.CXONE_BASE_URL
        if simulated:
            _start_simulator(family)
        accounts = _demo_accounts() if simulated or settings.DEMO_PASSWORD else ""
        connections.close_all()
        _start_product(family, host, port)
        _wait_until_ready(family, host, port, stop)
        say(_welcome(host, port, simulated, accounts))
        while not stop.wait(1):
            family.restart_ended(say)
    finally:
        family.end()
        settings.SIMULATOR_FILE.unlink(missing_ok=True)


def _check_port(host: str, port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise CannotStart(
                f"Port {port} of {host} can't be used ({error.strerror}). Choose another: PORT=8001 make run"
            ) from error


def _start_simulator(family: Family) -> None:
    state = settings.VAR_DIR / "simulator.json"
    command = [*MANAGE, "run_simulator", "--port", "0", "--state", str(state), "--exit-with-parent", str(os.getpid())]
    process = family.start("simulated CXone", command, stdout=subprocess.PIPE)
    line = process.stdout.readline() if process.stdout else ""
    if not line:
        raise CannotStart("The simulated CXone did not start. What it wrote above says why.")
    address = json.loads(line)["simulator"]
    # Should it be started again, then where the others look for it.
    family.commands["simulated CXone"][4] = address.rsplit(":", 1)[1]
    settings.SIMULATOR_FILE.write_text(address, encoding="utf-8")
    family.environment |= {
        "CXONE_BASE_URL": address,
        "CXONE_CLIENT_ID": settings.CXONE_CLIENT_ID or "simulator",
        "CXONE_CLIENT_SECRET": settings.CXONE_CLIENT_SECRET or "simulator-secret",
    }


def _start_product(family: Family, host: str, port: int) -> None:
    if not settings.REDIS_URL:
        family.start("product", [*MANAGE, "run_embedded", "--host", host, "--port", str(port)])
        return
    web = ["-m", "gunicorn", "cxadmin.wsgi", "--bind", f"{host}:{port}", "--workers", str(2 * _cores() + 1)]
    family.start("web", [sys.executable, *web, "--log-level", "warning"])
    for queue, threads in QUEUES.items():
        family.start(f"{queue} worker", worker_command(queue, threads))
    for number in range(1, DISPATCHERS + 1):
        family.start(f"dispatcher {number}", [*MANAGE, "run_dispatcher"])


def worker_command(queue: str, threads: int) -> list[str]:
    """Celery's worker for one queue. Threads: the work waits for CXone, and they share one pool of connections."""
    options = ["-Q", queue, "-P", "threads", "-c", str(threads), "-n", f"{queue}@%h", "-l", "WARNING"]
    quiet = ["--without-gossip", "--without-mingle", "--without-heartbeat"]
    return [sys.executable, "-m", "celery", "-q", "-A", "cxadmin", "worker", *options, *quiet]


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _wait_until_ready(family: Family, host: str, port: int, stop: threading.Event) -> None:
    deadline = time.monotonic() + READY_SECONDS
    while time.monotonic() < deadline and not stop.is_set():
        if any(process.poll() is not None for process in family.processes.values()):
            raise CannotStart("A part ended as it started. What it wrote above says why.")
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
    """The three accounts to try the product with, each with the password that is shown."""
    given = settings.DEMO_PASSWORD
    password = given or local.secret(settings.VAR_DIR / "demo_password", strength=9)
    for role in ("supervisor", "reviewer", "admin"):
        user = User.objects.filter(username=role).first()
        if user is None:
            _make_demo_account(role, password)
        elif not user.check_password(password):
            user.set_password(password)
            user.save()
    shown = "the password from DEMO_PASSWORD" if given else f"the password {password}"
    return f"Sign in as supervisor, reviewer or admin with {shown}"


def _make_demo_account(role: str, password: str) -> None:
    try:
        roles.create_user(role, role=role, password=password, by="up")
    except ValidationError as refusal:
        raise CannotStart(
            f"The account {role} to try the product with can't be made. {refusal.messages[0]} "
            "Or unset DEMO_PASSWORD, so that none is made."
        ) from None


def _welcome(host: str, port: int, simulated: bool, accounts: str) -> str:
    lines = [
        f"\nCampaign control runs at http://{host}:{port}",
        "It works on a simulated CXone with 1,000 campaigns: nothing here reaches a real one."
        if simulated
        else f"It works on CXone at {settings.CXONE_BASE_URL}.",
        f"It keeps its records in {_database()}.",
        accounts,
    ]
    if not accounts and not User.objects.exists():
        lines.append("Make the first account: .venv/bin/python manage.py create_user NAME --role admin")
    return "\n".join(line for line in [*lines, "Ctrl-C ends all of it.\n"] if line)


def _database() -> str:
    database = settings.DATABASES["default"]
    if settings.SQLITE:
        return str(database["NAME"])
    return f"the database {database['NAME']} on {database['HOST'] or 'this machine'}"


def _end_with_parent() -> None:
    """Have the kernel end a child whose parent was killed (Linux); elsewhere the children outlive it."""
    if sys.platform == "linux":
        import ctypes

        ctypes.CDLL(None).prctl(1, signal.SIGTERM)  # PR_SET_PDEATHSIG
