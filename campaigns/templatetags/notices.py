"""The notices of a page, as its templates include them."""

from typing import Any

from django import template
from django.template import Context

from campaigns.pages.menu import APPROVALS, number_waiting
from campaigns.pages.notices import notices_for

register = template.Library()


@register.inclusion_tag("_notices.html", takes_context=True)
def notices(context: Context) -> dict[str, Any]:
    """What the server knows; `oob` in a fragment, whose own target is elsewhere."""
    request, fresh = context["request"], context["freshness"]
    # On the page about the audit's integrity, the alarm is what the whole page is about.
    on_own_page = request.resolver_match is not None and request.resolver_match.view_name.startswith("audit:verify")
    alarm = None if on_own_page else context["audit_alarm"]()
    shared = {name: context[name] for name in ("request", "perms", "freshness", "returned_campaigns")}
    own = _own_kinds(context)
    found = [each for each in notices_for(request.user, fresh, alarm) if each.kind not in own]
    # A whole page has just counted them for its menu.
    waiting = context["menu"].number_of(APPROVALS) if "menu" in context else number_waiting(request.user, fresh)
    return {**shared, "notices": found, "alarm": alarm, "approvals": waiting, "oob": context.get("oob", False)}


def _own_kinds(context: Context) -> set[str]:
    """What the page itself says, with all that can be done about it."""
    match = context["request"].resolver_match
    name = match.view_name if match else ""
    if name.startswith("campaigns:attention"):
        return {"returned", "findings"}
    if name in {"campaigns:detail", "campaigns:live"} and context["freshness"].returned_count == 1:
        return {"returned"} if any(each.lets_dial for each in context["detail"].findings) else set()
    if name == "campaigns:handover":
        return {"handover"}
    return set()
