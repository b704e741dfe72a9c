"""The bell: wakes a worker when a row is due. A lost ring costs seconds, the dispatcher rings again."""

import logging
import time
from typing import Any
from uuid import UUID

from celery import current_app
from kombu.exceptions import OperationalError

from campaigns.models import Delivery, DeliveryState, Operation

log = logging.getLogger(__name__)

# Rings that wait for a worker in one queue. More would only be the same rows again: what is due stays due, and is rung
# when the workers have caught up. Without this bound, workers that are slow or away find messages without end.
MOST_WAITING = 20

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
    """Have a worker send what is due to the WFM system; where the broker doesn't answer, the dispatcher."""
    if not ring("deliver"):
        Delivery.objects.filter(state=DeliveryState.PENDING).update(rung_at=None)


def is_crowded(queue: str) -> bool:
    """Whether as many messages wait in the queue as make sense. False, too, where the broker doesn't answer."""
    if time.monotonic() < _silent_until:
        return False
    connections: Any = current_app.pool  # of kombu, which has no types for it
    with connections.acquire(block=True) as connection:
        try:
            # Not a passive declaration: with a key prefix, kombu 5.6.2 finds no queue in Redis that way.
            waiting = connection.default_channel.queue_declare(queue).message_count
        except connection.channel_errors:
            # It answers, if with an error: the ring will show.
            return False
        except (OperationalError, *connection.connection_errors) as error:
            _do_without(error)
            return False
    return bool(waiting >= MOST_WAITING)


def ring(task: str, *args: str) -> bool:
    """Send `task` of campaigns.tasks on its way. False: the broker doesn't answer; the dispatcher will see to it."""
    if time.monotonic() < _silent_until:
        return False
    try:
        current_app.send_task(f"campaigns.tasks.{task}", args)
    except (OperationalError, OSError) as error:
        _do_without(error)
        return False
    return True


def _do_without(error: Exception) -> None:
    global _silent_until  # noqa: PLW0603 (one broker for a process)
    _silent_until = time.monotonic() + SILENT_SECONDS
    log.warning("The broker does not answer (%s): the dispatcher runs what is due itself.", type(error).__name__)
