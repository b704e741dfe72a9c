"""Everybody's own password and sessions, below /account/."""

from functools import partial

from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST, require_safe

from campaigns.pages.responses import SeeOther, allow_get_or_post
from cxadmin.accounts import open_sessions
from cxadmin.accounts.lockout import Outcome, outcome_of
from cxadmin.accounts.passwords import Way, change_password, knows_password
from cxadmin.accounts.people_forms import OwnPasswordForm

# Somebody at a screen that was left open doesn't get to try many.
MOST_WRONG = 5
WRONG = "wrong_passwords"
CHANGE_STEP = "wrong current password"


@sensitive_post_parameters()
@allow_get_or_post
@never_cache
def edit_own_password(request: HttpRequest) -> HttpResponse:
    user = _own(request)
    if not user.has_usable_password():
        return render(request, "account/password.html", {"has_none": True})
    data = request.POST if request.method == "POST" else None
    form = OwnPasswordForm(user, data, is_current=partial(knows_password, request, user, step=CHANGE_STEP))
    if form.is_valid():
        return _change(request, user, form.cleaned_data["new"])
    if form.is_wrong:
        request.session[WRONG] = request.session.get(WRONG, 0) + 1
        # The session's count can't tell how many were tried at the same moment; the lock's can.
        if request.session[WRONG] >= MOST_WRONG or outcome_of(request) is Outcome.LOCKS:
            return _end_session(request, user)
    return render(request, "account/password.html", {"form": form}, status=422 if form.is_bound else 200)


@require_safe
@never_cache
def show_own_sessions(request: HttpRequest) -> HttpResponse:
    own = open_sessions.sessions_of(request.user.pk or 0, request.session.session_key)
    return render(request, "account/sessions.html", {"sessions": own})


@require_POST
def end_own_sessions(request: HttpRequest) -> HttpResponse:
    """One of them if the form names it, else all; never the session that asks for it."""
    name = request.POST.get("session")
    ended = open_sessions.end_sessions(
        _own(request),
        by=request.user.get_username(),
        names=None if name is None else [name],
        keep=request.session.session_key,
    )
    if ended:
        messages.success(request, "The session was ended." if ended == 1 else f"{ended} sessions were ended.")
    else:
        messages.info(request, "No other session was open. Nothing was changed.")
    return SeeOther(reverse("own_sessions"))


def _change(request: HttpRequest, user: User, password: str) -> HttpResponse:
    ended = change_password(user, password, by=user.username, way=Way.OWN, keep=request.session.session_key)
    request.session.pop(WRONG, None)
    # Sessions are bound to the password. This one goes on, under a new key.
    update_session_auth_hash(request, user)
    said = "Your password is changed."
    if ended:
        said += " Your other session was ended." if ended == 1 else f" Your {ended} other sessions were ended."
    messages.success(request, said)
    return SeeOther(reverse("own_password"))


def _end_session(request: HttpRequest, user: User) -> HttpResponse:
    names = [open_sessions.shown_name(request.session.session_key or "")]
    open_sessions.end_sessions(user, by=user.username, names=names, reason="too many wrong passwords")
    request.session.flush()
    messages.warning(
        request, "You were signed out: the current password was wrong too often. Your password was not changed."
    )
    return SeeOther(reverse("login"))


def _own(request: HttpRequest) -> User:
    return User.objects.get(pk=request.user.pk or 0)
