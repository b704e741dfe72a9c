"""One version's process of benchmarks/list_refresh.py: its pages are asked here, by Django's test client.

This file runs in an earlier version's environment, too: `benchmarks.pages` and all else is that version's.
"""

import gzip
import json
import os
import random
import re
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from django.test import Client

HTMX = {"HX-Request": "true", "X-Automatic-Refresh": "1"}
# A word of many names.
SEARCH = "/campaigns/?q=loan"
SORTS = {"by name": "name", "as usual": "urgency"}

# Of each figure: CPU seconds, bytes, and bytes compressed.
Measured = dict[str, list[float]]


class Page(Protocol):
    status_code: int
    content: bytes

    @property
    def text(self) -> str: ...


class Reader:
    """A page that somebody has open: it knows what static/js/live.js would send."""

    def __init__(self, client: "Client", sort: str) -> None:
        self.client = client
        page = client.get(f"/campaigns/?sort={sort}").text
        self.address = address_in(page)
        self.rows = rows_in(page, [])

    def refresh(self) -> Page:
        headers = HTMX | ({"X-Rows": ",".join(self.rows)} if self.rows else {})
        return self.client.get(self.address, headers=headers)

    def take_in(self, text: str) -> None:
        self.address, self.rows = address_in(text), rows_in(text, self.rows)


def address_in(text: str) -> str:
    (address,) = re.findall(r'hx-get="(/campaigns/rows/[^"]*)"', text)
    return str(address).replace("&amp;", "&")


def rows_in(text: str, before: list[str]) -> list[str]:
    """The versions of the page's rows, in order, where rows have them."""
    rows: list[str] = []
    for first, last, version in re.findall(r'<tr data-(?:same="(\d+)-(\d+)"|v="([^"]*)")', text):
        rows += [version] if version else before[int(first) : int(last) + 1]
    return rows


def work(campaigns: int) -> None:
    """Carry out what each line of standard input asks for; answer with a line each."""
    from benchmarks import pages, process

    process.begin("benchmarks.admin_settings")
    from django.core.management import call_command
    from django.db import connection

    call_command("migrate", verbosity=0)
    call_command("collectstatic", verbosity=0, interactive=False)
    _add_trivial_view()
    pages._fill(campaigns)
    if connection.vendor == "postgresql":
        # Autovacuum would do this only later.
        connection.cursor().execute("VACUUM ANALYZE")
    client, root = pages._signed_in("admin"), _superuser()
    readers = {name: [Reader(client, sort), Reader(client, sort)] for name, sort in SORTS.items()}
    print("ready", flush=True)
    for line in sys.stdin:
        what, _, number = line.strip().partition(" ")
        if what == "serve":
            answer: object = _serve(client)
        elif what == "sessions":
            answer = [pages._signed_in("admin").cookies["sessionid"].value for _ in range(int(number))]
        elif what == "change":
            _change(random.Random(int(number)))
            answer = None
        elif what == "search":
            answer = _measure_search(client, int(number))
        elif what == "statements":
            answer = _count_statements(client, readers["as usual"], int(number))
        else:
            answer = _measure_round(client, root, readers, int(number))
        print(json.dumps(answer), flush=True)


def _add_trivial_view() -> None:
    from django.http import HttpRequest, HttpResponse
    from django.urls import path

    from cxadmin import urls

    def say_who(request: HttpRequest) -> HttpResponse:
        return HttpResponse(request.user.get_username())

    urls.urlpatterns.append(path("benchmark/trivial/", say_who))


def _superuser() -> "Client":
    """Somebody who sees the campaigns in the admin."""
    from django.conf import settings
    from django.contrib import admin
    from django.contrib.auth.models import User
    from django.test import Client

    from campaigns.models import Campaign

    class CampaignAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
        list_display = (
            "name",
            "id",
            "status",
            "active_calls",
            "timezone",
            "control",
            "controller",
            "status_since",
            "read_at",
            "gone_at",
        )
        list_filter = ("status", "timezone")
        list_per_page = 50
        ordering = ("name",)
        search_fields = ("id", "name")

    admin.site.register(Campaign, CampaignAdmin)
    client = Client(HTTP_HOST="localhost")
    backend = settings.AUTHENTICATION_BACKENDS[-1]
    client.force_login(User.objects.create_superuser("root"), backend=backend)
    return client


