"""Wake-ups: messages that a row is due. A lost one costs seconds, since the dispatcher enqueues the row again."""

import logging
import time
from typing import Any
from uuid import UUID

from celery import current_app
from kombu.exceptions import OperationalError

from campaigns.models import Bulk, Delivery, DeliveryState, Operation

log = logging.getLogger(__name__)

RUN_OPERATION = "campaigns.tasks.run_operation"
RUN_BULK = "campaigns.tasks.run_bulk"
RUN_GATHERED = "campaigns.tasks.run_gathered"
READ_ALL = "campaigns.tasks.sync_campaigns"
READ_CAMPAIGN = "campaigns.tasks.read_campaign"
DELIVER = "campaigns.tasks.deliver"
LAPSE_APPROVALS = "campaigns.tasks.lapse_approvals"

# Wake-ups that wait for a worker in one queue. More would only be the same rows again: what is due stays due, and is
# enqueued when the workers have caught up. Without this bound, slow workers would find messages without end.
MOST_WAITING = 20

# A broker that hangs costs each wake-up its timeout: after one that failed, this process does without for this long.
SILENT_SECONDS = 5.0
_silent_until = 0.0  # by the monotonic clock


def enqueue_operation(operation_id: UUID) -> None:
    """Have a worker take the operation; where the broker doesn't answer, the dispatcher, in its next round."""
    if not enqueue(RUN_OPERATION, str(operation_id)):
        Operation.objects.filter(pk=operation_id).update(enqueued_at=None)


def enqueue_bulk(bulk_id: UUID) -> None:
    """Have a worker go on with the bulk; where the broker doesn't answer, the dispatcher, in its next round."""
    if not enqueue(RUN_BULK, str(bulk_id)):
        Bulk.objects.filter(pk=bulk_id).update(enqueued_at=None)


def enqueue_gathered() -> bool:
    """Have a worker go on with the gathered pauses. False: the broker doesn't answer; the dispatcher goes on."""
    return enqueue(RUN_GATHERED)


def enqueue_read(campaign_id: str) -> bool:
    return enqueue(READ_CAMPAIGN, campaign_id)


def enqueue_deliveries() -> None:
    """Have a worker send what is due to the WFM system; where the broker doesn't answer, the dispatcher."""
    if not enqueue(DELIVER):
        Delivery.objects.filter(state=DeliveryState.PENDING).update(enqueued_at=None)


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
            # It answers, if with an error: the next wake-up will show.
            return False
        except (OperationalError, *connection.connection_errors) as error:
            _do_without(error)
            return False
    return bool(waiting >= MOST_WAITING)


def enqueue(task: str, *args: str) -> bool:
    """Send a message for `task` (its full name). False: the broker doesn't answer; the dispatcher will see to it."""
    if time.monotonic() < _silent_until:
        return False
    try:
        current_app.send_task(task, args)
    except (OperationalError, OSError) as error:
        _do_without(error)
        return False
    return True


def _do_without(error: Exception) -> None:
    global _silent_until  # noqa: PLW0603 (one broker for a process)
    _silent_until = time.monotonic() + SILENT_SECONDS
    log.warning("The broker does not answer (%s): the dispatcher runs what is due itself.", type(error).__name__)
