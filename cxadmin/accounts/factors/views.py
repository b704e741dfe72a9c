"""The second step of a sign-in, setting a factor up, and each person's page of their factors."""

import secrets
from base64 import b32encode
from urllib.parse import quote

from allauth.mfa.models import Authenticator
from django.contrib import messages
from django.contrib.auth import login
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.models import User
from django.contrib.auth.signals import user_login_failed
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from campaigns.errors import Refusal
from cxadmin.accounts import device, failed_sign_ins, lockout, remembered, unsent
from cxadmin.accounts.factors import kept, passkeys
from cxadmin.accounts.factors.adapter import PRODUCT
from cxadmin.accounts.factors.pending import Pending, begin_pending, end_pending, read_pending
from cxadmin.accounts.middleware import AUTOMATIC
from cxadmin.accounts.passwords import knows_password

BACKEND = "cxadmin.accounts.rights.RoleBackend"
# Of the app that is being set up, in the session.
KEY = "factor_key"
FACTORS_STEP = "wrong password for a change of second factors"
WRONG = 422

allow_get_or_post = require_http_methods(["GET", "HEAD", "POST"])


def ask_or_let_in(request: HttpRequest, user: User, *, next_page: str) -> HttpResponse:
    """After the right password: to the second step, if there is one for this person."""
    back_to = request.GET.get("unsent", "")
    if kept.factors_of(user).exists():
        begin_pending(request, user, next_page=next_page, unsent=back_to)
        return redirect("second_factor")
    if kept.must_have_one(user):
        begin_pending(request, user, next_page=next_page, unsent=back_to)
        return redirect("factor_set_up")
    response = HttpResponseRedirect(next_page)
    _let_in(request, response, user, back_to)
    return response


@login_not_required
@allow_get_or_post
@never_cache
def ask_second_factor(request: HttpRequest) -> HttpResponse:
    found = read_pending(request)
    if found is None:
        return redirect("home") if request.user.is_authenticated else _to_sign_in(request)
    user, pending = found
    if not kept.factors_of(user).exists():
        # An admin has reset them since.
        return redirect("factor_set_up")
    credentials = {User.USERNAME_FIELD: user.username}
    if failed_sign_ins.seconds_locked(failed_sign_ins.scopes_of(request, user.username)):
        return lockout.respond(request, None, credentials)
    if request.method != "POST":
        return _show_second_factor(request, user)
    if means := _means_of(request, user):
        return _finish(request, user, pending, means)
    request.failed_step = "wrong second factor"  # type: ignore[attr-defined]
    # Counted with the wrong passwords of this name; the attempt that reaches a limit gets the page of the lock.
    user_login_failed.send(sender=__name__, credentials=credentials, request=request)
    return _show_second_factor(request, user, wrong=True)


@login_not_required
@allow_get_or_post
@never_cache
def set_factor_up(request: HttpRequest) -> HttpResponse:
    """For somebody whose role needs one, before they are signed in; and for everybody who wants one."""
    found = read_pending(request)
    if found is not None:
        user, pending = found
        if kept.factors_of(user).exists():
            return redirect("second_factor")
        return _set_up(request, user, pending)
    if not isinstance(request.user, User):
        return _to_sign_in(request)
    if not request.user.has_usable_password():
        raise Http404
    return _set_up(request, request.user, None)


@allow_get_or_post
@never_cache
def show_factors(request: HttpRequest) -> HttpResponse:
    """What somebody has; each change needs the password again, since desks are left unlocked."""
    user = request.user
    # Whoever signs in through the company has its second factor.
    if not isinstance(user, User) or not user.has_usable_password():
        raise Http404
    if request.method != "POST":
        return _show_factors(request, user)
    if not _knows_password(request, user):
        return _show_factors(request, user, wrong=True)
    if "codes" in request.POST:
        return _show_codes(request, user, reverse("factors"))
    try:
        kept.remove_factor(user, int(request.POST.get("remove", "0")[:18] or 0))
    except Refusal as refusal:
        messages.error(request, str(refusal))
    except ValueError:
        raise Http404 from None
    else:
        messages.success(request, "Removed.")
    return redirect("factors")


def _to_sign_in(request: HttpRequest) -> HttpResponse:
    """For a stranger, as every page does it: this one is open to those who have typed a password."""
    if AUTOMATIC in request.META:
        return HttpResponse("You are signed out.", status=401, content_type="text/plain")
    return redirect("login") if request.method == "POST" else redirect(unsent.address_of_sign_in(request))


def _means_of(request: HttpRequest, user: User) -> str:
    """What the second factor was; "" if it is wrong."""
    if credential := request.POST.get("credential"):
        return "with a password and a passkey" if passkeys.uses_passkey(user, credential) else ""
    code = request.POST.get("code", "")[:40]
    if kept.uses_code(user, code):
        return "with a password and a one-time code"
    if kept.uses_recovery_code(user, code):
        return "with a password and a recovery code"
    return ""


def _finish(request: HttpRequest, user: User, pending: Pending, means: str) -> HttpResponse:
    response = HttpResponseRedirect(pending.next)
    _complete(request, response, user, pending, means)
    if means.endswith("recovery code"):
        left = kept.recovery_codes_left(user)
        messages.warning(
            request,
            f"You used a recovery code, and have {left} left. Lost your telephone or your key? Remove it in your "
            "settings, and set up another one.",
        )
    return response


