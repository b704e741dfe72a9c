"""What the pages of people show. The number of queries is the same for any number of people."""

from dataclasses import dataclass
from datetime import datetime

from allauth.socialaccount.models import SocialAccount
from django.contrib.auth.models import User
from django.core.paginator import Page, Paginator
from django.db.models import Count, Q, QuerySet
from django.db.models.functions import Lower, Now

from cxadmin.accounts.factors import kept
from cxadmin.accounts.people import NO_ROLE, role_by_groups
from cxadmin.models import PasswordLink, Person

ON_A_PAGE = 50


@dataclass(frozen=True, slots=True)
class PersonRow:
    """`has_password`, `has_company`: neither for somebody new. `has_factor`: beside the password. `link_until`: of a
    one-time link that still works."""

    user: User
    role: str
    has_password: bool
    has_company: bool
    has_factor: bool
    seen_at: datetime | None
    sessions: int
    link_until: datetime | None

    @property
    def role_in_words(self) -> str:
        return "No role" if self.role == NO_ROLE else self.role.capitalize()

    @property
    def is_set_up(self) -> bool:
        return self.has_password or self.has_company

    @property
    def signs_in_by(self) -> str:
        by_password = "Password and second factor" if self.has_factor else "Password"
        ways = ["Company"] * self.has_company + [by_password] * self.has_password
        # Of three things, it has to be clear which two belong together.
        return (", or " if self.has_factor else " or ").join(ways).capitalize()


def page_of_people(filters: dict[str, str], number: str) -> "Page[User]":
    return Paginator(_found(filters), ON_A_PAGE).get_page(number)


def _found(filters: dict[str, str]) -> QuerySet[User]:
    people = User.objects.order_by(Lower("username"), "pk")
    if filters.get("q"):
        people = people.filter(username__icontains=filters["q"])
    if filters.get("role"):
        # By a subquery: a join would count each session once for each role.
        people = people.filter(pk__in=User.objects.filter(groups__name=filters["role"]).values("pk"))
    if filters.get("state"):
        people = people.filter(is_active=filters["state"] == "enabled")
    return people.prefetch_related("groups")


def person_rows(people: list[User]) -> list[PersonRow]:
    ids = [user.pk for user in people]
    seen = dict(Person.objects.filter(user__in=ids).values_list("user", "seen_at"))
    company = set(SocialAccount.objects.filter(user__in=ids).values_list("user", flat=True))
    factors = set(kept.factors_of(*people).values_list("user", flat=True))
    links = dict(PasswordLink.objects.filter(user__in=ids, expires_at__gt=Now()).values_list("user", "expires_at"))
    is_open = Q(sessions__expire_date__gt=Now())
    counted = User.objects.filter(pk__in=ids).annotate(open=Count("sessions", filter=is_open))
    sessions = dict(counted.values_list("pk", "open"))
    return [
        PersonRow(
            user=user,
            role=role_by_groups(user),
            has_password=user.has_usable_password(),
            has_company=user.pk in company,
            has_factor=user.pk in factors,
            seen_at=seen.get(user.pk),
            sessions=sessions[user.pk],
            link_until=links.get(user.pk),
        )
        for user in people
    ]
