"""Starting the product on one machine: database, static files, accounts, and the plan of its processes."""

import fcntl
import json
import os
import socket
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from functools import partial
from typing import NoReturn

from django.conf import settings
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.core.management import load_command_class
from django.db import connections

from campaigns import tenancy
from cxadmin import forking, local, preparing, watching
from cxadmin.accounts import roles
from cxadmin.accounts.passwords import Way, change_password
from cxadmin.watching import CannotStart

Say = Callable[[str], object]
# glibc would keep a heap for each of a worker's threads, and most of what each had at its peak.
MOST_HEAPS = 2
MANAGE = [sys.executable, str(settings.BASE_DIR / "manage.py")]


@dataclass(slots=True)
class Plan:
    """What cxadmin/watching.py is told. `commands`: of the processes, by name; `running`: the pids of some."""

    host: str
    port: int
    commands: dict[str, list[str]] = field(default_factory=dict)
    running: dict[str, int] = field(default_factory=dict)
    welcome: str = ""
    leaves: str = ""


def up(host: str, port: int, say: Say) -> NoReturn:
    """Prepare all, then become the program that runs it until a signal ends it. CannotStart: why not."""
    watching.wait_for_children()
    is_simulated = settings.CXONE_SIMULATED or not settings.CXONE_IS_MEANT
    settings.VAR_DIR.mkdir(mode=0o700, parents=True, exist_ok=True)
    if is_simulated:
        _claim_folder(host, port)
    _check_port(host, port)
    say("Preparing the database and the static files…")
    has_migrated = _prepare()
    _refuse_other_tenant()
    plan = Plan(host, port, leaves=str(settings.SIMULATOR_FILE))
    simulator = _start_simulator(plan) if is_simulated else None
    try:
        accounts = _demo_accounts() if is_simulated or settings.DEMO_PASSWORD else ""
        plan.welcome = _welcome(host, port, accounts, is_simulated=is_simulated)
        connections.close_all()
        _add_product(plan)
        # A simulator's address is a setting that this process began without. And what migrating imports would be the
        # product's for as long as it runs.
        if not is_simulated and not has_migrated:
            _fork_commands(plan)
        _become_watcher(plan)
    finally:
        if simulator:
            simulator.terminate()
        settings.SIMULATOR_FILE.unlink(missing_ok=True)


def _prepare() -> bool:
    """False: no migration had to run."""
    has_migrated = preparing.migrate()
    try:
        preparing.collect_static_files()
    except OSError as error:
        raise CannotStart(
            f"The static files can’t be collected in {settings.STATIC_ROOT}, and noted in {settings.VAR_DIR} "
            f"({error}). Both folders must belong to the user that starts this; STATIC_ROOT and VAR_DIR name others."
        ) from error
    return has_migrated


def _refuse_other_tenant() -> None:
    try:
        tenancy.require_tenant(tenancy.in_settings())
    except tenancy.OtherTenantError as reason:
        raise CannotStart(str(reason)) from None


def _fork_commands(plan: Plan) -> None:
    """Begin our own commands with all that this process has imported. If one ends, the watching program starts it as
    it would any other."""
    for name, words in plan.commands.items():
        if words[: len(MANAGE)] == MANAGE:
            plan.running[name] = forking.fork(partial(_run_command, words[1:])).pid


def _run_command(words: list[str]) -> None:
    with open(os.devnull, "rb") as nothing:  # noqa: PTH123
        os.dup2(nothing.fileno(), 0)
    _use_few_heaps()
    load_command_class("cxadmin", words[1]).run_from_argv(words)


def _use_few_heaps() -> None:
    """What MALLOC_ARENA_MAX does for a process that is told by its environment."""
    import ctypes

    # M_ARENA_MAX of <malloc.h>. Other C libraries have no such option, or not even that function.
    with suppress(AttributeError):
        ctypes.CDLL(None).mallopt(-8, MOST_HEAPS)


def _become_watcher(plan: Plan) -> NoReturn:
    """Its children stay this process's own."""
    # Through a pipe: the welcome may have a password in it, which a command line would show to everybody.
    reader, writer = os.pipe()
    with os.fdopen(writer, "w", encoding="utf-8") as file:
        json.dump(asdict(plan), file)
    os.set_inheritable(reader, True)
    os.environ.setdefault("MALLOC_ARENA_MAX", str(MOST_HEAPS))
    sys.stdout.flush()
    sys.stderr.flush()
    # -S and -P: nothing that is installed, and nothing beside the program, is looked at.
    os.execv(sys.executable, [sys.executable, "-S", "-P", watching.__file__, "up", str(reader)])  # noqa: S606


