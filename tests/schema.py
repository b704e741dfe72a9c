"""`make schema`: write cxadmin/schema.sql, from which a new SQLite database is made (cxadmin/new_database.py).

Another file may be named.
"""

import os
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

HEAD = "-- What all migrations lead to, for a new SQLite database. Written by: make schema\n"
# When a migration ran; a database that is made from the file has the time at which it was.
NO_TIME = "2000-01-01 00:00:00"
OPENED = {"BEGIN TRANSACTION;", "COMMIT;"}


def write(path: Path) -> None:
    """From the settings' database, which must be new."""
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    executor = MigrationExecutor(connection)
    # Without the signal that follows: who listens to it, is told on each start.
    executor.migrate(executor.loader.graph.leaf_nodes())
    with connection.cursor() as cursor:
        cursor.execute("UPDATE django_migrations SET applied = %s", [NO_TIME])
    lines = [line for line in connection.connection.iterdump() if line not in OPENED]
    path.write_text(HEAD + "\n".join(lines) + "\n", encoding="utf-8")


def main() -> int:
    with TemporaryDirectory() as directory:
        os.environ["VAR_DIR"] = directory
        os.environ["DATABASE_URL"] = f"sqlite:///{Path(directory, 'new.sqlite3')}"
        os.environ["DJANGO_SETTINGS_MODULE"] = "cxadmin.settings"
        from cxadmin import entry_point

        entry_point.prepare()
        from cxadmin.new_database import SCHEMA

        write(Path(sys.argv[1]) if len(sys.argv) > 1 else SCHEMA)
    return 0


if __name__ == "__main__":
    sys.exit(main())
