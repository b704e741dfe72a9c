"""Database, migrations, the audit's triggers, and Redis."""

import os
import threading
from collections.abc import Collection
from contextlib import suppress
from pathlib import Path
from typing import Any, cast

import redis
from django.conf import settings
from django.db import Error, connection
from django.db.migrations.exceptions import InconsistentMigrationHistory
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.loader import MigrationLoader
from redis.exceptions import AuthenticationError, RedisError, ResponseError

from audit import triggers
from campaigns import tenancy
from campaigns.models import NoticedRestore
from cxadmin.doctor.results import CheckResult, failed, not_looked_at, passed
from cxadmin.preparing import GAP

# Seconds. A host that swallows packets would otherwise keep this waiting for minutes.
CONNECT_SECONDS = 5
ANSWER_SECONDS = 10
MOST_NAMED = 3

# What PostgreSQL and the system say when no connection is made, and what to do then; the first that fits counts.
_ADVICE = (
    (
        "unsupported startup parameter",
        "A pooler such as PgBouncer is in between: set DATABASE_POOLED=on, and give no options in DATABASE_URL "
        "(docs/deployment.md).",
    ),
    (
        "password authentication failed",
        "Correct the user name or the password in DATABASE_URL, or ask {who} for them.",
    ),
    ("no password supplied", "Write the password into DATABASE_URL, or ask {who} for it."),
    ("no pg_hba.conf entry", "Ask {who} to let this machine in with this user and database (pg_hba.conf)."),
    ("role", "Correct the user name in DATABASE_URL, or ask {who} to make that role (docs/deployment.md)."),
    ("does not exist", "Correct the name at the end of DATABASE_URL, or ask {who} to make that database."),
    ("Connection refused", "Start PostgreSQL, or correct host and port in DATABASE_URL."),
    ("timeout", "Ask {who} whether the server runs and the network lets this machine reach its port."),
    ("resolve", "Correct the host in DATABASE_URL; no machine has that name here."),
)
_OTHERWISE = "Check DATABASE_URL, and ask {who}."
_WHO = "whoever runs PostgreSQL"
_RIGHTS = "Run this as the user that the product runs as, or give that user the right to write there."
_PREPARE = "Start the product once with make run, or run manage.py migrate"


def look_at_database() -> CheckResult:
    name = "database"
    if settings.ENVIRONMENT.problems:
        # DATABASES is a dummy then, so that nothing works on another database than was meant.
        return not_looked_at(name, "a setting can’t be used", "Correct the settings named above first.")
    if settings.SQLITE:
        return _look_at_sqlite(name, Path(settings.DATABASES["default"]["NAME"]))
    return _look_at_postgresql(name)


def look_at_migrations(database: CheckResult) -> CheckResult:
    name = "migrations"
    if not database.ok:
        return not_looked_at(name, "the database can’t be used", "Correct what the check of the database says first.")
    try:
        executor = MigrationExecutor(connection)
    except Error as error:
        return failed(name, f"They can’t be read: {_in_one_line(error)}.", _OTHERWISE.format(who=_WHO))
    loader = executor.loader
    # A plan of what is to be done has only what comes after the newest one that is applied.
    missing = sorted(".".join(key) for key in set(loader.disk_migrations or {}) - set(loader.applied_migrations))
    if missing:
        return failed(
            name,
            f"{len(missing)} of this version are missing in the database: {_listed(missing)}.",
            _without_gap(loader)
            or "Run manage.py migrate as the role that owns the tables, before the other processes start.",
        )
    later = sorted(".".join(key) for key in set(loader.applied_migrations) - set(loader.disk_migrations or {}))
    if later:
        return failed(
            name,
            f"The database is of a later version than this one: {_listed(later)}.",
            "Run that version again, or restore the backup that was made before it (docs/deployment.md).",
        )
    return passed(name, f"All {len(loader.applied_migrations)} are applied.")


def _without_gap(loader: MigrationLoader) -> str:
    """What to do if later ones are applied than one that is missing. Empty: there are none."""
    try:
        loader.check_consistent_history(connection)
    except InconsistentMigrationHistory:
        return GAP
    return ""


def look_at_triggers(database: CheckResult, *, has_tables: bool) -> CheckResult:
    name = "triggers"
    if not database.ok or not has_tables:
        return not_looked_at(name, "the tables can’t be used", "Correct what the checks above say first.")
    missing = triggers.missing(connection)
    if missing:
        return failed(
            name,
            f"Missing or disabled: {', '.join(missing)}. Records of the audit can be changed.",
            "Run manage.py protect_audit as the role that owns the tables, then manage.py verify_audit, and tell "
            "whoever answers for the audit that somebody had removed them.",
        )
    return passed(name, "All are in place: the database refuses changes to the audit’s records.")


def look_at_restores(*, has_tables: bool) -> CheckResult:
    name = "restores"
    if not has_tables:
        return not_looked_at(name, "the tables can’t be used", "Correct what the checks above say first.")
    notice = NoticedRestore.objects.filter(acknowledged_at=None).order_by("-pk").first()
    if notice:
        return failed(
            name,
            f"The database is a restored or older copy, noticed {notice.noticed_at:%Y-%m-%d %H:%M} UTC: "
            f"{notice.cause}. What was open then has ended.",
            "If you restored it, run manage.py acknowledge_restore (docs/running.md); if not, find out who did.",
        )
    return passed(name, "None that nobody has acknowledged.")


