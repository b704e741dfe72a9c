"""From what the company's sign-in says about somebody to their account here. All on record.

An account belongs to the provider's id of a person (`sub`), never to a name or an e-mail address: those are given to
others. The role is the provider's to give, and is looked at with each sign-in.
"""

from allauth.socialaccount.models import SocialAccount
from django.conf import settings
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from audit import ledger
from audit.flood_limit import tally
from audit.kinds import RecordKind, Status
from cxadmin.accounts import roles
from cxadmin.accounts.company import links
from cxadmin.accounts.company.errors import Disabled, NameTaken, NoRole, NotSignedIn
from cxadmin.accounts.company.identity import Identity
from cxadmin.accounts.digests import keyed_digest
from cxadmin.accounts.people import follow_company

# If somebody has groups of several roles, the first of these is theirs: an admin may do what the others may, and a
# supervisor has to be able to stop.
ORDER = ("admin", "supervisor", "reviewer")
BY = "company sign-in"


def admit(identity: Identity) -> User:
    """The person's account, with the role that they have now. NotSignedIn: why they may not come in; on record."""
    try:
        return _admit(identity)
    except NotSignedIn as refusal:
        record_refusal(refusal, identity)
        raise


def granted_role(identity: Identity) -> str:
    """ "" for somebody who has none of the groups."""
    held = {settings.OIDC_ROLES[group] for group in identity.groups or () if group in settings.OIDC_ROLES}
    return next((role for role in ORDER if role in held), "")


def record_refusal(refusal: NotSignedIn, identity: Identity | None = None) -> None:
    """Somebody whom the provider knows is named; of others nothing is kept, and all of them are one flood."""
    name = identity.names[0][:150] if identity else ""
    key = keyed_digest("subject", f"{identity.issuer} {identity.subject}") if identity else type(refusal).__name__
    details: dict[str, object] = {"user": name or "somebody"}
    if identity and isinstance(refusal, NameTaken):
        # What `link_company` asks for: from the provider, not from whoever says that the account is theirs.
        details["subject"] = identity.subject
    with transaction.atomic():
        if times := tally(f"signin.refused:{key}"):
            ledger.append(
                RecordKind.SIGNIN_REFUSED,
                by="",
                status=Status.REJECTED,
                reason=refusal.reason,
                details=details | {"times": times},
            )


def _admit(identity: Identity) -> User:
    role, user = granted_role(identity), links.account_of(identity)
    if user is not None and not user.is_active:
        raise Disabled(
            f"An admin has disabled the account {user.username}, so nobody can sign in with it.",
            "Ask an admin of your contact centre to enable it.",
        )
    if user is not None:
        follow_company(user, role, by=BY)
    if not role:
        raise _no_role(identity)
    return user if user is not None else _create(identity, role)


def _create(identity: Identity, role: str) -> User:
    """A new account for somebody with a role, who has none."""
    name = _fitting_name(identity)
    try:
        with transaction.atomic():
            user = roles.create_user(name, role=role, password=None, by=BY)
            SocialAccount.objects.create(user=user, provider=identity.issuer, uid=identity.subject)
    except (ValidationError, IntegrityError):
        # Two tabs at once: the other one may have made it.
        if (made := links.account_of(identity)) is not None:
            return made
        raise NameTaken(
            f"Your company calls you {name}, and an account with that name, or one that reads the same, exists here "
            "that isn’t linked to your company’s sign-in.",
            _what_to_do_about_a_taken_name(),
        ) from None
    return user


def _what_to_do_about_a_taken_name() -> str:
    if settings.PASSWORD_SIGN_IN:
        return (
            "If it is yours, sign in with its password, and choose to link your company sign-in on the page of your "
            "settings. Otherwise ask an admin of your contact centre."
        )
    return (
        "Ask an admin of your contact centre. If the account is yours, they can have it linked: this sign-in is on "
        "record, with what that takes."
    )


def _fitting_name(identity: Identity) -> str:
    """The first of the names that an account may have."""
    field = User._meta.get_field("username")
    for name in identity.names:
        try:
            field.run_validators(name)
        except ValidationError:
            continue
        return name
    # A name as long as all of them are: none is shown to others than admins.
    return keyed_digest("subject", identity.subject)[:20]


def _no_role(identity: Identity) -> NoRole:
    claim = settings.OIDC_ROLE_CLAIM
    if identity.groups is None:
        said = f"Your company’s sign-in said nothing about your roles here: the claim {claim} was missing."
        do = (
            "Ask whoever runs your company’s sign-in to send it to this product, with your groups in it; if you are "
            "in very many groups, only those that are assigned to this product."
        )
    else:
        said = f"Your company’s sign-in knows you as {identity.names[0]}, but none of your groups has a role here."
        do = "Ask an admin of your contact centre, or whoever assigns groups in your company, to give you one."
    return NoRole(said, do)
