"""The bell: tells a worker that a row is due. A lost ring costs seconds, the dispatcher rings again."""

import logging
from uuid import UUID

from celery import current_app
from kombu.exceptions import OperationalError

log = logging.getLogger(__name__)


def ring_operation(operation_id: UUID) -> bool:
    return ring("run_operation", str(operation_id))


def ring_read(campaign_id: str) -> bool:
    return ring("read_campaign", campaign_id)


def ring(task: str, *args: str) -> bool:
    """Send `task` of campaigns.tasks on its way. False: the broker doesn't answer; the dispatcher will see to it."""
    try:
        current_app.send_task(f"campaigns.tasks.{task}", args)
    except (OperationalError, OSError) as error:
        log.warning("The broker does not answer (%s): the dispatcher runs %s itself.", type(error).__name__, task)
        return False
    return True