def _measure_round(client: "Client", root: "Client", readers: dict[str, list[Reader]], seed: int) -> Measured:
    draw, figures = random.Random(seed), {}
    for name, both in readers.items():
        _change(draw)
        for reader, which in zip(both, ("", ", next"), strict=True):
            answer, figures[f"refresh {name}{which}"] = _timed(reader.refresh)
            assert answer.status_code == 200, answer.status_code
            reader.take_in(answer.text)
    figures["refresh, unchanged"] = _time_unchanged(readers["as usual"][0])
    _change(draw)
    for which in ("", ", next"):
        _, figures[f"list{which}"] = _timed(lambda: client.get("/campaigns/"))
    answer, figures["admin"] = _timed(lambda: root.get("/admin/campaigns/campaign/"))
    assert answer.status_code == 200, answer.status_code
    _, figures["trivial"] = _timed(lambda: client.get("/benchmark/trivial/", headers=HTMX))
    return figures


def _measure_search(client: "Client", seed: int) -> list[float]:
    _change(random.Random(seed))
    return _timed(lambda: client.get(SEARCH))[1]


def _count_statements(client: "Client", readers: list[Reader], seed: int) -> dict[str, int]:
    """Of each page, by the names of its figures."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    def count(ask: Callable[[], Page]) -> int:
        with CaptureQueriesContext(connection) as queries:
            answer = ask()
        if ask in refreshes and answer.status_code == 200:
            readers[refreshes.index(ask)].take_in(answer.text)
        return len(queries)

    refreshes = [reader.refresh for reader in readers]
    _change(random.Random(seed))
    asked: dict[str, Callable[[], Page]] = {
        "refresh as usual": refreshes[0],
        "refresh as usual, next": refreshes[1],
        "refresh, unchanged": refreshes[0],
    }
    counts = {name: count(ask) for name, ask in asked.items()}
    _change(random.Random(seed + 1))
    counts["list"] = count(lambda: client.get("/campaigns/"))
    _change(random.Random(seed + 2))
    counts["search"] = count(lambda: client.get(SEARCH))
    return counts


def _time_unchanged(reader: Reader) -> list[float]:
    while True:
        answer, figures = _timed(reader.refresh)
        if answer.status_code == 204:
            return figures
        # In a new minute, an earlier version sent everything.
        reader.take_in(answer.text)


def _serve(client: "Client") -> list[str]:
    """Answer browsers from now on. Returns the address, and the cookie of somebody who is signed in."""
    from django.core.servers.basehttp import ThreadedWSGIServer, WSGIRequestHandler, get_internal_wsgi_application

    class Quiet(WSGIRequestHandler):
        def log_message(self, *_: object) -> None:
            pass

    server = ThreadedWSGIServer(("127.0.0.1", 0), Quiet)
    server.set_app(get_internal_wsgi_application())
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return [f"http://127.0.0.1:{server.server_port}", client.cookies["sessionid"].value]


def _change(draw: random.Random) -> None:
    from campaigns.models import Campaign, SyncState

    ids = list(Campaign.objects.order_by("pk").values_list("pk", flat=True))
    for key in draw.sample(ids, len(ids) // 100):
        Campaign.objects.filter(pk=key).update(active_calls=draw.randrange(60))
    SyncState.bump()


def _timed(ask: Callable[[], Any]) -> tuple[Any, list[float]]:
    before = _database_seconds(), time.process_time()
    answer = ask()
    seconds = _database_seconds() - before[0] + time.process_time() - before[1]
    return answer, [seconds, len(answer.content), len(gzip.compress(answer.content, 6))]


def _database_seconds() -> float:
    """The CPU of PostgreSQL's backend for this process, in ticks of 10 ms: only sums and means say something."""
    from django.db import connection

    if connection.vendor != "postgresql":
        return 0.0
    connection.ensure_connection()
    numbers = Path(f"/proc/{connection.connection.info.backend_pid}/stat").read_text().rpartition(")")[2].split()
    return (int(numbers[11]) + int(numbers[12])) / os.sysconf("SC_CLK_TCK")


if __name__ == "__main__":
    work(int(sys.argv[1]))
