"""A new SQLite database, made at once from what all migrations lead to.

One after the other they take seconds, nearly all of them in Django's picture of the models between two of them.
`make schema` writes the file. Where it is older than the newest migration, those that it doesn't know run as usual.
"""

import sqlite3
from collections.abc import Iterable, Iterator
from pathlib import Path

from django.db import connection, transaction

SCHEMA = Path(__file__).with_name("schema.sql")


def make() -> bool:
    """Make it. False: there is something in the database, or it isn't SQLite's."""
    if connection.vendor != "sqlite":
        return False
    # Of two that begin at once, the second one finds it made.
    with transaction.atomic(), connection.cursor() as cursor:
        if connection.introspection.table_names(cursor):
            return False
        for statement in _statements(SCHEMA.read_text(encoding="utf-8").splitlines(keepends=True)):
            cursor.execute(statement)
        cursor.execute("UPDATE django_migrations SET applied = CURRENT_TIMESTAMP")
    return True


def _statements(lines: Iterable[str]) -> Iterator[str]:
    """A trigger has semicolons within."""
    statement = ""
    for line in lines:
        statement += line
        if sqlite3.complete_statement(statement):
            yield statement
            statement = ""
