"""One visit to CXone: a token of its own, and one read. Nothing that other processes share is used or left there."""

import re
from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from campaigns.cxone import connect, errors
from campaigns.cxone.auth import DOING, TokenStore
from campaigns.cxone.budget import Budget, Lane
from campaigns.cxone.errors import CXoneError
from campaigns.cxone.gateway import Gateway
from campaigns.queueing.request_budget import SlotBudget
from campaigns.sync import probe
from cxadmin.doctor.results import CheckResult, failed, not_looked_at, passed

TOKEN, READ = "token", "read"


@dataclass(frozen=True, slots=True)
class Visit:
    """`clock`: the time by CXone's own clock; None where no response has shown it."""

    token: CheckResult
    read: CheckResult
    clock: datetime | None = None


class Unlimited:
    """A budget for a few requests where the database, which has the one of all processes, can't be used."""

    def reserve(self, lane: Lane) -> int:
        return 0

    def prolong(self, seconds: float = 0.0) -> None:
        return

    def close(self, seconds: float) -> None:
        return

    def rest_background(self, seconds: float) -> None:
        return


# By what went wrong; the first class that fits counts.
_ADVICE: tuple[tuple[type[CXoneError], str], ...] = (
    (
        errors.TokenRefused,
        "Check that the address of CXone and that of its tokens belong to the same tenant; ask CXone’s administrator "
        "whether access is still enabled there.",
    ),
    (
        errors.WrongCredentials,
        "Copy the credentials of CXone into the settings again. If they are right, ask CXone’s administrator whether "
        "they are still valid.",
    ),
    (errors.Forbidden, "Ask CXone’s administrator to grant it. docs/connect-your-cxone.md lists what is needed."),
    (errors.WrongAddress, "Correct the settings that say where CXone is; docs/connect-your-cxone.md explains them."),
    (errors.NotFound, "Correct the settings that say where CXone is; docs/connect-your-cxone.md explains them."),
    (errors.Unreachable, "Ask whoever runs the network whether this machine may reach CXone, or correct its address."),
    (errors.BudgetSpent, "Run this again in a minute: the product uses up the requests that CXone allows."),
    (errors.RateLimited, "Run this again in some minutes; if it stays so, ask who else uses these credentials."),
    (errors.ServerTrouble, "Look at the status page of CXone, and run this again in some minutes."),
    (errors.Unusable, "Check that the address is CXone’s own, and that no proxy answers in its place."),
)
_UNCHANGED = re.compile(r"^Nothing was (changed|sent)[^.]*\. ?")
_OTHERWISE = "Read what CXone says; docs/connect-your-cxone.md says whom to ask."


def visit(unusable: Collection[str], *, has_tables: bool) -> Visit:
    wrong = sorted(name for name in unusable if name.startswith("CXONE_"))
    if wrong:
        because = f"{wrong[0]} can’t be used"
        return _not_visited(not_looked_at(TOKEN, because, "Correct the settings named above first."))
    budget: Budget = SlotBudget() if has_tables else Unlimited()
    try:
        store = connect.OwnStore()
        with connect.separate_gateway(budget, store) as gateway:
            return _ask(gateway, store, has_tables=has_tables)
    except ImproperlyConfigured as error:
        do = "Connect your CXone as docs/connect-your-cxone.md says, or start make run, which simulates one."
        return _not_visited(failed(TOKEN, str(error), do))


def _not_visited(token: CheckResult) -> Visit:
    return Visit(token, not_looked_at(READ, "there is no token", "Correct what the check of the token says first."))


def _ask(gateway: Gateway, store: TokenStore, *, has_tables: bool) -> Visit:
    try:
        if has_tables:
            probe.ask_for_one(gateway)
        else:
            gateway.calls_in_progress()
    except CXoneError as error:
        if error.doing == DOING:
            return replace(_not_visited(failed(TOKEN, error.description, what_to_do(error))), clock=gateway.now())
        read = failed(READ, error.description, what_to_do(error))
    else:
        read = passed(READ, f"{settings.CXONE_BASE_URL or 'CXone'} answers.")
    if store.get():
        token = passed(TOKEN, "CXone has issued one.")
    else:
        token = not_looked_at(TOKEN, "CXone’s address comes first", "Correct what the check of the read says first.")
    return Visit(token, read, gateway.now())


def what_to_do(error: CXoneError) -> str:
    if error.advice:
        # Of the dialect, which knows better whom to ask for what. That nothing was changed goes without saying here.
        return _UNCHANGED.sub("", error.advice)
    return next((advice for kind, advice in _ADVICE if isinstance(error, kind)), _OTHERWISE)
