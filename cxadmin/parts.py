"""The workers and the dispatchers on one machine: forked from one process, which has imported for all of them.

So they share its memory, and start faster than as processes of their own. One that ends is forked again. They end with
their parent, and then cxadmin/watching.py starts all of them again.
"""

import gc
import sys
from collections.abc import Callable
from functools import partial

from celery.__main__ import main as celery_main

from campaigns import dispatcher, stopping
from campaigns.queueing import request_counts
from cxadmin import forking, watching
from cxadmin.celery import QUEUES, app

# If one hangs, the other carries on.
DISPATCHERS = 2


def worker_command(queue: str, threads: int) -> list[str]:
    """Celery's worker for one queue."""
    return [sys.executable, "-m", "celery", *_worker_options(queue, threads)]


def _worker_options(queue: str, threads: int) -> list[str]:
    # Threads, since the work mostly waits for CXone, and they share one pool of connections.
    options = ["-Q", queue, "-P", "threads", "-c", str(threads), "-n", f"{queue}@%h", "-l", "INFO"]
    quiet = ["--without-gossip", "--without-mingle", "--without-heartbeat"]
    return ["-q", "-A", "cxadmin", "worker", *options, *quiet]


def run_parts() -> None:
    """Run them until a signal ends it. CannotStart: one of them keeps ending."""
    app.loader.import_default_modules()
    parts: dict[str, Callable[[], object]] = {
        f"{queue} worker": partial(_run_worker, queue, threads) for queue, threads in QUEUES.items()
    }
    parts |= {f"dispatcher {number}": _run_dispatcher for number in range(1, DISPATCHERS + 1)}
    # A garbage collection in one of them would copy what they share.
    gc.collect()
    gc.freeze()
    signals, group = watching.Signals(), watching.ProcessGroup()
    try:
        for name, work in parts.items():
            group.add(name, partial(forking.fork, work))
        while not signals.wait(1):
            group.restart_ended()
    finally:
        group.end()


def _run_worker(queue: str, threads: int) -> None:
    sys.argv = ["celery", *_worker_options(queue, threads)]
    try:
        celery_main()
    finally:
        # What it would do by itself as a program of its own.
        request_counts.keep_last()


def _run_dispatcher() -> None:
    dispatcher.dispatch_until(stopping.on_signal())