def _claim_folder(host: str, port: int) -> None:
    """Keep VAR_DIR to this process and what it becomes. CannotStart: another one has it.

    Two simulated CXones on one database would each deny what was paused in the other.
    """
    path = settings.VAR_DIR / "simulator.lock"
    try:
        claim = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise CannotStart(
            f"{path} can’t be written ({error.strerror}). VAR_DIR must belong to the user that starts this."
        ) from error
    try:
        fcntl.flock(claim, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        address = os.read(claim, 200).decode(errors="replace") or "its address"
        raise CannotStart(
            f"The product runs from this folder already: open {address}. A second one needs a folder and a port "
            f"of its own: VAR_DIR=$HOME/second PORT={port + 1} make run"
        ) from None
    os.ftruncate(claim, 0)
    os.write(claim, f"http://{host}:{port}".encode())
    # The watching program goes on holding it; what that starts doesn't get it.
    os.set_inheritable(claim, True)


def _check_port(host: str, port: int) -> None:
    with socket.socket() as probe:
        # As the server sets it: connections of the last start that are still closing don't block the port.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise CannotStart(
                f"Port {port} of {host} can’t be used: {error.strerror}. Choose another: PORT={port + 1} make run"
            ) from error


def _start_simulator(plan: Plan) -> "subprocess.Popen[str]":
    # Each dialect remembers its own.
    state = "simulator.json" if settings.CXONE_DIALECT == "v2" else f"simulator-{settings.CXONE_DIALECT}.json"
    options = ["--dialect", settings.CXONE_DIALECT, "--state", str(settings.VAR_DIR / state)]
    options += ["--exit-with-parent", str(os.getpid())]
    options += ["--keep-hours", "--offenders", str(settings.SIMULATOR_OFFENDERS)]
    process = watching.spawn([*MANAGE, "run_simulator", "--port", "0", *options], stdout=subprocess.PIPE)
    line = process.stdout.readline() if process.stdout else ""
    if not line:
        raise CannotStart("The simulated CXone did not start. What it wrote above says why.")
    address = json.loads(line)["simulator"]
    # If it is started again, it must listen where the others look for it.
    port = address.rpartition(":")[2]
    plan.commands["simulated CXone"] = [*MANAGE, "run_simulator", "--port", port, *options]
    plan.running["simulated CXone"] = process.pid
    settings.SIMULATOR_FILE.write_text(address, encoding="utf-8")
    os.environ |= {
        "CXONE_BASE_URL": address,
        "CXONE_CLIENT_ID": settings.CXONE_CLIENT_ID or "simulator",
        "CXONE_CLIENT_SECRET": settings.CXONE_CLIENT_SECRET or "simulator-secret",
    }
    return process


def _add_product(plan: Plan) -> None:
    if not settings.REDIS_URL:
        plan.commands["product"] = [*MANAGE, "run_embedded", "--host", plan.host, "--port", str(plan.port)]
        return
    # Gunicorn's own advice for the number of workers.
    workers = 2 * _count_cores() + 1
    web = ["-m", "gunicorn", "cxadmin.wsgi", "--bind", f"{plan.host}:{plan.port}", "--workers", str(workers)]
    plan.commands["web"] = [sys.executable, *web, "--log-level", "warning"]
    plan.commands["workers and dispatchers"] = [*MANAGE, "run_workers"]


def _count_cores() -> int:
    """The cores that this process may use."""
    # Not on macOS.
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


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
            change_password(user, password, by="up", way=Way.START)
    return f"Sign in as supervisor, reviewer or admin with {shown}"


def _make_demo_account(role: str, password: str) -> None:
    try:
        roles.create_user(role, role=role, password=password, by="up")
    except ValidationError as refusal:
        raise CannotStart(
            f"The account {role} to try the product with can’t be made. {refusal.messages[0]} "
            "Or unset DEMO_PASSWORD, so that none is made."
        ) from None


def _welcome(host: str, port: int, accounts: str, *, is_simulated: bool) -> str:
    lines = ["", f"Campaign control runs at http://{host}:{port}"]
    if is_simulated:
        lines.append("It works on a simulated CXone with 1,000 campaigns: nothing here reaches a real one.")
    else:
        lines.append(f"It works on CXone at {settings.CXONE_BASE_URL or 'the address that NICE has for its tenant'}.")
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
