"""/people/ as an admin meets it, and the link as its person does."""

import re
from html import unescape
from typing import Any

import pytest
from allauth.socialaccount.models import SocialAccount
from django.conf import settings
from django.contrib.auth.models import Group, User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from audit.kinds import RecordKind
from audit.models import Record
from cxadmin.accounts import people
from cxadmin.models import PasswordLink, Session
from tests.factories import PASSWORD, make_user
from tests.pages.asking import words_of

pytestmark = [pytest.mark.django_db]
NEW = "four words nobody guesses"


@pytest.fixture
def root() -> Client:
    client = Client()
    client.force_login(make_user("admin", "root"))
    return client


@pytest.fixture
def anna() -> User:
    return make_user("supervisor", "anna")


def link_in(response: Any) -> str:
    """The path of the one-time link that the page shows."""
    found = re.search(r'value="http://testserver(/accounts/password/[^"]+)"', response.text)
    assert found
    return unescape(found[1])


def now(user: User) -> User:
    return User.objects.get(pk=user.pk)


def messages_after(response: Any, client: Client) -> str:
    return words_of(client.get(response["Location"]))


# --- the list ---


def test_list_says_who_may_what(root: Client, anna: User) -> None:
    Client().force_login(anna)
    page = words_of(root.get("/people/"))
    row = page.partition(">anna</a>")[2].partition("</tr>")[0]
    assert [word in row for word in ("Supervisor", "Active", "Password", " ago")] == [True] * 4
    assert '<td data-label="Open sessions" class="number">1</td>' in row


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("q=NN", ["anna", "Hannes"]),
        ("role=reviewer", ["rosa"]),
        ("state=disabled", ["Hannes"]),
        ("q=nn&state=enabled", ["anna"]),
        ("q=n%00n", ["anna", "Hannes", "root", "rosa"]),
        ("role=boss", ["anna", "Hannes", "root", "rosa"]),
    ],
)
def test_filter(root: Client, anna: User, query: str, names: list[str]) -> None:
    make_user("reviewer", "rosa")
    people.disable_person(make_user("supervisor", "Hannes"), by="root")
    assert [row.user.username for row in root.get(f"/people/?{query}").context["rows"]] == names


def test_two_hundred_people_cost_as_many_queries_as_two(root: Client) -> None:
    def queries(page: int) -> int:
        with CaptureQueriesContext(connection) as captured:
            assert root.get(f"/people/?page={page}").status_code == 200
        return len(captured)

    make_user("supervisor")
    root.get("/people/")
    few = queries(1)
    added = User.objects.bulk_create(User(username=f"p{number:03}", password="!") for number in range(200))
    Group.objects.get(name="supervisor").user_set.add(*added)
    assert (queries(1), queries(5)) == (few, few)
    assert "of 202" in words_of(root.get("/people/?page=5"))


def test_palette_finds_the_pages(root: Client) -> None:
    page = words_of(root.get("/find/?q=people"))
    assert 'href="/people/"' in page
    assert 'href="/people/new/"' in page


def test_list_says_how_somebody_signs_in(root: Client, anna: User) -> None:
    SocialAccount.objects.create(user=anna, provider="company", uid="4711")
    assert "Company or password" in words_of(root.get("/people/"))


# --- a new person ---


def test_new_person_sets_their_own_password(root: Client) -> None:
    link = link_in(root.post("/people/new/", {"name": "bea", "role": "reviewer"}))
    stranger = Client()
    assert "For bea, by a link that root created for you" in words_of(stranger.get(link))
    response = stranger.post(link, {"new": NEW, "again": NEW})
    assert response["Location"] == "/accounts/login/"
    assert "The password of bea is set. Sign in with it." in messages_after(response, stranger)
    assert stranger.post("/accounts/login/", {"username": "bea", "password": NEW}).status_code == 302
    assert stranger.get("/audit/").status_code == 200


def test_looking_at_the_link_does_not_use_it(root: Client, anna: User) -> None:
    link = link_in(root.post(f"/people/{anna.pk}/link/"))
    for _ in range(2):
        assert Client().get(link).status_code == 200


def test_used_link_says_so(root: Client, anna: User) -> None:
    link = link_in(root.post(f"/people/{anna.pk}/link/"))
    Client().post(link, {"new": NEW, "again": NEW})
    page = Client().get(link)
    assert page.status_code == 404
    assert "Ask an admin for a new link" in words_of(page)


