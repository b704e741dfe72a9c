"""Accounts whose names read the same are refused: in the audit nobody could tell them apart.

Each account's keys (campaigns.lookalikes) are rows, unique among all accounts: if two are created at the same
time, one fails. Accounts that existed before, or were created without Django, are found and reported after each
`migrate`.
"""

import logging
from hashlib import sha256
from typing import Any

from django.apps.registry import Apps
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models.signals import post_save, pre_save

from campaigns.lookalikes import keys_of
from cxadmin.models import NameKey

log = logging.getLogger(__name__)


def start_refusing() -> None:
    """Once, at the start. Signals, since accounts are created in many ways: our command, Django's, `up`, a shell."""
    pre_save.connect(refuse_lookalike, sender=User)
    post_save.connect(keep_keys, sender=User)


def refuse_lookalike(instance: User, raw: bool = False, **options: Any) -> None:
    """ValidationError for a new or changed name that reads the same as another account's."""
    instance.has_new_name = not raw and _has_new_name(instance, options.get("update_fields"))  # type: ignore[attr-defined]
    if instance.has_new_name:  # type: ignore[attr-defined]
        check_name(instance)


def check_name(user: User) -> None:
    """The same, for a name that no account has yet."""
    other = User.objects.filter(name_keys__key__in=_digests(user.username)).exclude(pk=user.pk).first()
    if other is not None and other.username != user.username:
        raise ValidationError(
            f"The name {user.username!r} reads the same as that of the account {other.username!r}. "
            "Choose one that people can tell from it."
        )


def check_new_name(name: str) -> None:
    """ValidationError for a name that no new account can have: not fit for one, taken, or too much like another's."""
    user = User(username=name)
    try:
        User._meta.get_field("username").clean(name, user)
    except ValidationError as error:
        if any(each.code == "invalid" for each in error.error_list):
            sentence = "A name consists of letters, digits and @ . + - _, without spaces. Type it again."
            raise ValidationError(sentence) from error
        raise
    refuse_taken(user)


def refuse_taken(user: User) -> None:
    if User.objects.filter(username=user.username).exists():
        raise ValidationError(f"There is an account {user.username!r} already. Choose another name.")
    check_name(user)


def keep_keys(instance: User, created: bool, **_: Any) -> None:
    """IntegrityError if another account got one of the keys since they were checked."""
    if not instance.has_new_name:  # type: ignore[attr-defined]
        return
    try:
        _replace_keys(instance)
    except IntegrityError:
        # Django has committed the new account already, unless its creator has a transaction open.
        if created:
            instance.delete()
        raise


def _replace_keys(user: User) -> None:
    with transaction.atomic():
        NameKey.objects.filter(user=user).delete()
        NameKey.objects.bulk_create(NameKey(user=user, key=key) for key in _digests(user.username))


def renew_keys(apps: Apps, **_: object) -> None:
    """Recompute all keys after each `migrate`, since the table of look-alikes may have changed.

    The oldest account keeps a key that several have; the others still work, and are reported.
    """
    try:
        apps.get_model("cxadmin", "NameKey")
    except LookupError:
        # Only some migrations have run yet.
        return
    owners: dict[str, User] = {}
    for user in User.objects.order_by("pk"):
        keys = _digests(user.username)
        others = {owners[key].username for key in keys if key in owners}
        owners = dict.fromkeys(keys, user) | owners
        if others:
            _report(user, sorted(others))
    with transaction.atomic():
        NameKey.objects.all().delete()
        NameKey.objects.bulk_create(NameKey(user=user, key=key) for key, user in owners.items())


def _digests(name: str) -> list[str]:
    """Keys of a fixed length: a skeleton can be many times as long as its name."""
    return sorted(sha256(key.encode("utf-8", "surrogatepass")).hexdigest() for key in keys_of(name))


def _report(user: User, others: list[str]) -> None:
    log.warning(
        "The account %a reads the same as %s, and the audit can’t show which of them did something. Both work on; "
        "let one of the two people have an account with another name.",
        user.username,
        ", ".join(f"{other!a}" for other in others),
    )


def _has_new_name(user: User, update_fields: frozenset[str] | None) -> bool:
    """Whether this save gives the account its name: it is new, or renamed.

    All other saves pass, even those of accounts whose names have always read the same.
    """
    if update_fields is not None and "username" not in update_fields:
        return False
    return user.pk is None or not User.objects.filter(pk=user.pk, username=user.username).exists()
