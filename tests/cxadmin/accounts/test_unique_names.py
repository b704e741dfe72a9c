"""Accounts whose names read the same are refused, however they are made; those from before go on, and are reported."""

import io
import logging
import unicodedata
from collections.abc import Callable

import pytest
from django.apps import apps
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction

from campaigns.lookalikes import keys_of, skeleton
from cxadmin import starting, watching
from cxadmin.accounts import roles, unique_names
from cxadmin.models import NameKey
from tests.factories import PASSWORD, make_user

pytestmark = [pytest.mark.django_db, pytest.mark.data_layer]

# Each beside what it reads like.
SAME = [
    ("anna", "Anna"),
    ("anna", "ANNA"),
    ("straße", "STRASSE"),
    ("anna", "\u0430nna"),  # Cyrillic a
    ("anna", "\u0410nna"),  # Cyrillic capital A
    ("nina", "\u039dina"),  # Greek capital nu, which is like N; the small one is like v
    ("Ivan", "lvan"),
    ("paul0", "paulO"),
    ("bill", "bi1l"),
    ("vera", "\u03bdera"),  # Greek small nu
    ("scope", "\u0455\u0441\u043e\u0440\u0435"),  # all of it Cyrillic
    ("ernest", "emest"),  # rn and m
    ("anna", "\uff41\uff4e\uff4e\uff41"),  # full width
    ("anna", "\U0001d41anna"),  # mathematical bold
    ("ren\u00e9", "rene\u0301"),  # composed and not
    ("anna", "an\u200bna"),  # zero-width space
    ("anna", "an\u00adna"),  # soft hyphen
    ("anna", "an\ufe0fna"),  # variation selector
    ("anna", "an\u3164na"),  # Hangul filler
    ("anna", " an na\u00a0"),
    ("anna", "\u202eanna"),
    ("user1", "user\u0661"),  # Arabic-Indic one
]
# Pairs of Unicode's own list (UTS #39, confusables.txt of Unicode 15), one of each of some scripts.
UNICODES = [
    ("\u05d5", "l"),  # the Hebrew letter vav is listed with l
    ("\u0966", "o"),  # Devanagari zero
    ("\u13aa", "A"),  # Cherokee go
    ("\u1d0d", "\u043c"),  # small capital M, Cyrillic em
    ("\u0501", "d"),  # Cyrillic komi de
    ("\u0570", "h"),  # Armenian ho
    ("\u10e7", "y"),  # Georgian qar
    ("\u2c9f", "o"),  # Coptic o
    ("\ua4ee", "A"),  # Lisu a
    ("\U000118d8", "u"),  # Warang Citi pu
    ("\u0271", "rn\u0326"),  # m with a hook
    ("\u01c9", "lj"),
]
DIFFERENT = [
    ("anna", "anne"),
    ("anna", "\u00e1nna"),
    ("ivan", "lvan"),
    ("anna1", "anna2"),
    ("ann", "anna"),
    ("a.b", "ab"),
    ("a-b", "a_b"),
    ("\u0436\u0430\u043d\u043d\u0430", "\u0430\u043d\u043d\u0430"),
]
Create = Callable[[str], None]


@pytest.mark.parametrize(("one", "other"), SAME)
def test_names_that_read_the_same_have_a_key_in_common(one: str, other: str) -> None:
    assert keys_of(one) & keys_of(other)


@pytest.mark.parametrize(("one", "other"), UNICODES)
def test_pairs_of_unicodes_list_have_one_skeleton(one: str, other: str) -> None:
    assert skeleton(one) == skeleton(other)
    assert keys_of(f"x{one}") & keys_of(f"x{other}")


@pytest.mark.parametrize(("one", "other"), DIFFERENT)
def test_names_that_read_otherwise_have_none(one: str, other: str) -> None:
    assert not keys_of(one) & keys_of(other)


def test_skeletons_of_all_characters_stay_as_they_are() -> None:
    letters = [chr(point) for point in range(0x20, 0x3000) if unicodedata.category(chr(point))[0] in "LN"]
    assert [letter for letter in letters if skeleton(skeleton(letter)) != skeleton(letter)] == []


