"""The factors that people have: added, used, removed and reset, each on record."""

import hmac
from typing import TYPE_CHECKING, Any

from allauth.mfa.adapter import get_adapter
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import QuerySet

from audit.kinds import RecordKind
from campaigns.audited_changes import record_change
from campaigns.errors import Refusal
from campaigns.queueing.rows import database_now

if TYPE_CHECKING:
    from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes

TOTP, PASSKEY, RECOVERY = Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN, Authenticator.Type.RECOVERY_CODES
APP = "an authenticator app"
# A step of 30 s before and after: people type slowly, and telephones have clocks of their own.
STEP_SECONDS, TOLERATED_STEPS = 30, 1
LONGEST_NAME = 60
# More keys than anybody carries; each is read at each sign-in.
MOST_PASSKEYS = 10


def factors_of(*people: User) -> QuerySet[Authenticator]:
    """Those that a sign-in asks for, the oldest first."""
    found: QuerySet[Authenticator] = Authenticator.objects.filter(user__in=people, type__in=(TOTP, PASSKEY))
    return found.order_by("pk")


def must_have_one(user: User) -> bool:
    """Whether a role of theirs needs a second factor, or they are a superuser, who may do what all roles may."""
    if not settings.MFA_REQUIRED_FOR:
        return False
    return user.is_superuser or user.groups.filter(name__in=settings.MFA_REQUIRED_FOR).exists()


def factor_in_words(factor: Authenticator) -> str:
    return APP if factor.type == TOTP else f"the passkey {factor.data['name']}"


def add_app(user: User, secret: str, code: str) -> bool:
    """False: the code isn't of that secret, so the app doesn't have it."""
    counter = _counter_of(secret, code)
    if counter is None:
        return False
    data = {"secret": get_adapter().encrypt(secret), "last_counter": counter}
    with transaction.atomic():
        Authenticator.objects.update_or_create(user=user, type=TOTP, defaults={"data": data})
        record_change(RecordKind.FACTOR_ADDED, by=user.username, what=APP)
    return True


def add_passkey(user: User, name: str, credential: dict[str, Any]) -> None:
    """`credential`: as the browser made it, and as allauth has checked it."""
    with transaction.atomic():
        data = {"name": name.strip()[:LONGEST_NAME] or "without a name", "credential": credential}
        factor = Authenticator.objects.create(user=user, type=PASSKEY, data=data)
        record_change(RecordKind.FACTOR_ADDED, by=user.username, what=factor_in_words(factor))


def remove_factor(user: User, factor_id: int) -> None:
    """Refusal: it is the last one of somebody who must have one, or is gone already."""
    with transaction.atomic():
        # All of them: two removals at once must not leave none.
        factors = list(factors_of(user).select_for_update())
        factor = next((each for each in factors if each.pk == factor_id), None)
        if factor is None:
            raise Refusal("It was removed already.")
        if len(factors) == 1 and must_have_one(user):
            raise Refusal("Your role needs a second factor, and this is your only one. Add another one first.")
        factor.delete()
        if len(factors) == 1:
            Authenticator.objects.filter(user=user, type=RECOVERY).delete()
        record_change(RecordKind.FACTOR_REMOVED, by=user.username, what=factor_in_words(factor))


def reset_factors(person: User, *, by: str) -> int:
    """For somebody who has lost all of theirs: how many there were. They sign in by password, and set up new ones."""
    with transaction.atomic():
        number = factors_of(person).count()
        Authenticator.objects.filter(user=person).delete()
        if number:
            record_change(RecordKind.FACTORS_RESET, by=by, user=person.username, factors=number)
    return number


def uses_code(user: User, code: str) -> bool:
    """Whether it is a code of the person's app that was not used before."""
    with transaction.atomic():
        factor = Authenticator.objects.select_for_update().filter(user=user, type=TOTP).first()
        if factor is None:
            return False
        counter = _counter_of(get_adapter().decrypt(factor.data["secret"]), code)
        # Codes are used in their order, each once: also by two requests at the same time.
        if counter is None or counter <= factor.data.get("last_counter", -1):
            return False
        factor.data["last_counter"] = counter
        factor.last_used_at = database_now()
        factor.save()
    return True


def uses_recovery_code(user: User, code: str) -> bool:
    """Whether it is one of the person's recovery codes that was not used before."""
    codes = _recovery_codes_of(user)
    if codes is None:
        return False
    with transaction.atomic():
        if not codes.validate_code("".join(filter(str.isdigit, code))):
            return False
        record_change(RecordKind.RECOVERY_CODE_USED, by=user.username, left=len(codes.get_unused_codes()))
    return True


def recovery_codes_left(user: User) -> int:
    codes = _recovery_codes_of(user)
    return len(codes.get_unused_codes()) if codes else 0


def make_recovery_codes(user: User) -> list[str]:
    """New ones; those before no longer work."""
    from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes

    with transaction.atomic():
        Authenticator.objects.filter(user=user, type=RECOVERY).delete()
        codes: list[str] = RecoveryCodes.activate(user).generate_codes()
        record_change(RecordKind.RECOVERY_CODES_MADE, by=user.username)
    return codes


def _recovery_codes_of(user: User) -> "RecoveryCodes | None":
    """None after a new SECRET_KEY, too: allauth would work codes out from no seed at all, the same for everybody."""
    row = Authenticator.objects.filter(user=user, type=RECOVERY).first()
    if row is None or not get_adapter().decrypt(row.data["seed"]):
        return None
    codes: RecoveryCodes = row.wrap()
    return codes


def _counter_of(secret: str, code: str) -> int | None:
    """The step of time whose code it is; None if it is of none that is near."""
    from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value

    digits = "".join(code.split())
    if not secret or not (digits.isascii() and digits.isdigit()):
        return None
    now = int(database_now().timestamp()) // STEP_SECONDS
    for counter in range(now - TOLERATED_STEPS, now + TOLERATED_STEPS + 1):
        if hmac.compare_digest(format_hotp_value(hotp_value(secret, counter)), digits):
            return counter
    return None
