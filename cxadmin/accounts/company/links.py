"""Which account the company's sign-in of somebody leads to: linked by its person on a page, or from a shell."""

from allauth.socialaccount.models import SocialAccount
from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Q

from audit.kinds import RecordKind
from campaigns.audited_changes import lock, record_change
from campaigns.errors import Refusal
from cxadmin.accounts.company.errors import NameTaken
from cxadmin.accounts.company.identity import Identity
from cxadmin.accounts.open_sessions import delete_sessions


def account_of(identity: Identity) -> User | None:
    link = SocialAccount.objects.filter(provider=identity.issuer, uid=identity.subject).select_related("user").first()
    return link.user if link else None


def link_identity(user: User, identity: Identity) -> None:
    """Let the company's sign-in lead to an account that was made here. NameTaken: it leads to another already."""
    with transaction.atomic():
        other = account_of(identity)
        if other is not None and other.pk != user.pk:
            raise NameTaken(
                f"This company sign-in belongs to the account {other.username} already.",
                "Sign out there first, and use the company sign-in that is yours.",
            )
        if other is None:
            SocialAccount.objects.create(user=user, provider=identity.issuer, uid=identity.subject)
            record_change(RecordKind.COMPANY_LINKED, by=user.username, user=user.username, subject=identity.subject)


def link_subject(person: User, issuer: str, subject: str, *, by: str, replace: bool = False) -> int | None:
    """The same by somebody who knows the person, and the id that the provider gave them (`sub`).

    How many sessions it ended: of those who came in by a link that this one replaces. None: it was linked already.
    Refusal: the account, or that id, is linked otherwise.
    """
    with transaction.atomic():
        user = lock(person, person.username)
        at_issuer = SocialAccount.objects.filter(provider=issuer)
        if at_issuer.filter(user=user, uid=subject).exists():
            return None
        former = list(at_issuer.filter(Q(user=user) | Q(uid=subject)).select_related("user"))
        if former and not replace:
            raise Refusal(_said_of(former[0]))
        removed = [(link, _remove(link)) for link in former]
        SocialAccount.objects.create(user=user, provider=issuer, uid=subject)
        for link, ended in removed:
            account = link.user.username
            record_change(RecordKind.COMPANY_UNLINKED, by=by, user=account, subject=link.uid, sessions=ended)
        record_change(RecordKind.COMPANY_LINKED, by=by, user=user.username, subject=subject)
    return sum(ended for _, ended in removed)


def _remove(link: SocialAccount) -> int:
    link.delete()
    return delete_sessions(link.user_id)


def _said_of(link: SocialAccount) -> str:
    return (
        f"The company sign-in with the subject {link.uid} leads to the account {link.user.username} already. Nothing "
        "was linked. If that is wrong, add --replace: that link is removed, and the account’s sessions end."
    )
