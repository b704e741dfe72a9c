"""What a database says of itself that its restored copy says differently."""

from django.db import DatabaseError, connection

# A role may be kept from what PostgreSQL knows of its cluster; the object ids are there for everybody.
_OWN = """SELECT 'database', oid::text FROM pg_database WHERE datname = current_database()
    UNION ALL SELECT 'table', 'audit_record'::regclass::oid::text"""
_CLUSTERS = """SELECT 'cluster', system_identifier::text FROM pg_control_system()
    UNION ALL SELECT 'timeline', substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8)"""
# In the copy that `back_up` makes of a SQLite database, which has no identity of its own.
COPY = {"copy": "made by back_up"}
ORIGINAL = {"copy": "no"}


def read_identity() -> dict[str, str]:
    """`cluster`: of PostgreSQL, the same on its replicas; `timeline`: another one after a promotion or
    a recovery to a point in time; `database`, `table`: others after a pg_restore.

    On SQLite the same for each database. Call it outside of any transaction.
    """
    if connection.vendor != "postgresql":
        return ORIGINAL
    identity = _ask(_OWN)
    try:
        return identity | _ask(_CLUSTERS)
    except DatabaseError:
        return identity


def _ask(statement: str) -> dict[str, str]:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return dict(cursor.fetchall())
