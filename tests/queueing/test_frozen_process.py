"""A process that freezes in the middle of a transaction: its locks are not kept forever."""

import pytest
from django.db import connection

pytestmark = [pytest.mark.django_db, pytest.mark.data_layer]


@pytest.mark.skipif(connection.vendor == "sqlite", reason="SQLite has no sessions that could be ended")
def test_its_session_is_ended() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SHOW idle_in_transaction_session_timeout")
        assert cursor.fetchone() == ("15s",)
