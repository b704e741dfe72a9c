"""Signing in through the company, and linking an account that was made here to it."""

import logging
from collections.abc import Callable
from dataclasses import asdict
from functools import wraps
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import authenticate, login
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.models import User
from django.core import signing
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from cxadmin.accounts import device, remembered, unsent
from cxadmin.accounts.company import attempt as attempts
from cxadmin.accounts.company import links, people, signed_out
from cxadmin.accounts.company.attempt import SignInAttempt
from cxadmin.accounts.company.errors import NotSignedIn, Stale
from cxadmin.accounts.company.identity import Identity

log = logging.getLogger(__name__)

BACKEND = "cxadmin.accounts.rights.RoleBackend"
LINK_SALT = "cxadmin.company.link"

View = Callable[[HttpRequest], HttpResponse]


def _where_it_is_on(view: View) -> View:
    @wraps(view)
    def show(request: HttpRequest) -> HttpResponse:
        if not settings.OIDC_IS_ON:
            raise Http404
        return view(request)

    return show


@login_not_required
@require_safe
@never_cache
@_where_it_is_on
def begin_sign_in(request: HttpRequest) -> HttpResponse:
    """To the provider. A GET: it changes nothing, and a form may lead to no other site (form-action 'self')."""
    if request.user.is_authenticated:
        return redirect("home")
    return _send_to_provider(request)


@login_not_required
@require_safe
@never_cache
@_where_it_is_on
def come_back(request: HttpRequest) -> HttpResponse:
    """From the provider."""
    # Late: it takes three megabytes, with all that it speaks through.
    from cxadmin.accounts.company import sign_in

    attempt = attempts.read_attempt(request)
    try:
        if attempt is None:
            raise Stale
        identity = sign_in.identify(request, attempt)
    except NotSignedIn as refusal:
        people.record_refusal(refusal)
        return _refuse(request, refusal)
    if attempt.link_to:
        response = _ask_to_link(request, attempt, identity)
    else:
        response = _let_in(request, attempt, identity)
    attempts.forget_attempt(request, response)
    return response


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@_where_it_is_on
def link_account(request: HttpRequest) -> HttpResponse:
    """GET: to the provider, to see who is asking. POST: link the account to whom the provider said it was."""
    user = request.user
    # Whoever signs in through the company is linked already, and has no password to ask for.
    if not isinstance(user, User) or not user.has_usable_password():
        raise Http404
    if request.method == "POST":
        return _link(request, user)
    return _send_to_provider(request, link_to=user.pk)


def _send_to_provider(request: HttpRequest, *, link_to: int = 0) -> HttpResponse:
    from cxadmin.accounts.company import sign_in

    next_page = request.GET.get("next", "")
    if not url_has_allowed_host_and_scheme(next_page, {request.get_host()}, require_https=request.is_secure()):
        next_page = ""
    # They are in a cookie on the way, which has room for an address of a list, not for one that somebody made up.
    unsent_page = request.GET.get("unsent", "")[:200]
    try:
        address, attempt = sign_in.address_of_provider(
            request, next_page=next_page[:1000], unsent=unsent_page, link_to=link_to
        )
    except NotSignedIn as refusal:
        people.record_refusal(refusal)
        return _refuse(request, refusal)
    response = HttpResponseRedirect(address)
    attempts.keep_attempt(response, attempt)
    return response


def _let_in(request: HttpRequest, attempt: SignInAttempt, identity: Identity) -> HttpResponse:
    try:
        user = people.admit(identity)
    except NotSignedIn as refusal:
        return _refuse(request, refusal)
    request.signed_in_by = "through the company"  # type: ignore[attr-defined]
    login(request, user, backend=BACKEND)
    signed_out.keep_token(request, identity.token)
    response = HttpResponseRedirect(attempt.next or reverse("home"))
    device.remember(request, response, user.username)
    remembered.mark_signed_in(response)
    if not_done := unsent.not_done_message(attempt.unsent, named=True):
        messages.warning(request, f"You were signed out. {not_done}")
    return response


def _ask_to_link(request: HttpRequest, attempt: SignInAttempt, identity: Identity) -> HttpResponse:
    """Whose sign-in it is has to be seen: somebody else may have led this browser here, signed in as themselves."""
    if request.user.pk != attempt.link_to:
        return _refuse(request, Stale())
    signed = signing.dumps(_plain(identity) | {"account": attempt.link_to}, salt=LINK_SALT)
    return _show_link(request, signed, identity)


def _link(request: HttpRequest, user: User) -> HttpResponse:
    signed = request.POST.get("identity", "")
    try:
        kept: dict[str, Any] = signing.loads(signed, salt=LINK_SALT, max_age=attempts.LASTS_SECONDS)
    except signing.BadSignature:
        return _refuse(request, Stale())
    if kept.pop("account") != user.pk:
        return _refuse(request, Stale())
    identity = Identity(**kept | {"names": tuple(kept["names"]), "groups": None, "token": ""})
    if authenticate(request, username=user.username, password=request.POST.get("password", "")) is None:
        return _show_link(request, signed, identity, wrong=True)
    try:
        links.link_identity(user, identity)
    except NotSignedIn as refusal:
        return _refuse(request, refusal)
    messages.success(request, f"From now on the company sign-in of {identity.names[0]} leads to your account.")
    return redirect("campaigns:account")


def _plain(identity: Identity) -> dict[str, Any]:
    found = asdict(identity)
    del found["groups"], found["token"]
    return found


def _show_link(request: HttpRequest, signed: str, identity: Identity, *, wrong: bool = False) -> HttpResponse:
    context = {"identity": signed, "name": identity.names[0], "issuer": identity.issuer, "wrong": wrong}
    return render(request, "accounts/company_link.html", context, status=422 if wrong else 200)


def _refuse(request: HttpRequest, refusal: NotSignedIn) -> HttpResponse:
    if detail := getattr(refusal, "detail", ""):
        log.warning("Nobody was signed in through the company: %s", detail)
    context = {
        "title": refusal.title,
        "sentence": str(refusal),
        "do": refusal.do,
    }
    response = render(request, "accounts/company_refused.html", context, status=refusal.status)
    attempts.forget_attempt(request, response)
    return response
