"""Writing a handover and acknowledging it. Each is one transaction with one audit record."""

from hashlib import sha256

from django.db import transaction
from django.db.models.functions import Now

from audit import canonical_json
from audit.kinds import RecordKind
from campaigns.audited_changes import record_change
from campaigns.errors import Refusal
from campaigns.handover.snapshot import take_snapshot
from campaigns.models import Handover
from campaigns.queueing.rows import database_now


def write_handover(*, note: str, key: str, by: str) -> Handover:
    """The handover; of two clicks on one form, the first's."""
    now = database_now()
    with transaction.atomic():
        written, is_new = Handover.objects.get_or_create(
            key=key,
            defaults={"written_at": now, "written_by": by, "note": note, "snapshot": take_snapshot(now)},
        )
        if is_new:
            record_change(
                RecordKind.HANDOVER_WRITTEN,
                by=by,
                handover=written.pk,
                note=note or None,
                paused=written.snapshot["paused_number"],
                findings=written.snapshot["findings_number"],
                due=written.snapshot["due_number"],
                # Whoever changes the row later is found out by it.
                sha256=snapshot_digest(written),
            )
    return written


def acknowledge_handover(handover: Handover, *, by: str) -> None:
    """Refusal: somebody was faster, or it is one's own."""
    if handover.written_by == by:
        raise Refusal("You wrote this handover: somebody of the next shift acknowledges it.")
    with transaction.atomic():
        waiting = Handover.objects.filter(pk=handover.pk, acknowledged_at=None)
        if not waiting.update(acknowledged_at=Now(), acknowledged_by=by):
            handover.refresh_from_db()
            raise Refusal(f"{handover.acknowledged_by} has acknowledged this handover already.")
        record_change(RecordKind.HANDOVER_ACKNOWLEDGED, by=by, handover=handover.pk, writer=handover.written_by)


def snapshot_digest(handover: Handover) -> str:
    """Of its snapshot's canonical JSON (RFC 8785)."""
    return sha256(canonical_json.text(handover.snapshot).encode()).hexdigest()
