"""`manage.py run_simulator`: the pretend CXone as a process of its own."""

import json
import os
import time
from argparse import ArgumentParser
from collections.abc import Callable
from pathlib import Path
from threading import Event
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from campaigns import stopping
from campaigns.events import signature
from campaigns.simulator import PublishedSimulator, RefusalError, Simulator, StateFileError, UnknownZoneError, serve

PARENT_POLL_SECONDS = 0.5


class Command(BaseCommand):
    help = "Serve a pretend CXone with campaigns that live. Prints its address as one line of JSON when it listens."
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--dialect", choices=sorted(_MAKERS), default=settings.CXONE_DIALECT, help="the API that it speaks"
        )
        parser.add_argument("--host", default="127.0.0.1")
        parser.add_argument("--port", type=int, default=8100, help="0: any free one")
        parser.add_argument("--campaigns", type=int, default=1000)
        parser.add_argument("--seed", type=int, default=1, help="another seed makes other campaigns")
        parser.add_argument("--keep-hours", action="store_true", help="campaigns dial within their hours only")
        parser.add_argument("--offenders", type=int, default=0, metavar="N", help="so many dial as they mustn’t")
        parser.add_argument("--state", type=Path, metavar="FILE", help="remember changes here across restarts")
        parser.add_argument("--record", type=Path, metavar="FILE", help="append each request to this file")
        parser.add_argument(
            "--rate", type=int, help="requests a minute for one client; 0: no limit (default: 200; published: 60)"
        )
        parser.add_argument("--token-seconds", type=int, default=3600)
        parser.add_argument("--page-cap", type=int, default=100)
        parser.add_argument("--retry-after", choices=("seconds", "date", "none"), default="seconds")
        parser.add_argument(
            "--clock-ahead",
            type=float,
            default=0,
            metavar="SECONDS",
            help="how far its clock is ahead of this machine’s",
        )
        parser.add_argument(
            "--exit-with-parent", type=int, nargs="?", const=os.getppid(), metavar="PID",
            help="end when the process that started this one (PID) is gone",
        )  # fmt: skip
        self._add_arguments_of_v2(parser)
        self._add_arguments_of_published(parser)

    def _add_arguments_of_v2(self, parser: ArgumentParser) -> None:
        group = parser.add_argument_group("only with --dialect v2")
        group.add_argument("--pause-seconds", type=float, default=0, help="from a pause’s PUT until it took effect")
        group.add_argument(
            "--etags", choices=("strong", "weak", "weakened", "none"), default="strong", help="kind of ETag"
        )
        group.add_argument("--no-events", action="store_true", help="post no events to subscribers")

    def _add_arguments_of_published(self, parser: ArgumentParser) -> None:
        group = parser.add_argument_group("only with --dialect published")
        group.add_argument("--zone", default="Eastern Standard Time", help="its name in Windows")
        group.add_argument(
            "--switch", action="append", default=[], metavar="NAME=VALUE",
            help="behave otherwise: turns=later, texts=true… (several times for several)",
        )  # fmt: skip

    def handle(self, **options: Any) -> None:
        stop = stopping.on_signal()
        simulator = _make_simulator(options)
        try:
            server = serve(simulator, options["host"], options["port"])
        except (OSError, OverflowError) as error:
            raise CommandError(
                f"The simulator cannot listen on {options['host']}:{options['port']} ({error}). Choose another --port."
            ) from None
        with server:
            self.stdout.write(json.dumps({"simulator": server.url, "campaigns": simulator.size}))
            self.stdout.flush()
            _wait(stop, options["exit_with_parent"])
        simulator.close()
        self.stderr.write("The simulator has stopped.")


def _make_simulator(options: dict[str, Any]) -> Simulator | PublishedSimulator:
    try:
        return _MAKERS[options["dialect"]](options)
    except StateFileError as error:
        raise CommandError(str(error), returncode=2) from None


def _make_v2(options: dict[str, Any]) -> Simulator:
    return Simulator(
        options["campaigns"],
        **_common(options),
        rate_per_minute=_rate(options, default=200),
        client_id=settings.CXONE_CLIENT_ID or "simulator",
        client_secret=settings.CXONE_CLIENT_SECRET or "simulator-secret",
        token_seconds=options["token_seconds"],
        page_cap=options["page_cap"],
        pause_seconds=options["pause_seconds"],
        etags=options["etags"],
        post_events=not options["no_events"],
        webhook_secret=signature.secrets()[0] if settings.CXONE_WEBHOOK_SECRET else "",
    )


def _make_published(options: dict[str, Any]) -> PublishedSimulator:
    switches = {"token_seconds": options["token_seconds"], "page_cap": options["page_cap"], **_switches(options)}
    try:
        return PublishedSimulator(
            options["campaigns"],
            **_common(options),
            rate_per_minute=_rate(options, default=60),
            zone=options["zone"],
            **_credentials(),
            **switches,
        )
    except RefusalError as refusal:
        raise CommandError(f"--switch: {refusal}", returncode=2) from None
    except UnknownZoneError as error:
        raise CommandError(f"--zone: {error}", returncode=2) from None


_MAKERS: dict[str, Callable[[dict[str, Any]], Simulator | PublishedSimulator]] = {
    "v2": _make_v2,
    "published": _make_published,
}


def _common(options: dict[str, Any]) -> dict[str, Any]:
    return {
        "seed": options["seed"],
        "keep_hours": options["keep_hours"],
        "offenders": options["offenders"],
        "retry_after": options["retry_after"],
        "state_file": options["state"],
        "record_file": options["record"],
        "clock": lambda: time.time() + options["clock_ahead"],
    }


def _rate(options: dict[str, Any], default: int) -> int | None:
    return (default if options["rate"] is None else options["rate"]) or None


def _credentials() -> dict[str, Any]:
    """Those of the settings; of what isn't set, the simulator's own."""
    given = {
        "access_key_id": settings.CXONE_ACCESS_KEY_ID,
        "access_key_secret": settings.CXONE_ACCESS_KEY_SECRET,
        "client_id": settings.CXONE_CLIENT_ID,
        "client_secret": settings.CXONE_CLIENT_SECRET,
        "tenant_id": settings.CXONE_TENANT_ID,
    }
    return {name: value for name, value in given.items() if value}


def _switches(options: dict[str, Any]) -> dict[str, Any]:
    """`turns=later` → {"turns": "later"}. A value that isn't JSON is a text."""
    found: dict[str, Any] = {}
    for each in options["switch"]:
        name, _, value = each.partition("=")
        try:
            found[name] = json.loads(value)
        except ValueError:
            found[name] = value
    return found


def _wait(stop: Event, parent: int | None) -> None:
    if parent is None:
        stopping.wait_for_stop(stop)
    while parent == os.getppid() and not stop.wait(PARENT_POLL_SECONDS):
        pass
