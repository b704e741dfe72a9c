"""Building blocks for changes of rows by an admin, each with one audit record that has before and after.

Each change is one transaction: it locks the row, compares, saves, and appends the audit record as its last step.
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
    """Lock the row until the transaction ends, and return it as it is now.

    `name`: how the Refusal names it, raised if somebody deleted the row. `with_key`: lock the key too, so that no row
    that refers to this one can be added meanwhile.
    """
    # FOR NO KEY UPDATE on PostgreSQL: a foreign key check takes FOR KEY SHARE, which only FOR UPDATE blocks.
    locked = type(row)._default_manager.select_for_update(no_key=not with_key).filter(pk=row.pk).first()
    if locked is None:
        raise deleted_meanwhile(name or str(row))
    return locked


def deleted_meanwhile(name: str) -> Refusal:
    return Refusal(f"{name} was deleted meanwhile. Nothing was changed.")


@contextmanager
def unless_taken(others: QuerySet[Any], refusal: Refusal) -> Iterator[None]:
    """Run the block in one transaction. Raises `refusal` if a constraint failed because one of `others` exists."""
    try:
        with transaction.atomic():
            yield
    except IntegrityError:
        # Checked after the failure and not before saving: between a check and the save somebody else could save.
        if not others.exists():
            raise
        raise refusal from None


def record_change(kind: RecordKind, *, by: str, campaign: Campaign | None = None, **details: Any) -> None:
    """Append the audit record of a change. Details that are None are left out."""
    # This must be the transaction's last step: it locks the ledger's head until the commit, and all other writers of
    # records wait for that.
    ledger.append(
        kind,
        by=by,
        status=Status.SUCCESS,
        campaign_id=campaign.pk if campaign else "",
        campaign_name=campaign.name if campaign else "",
        details={name: value for name, value in details.items() if value is not None},
    )
