"""The bell: tells a worker that a row is due. A lost ring costs seconds, the dispatcher rings again."""

import logging
import time
from uuid import UUID

from celery import current_app
from kombu.exceptions import OperationalError

from campaigns.models import Delivery, DeliveryState, Operation

log = logging.getLogger(__name__)

# A broker that hangs costs each ring its timeout: after one that failed, this process does without for so long.
SILENT_SECONDS = 5.0
_silent_until = 0.0  # by the monotonic clock


def ring_operation(operation_id: UUID) -> None:
    """Have a worker take the operation; where the broker doesn't answer, the dispatcher, in its next round."""
    if not ring("run_operation", str(operation_id)):
        Operation.objects.filter(pk=operation_id).update(rung_at=None)


def ring_read(campaign_id: str) -> bool:
    return ring("read_campaign", campaign_id)


def ring_deliveries() -> None:
    """Have a worker send what the WFM system is to be told; where the broker doesn't answer, the dispatcher."""
    if not ring("deliver"):
        Delivery.objects.filter(state=DeliveryState.PENDING).update(rung_at=None)


def ring(task: str, *args: str) -> bool:
    """Send `task` of campaigns.tasks on its way. False: the broker doesn't answer; the dispatcher will see to it."""
    global _silent_until  # noqa: PLW0603 (one broker for a process)
    if time.monotonic() < _silent_until:
        return False
    try:
        current_app.send_task(f"campaigns.tasks.{task}", args)
    except (OperationalError, OSError) as error:
        _silent_until = time.monotonic() + SILENT_SECONDS
        log.warning("The broker does not answer (%s): the dispatcher runs %s itself.", type(error).__name__, task)
        return False
    return True
