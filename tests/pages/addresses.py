"""The addresses of all pages that may be opened, for what every page must bear."""

import re
from collections.abc import Iterator

from django.contrib.auth.models import User
from django.urls import reverse

from audit.models import Record
from campaigns.models import (
    Approval,
    Bulk,
    Calendar,
    CallingHoursRule,
    Campaign,
    Delivery,
    Finding,
    Handover,
    Holiday,
    Operation,
    ReasonCode,
)
from campaigns.states import State

# Pages of one address, with what they may be asked to show.
LISTS = (
    "/account/",
    "/account/password/",
    "/account/sessions/",
    "/approvals/",
    "/account/second-factors/",
    "/accounts/second-factor/set-up/",
    "/attention/",
    "/audit/",
    "/audit/?view=records",
    "/audit/charts/",
    "/audit/charts/?tab=reliability",
    "/audit/export/",
    "/audit/verify/",
    "/bulk/",
    "/bulk/stop/",
    "/campaigns/",
    "/campaigns/?q=nothing+has+this+name",
    "/deliveries/",
    "/find/?q=spring",
    "/handover/",
    "/handover/new/",
    "/help/",
    "/help/connect/",
    "/holidays/",
    "/operations/",
    "/operations/?when=due",
    "/people/",
    "/people/new/",
    "/policy/",
    "/policy/hours/",
    "/policy/hours/new/",
    "/policy/hours/presets/",
    "/policy/integrations/",
    "/policy/reasons/",
    "/policy/reasons/new/",
    "/policy/thresholds/",
    "/timeline/",
    "/wall/links/",
)
OF_A_CAMPAIGN = ("detail", "history", "pause", "resume", "schedule", "hold", "campaign_policy")
OF_A_CALENDAR = (
    "calendar",
    "calendar_settings",
    "calendar_delete",
    "calendar_campaigns",
    "calendar_rules",
    "calendar_preview",
    "holiday_add",
    "holiday_import",
)


def addresses() -> Iterator[str]:
    """Every page that may be opened, once for each row that it may be about."""
    yield from LISTS
    for campaign in _of_each_kind():
        for page in OF_A_CAMPAIGN:
            yield reverse(f"campaigns:{page}", args=[campaign.pk])
    for calendar in Calendar.objects.all():
        for page in OF_A_CALENDAR:
            yield reverse(f"campaigns:{page}", args=[calendar.pk])
    for holiday in Holiday.objects.all():
        yield reverse("campaigns:holiday", args=[holiday.calendar_id, holiday.pk])
    for page, rows in (
        ("campaigns:operation", Operation.objects.all()),
        ("campaigns:operation_time", Operation.objects.filter(state=State.SCHEDULED)),
        ("campaigns:bulk", Bulk.objects.all()),
        ("campaigns:finding_dismiss", Finding.objects.filter(ended_at=None)),
        ("campaigns:approval", Approval.objects.all()),
        ("campaigns:refuse", Approval.objects.filter(decision="")),
        ("campaigns:delivery", Delivery.objects.all()),
        ("campaigns:handover", Handover.objects.all()),
        ("campaigns:reason", ReasonCode.objects.all()),
        ("campaigns:hours", CallingHoursRule.objects.all()),
        ("campaigns:hours_campaigns", CallingHoursRule.objects.all()),
    ):
        yield from (reverse(page, args=[row.pk]) for row in rows)
    for person in User.objects.all():
        yield reverse("person", args=[person.pk])
        yield reverse("person_disable", args=[person.pk])
        yield reverse("person_factor_reset", args=[person.pk])
    yield from (f"/audit/{record.number}/" for record in Record.objects.all())
    chosen = "&".join(f"id={campaign.pk}" for campaign in _of_each_kind())
    yield from (f"/bulk/{verb}/?{chosen}" for verb in ("pause", "resume", "hold"))
    yield "/bulk/pause/?all=1"


def one_of_each_kind() -> list[str]:
    """One address of each page."""
    kinds: dict[str, str] = {}
    for address in addresses():
        kinds.setdefault(re.sub(r"[0-9a-f-]{36}|\d+", "…", address), address)
    return list(kinds.values())


def _of_each_kind() -> list[Campaign]:
    """Campaigns as differently off as they come: one of each status, and those with an operation or a finding."""
    found = {(campaign.status, campaign.timezone, campaign.gone_at): campaign for campaign in Campaign.objects.all()}
    told_of = Finding.objects.filter(ended_at=None, campaign__isnull=False).select_related("campaign")
    return [*found.values(), *{finding.code: finding.campaign for finding in told_of if finding.campaign}.values()]
