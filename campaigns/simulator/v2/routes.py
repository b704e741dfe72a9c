"""The API's calls: which request leads where, which scope it needs, and what the response is."""

import json
import math
import re
import uuid
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from functools import partial
from typing import Any

from campaigns.simulator.exchange import JSON, RefusalError, Request, Response, json_response
from campaigns.simulator.v2.state import ETags, SimulatedCampaign, Subscriber, Tenant, etag_of

REASONS = ("WFM_OVERRIDE", "WFM_SCALE_DOWN", "COMPLIANCE_HOLD", "EMERGENCY", "HOLIDAY", "MAINTENANCE")
EVENT_TYPE = "outbound.campaign.status.changed"
PAUSE_KEYS = {"status", "pauseReason", "effectiveTime", "dropActiveCalls", "maxConcurrentPauses"}
RESUME_KEYS = {"status", "effectiveTime"}
# Its one group is the campaign's id.
CAMPAIGN_PATH = re.compile(r"/api/v2/(?:outbound/)?campaigns/([^/]+)")
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", re.ASCII)
_ANALYTICS_FILTER = re.compile(r"status eq 'IN_PROGRESS'(?: and campaignId eq '([^']+)')?")
_EVENT_FILTER = re.compile(r"campaignId eq '([^']+)'")

Handler = Callable[[Request, str], Response]