@pytest.mark.parametrize(
    ("new", "again", "says"),
    [
        ("short", "short", "too short"),
        ("passwordpassword", "another password", "The two passwords differ."),
        ("", "", "Write the new password."),
    ],
)
def test_unfit_password_leaves_the_link(root: Client, anna: User, new: str, again: str, says: str) -> None:
    link = link_in(root.post(f"/people/{anna.pk}/link/"))
    response = Client().post(link, {"new": new, "again": again})
    assert response.status_code == 422
    assert says in words_of(response)
    assert PasswordLink.objects.exists()


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ({"name": "anna", "role": "admin"}, "There is an account 'anna' already."),
        ({"name": "аnna", "role": "admin"}, "reads the same as that of the account 'anna'"),  # noqa: RUF001
        ({"name": "two words", "role": "admin"}, "letters, digits and @ . + - _, without spaces"),
        ({"name": "", "role": "admin"}, "Write the name"),
        ({"name": "bea", "role": "boss"}, "Choose supervisor, reviewer or admin."),
    ],
)
def test_unfit_person_is_refused(root: Client, anna: User, typed: dict[str, str], says: str) -> None:
    response = root.post("/people/new/", typed)
    assert response.status_code == 422
    assert says in words_of(response)
    assert User.objects.count() == 2


def test_link_is_shown_once(root: Client, anna: User) -> None:
    link = link_in(root.post(f"/people/{anna.pk}/link/"))
    assert link not in root.get(f"/people/{anna.pk}/").text
    assert "A one-time link works until" in words_of(root.get(f"/people/{anna.pk}/"))


def test_no_link_where_nobody_has_a_password(root: Client, anna: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "PASSWORD_SIGN_IN", False)
    response = root.post(f"/people/{anna.pk}/link/")
    assert "anna signs in through your company." in messages_after(response, root)
    assert not PasswordLink.objects.exists()


def test_revoked_link(root: Client, anna: User) -> None:
    link = link_in(root.post(f"/people/{anna.pk}/link/"))
    response = root.post(f"/people/{anna.pk}/link/revoke/")
    assert "The link of anna is revoked." in messages_after(response, root)
    assert Client().get(link).status_code == 404


# --- changes ---


def test_another_role(root: Client, anna: User) -> None:
    response = root.post(f"/people/{anna.pk}/role/", {"role": "admin"})
    assert "anna is admin from now on, and was supervisor before." in messages_after(response, root)
    assert now(anna).has_perm("cxadmin.manage_people")


def test_disable_says_what_happens_first(root: Client, anna: User) -> None:
    Client().force_login(anna)
    assert "1 open session ends at once" in words_of(root.get(f"/people/{anna.pk}/disable/"))
    assert now(anna).is_active
    response = root.post(f"/people/{anna.pk}/disable/")
    assert "anna is disabled. One session was ended." in messages_after(response, root)
    response = root.post(f"/people/{anna.pk}/enable/")
    assert "anna is enabled and can sign in again." in messages_after(response, root)


@pytest.mark.parametrize(
    ("path", "data", "says"),
    [
        ("disable/", {}, "You can’t disable your own account"),
        ("role/", {"role": "reviewer"}, "You can’t change the role of your own account"),
    ],
)
def test_nobody_locks_themselves_out(root: Client, path: str, data: dict[str, str], says: str) -> None:
    me = User.objects.get(username="root")
    response = root.post(f"/people/{me.pk}/{path}", data)
    assert says in messages_after(response, root)
    assert (now(me).is_active, people.role_by_groups(now(me))) == (True, "admin")


def test_ended_session_is_out_at_once(root: Client, anna: User) -> None:
    client = Client()
    client.force_login(anna)
    name = re.findall(r'name="session" value="(\w+)"', root.get(f"/people/{anna.pk}/").text)[0]
    assert str(client.session.session_key) not in root.get(f"/people/{anna.pk}/").text
    root.post(f"/people/{anna.pk}/sessions/end/", {"session": name})
    refresh = client.get("/campaigns/rows/", headers={"X-Automatic-Refresh": "1"})
    assert (refresh.status_code, refresh.text) == (401, "You are signed out.")
    assert Record.objects.get(kind=RecordKind.SESSIONS_ENDED).details == {"user": "anna", "sessions": 1}


# --- one's own ---


