"""What sessions with PostgreSQL are like: the limits in force in them, and whether a pooler shares them out."""

from enum import Enum, auto

from django.conf import settings
from django.db import Error, connection
from django.db.backends.base.base import BaseDatabaseWrapper

from cxadmin.doctor.results import CheckResult, failed, not_looked_at, passed

NAME = "database_sessions"
# A process that freezes in a transaction keeps all others waiting for so long. The product asks for 15 s.
MOST_IDLE_SECONDS = 60
# How often two connections ask for their session: on a busy pooler, somebody else may get the one just given back.
ROUNDS = 5


class Pooling(Enum):
    NONE = auto()
    # Each connection keeps its session.
    BY_CONNECTION = auto()
    BY_TRANSACTION = auto()


def look_at_sessions(database: CheckResult) -> CheckResult:
    if not database.ok:
        return not_looked_at(NAME, "the database can’t be used", "Correct what the check of the database says first.")
    if settings.SQLITE:
        return passed(NAME, "Not used: SQLite has none.")
    try:
        pooling = _find_pooling()
        if pooling is Pooling.BY_TRANSACTION and not settings.DATABASE_POOLED:
            return failed(
                NAME,
                "A pooler gives each transaction another session, and DATABASE_POOLED is off: statements will fail "
                "that were prepared in one session and reach another.",
                "Set DATABASE_POOLED=on for all processes, and what docs/deployment.md has for PgBouncer.",
            )
        return _judge_limits(pooling)
    except Error as error:
        said = " ".join(str(error).split()).rstrip(".") or type(error).__name__
        return failed(NAME, f"They can’t be looked at: {said}.", "Ask whoever runs PostgreSQL, or its pooler.")


def _find_pooling() -> Pooling:
    # A pooler gives its clients numbers of its own, since they cancel statements by them.
    if _session_of(connection) == connection.connection.info.backend_pid:
        return Pooling.NONE
    other = connection.copy()
    try:
        shared = any(_session_of(connection) == _session_of(other) for _ in range(ROUNDS))
    finally:
        other.close()
    return Pooling.BY_TRANSACTION if shared else Pooling.BY_CONNECTION


def _session_of(asked: BaseDatabaseWrapper) -> int:
    with asked.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        return int(cursor.fetchone()[0])


def _judge_limits(pooling: Pooling) -> CheckResult:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT (SELECT setting::bigint FROM pg_settings WHERE name = 'idle_in_transaction_session_timeout'),"
            " current_setting('jit'), quote_ident(current_user)"
        )
        idle_ms, jit, role = cursor.fetchone()
    missing = []
    if not 0 < idle_ms <= MOST_IDLE_SECONDS * 1000:
        missing.append("idle_in_transaction_session_timeout = '15s'")
    if jit == "on":
        missing.append("jit = off")
    if not missing:
        return passed(NAME, f"One that rests in a transaction is ended after {idle_ms / 1000:g} s; {_words(pooling)}.")
    statements = " ".join(f"ALTER ROLE {role} SET {each};" for each in missing)
    return failed(
        NAME,
        f"Not in force: {' and '.join(missing)}. A process that freezes in a transaction would keep its locks, or "
        "statements would be compiled for longer than they run.",
        f"Execute {statements} Then open new sessions: restart the product, and in PgBouncer’s console RECONNECT.",
    )


def _words(pooling: Pooling) -> str:
    if pooling is Pooling.BY_TRANSACTION:
        return "a pooler gives each transaction another session, as DATABASE_POOLED says"
    if settings.DATABASE_POOLED:
        return "each connection keeps its session, so DATABASE_POOLED could be off, which is faster"
    if pooling is Pooling.BY_CONNECTION:
        return "a pooler lets each connection keep its session"
    return "no pooler is in between"
