"""The verification page: the audit's state, a check of new records, and a verification of all records."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from audit import retention
from audit.integrity import known_break, monitor, status
from audit.pages.access import may_verify
from audit.pages.live import HtmxRequest, live_fragment

# The most new records that one request checks. The background check continues with the rest.
AT_ONCE = 5000


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@may_verify
def show_verification(request: HttpRequest) -> HttpResponse:
    if request.method == "POST":
        ask = _walk_all if request.POST.get("walk") == "all" else _walk_new
        ask(request)
        # 303: the browser continues with GET (RFC 9110, 15.4.4), so reloading the page doesn't repeat the request.
        return HttpResponseRedirect(reverse("audit:verify"), status=303)
    return render(request, "audit/verify/verify.html", _context() | {"retention": retention.report()})


@require_safe
@never_cache
@may_verify
def show_progress(request: HtmxRequest) -> HttpResponse:
    context = _context()
    if not request.htmx:
        return redirect("audit:verify")
    return live_fragment(request, "audit/verify/_live_verification.html", context["standing"].version, lambda: context)


def _context() -> dict[str, Any]:
    return {"standing": status.read_status(known_break.read_row()), "folder": settings.AUDIT_CHECKPOINT_DIR}


def _walk_new(request: HttpRequest) -> None:
    before = known_break.read_row().checked_number
    walked = monitor.check_new(AT_ONCE)
    if walked.found:
        messages.error(request, f"The new records don’t hold: at record {walked.found.number}, {walked.found.fault}.")
        return
    last, count = walked.reached.number, walked.reached.number - before
    said = f"{count:,} new {'record' if count == 1 else 'records'} checked, up to record {last:,}: all hold."
    if not count:
        said = f"No record is new: all up to record {last:,} were checked before."
    if walked.left:
        said += f" {walked.left:,} more are new; the background check continues with them within a minute."
    messages.success(request, said)


def _walk_all(request: HttpRequest) -> None:
    monitor.request_full_walk(request.user.get_username())
    messages.info(
        request,
        "Everything will be checked, from record 1 on. The background check begins within a minute, and this page "
        "shows how far it is.",
    )