def _complete(request: HttpRequest, response: HttpResponse, user: User, pending: Pending, means: str) -> None:
    end_pending(request)
    request.signed_in_by = means  # type: ignore[attr-defined]
    _let_in(request, response, user, pending.unsent)


def _let_in(request: HttpRequest, response: HttpResponse, user: User, back_to: str) -> None:
    login(request, user, backend=BACKEND)
    device.remember(request, response, user.username)
    remembered.mark_signed_in(response)
    if not_done := unsent.not_done_message(back_to, named=True):
        messages.warning(request, f"You were signed out. {not_done}")


def _show_second_factor(request: HttpRequest, user: User, *, wrong: bool = False) -> HttpResponse:
    has_passkey = kept.factors_of(user).filter(type=kept.PASSKEY).exists() and passkeys.can_be_used(request)
    context = {
        "name": user.username,
        "wrong": wrong,
        "has_app": kept.factors_of(user).filter(type=kept.TOTP).exists(),
        "passkey": passkeys.ask_for_passkey(user) if has_passkey else "",
    }
    return render(request, "accounts/second_factor.html", context, status=WRONG if wrong else 200)


def _set_up(request: HttpRequest, user: User, pending: Pending | None) -> HttpResponse:
    if request.method != "POST":
        return _show_set_up(request, user, pending)
    if pending is None and not _knows_password(request, user):
        return _show_set_up(request, user, pending, "That isn’t your password. Nothing was set up.")
    if fault := _add(request, user):
        return _show_set_up(request, user, pending, fault)
    request.session.pop(KEY, None)
    is_first = kept.factors_of(user).count() == 1
    if pending is None and not is_first:
        messages.success(request, "Added.")
        return redirect("factors")
    codes = kept.make_recovery_codes(user)
    response = _codes_page(request, codes, pending.next if pending else reverse("factors"))
    if pending is not None:
        _complete(request, response, user, pending, "with a password, setting up a second factor")
    return response


def _add(request: HttpRequest, user: User) -> str:
    """What went wrong, as a sentence; "" if nothing did."""
    if text := request.POST.get("credential"):
        credential = passkeys.read_new(text)
        if credential is None:
            return "Your browser’s passkey is not for this page. Nothing was set up. Try again."
        if kept.factors_of(user).filter(type=kept.PASSKEY).count() >= kept.MOST_PASSKEYS:
            return f"You have {kept.MOST_PASSKEYS} passkeys already. Remove one first."
        kept.add_passkey(user, request.POST.get("name", ""), credential)
        return ""
    if kept.add_app(user, request.session.get(KEY, ""), request.POST.get("code", "")[:40]):
        return ""
    return "That isn’t the code that the app shows now. Nothing was set up. Wait for its next one, and type that."


def _show_set_up(request: HttpRequest, user: User, pending: Pending | None, fault: str = "") -> HttpResponse:
    secret = request.session.setdefault(KEY, b32encode(secrets.token_bytes(20)).decode())
    address = f"otpauth://totp/{quote(f'{PRODUCT}:{user.username}')}?secret={secret}&issuer={quote(PRODUCT)}"
    context = {
        "fault": fault,
        "is_pending": pending is not None,
        "secret": " ".join(secret[start : start + 4] for start in range(0, len(secret), 4)),
        "picture": _picture_of(address),
        "passkey": passkeys.ask_for_new_passkey(user) if passkeys.can_be_used(request) else "",
        "name": user.username,
    }
    return render(request, "accounts/factor_set_up.html", context, status=WRONG if fault else 200)


def _picture_of(address: str) -> dict[str, object]:
    """A QR code as the path of an SVG, one square for each dark module."""
    import qrcode

    code = qrcode.QRCode(border=4)
    code.add_data(address)
    rows = code.get_matrix()
    path = "".join(_path_of(line, row) for line, row in enumerate(rows))
    return {"side": len(rows), "path": path}


def _path_of(line: int, row: list[bool]) -> str:
    return "".join(f"M{column} {line}h1v1h-1z" for column, dark in enumerate(row) if dark)


def _show_codes(request: HttpRequest, user: User, after: str) -> HttpResponse:
    if not kept.factors_of(user).exists():
        raise Http404
    return _codes_page(request, kept.make_recovery_codes(user), after)


def _codes_page(request: HttpRequest, codes: list[str], after: str) -> HttpResponse:
    shown = [f"{code[:4]} {code[4:]}" for code in codes]
    text = f"{PRODUCT}: recovery codes. Each works once.\r\n\r\n" + "\r\n".join(shown) + "\r\n"
    context = {"codes": shown, "after": after, "file": f"data:text/plain;charset=utf-8,{quote(text)}"}
    return render(request, "accounts/recovery_codes.html", context)


def _knows_password(request: HttpRequest, user: User) -> bool:
    return knows_password(request, user, request.POST.get("password", ""), step=FACTORS_STEP)


def _show_factors(request: HttpRequest, user: User, *, wrong: bool = False) -> HttpResponse:
    factors: list[Authenticator] = list(kept.factors_of(user))
    context = {
        "factors": [(factor, kept.factor_in_words(factor)) for factor in factors],
        "left": kept.recovery_codes_left(user),
        "required": kept.must_have_one(user),
        "wrong": wrong,
    }
    return render(request, "account/factors.html", context, status=WRONG if wrong else 200)
