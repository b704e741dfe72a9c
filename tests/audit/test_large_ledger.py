"""A large ledger that a benchmark fills at once is as if it had been recorded and folded."""

from typing import Any

import pytest
from django.db import connection

from audit import folding, queries
from audit.integrity.chain_walk import verify_chain
from audit.models import CampaignName, FoldingProgress, PauseBegan, Posting, Record, Rollup, Span, Suggestion
from audit.search import bitmaps
from audit.triggers import missing
from benchmarks import large_ledger

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.data_layer,
    pytest.mark.skipif(connection.vendor != "postgresql", reason="only PostgreSQL has COPY"),
]
# Blocks of the index that are filled in a moment: three of them, the last of which isn't full.
SIZE, RECORDS = 1024, 2_500


@pytest.fixture(autouse=True)
def _small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bitmaps, "SIZE", SIZE)
    monkeypatch.setattr(bitmaps, "BYTES", SIZE // 8)


def derived() -> dict[str, list[Any]]:
    """All that is derived from the records."""
    return {
        "figures": list(Rollup.objects.order_by("campaign_id", "hour", "action").values_list("hour", "figures")),
        "hours": list(Span.objects.order_by("hour").values_list()),
        "words": list(Posting.objects.order_by("block", "term").values_list("block", "term", "positions")),
        "suggestions": list(Suggestion.objects.order_by("column", "value").values_list("value", "label", "number")),
        "names": list(CampaignName.objects.order_by("campaign_id", "name").values_list("name", "folded", "number")),
        "pauses": list(PauseBegan.objects.order_by("campaign_id").values_list()),
    }


def indexes() -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT indexdef FROM pg_indexes WHERE tablename LIKE 'audit%' ORDER BY indexdef")
        return list(cursor.fetchall())


def test_it_holds_and_is_folded() -> None:
    before = indexes()
    large_ledger.fill(RECORDS)
    verdict = verify_chain()
    assert (verdict.records, verdict.first_break) == (RECORDS, None)
    assert missing(connection) == []
    assert indexes() == before
    filled = derived()
    # Records of the second block, whose payloads are other ones than in the first.
    payload = Record.objects.filter(number__gt=SIZE).exclude(payload_hash="")[0].payload_hash
    assert {each.payload_hash for each in queries.read_record_page(queries.select(text=payload)).records} == {payload}
    assert FoldingProgress.objects.get().number == RECORDS
    folding.rebuild()
    for what, folded in derived().items():
        assert filled[what] == folded, what
