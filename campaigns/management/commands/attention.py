"""The open findings, for scripts."""

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from campaigns.attention.findings import FindingView, open_findings, view_of
from campaigns.management.shell import in_utc
from campaigns.models import FindingCode


class Command(BaseCommand):
    help = "Print a line of JSON for each open finding, the most urgent first: what needs somebody, and what to do."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--code", choices=[code.value for code in FindingCode], help="only findings of this code")

    def handle(self, *_args: object, code: str | None, **_options: object) -> None:
        found = open_findings().defer("campaign__schedule")
        for finding in found.filter(code=code) if code else found:
            self.stdout.write(json.dumps(_as_json(view_of(finding))))


def _as_json(view: FindingView) -> dict[str, Any]:
    """A finding about a calendar has no campaign, and names its calendar instead."""
    campaign, calendar = view.campaign, view.finding.calendar
    about = {"campaign_id": campaign.pk if campaign else None, "campaign_name": campaign.name if campaign else None}
    words = {"code": view.code.value, "since": in_utc(view.since), "why": view.words.why, "next": view.words.next}
    return about | words | ({"calendar": calendar.name} if calendar else {})
