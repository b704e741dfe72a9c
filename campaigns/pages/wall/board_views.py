"""The wallboard itself: for whoever has its link, signed in or not. It only reads."""

import hashlib
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import get_template
from django.templatetags.static import static
from django.utils import timezone
from django.utils.cache import add_never_cache_headers
from django.views.decorators.http import require_safe

from campaigns.models import WallLink
from campaigns.pages.freshness import Freshness, read_freshness
from campaigns.pages.wall.queries import read_wall, wall_version
from campaigns.wall import links

PAGE = "wall/board.html"
# What the page itself is made of. Its content comes with each refresh, so that only these need another load.
PARTS = ("css/tokens.css", "css/dark.css", "css/base.css", "css/parts.css", "css/wall.css", "js/wall.js")


@login_not_required
@require_safe
def show_board(request: HttpRequest, token: str) -> HttpResponse:
    return _respond(request, token, PAGE)


@login_not_required
@require_safe
def show_board_live(request: HttpRequest, token: str) -> HttpResponse:
    """What changes on it; 204 if that is as the screen has it."""
    return _respond(request, token, "wall/_live.html")


def _respond(request: HttpRequest, token: str, template: str) -> HttpResponse:
    fresh = read_freshness()
    link = links.find_link(token, fresh.now)
    if link is None:
        return _refuse(request)
    links.note_shown(link, fresh.now)
    with timezone.override(ZoneInfo(link.zone)):
        version = wall_version(link, fresh)
        if template != PAGE and request.GET.get("seen") == version:
            response = HttpResponse(status=204)
        else:
            response = render(request, template, _context(link, token, fresh, version))
    # By these the screen knows how old it is, what time it is, and whether a release has replaced its script.
    response["X-Data-Age"] = "" if fresh.age_seconds is None else str(fresh.age_seconds)
    response["X-Now"] = str(round(fresh.now.timestamp() * 1000))
    response["X-Release"] = board_release()
    return _as_secret(response)


def _context(link: WallLink, token: str, fresh: Freshness, version: str) -> dict[str, Any]:
    return {
        "wall": read_wall(link, fresh),
        "link": link,
        "token": token,
        "freshness": fresh,
        "version": version,
        "release": board_release(),
        "local": fresh.now.astimezone(ZoneInfo(link.zone)),
    }


def _refuse(request: HttpRequest) -> HttpResponse:
    """The same for a link that never was, is revoked or has expired."""
    links.record_refused()
    response = render(request, "wall/none.html", status=404)
    # Django would log the address, and with it what may be a link that worked until now.
    response._has_been_logged = True  # type: ignore[attr-defined]
    return _as_secret(response)


def _as_secret(response: HttpResponse) -> HttpResponse:
    add_never_cache_headers(response)
    response["Referrer-Policy"] = "no-referrer"
    response["X-Robots-Tag"] = "noindex"
    return response


@cache
def board_release() -> str:
    """Another text whenever the page, its script or its styles are others."""
    page: Any = get_template(PAGE)
    parts = [page.template.source, *map(static, PARTS)]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:12]
