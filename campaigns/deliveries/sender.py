"""Sending what is due to other systems: claimed, on record before the first byte, judged by its answer."""

import logging
import time
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models.functions import Now
from structlog.contextvars import bound_contextvars

from audit.kinds import Status
from campaigns.deliveries import http
from campaigns.deliveries.outbox import PARKED, due, record_delivery
from campaigns.deliveries.receivers import RECEIVERS, Receiver, switched_on
from campaigns.models import Delivery, DeliveryAttempt, DeliveryState, Target
from campaigns.queueing import leases, wakeups
from campaigns.queueing.leases import LeaseLost
from campaigns.queueing.rows import database_now

log = logging.getLogger(__name__)

# The look-up of a name and the request, ten seconds together, are over long before, so it needs no renewal.
LEASE = timedelta(seconds=60)
# Across all workers: a receiver that hangs must leave them threads for reading CXone.
AT_ONCE = 2
# Then another message continues: a long list must not occupy a thread for as long as it lasts.
PASS_SECONDS = 10.0
LONGEST_BACKOFF = 60.0
UNANSWERED = "The worker ended before the answer was on record."
# Seconds. Receivers allow five minutes (Standard Webhooks, "Verifying"); a slow answer explains less than this.
CLOCKS_DIFFER = 120.0
FAULT = "A fault in this system, recorded in its log, interrupted the delivery."


def send_due() -> None:
    """Send one after the other until none is due, or until a receiver doesn't answer: then it is given a rest."""
    end = time.monotonic() + PASS_SECONDS
    while (delivery := claim_next()) is not None:
        try:
            with bound_contextvars(delivery=str(delivery.pk), **_operation_of(delivery)):
                is_answered = _send(delivery)
            if not is_answered:
                return
        except LeaseLost:
            log.warning("Delivery %s was taken over by another worker; this one wrote nothing more.", delivery.pk)
        if time.monotonic() > end:
            wakeups.enqueue_deliveries()
            return


def _operation_of(delivery: Delivery) -> dict[str, str]:
    return {"operation": str(delivery.operation_id)} if delivery.operation_id else {}


def claim_next() -> Delivery | None:
    """Claim the one that has been due for longest. None: nothing is due, or enough are being sent already."""
    targets = switched_on()
    under_way = Delivery.objects.filter(leases.is_held(), state=DeliveryState.PENDING)
    if under_way.count() >= AT_ONCE:
        return None
    found = (
        due().filter(target__in=targets).order_by("next_attempt_at", "failures", "number").values_list("pk", flat=True)
    )
    for key in found[: AT_ONCE + 1]:
        if leases.claim_row(due().filter(pk=key), LEASE):
            return Delivery.objects.select_related("campaign", "operation").get(pk=key)
    return None


def _send(delivery: Delivery) -> bool:
    """One attempt. False: there was no answer."""
    attempt = _open_attempt(delivery)
    began = time.monotonic()
    answer, error = _ask(delivery)
    _close_attempt(attempt, answer, error, round((time.monotonic() - began) * 1000))
    if answer is None or _is_passing(answer):
        _retry_later(delivery, attempt, answer.wait if answer else None)
    elif _is_success(answer):
        _release(delivery, state=DeliveryState.DELIVERED, delivered_at=Now(), error="")
    else:
        _park(delivery, attempt)
    return answer is not None


def _ask(delivery: Delivery) -> tuple[http.WebhookAnswer | None, str]:
    """The answer and what was wrong with it, in words."""
    # The receiver compares this with its own clock.
    now, receiver = database_now(), RECEIVERS[Target(delivery.target)]
    try:
        answer = http.post(str(delivery.pk), bytes(delivery.body), receiver=receiver, now=now)
    except http.Unanswered as error:
        return None, str(error)
    except Exception:
        log.exception("Delivery %s was interrupted by a fault in this system.", delivery.pk)
        return None, FAULT
    return answer, "" if _is_success(answer) else _describe(answer, now, receiver)


def _is_success(answer: http.WebhookAnswer) -> bool:
    return 200 <= answer.status < 300