class Api:
    def __init__(self, tenant: Tenant, *, page_cap: int, reasons: Sequence[str], etags: ETags) -> None:
        self._tenant = tenant
        self._page_cap = page_cap
        self._reasons = tuple(reasons)
        self._etags = etags
        read, write = "outbound:campaign:read", "outbound:campaign:write"
        self._routes: tuple[tuple[re.Pattern[str], dict[str, tuple[str, Handler]]], ...] = (
            (re.compile("/api/v2/campaigns/([^/]+)"), {"GET": (read, self._read), "PUT": (write, self._put)}),
            (
                re.compile("/api/v2/outbound/campaigns/([^/]+)"),
                {"GET": (read, self._read_for_edit), "PATCH": (write, self._patch)},
            ),
            (re.compile("/api/v2/outbound/campaigns()"), {"GET": (read, self._list)}),
            (
                re.compile("/api/v2/analytics/outbound/conversations/details/query()"),
                {"POST": ("analytics:read", self._query_calls)},
            ),
            (
                re.compile("/api/v2/event/subscriptions()"),
                {"GET": ("events:write", self._subscriptions), "POST": ("events:write", self._subscribe)},
            ),
        )

    def find(self, request: Request) -> tuple[str, Callable[[], Response]]:
        """The scope that the request needs, and the work that it asks for."""
        for pattern, methods in self._routes:
            match = pattern.fullmatch(request.path)
            if not match:
                continue
            if request.method not in methods:
                allowed = ", ".join(methods)
                raise RefusalError(405, f"Only {allowed} here.", headers={"Allow": allowed})
            scope, handler = methods[request.method]
            return scope, partial(handler, request, match[1])
        raise RefusalError(404, f"There is nothing at {request.path}.")

    def _list(self, request: Request, _: str) -> Response:
        size = min(_positive(request.query, "pageSize", 25), self._page_cap)
        page = _positive(request.query, "pageNumber", 1)
        campaigns = list(self._tenant.campaigns.values())
        # The bodies are kept as bytes: composing 100 campaigns for each page would take most of the time.
        entities = b", ".join(campaign.body for campaign in campaigns[(page - 1) * size : page * size])
        rest = {
            "pageNumber": page,
            "pageSize": size,
            "pageCount": math.ceil(len(campaigns) / size),
            "total": len(campaigns),
        }
        body = b'{"entities": [%s], %s' % (entities, json.dumps(rest).encode()[1:])
        return Response(200, body, {"Content-Type": JSON})

    def _read(self, request: Request, campaign_id: str) -> Response:
        return _shown(self._tenant.find(campaign_id))

    def _read_for_edit(self, request: Request, campaign_id: str) -> Response:
        return self._with_etag(_shown(self._tenant.find(campaign_id)), campaign_id)

    def _patch(self, request: Request, campaign_id: str) -> Response:
        campaign = self._tenant.find(campaign_id)
        given = request.headers.get("if-match")
        # RFC 6585, 3: a server that insists on If-Match answers 428.
        if given is None:
            raise RefusalError(428, "If-Match is required.")
        if given not in {"*", campaign.etag, self._comparable_etag(campaign)}:
            raise RefusalError(412, "The campaign was changed since it was read.")
        content = request.json_object()
        errors = [{"field": key, "message": "is not a field that can be set"} for key in content if key != "schedule"]
        if errors:
            raise RefusalError(422, "The change is not valid.", errors=errors)
        self._tenant.set_schedule(campaign, content.get("schedule"))
        return self._with_etag(_shown(campaign, applied=True), campaign_id)

    def _put(self, request: Request, campaign_id: str) -> Response:
        campaign = self._tenant.find(campaign_id)
        content = request.json_object()
        if content.get("status") == "PAUSED":
            return _shown(campaign, applied=self._pause(campaign, content))
        if content.get("status") == "ACTIVE":
            _refuse_unknown(content, RESUME_KEYS)
            return _shown(campaign, applied=self._tenant.resume(campaign, _time(content, "effectiveTime")))
        raise RefusalError(400, "status must be PAUSED or ACTIVE.")

    def _pause(self, campaign: SimulatedCampaign, content: dict[str, Any]) -> bool:
        _refuse_unknown(content, PAUSE_KEYS)
        if content.get("pauseReason") not in self._reasons:
            raise RefusalError(400, f"pauseReason must be one of {', '.join(self._reasons)}.")
        drop_calls = content.get("dropActiveCalls", False)
        limit = content.get("maxConcurrentPauses", 1)
        if not isinstance(drop_calls, bool):
            raise RefusalError(400, "dropActiveCalls must be true or false.")
        # For Python, True is an int.
        if isinstance(limit, bool) or not isinstance(limit, int) or limit < 1:
            raise RefusalError(400, "maxConcurrentPauses must be a whole number, 1 or more.")
        return self._tenant.pause(campaign, _time(content, "effectiveTime"), drop_calls=drop_calls, limit=limit)

    def _query_calls(self, request: Request, _: str) -> Response:
        content = request.json_object()
        if _time(content, "fromTime") > _time(content, "toTime"):
            raise RefusalError(400, "fromTime is after toTime.")
        if content.get("groupBy") != ["campaignId"] or content.get("metrics") != ["conversationCount"]:
            raise RefusalError(400, "groupBy must be campaignId, metrics conversationCount.")
        match = _ANALYTICS_FILTER.fullmatch(str(content.get("filter")))
        if not match:
            raise RefusalError(400, "filter is not one that is known here.")
        groups = []
        for campaign in self._tenant.campaigns.values():
            if match[1] not in {None, campaign.id}:
                continue
            count = self._tenant.calls(campaign)
            # As the contract has it, a campaign without calls is left out.
            if count:
                groups.append({"campaignId": campaign.id, "count": count})
        return json_response(200, {"groups": groups})

    def _subscribe(self, request: Request, _: str) -> Response:
        content = request.json_object()
        name, url, kinds = content.get("name"), content.get("url"), content.get("eventTypes")
        if not isinstance(name, str) or not name:
            raise RefusalError(400, "name is required.")
        if not isinstance(url, str) or not url.startswith(("http://", "https://")):
            raise RefusalError(400, "url must be an http or https address.")
        if kinds != [EVENT_TYPE]:
            raise RefusalError(400, f"eventTypes must be [{EVENT_TYPE!r}].")
        match = _EVENT_FILTER.fullmatch(content.get("filter") or "")
        if content.get("filter") and not match:
            raise RefusalError(400, "filter is not one that is known here.")
        campaign_id = match[1] if match else None
        subscriber = Subscriber(str(uuid.uuid4()), name, url, campaign_id, enabled=content.get("enabled") is not False)
        self._tenant.subscribe(subscriber)
        response = json_response(201, {"id": subscriber.id})
        response.applied = True
        return response

    def _subscriptions(self, request: Request, _: str) -> Response:
        entities = [
            {"id": subscriber.id, "name": subscriber.name, "url": subscriber.url}
            for subscriber in self._tenant.subscribers.values()
        ]
        return json_response(200, {"entities": entities})

    def _comparable_etag(self, campaign: SimulatedCampaign) -> str | None:
        # One that was weakened on its way matches nothing (RFC 9110, 13.1.1).
        if self._etags == "weakened":
            return None
        return etag_of(campaign, self._etags)

    def _with_etag(self, response: Response, campaign_id: str) -> Response:
        etag = etag_of(self._tenant.find(campaign_id), self._etags)
        if etag:
            response.headers["ETag"] = etag
        return response


def _shown(campaign: SimulatedCampaign, *, applied: bool = False) -> Response:
    return Response(200, campaign.body, {"Content-Type": JSON}, applied=applied)


def _positive(query: dict[str, str], name: str, default: int) -> int:
    text = query.get(name, str(default))
    if not text.isascii() or not text.isdigit() or not 0 < int(text) < 1_000_000:
        raise RefusalError(400, f"{name} must be a whole number, 1 or more.")
    return int(text)


def _time(content: dict[str, Any], name: str) -> float:
    text = content.get(name)
    if not isinstance(text, str) or not _TIME.fullmatch(text):
        raise RefusalError(400, f"{name} must be a time YYYY-MM-DDTHH:MM:SSZ.")
    try:
        return datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC).timestamp()
    except ValueError:
        raise RefusalError(400, f"{name} is not a time that exists.") from None


def _refuse_unknown(content: dict[str, Any], known: set[str]) -> None:
    unknown = sorted(content.keys() - known)
    if unknown:
        raise RefusalError(400, f"Unknown fields: {', '.join(unknown)}.")
