"""While CXone doesn't answer: one cheap request from time to time, which shows when it does again."""

import logging

from campaigns.cxone.budget import Lane
from campaigns.cxone.errors import CXoneError
from campaigns.cxone.gateway import Gateway
from campaigns.models import Campaign
from campaigns.queueing import circuit_breaker
from campaigns.queueing.circuit_breaker import SharedBreaker
from campaigns.queueing.request_budget import SlotBudget
from campaigns.tenancy import open_own_gateway

log = logging.getLogger(__name__)


def probe_if_due() -> bool:
    """Ask CXone for one campaign, unless somebody just has. An answer closes the circuit. False: not due, or none."""
    if not circuit_breaker.take_probe():
        circuit_breaker.schedule_probe()
        return False
    try:
        ask_for_one(open_own_gateway(Lane.BACKGROUND, SlotBudget(), SharedBreaker()))
    except CXoneError as error:
        log.info("CXone was probed: %s", error)
    circuit_breaker.schedule_probe()
    return circuit_breaker.is_closed()


def ask_for_one(gateway: Gateway) -> None:
    """One cheap read."""
    newest = Campaign.objects.filter(gone_at=None).order_by("-read_at").values_list("pk", flat=True).first()
    if newest:
        gateway.read_state(newest)
    else:
        # Nothing is known yet by which to ask for less.
        gateway.calls_in_progress()
