"""A reviewer at the audit's pages."""

import pytest
from django.test import Client

from tests.factories import make_user


@pytest.fixture
def reviewer(client: Client) -> Client:
    """Rosa. Her sign-in is the ledger's first record."""
    client.force_login(make_user("reviewer", "rosa"))
    return client