@pytest.fixture
def ann() -> Client:
    client = Client(headers={"User-Agent": "Mozilla/5.0 (Windows NT 10.0) Gecko/20100101 Firefox/140.0"})
    client.post("/accounts/login/", {"username": make_user("supervisor", "ann").username, "password": PASSWORD})
    return client


def test_own_password(ann: Client) -> None:
    other = Client()
    other.force_login(User.objects.get(username="ann"))
    response = ann.post("/account/password/", {"current": PASSWORD, "new": NEW, "again": NEW})
    assert "Your password is changed. Your other session was ended." in messages_after(response, ann)
    assert ann.get("/campaigns/").status_code == 200
    assert other.get("/campaigns/").status_code == 302
    assert User.objects.get(username="ann").check_password(NEW)


def test_current_password_is_needed(ann: Client) -> None:
    response = ann.post("/account/password/", {"current": "wrong", "new": NEW, "again": NEW})
    assert response.status_code == 422
    assert "That isn’t your current password." in words_of(response)
    assert User.objects.get(username="ann").check_password(PASSWORD)


def test_fifth_wrong_password_ends_the_session(ann: Client) -> None:
    for _ in range(5):
        response = ann.post("/account/password/", {"current": "wrong", "new": NEW, "again": NEW})
    assert response["Location"] == "/accounts/login/"
    assert "the current password was wrong too often" in messages_after(response, ann)
    assert Record.objects.get(kind=RecordKind.SESSIONS_ENDED).reason == "too many wrong passwords"


def test_guesses_at_the_same_moment_end_the_session_too(ann: Client) -> None:
    """Requests that overlap each see the session as it was before the others."""
    for number in range(1, 11):
        session = ann.session
        session.pop("wrong_passwords", None)
        session.save()
        response = ann.post("/account/password/", {"current": "wrong", "new": NEW, "again": NEW})
        assert response.status_code == (429 if number == 10 else 422)
    assert not Session.objects.filter(user__username="ann").exists()
    assert Record.objects.filter(kind=RecordKind.SESSIONS_ENDED).get().reason == "too many wrong passwords"
    assert Record.objects.filter(kind=RecordKind.SIGNIN_FAILED).first().reason == "wrong current password"  # type: ignore[union-attr]


def test_guesses_in_many_sessions_lock_the_name(ann: Client) -> None:
    """Each session has five, so they count together, and with those at the sign-in."""
    wrong = {"current": "wrong", "new": NEW, "again": NEW}
    for _ in range(5):
        ann.post("/account/password/", wrong)
    for _ in range(5):
        ann.post("/accounts/login/", {"username": "ann", "password": "wrong"})
    ann.force_login(User.objects.get(username="ann"))
    response = ann.post("/account/password/", {"current": PASSWORD, "new": NEW, "again": NEW})
    assert response.status_code == 429
    assert User.objects.get(username="ann").check_password(PASSWORD)
    # Nothing was looked at, so it says nothing about whoever sits there.
    assert ann.get("/campaigns/").status_code == 200


def test_person_of_the_company_has_no_password_here(ann: Client) -> None:
    user = User.objects.get(username="ann")
    user.set_unusable_password()
    user.save()
    ann.force_login(user)
    assert "you sign in through your company" in words_of(ann.get("/account/password/"))


def test_own_sessions(ann: Client) -> None:
    other = Client()
    other.force_login(User.objects.get(username="ann"))
    page = words_of(ann.get("/account/sessions/"))
    assert "Firefox on Windows" in page
    assert page.count("This one") == 1
    name = re.findall(r'name="session" value="(\w+)"', page)
    assert len(name) == 1
    response = ann.post("/account/sessions/end/", {"session": name[0]})
    assert "The session was ended." in messages_after(response, ann)
    assert other.get("/campaigns/").status_code == 302


def test_all_others_end(ann: Client) -> None:
    for _ in range(2):
        Client().force_login(User.objects.get(username="ann"))
    ann.post("/account/sessions/end/")
    assert Session.objects.count() == 1
    assert ann.get("/campaigns/").status_code == 200


def test_somebody_elses_session_cannot_be_ended(ann: Client, anna: User, root: Client) -> None:
    Client().force_login(anna)
    name = re.findall(r'name="session" value="(\w+)"', root.get(f"/people/{anna.pk}/").text)[0]
    ann.post("/account/sessions/end/", {"session": name})
    assert Session.objects.filter(user=anna).exists()