@pytest.fixture
def create_user(monkeypatch: pytest.MonkeyPatch) -> Create:
    def run(name: str) -> None:
        monkeypatch.setattr("sys.stdin", io.StringIO(PASSWORD + "\n"))
        call_command("create_user", name, "--role", "supervisor")

    return run


@pytest.mark.parametrize("name", ["Anna", "\u0430nna", "anna".upper(), "\uff41nna"])
def test_command_refuses_a_lookalike(create_user: Create, name: str) -> None:
    create_user("anna")
    with pytest.raises(CommandError, match=r"reads the same as that of the account 'anna'|already") as refusal:
        create_user(name)
    assert refusal.value.returncode == 2
    assert User.objects.count() == 1


def test_taken_name_is_said_to_be_taken(create_user: Create) -> None:
    create_user("anna")
    with pytest.raises(CommandError, match="There is an account 'anna' already"):
        create_user("anna")


def test_djangos_own_command_refuses_it_too() -> None:
    make_user(username="anna")
    with pytest.raises(ValidationError, match="reads the same"):
        User.objects.create_superuser("Anna", password=PASSWORD)


def test_renaming_to_a_lookalike_is_refused() -> None:
    make_user(username="anna")
    bert = make_user(username="bert")
    bert.username = "\u0430nna"
    with pytest.raises(ValidationError, match="reads the same"):
        bert.save()


def test_renamed_account_gives_its_old_name_free() -> None:
    anna = make_user(username="anna")
    anna.username = "annabel"
    anna.save()
    make_user(username="Anna")
    with pytest.raises(ValidationError, match="'annabel'"):
        make_user(username="Annabel")


def test_change_of_case_alone_is_the_same_person() -> None:
    anna = make_user(username="anna")
    anna.username = "Anna"
    anna.save()
    assert {row.key for row in NameKey.objects.filter(user=anna)} == set(unique_names._digests("Anna"))


def test_deleted_account_gives_its_name_free() -> None:
    make_user(username="anna").delete()
    make_user(username="Anna")


def test_of_two_made_at_once_one_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    roles.create_user("anna", role="admin", password=PASSWORD, by="test")
    monkeypatch.setattr(unique_names, "check_name", lambda user: None)
    with pytest.raises(IntegrityError), transaction.atomic():
        roles.create_user("Anna", role="admin", password=PASSWORD, by="test")
    assert User.objects.count() == 1


def test_the_one_that_fails_is_not_left_without_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    """However it is made: Django's own ways open no transaction around the account and its keys."""
    make_user(username="anna")
    monkeypatch.setattr(unique_names, "check_name", lambda user: None)
    with pytest.raises(IntegrityError):
        User.objects.create_superuser("Anna", password=PASSWORD)
    assert User.objects.count() == 1


def test_first_accounts_of_the_demo_are_refused_in_words() -> None:
    make_user(username="Supervisor")
    with pytest.raises(watching.CannotStart, match="reads the same as that of the account 'Supervisor'"):
        starting._make_demo_account("supervisor", PASSWORD)


@pytest.fixture
def from_before() -> tuple[User, User]:
    """Two of before the upgrade."""
    User.objects.bulk_create([User(username="anna"), User(username="\u0430nna")])
    anna, other = User.objects.order_by("pk")
    return anna, other


def test_accounts_from_before_are_reported(from_before: tuple[User, User], caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        unique_names.renew_keys(apps)
    assert [record.getMessage().split(",")[0] for record in caplog.records] == [
        "The account '\\u0430nna' reads the same as 'anna'"
    ]


def test_accounts_from_before_go_on(from_before: tuple[User, User]) -> None:
    unique_names.renew_keys(apps)
    for user in from_before:
        user.set_password(PASSWORD)
        user.save()
        user.save(update_fields=["last_login"])
    with pytest.raises(ValidationError):
        make_user(username="Anna")


def test_keys_are_made_after_each_migrate() -> None:
    User.objects.bulk_create([User(username="anna")])
    assert not NameKey.objects.exists()
    call_command("migrate", verbosity=0)
    assert NameKey.objects.exists()
