"""Triggers that make the ledger append-only: they reject what our code never does.

`install` can run any number of times. A change to a trigger here needs a migration that calls it again. Somebody who
can drop a trigger can still change a record; the chain reveals that (decision 0006).
"""

from collections.abc import Collection

from django.db import NotSupportedError
from django.db.backends.base.base import BaseDatabaseWrapper

RECORD = "audit records are never changed or deleted"
HEAD = "the head of the audit only moves on, one record at a time"

POSTGRESQL_FUNCTIONS = f"""
CREATE OR REPLACE FUNCTION audit_keep_record() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION '{RECORD}' USING ERRCODE = 'restrict_violation'; END $$;
CREATE OR REPLACE FUNCTION audit_keep_head() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION '{HEAD}' USING ERRCODE = 'restrict_violation'; END $$;
"""

# By name: (table, event, function).
POSTGRESQL = {
    "audit_record_keep": ("audit_record", "BEFORE UPDATE OR DELETE ON audit_record FOR EACH ROW", "audit_keep_record"),
    "audit_record_keep_all": (
        "audit_record",
        "BEFORE TRUNCATE ON audit_record FOR EACH STATEMENT",
        "audit_keep_record",
    ),
    "audit_head_keep": ("audit_head", "BEFORE DELETE ON audit_head FOR EACH ROW", "audit_keep_head"),
    "audit_head_step": (
        "audit_head",
        "BEFORE UPDATE ON audit_head FOR EACH ROW WHEN (NEW.id <> OLD.id OR NEW.number <> OLD.number + 1)",
        "audit_keep_head",
    ),
    "audit_head_keep_all": ("audit_head", "BEFORE TRUNCATE ON audit_head FOR EACH STATEMENT", "audit_keep_head"),
}
# By name: (event, message). INSERT OR REPLACE bypasses the triggers for UPDATE and DELETE, so those before INSERT
# reject an existing number.
SQLITE = {
    "audit_record_no_update": ("BEFORE UPDATE ON audit_record", RECORD),
    "audit_record_no_delete": ("BEFORE DELETE ON audit_record", RECORD),
    "audit_record_no_replace": (
        "BEFORE INSERT ON audit_record WHEN EXISTS (SELECT 1 FROM audit_record WHERE number = NEW.number)",
        RECORD,
    ),
    "audit_head_no_delete": ("BEFORE DELETE ON audit_head", HEAD),
    "audit_head_step": (
        "BEFORE UPDATE ON audit_head WHEN NEW.id <> OLD.id OR NEW.number <> OLD.number + 1",
        HEAD,
    ),
    "audit_head_no_replace": ("BEFORE INSERT ON audit_head WHEN EXISTS (SELECT 1 FROM audit_head)", HEAD),
}


def install(connection: BaseDatabaseWrapper) -> None:
    """Create all triggers, replacing existing ones. NotSupportedError unless the database is SQLite or PostgreSQL."""
    remove(connection)
    with connection.cursor() as cursor:
        for statement in _statements(connection.vendor):
            cursor.execute(statement)


def remove(connection: BaseDatabaseWrapper) -> None:
    """Drop the triggers, to undo the migration or to empty a test's database."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            for name, (table, _, _) in POSTGRESQL.items():
                cursor.execute(f"DROP TRIGGER IF EXISTS {name} ON {table}")
        else:
            for name in SQLITE:
                cursor.execute(f"DROP TRIGGER IF EXISTS {name}")


def missing(connection: BaseDatabaseWrapper) -> list[str]:
    """The names of the triggers that are missing or disabled. That alone doesn't mean that a record was changed."""
    expected: Collection[str]
    if connection.vendor == "postgresql":
        expected = POSTGRESQL
        # "A": ENABLE ALWAYS.
        names = "SELECT tgname FROM pg_trigger WHERE tgrelid = '{0}'::regclass AND tgenabled = 'A'"
    else:
        expected = SQLITE
        names = "SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = '{0}'"
    with connection.cursor() as cursor:
        cursor.execute(" UNION ".join(names.format(table) for table in ("audit_record", "audit_head")))
        found = {name for (name,) in cursor.fetchall()}
    return sorted(set(expected) - found)


def _statements(vendor: str) -> list[str]:
    if vendor == "postgresql":
        statements = [POSTGRESQL_FUNCTIONS]
        for name, (table, when, function) in POSTGRESQL.items():
            statements.append(f"CREATE TRIGGER {name} {when} EXECUTE FUNCTION {function}()")
            # A session with session_replication_role = replica bypasses ordinary triggers.
            statements.append(f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {name}")
        return statements
    if vendor == "sqlite":
        return [
            f"CREATE TRIGGER {name} {when} BEGIN SELECT RAISE(ABORT, '{why}'); END"
            for name, (when, why) in SQLITE.items()
        ]
    raise NotSupportedError(f"the audit needs PostgreSQL or SQLite; this is {vendor}")
