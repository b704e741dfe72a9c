"""/people/: who may sign in and with which role, for admins."""

from django.contrib import messages
from django.contrib.auth.models import User
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from campaigns.errors import Refusal
from campaigns.pages.access import MANAGE_PEOPLE, require
from campaigns.pages.responses import SeeOther, allow_get_or_post
from cxadmin.accounts import open_sessions, password_links, people
from cxadmin.accounts.factors import kept
from cxadmin.accounts.people_forms import ROLE_CHOICES, ROLE_HELP, NewPersonForm, PeopleFilter, RoleForm
from cxadmin.accounts.people_queries import page_of_people, person_rows

NOT_YOURSELF = "You can’t {deed} your own account, so that nobody does it by mistake: ask another admin."


@require_safe
@never_cache
def show_people(request: HttpRequest) -> HttpResponse:
    require(request.user, MANAGE_PEOPLE)
    form = PeopleFilter(request.GET)
    form.is_valid()
    # Those that can be read.
    filters = form.cleaned_data
    page = page_of_people(filters, request.GET.get("page", "1"))
    context = {
        "form": form,
        "page": page,
        "rows": person_rows(list(page)),
        "is_filtered": any(filters.values()),
    }
    return render(request, "people/list.html", context)


@allow_get_or_post
@never_cache
def new_person(request: HttpRequest) -> HttpResponse:
    require(request.user, MANAGE_PEOPLE)
    form = NewPersonForm(request.POST if request.method == "POST" else None, initial={"role": "supervisor"})
    if form.is_valid():
        by = request.user.get_username()
        try:
            person = people.add_person(form.cleaned_data["name"], role=form.cleaned_data["role"], by=by)
        except Refusal as refused:
            form.add_error(refused.field, refused.sentence)
        else:
            return _show_new_link(request, person, is_new=True)
    context = {"form": form, "roles": _roles_with_help()}
    return render(request, "people/new.html", context, status=422 if form.is_bound else 200)


@require_safe
@never_cache
def show_person(request: HttpRequest, person_id: int) -> HttpResponse:
    person = _find(request, person_id)
    (row,) = person_rows([person])
    context = {
        "person": person,
        "row": row,
        "roles": ROLE_CHOICES,
        "sessions": open_sessions.sessions_of(person.pk, request.session.session_key),
        "is_self": person.pk == request.user.pk,
        "must_have_factor": kept.must_have_one(person),
    }
    return render(request, "people/person.html", context)


@require_POST
def edit_role(request: HttpRequest, person_id: int) -> HttpResponse:
    person = _find(request, person_id)
    form = RoleForm(request.POST)
    if person.pk == request.user.pk:
        messages.error(request, NOT_YOURSELF.format(deed="change the role of"))
    elif not form.is_valid():
        messages.error(request, f"{form.errors['role'][0]} Nothing was changed.")
    else:
        _change_role(request, person, form.cleaned_data["role"])
    return _back_to(person)


def _change_role(request: HttpRequest, person: User, role: str) -> None:
    try:
        before = people.change_role(person, role, by=request.user.get_username())
    except Refusal as refused:
        messages.error(request, refused.sentence)
        return
    if before == role:
        messages.info(request, f"{person.username} is {role} already. Nothing was changed.")
    else:
        messages.success(request, f"{person.username} is {role} from now on, and was {before} before.")


@allow_get_or_post
@never_cache
def disable(request: HttpRequest, person_id: int) -> HttpResponse:
    person = _find(request, person_id)
    if person.pk == request.user.pk:
        messages.error(request, NOT_YOURSELF.format(deed="disable"))
        return _back_to(person)
    if request.method != "POST":
        (row,) = person_rows([person])
        return render(request, "people/disable.html", {"person": person, "row": row})
    try:
        ended = people.disable_person(person, by=request.user.get_username())
    except Refusal as refused:
        messages.error(request, refused.sentence)
        return _back_to(person)
    if ended is None:
        messages.info(request, f"{person.username} was disabled before. Nothing was changed.")
    else:
        messages.success(request, f"{person.username} is disabled. {_sessions_ended(ended)}")
    return _back_to(person)


@require_POST
def enable(request: HttpRequest, person_id: int) -> HttpResponse:
    person = _find(request, person_id)
    if people.enable_person(person, by=request.user.get_username()):
        messages.success(request, f"{person.username} is enabled and can sign in again.")
    else:
        messages.info(request, f"{person.username} was enabled before. Nothing was changed.")
    return _back_to(person)


@allow_get_or_post
@never_cache
def reset_second_factor(request: HttpRequest, person_id: int) -> HttpResponse:
    person = _find(request, person_id)
    if person.pk == request.user.pk:
        # There the password is asked for: whoever finds an admin's desk unlocked can't take it away.
        messages.error(request, "Your own second factor is removed on the page of your settings. Nothing was changed.")
        return _back_to(person)
    if request.method != "POST":
        context = {"person": person, "must_have_factor": kept.must_have_one(person)}
        return render(request, "people/reset_factor.html", context)
    if kept.reset_factors(person, by=request.user.get_username()):
        messages.success(request, f"The second factor of {person.username} is reset.")
    else:
        messages.info(request, f"{person.username} had no second factor. Nothing was changed.")
    return _back_to(person)


@require_POST
@never_cache
def create_link(request: HttpRequest, person_id: int) -> HttpResponse:
    return _show_new_link(request, _find(request, person_id))


@require_POST
def withdraw_link(request: HttpRequest, person_id: int) -> HttpResponse:
    person = _find(request, person_id)
    if password_links.revoke_password_link(person, by=request.user.get_username()):
        messages.success(request, f"The link of {person.username} is revoked.")
    else:
        messages.info(request, f"{person.username} had no link that works. Nothing was changed.")
    return _back_to(person)


@require_POST
def end_persons_sessions(request: HttpRequest, person_id: int) -> HttpResponse:
    """One of them if the form names it, else all of them; never the session that asks for it."""
    person = _find(request, person_id)
    name = request.POST.get("session")
    ended = open_sessions.end_sessions(
        person,
        by=request.user.get_username(),
        names=None if name is None else [name],
        keep=request.session.session_key,
    )
    messages.success(request, _sessions_ended(ended))
    return _back_to(person)


def _show_new_link(request: HttpRequest, person: User, *, is_new: bool = False) -> HttpResponse:
    try:
        link, token = password_links.make_password_link(person, by=request.user.get_username())
    except Refusal as refused:
        messages.error(request, refused.sentence)
        return _back_to(person)
    # Not a redirect: the address would have to be kept until the next page.
    address = request.build_absolute_uri(reverse("password_link", args=[token]))
    context = {"person": person, "link": link, "address": address, "is_new": is_new}
    return render(request, "people/link.html", context)


def _find(request: HttpRequest, person_id: int) -> User:
    require(request.user, MANAGE_PEOPLE)
    person = User.objects.filter(pk=person_id).first()
    if person is None:
        raise Http404("There is no such person. Look for them in the list of people.")
    return person


def _back_to(person: User) -> HttpResponse:
    return SeeOther(reverse("person", args=[person.pk]))


def _sessions_ended(ended: int) -> str:
    if not ended:
        return "No session was open."
    return "One session was ended." if ended == 1 else f"{ended} sessions were ended."


def _roles_with_help() -> list[tuple[str, str, str]]:
    return [(role, label, ROLE_HELP[role]) for role, label in ROLE_CHOICES]
