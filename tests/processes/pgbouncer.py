"""PgBouncer before a PostgreSQL, as docs/deployment.md has it: each transaction may get another session."""

import os
import shutil
import signal
import tempfile
from contextlib import closing, suppress
from pathlib import Path
from urllib.parse import urlsplit

import psycopg

from tests.processes.group import Group, wait_until
from tests.processes.product import free_port
from tests.processes.servers import leave_out

# Fewer than a product has connections, so that these share them.
SESSIONS = 4


class OwnPgBouncer:
    """A pooler that a test may end, before the PostgreSQL at that address; its databases have the same names.

    ignore_options: it drops what a connection asks for in `options`, which it refuses otherwise.
    """

    def __init__(
        self, database_url: str, *, sessions: int = SESSIONS, mode: str = "transaction", ignore_options: bool = False
    ) -> None:
        self.port = free_port()
        server = urlsplit(database_url)
        self.url = server._replace(netloc=f"{server.username}@127.0.0.1:{self.port}").geturl()
        self.most_sessions = sessions
        self._group: Group | None = None
        # Not below pytest's folder, which no other user may enter.
        self._directory = Path(tempfile.mkdtemp(prefix="own-pgbouncer-"))
        # It refuses to run as root.
        self._user = "nobody" if os.geteuid() == 0 else ""
        if self._user:
            shutil.chown(self._directory, self._user)
        self._file = self._write(
            "pgbouncer.ini",
            f"""[databases]
* = host={server.hostname} port={server.port or 5432}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {self.port}
unix_socket_dir =
auth_type = trust
auth_file = {self._write("users.txt", f'"{server.username}" "{server.password or ""}"')}
admin_users = {server.username}
pool_mode = {mode}
default_pool_size = {sessions}
max_client_conn = 300
{"ignore_startup_parameters = options" if ignore_options else ""}
""",
        )

    def _write(self, name: str, text: str) -> Path:
        file = self._directory / name
        file.write_text(text, encoding="utf-8")
        if self._user:
            shutil.chown(file, self._user)
        return file

    def start(self) -> None:
        # Debian has it outside the path of most users.
        program = shutil.which("pgbouncer") or shutil.which("pgbouncer", path="/usr/sbin")
        if program is None:
            leave_out("There is no pgbouncer to start.")
        if self._group and self._group.runs:
            return
        log = self._directory / "pgbouncer.log"
        self._group = Group([program, str(self._file)], os.environ, log, user=self._user)
        wait_until(self._answers, lambda: f"PgBouncer doesn’t answer:\n{log.read_text(encoding='utf-8')[-2000:]}")

    def end(self) -> None:
        """At once: it breaks off whatever its clients are doing."""
        if self._group:
            self._group.send(signal.SIGTERM)
            self._group.wait_for_end()

    def close(self) -> None:
        if self._group:
            self._group.kill()
        shutil.rmtree(self._directory)

    def sessions(self) -> int:
        """How many it has with PostgreSQL now."""
        return self._count("SHOW SERVERS")

    def clients(self) -> int:
        """How many connections the product and others have with it, this one included."""
        return self._count("SHOW CLIENTS")

    def _count(self, what: str) -> int:
        # The console knows nothing else than such commands.
        with closing(psycopg.connect(self._console, autocommit=True, prepare_threshold=None)) as console:
            return len(console.execute(what.encode()).fetchall())

    @property
    def _console(self) -> str:
        return urlsplit(self.url)._replace(path="/pgbouncer").geturl()

    def _answers(self) -> bool:
        with suppress(psycopg.OperationalError):
            psycopg.connect(self.url, connect_timeout=3).close()
            return True
        return False
