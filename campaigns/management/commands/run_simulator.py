"""`manage.py run_simulator`: the pretend CXone as a process of its own."""

import json
import os
import time
from argparse import ArgumentParser
from pathlib import Path
from threading import Event
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from campaigns import stopping
from campaigns.events import signature
from campaigns.simulator import Simulator, StateFileError, serve

PARENT_POLL_SECONDS = 0.5


class Command(BaseCommand):
    help = "Serve a pretend CXone with campaigns that live. Prints its address as one line of JSON when it listens."
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--host", default="127.0.0.1")
        parser.add_argument("--port", type=int, default=8100, help="0: any free one")
        parser.add_argument("--campaigns", type=int, default=1000)
        parser.add_argument("--seed", type=int, default=1, help="another seed makes other campaigns")
        parser.add_argument("--state", type=Path, metavar="FILE", help="remember changes here across restarts")
        parser.add_argument("--record", type=Path, metavar="FILE", help="append each request to this file")
        parser.add_argument("--rate", type=int, default=200, help="requests a minute for one client; 0: no limit")
        parser.add_argument("--token-seconds", type=int, default=3600)
        parser.add_argument("--page-cap", type=int, default=100)
        parser.add_argument("--pause-seconds", type=float, default=0, help="from a pause's PUT until it took effect")
        parser.add_argument("--retry-after", choices=("seconds", "date"), default="seconds")
        parser.add_argument(
            "--tags", choices=("strong", "weak", "weakened", "none"), default="strong", help="kind of ETag"
        )
        parser.add_argument(
            "--clock-ahead",
            type=float,
            default=0,
            metavar="SECONDS",
            help="how far its clock is ahead of this machine's",
        )
        parser.add_argument("--no-events", action="store_true", help="post no events to subscribers")
        parser.add_argument(
            "--exit-with-parent", type=int, nargs="?", const=os.getppid(), metavar="PID",
            help="end when the process that started this one (PID) is gone",
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
            self.stdout.write(json.dumps({"simulator": server.url, "campaigns": len(simulator.campaign_ids())}))
            self.stdout.flush()
            _wait(stop, options["exit_with_parent"])
        simulator.close()
        self.stderr.write("The simulator has stopped.")


def _make_simulator(options: dict[str, Any]) -> Simulator:
    try:
        return Simulator(
            options["campaigns"],
            seed=options["seed"],
            client_id=settings.CXONE_CLIENT_ID or "simulator",
            client_secret=settings.CXONE_CLIENT_SECRET or "simulator-secret",
            token_seconds=options["token_seconds"],
            rate_per_minute=options["rate"] or None,
            retry_after=options["retry_after"],
            page_cap=options["page_cap"],
            pause_seconds=options["pause_seconds"],
            tags=options["tags"],
            post_events=not options["no_events"],
            webhook_secret=signature.secrets()[0] if settings.CXONE_WEBHOOK_SECRET else "",
            state_file=options["state"],
            record_file=options["record"],
            clock=lambda: time.time() + options["clock_ahead"],
        )
    except StateFileError as error:
        raise CommandError(str(error), returncode=2) from None


def _wait(stop: Event, parent: int | None) -> None:
    if parent is None:
        stopping.wait_for_stop(stop)
    while parent == os.getppid() and not stop.wait(PARENT_POLL_SECONDS):
        pass
