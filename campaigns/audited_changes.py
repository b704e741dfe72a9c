"""Changes of rows by an admin, on record: one at a time, and with one audit record that has before and after.

Each verb that changes a row is one transaction: it locks the row, compares, saves, and records as its last step.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

from django.db import IntegrityError, transaction
from django.db.models import Model, QuerySet

from audit import ledger
from audit.kinds import RecordKind, Status
from campaigns.errors import Refusal
from campaigns.models import Campaign

Row = TypeVar("Row", bound=Model)


def lock(row: Row, name: str = "", *, with_key: bool = False) -> Row:
    """The row as it is now, locked until the transaction ends. Refusal: somebody deleted it; `name` is what the
    sentence calls it.

    Its key stays free, so that rows which refer to it can be saved meanwhile; `with_key` locks that as well, before
    something that no such row may join.
    """
    locked = type(row)._default_manager.select_for_update(no_key=not with_key).filter(pk=row.pk).first()
    if locked is None:
        raise deleted_meanwhile(name or str(row))
    return locked


def deleted_meanwhile(name: str) -> Refusal:
    return Refusal(f"{name} was deleted meanwhile. Nothing was changed.")


@contextmanager
def unless_taken(others: QuerySet[Any], refusal: Refusal) -> Iterator[None]:
    """One transaction. Raises `refusal` where the database refuses the row because one of `others` has its name."""
    try:
        with transaction.atomic():
            yield
    except IntegrityError:
        # Asked only now: whoever looks first and saves later can be overtaken in between.
        if not others.exists():
            raise
        raise refusal from None


def record_change(kind: RecordKind, *, by: str, campaign: Campaign | None = None, **details: Any) -> None:
    """Append the record of a change; details that are None are left out.

    The transaction's last step: all who record anything wait for each other from here on until they commit.
    """
    ledger.append(
        kind,
        by=by,
        status=Status.SUCCESS,
        campaign_id=campaign.pk if campaign else "",
        campaign_name=campaign.name if campaign else "",
        details={name: value for name, value in details.items() if value is not None},
    )
