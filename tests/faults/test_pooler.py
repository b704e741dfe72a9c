"""A PgBouncer between the product and PostgreSQL, which gives each transaction another session."""

from collections.abc import Iterator
from contextlib import ExitStack

import psycopg
import pytest

from campaigns.states import State
from tests.faults import invariants
from tests.faults.site import Site, run_site

pytestmark = pytest.mark.faults
TOGETHER = 25
# PgBouncer itself sets for each client what that one has asked for of these. A transaction's isolation ends with it,
# though PostgreSQL goes on to name it so.
LEFT = """
    SELECT 'statement', name FROM pg_prepared_statements
    UNION ALL SELECT 'cursor', name FROM pg_cursors WHERE is_holdable
    UNION ALL SELECT 'lock', pid::text FROM pg_locks WHERE locktype = 'advisory'
    UNION ALL SELECT 'listener', channel FROM pg_listening_channels() AS channel
    UNION ALL SELECT 'table', relname FROM pg_class WHERE relpersistence = 't'
    UNION ALL SELECT 'setting', name FROM pg_settings WHERE source = 'session'
        AND name NOT IN ('client_encoding', 'DateStyle', 'TimeZone', 'standard_conforming_strings', 'application_name')
        AND name <> 'transaction_isolation'
"""


@pytest.fixture(scope="module")
def pooled_site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with run_site(tmp_path_factory.mktemp("pooled"), postgresql=True, pooled=True, campaigns=80) as site:
        yield site


@pytest.fixture
def site(pooled_site: Site) -> Iterator[Site]:
    yield pooled_site
    invariants.check(pooled_site.product, pooled_site.cxone)


def test_click_and_bulk(site: Site) -> None:
    (clicked, *many) = site.take(1 + TOGETHER)
    bulk = site.anna.pause_many(many)
    site.ben.pause(clicked)
    site.wait_for([clicked, *many], State.CONFIRMED)
    assert site.applied([clicked, *many]) == [1] * (1 + TOGETHER)
    assert "Confirmed" in site.anna.read(bulk)


def test_more_connections_than_sessions(site: Site) -> None:
    assert site.pooler
    assert site.pooler.clients() > site.pooler.most_sessions >= site.pooler.sessions()


def test_sessions_keep_nothing(site: Site) -> None:
    """What somebody leaves in a session is there for whoever gets it next."""
    assert site.pooler
    with ExitStack() as stack:
        for _ in range(site.pooler.most_sessions):
            # Each is in a transaction, and so in a session of its own.
            connection = stack.enter_context(psycopg.connect(site.pooler.url, prepare_threshold=None))
            assert connection.execute(LEFT).fetchall() == []


def test_restarted_during_clicks(site: Site) -> None:
    assert site.pooler
    campaigns = site.take(8)
    forms = {campaign_id: site.anna.open_pause(campaign_id) for campaign_id in campaigns}
    site.cxone.fail("PUT", "/api/v2/campaigns/*", delay=2, times=len(campaigns))
    for campaign_id, form in forms.items():
        site.anna.pause(campaign_id, form)
    site.wait_until_sent(campaigns[0])
    site.pooler.end()
    site.pooler.start()
    # Whoever couldn't write its answer holds a lease, which others would wait for.
    site.product.shell.call("expire_leases")
    site.wait_for(campaigns, State.CONFIRMED)
    assert site.applied(campaigns) == [1] * len(campaigns)