def look_at_tenant(unusable: Collection[str], *, has_tables: bool) -> CheckResult:
    """Changes nothing, so one that is about none yet stays so."""
    name = "tenant"
    if wrong := sorted(setting for setting in unusable if setting.startswith("CXONE_")):
        return not_looked_at(name, f"{wrong[0]} can’t be used", "Correct the settings named above first.")
    if not has_tables:
        return not_looked_at(name, "the tables can’t be used", "Correct what the checks above say first.")
    if trouble := tenancy.why_other(tenancy.in_settings()):
        return failed(name, trouble, tenancy.ON_OTHER_TENANT)
    known = tenancy.tenant_of_database()
    return passed(name, f"The database is about {known}, as the settings are." if known else "The next start sets it.")


def look_at_redis(unusable: Collection[str]) -> CheckResult:
    name = "redis"
    if "REDIS_URL" in unusable:
        return not_looked_at(name, "REDIS_URL can’t be used", "Correct it first.")
    if not settings.REDIS_URL:
        return passed(name, "Not used: web server, workers and dispatcher are one process.")
    server = redis.Redis.from_url(
        settings.REDIS_URL, socket_connect_timeout=CONNECT_SECONDS, socket_timeout=CONNECT_SECONDS
    )
    try:
        server.ping()
        return _of_redis(name, server)
    except AuthenticationError as error:
        return failed(name, f"It doesn’t let this system in: {error}.", "Correct the password in REDIS_URL.")
    except ResponseError as error:
        return failed(name, f"It refuses: {error}.", "Correct the number of the database at the end of REDIS_URL.")
    except (RedisError, OSError) as error:
        return failed(
            name,
            f"It doesn’t answer ({_in_one_line(error)}).",
            "Start Redis, or correct host and port in REDIS_URL. Until it answers the product works, but slower.",
        )
    finally:
        server.close()


def _of_redis(name: str, server: redis.Redis) -> CheckResult:
    try:
        # Typed for its asynchronous twin, too.
        facts = cast("dict[str, Any]", server.info())
    except ResponseError:
        # A user whose rights don't include INFO; nothing here needs it.
        return passed(name, "It answers.")
    if facts.get("role") == "slave":
        return failed(name, "It is a replica, which takes no messages.", "Let REDIS_URL name its primary server.")
    # Valkey calls itself the Redis that it took over from as well.
    valkey = facts.get("valkey_version")
    return passed(name, f"Valkey {valkey} answers." if valkey else f"Redis {facts.get('redis_version')} answers.")


def _look_at_sqlite(name: str, path: Path) -> CheckResult:
    # Connecting would make the file.
    try:
        path.stat()
    except (FileNotFoundError, NotADirectoryError):
        return failed(name, f"{path} isn’t there.", f"{_PREPARE}; or correct DATABASE_URL or VAR_DIR.")
    except OSError as error:
        return failed(name, f"{path} can’t be looked at: {error.strerror}.", _RIGHTS)
    for part in (path, path.parent):
        if not os.access(part, os.W_OK):
            return failed(name, f"{part} can’t be written by this user.", _RIGHTS)
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT sqlite_version(), count(*) FROM sqlite_master")
            version, _ = cursor.fetchone()
    except Error as error:
        return failed(
            name,
            f"{path} can’t be read: {_in_one_line(error)}.",
            "Restore it from a backup (docs/deployment.md), or correct DATABASE_URL.",
        )
    return passed(name, f"SQLite {version}, {path}.")


def _look_at_postgresql(name: str) -> CheckResult:
    options = connection.settings_dict.setdefault("OPTIONS", {})
    options["connect_timeout"] = CONNECT_SECONDS
    if not settings.DATABASE_POOLED:
        options["options"] = f"{options.get('options', '')} -c statement_timeout={ANSWER_SECONDS}s".strip()
    elif not _answers_in_time():
        # A pooler takes connections whatever becomes of its server, and would refuse that option.
        advice = "Ask {who}, or its pooler, whether the server runs and has a session to spare."
        return failed(name, f"No answer within {ANSWER_SECONDS} s.", advice.format(who=_WHO))
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT current_setting('server_version'), current_setting('transaction_read_only')")
            version, is_read_only = cursor.fetchone()
    except Error as error:
        said = _in_one_line(error)
        advice = next((advice for words, advice in _ADVICE if words in said), _OTHERWISE)
        return failed(name, f"No connection: {said}.", advice.format(who=_WHO))
    where = f"PostgreSQL {version}, database {connection.settings_dict['NAME']}"
    if is_read_only == "on":
        return failed(name, f"{where}, can’t be written.", "Let DATABASE_URL name the primary server, no replica.")
    return passed(name, f"{where}.")


def _answers_in_time() -> bool:
    """Also with a refusal, which whoever asks next gets as well."""
    answered = threading.Event()

    def ask() -> None:
        with suppress(Error), connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        answered.set()
        connection.close()

    threading.Thread(target=ask, daemon=True).start()
    return answered.wait(ANSWER_SECONDS)


def _in_one_line(error: BaseException) -> str:
    return " ".join(str(error).split()).rstrip(".") or type(error).__name__


def _listed(names: list[str]) -> str:
    more = len(names) - MOST_NAMED
    listed = ", ".join(names[:MOST_NAMED])
    return f"{listed} and {more} more" if more > 0 else listed