def _is_passing(answer: http.WebhookAnswer) -> bool:
    """The answer may be another one soon."""
    return answer.status in {408, 429} or answer.status >= 500


def _describe(answer: http.WebhookAnswer, now: datetime, receiver: Receiver) -> str:
    """What the answer means, and what to do unless it is simply tried again."""
    said = f"{receiver.begin} answered HTTP {answer.status}" + (f" ({answer.words})" if answer.words else "")
    if _is_passing(answer):
        return f"{said}."
    if 300 <= answer.status < 400:
        return f"{said}: it wants this at another address, and that is never followed. Correct {receiver.url_setting}."
    if answer.status == 410:
        return f"{said}: this address is gone for good. Correct {receiver.url_setting}."
    if answer.status in {401, 403}:
        return f"{said}: it does not accept this sender. {_why_not_accepted(answer, now, receiver)}"
    return f"{said}: it would refuse this again. Have it looked at there."


def _why_not_accepted(answer: http.WebhookAnswer, now: datetime, receiver: Receiver) -> str:
    """A signature carries its time, so clocks that differ are one cause; a wrong secret is the other."""
    off = (answer.sent_at - now).total_seconds() if answer.sent_at else 0.0
    if abs(off) > CLOCKS_DIFFER:
        where = "ahead of" if off > 0 else "behind"
        return (
            f"Its clock is {abs(off):.0f} s {where} the database’s, so each signature looks old: set the clocks right."
        )
    return (
        f"Check that {receiver.secret_setting} is the secret that it has, and that it lets this system’s address in."
    )


def _open_attempt(delivery: Delivery) -> DeliveryAttempt:
    """Record the attempt before its first byte goes out. LeaseLost: it must not go out."""
    now = database_now()
    with transaction.atomic():
        _write(delivery, lease_until=now + LEASE)
        delivery.attempts.filter(milliseconds=None, error="").update(error=UNANSWERED)
        last = delivery.attempts.order_by("-number").first()
        return delivery.attempts.create(number=last.number + 1 if last else 1, sent_at=now)


def _retry_later(delivery: Delivery, attempt: DeliveryAttempt, wait: float | None = None) -> None:
    """Try again later, or give up if its day is over."""
    now = database_now()
    if now >= delivery.park_at:
        _park(delivery, attempt)
        return
    failures = delivery.failures + 1
    at = now + timedelta(seconds=leases.backoff(failures, LONGEST_BACKOFF) if wait is None else max(wait, 1.0))
    _release(delivery, next_attempt_at=at, failures=failures, error=attempt.error, enqueued_at=None)
    # A wait that a receiver asked for applies to everything that it would be sent.
    if wait is not None:
        pending = Delivery.objects.filter(state=DeliveryState.PENDING, target=delivery.target)
        pending.filter(next_attempt_at__lt=at).update(next_attempt_at=at)


def _park(delivery: Delivery, attempt: DeliveryAttempt) -> None:
    """Give up, on record; an admin may send it again."""
    failures = delivery.failures + 1
    before = {"state": DeliveryState.PENDING, "failures": delivery.failures}
    after = {"state": DeliveryState.PARKED, "failures": failures}
    with transaction.atomic():
        _release(delivery, state=DeliveryState.PARKED, parked_at=Now(), failures=failures, error=attempt.error)
        record_delivery(
            PARKED[Target(delivery.target)],
            delivery,
            by="",
            status=Status.FAILURE,
            error=attempt.error,
            details={"attempts": attempt.number, "answered": attempt.status, "before": before, "after": after},
        )


def _close_attempt(attempt: DeliveryAttempt, answer: http.WebhookAnswer | None, error: str, milliseconds: int) -> None:
    attempt.status = answer.status if answer else None
    attempt.error = error[:600]
    attempt.milliseconds = milliseconds
    attempt.save(update_fields=["status", "error", "milliseconds"])


def _release(delivery: Delivery, **changes: Any) -> None:
    _write(delivery, lease_until=None, **changes)


def _write(delivery: Delivery, **changes: Any) -> None:
    pending = Delivery.objects.filter(pk=delivery.pk, state=DeliveryState.PENDING)
    leases.write_fenced(pending, delivery.fence, **changes)
