"""Everything in one process: web, workers and dispatcher as threads, the broker in memory.

Only the command line of Celery's worker installs signal handlers and needs the main thread; its controller runs
anywhere. `polling_interval` and `worker_prefetch_multiplier` (settings) keep the in-memory transport from delaying
acknowledgements for seconds.
"""

import gc
import logging
import threading
from collections.abc import Callable

from celery import signals
from celery.worker import WorkController
from celery.worker import state as worker_state
from django.core.wsgi import get_wsgi_application
from django.db import connections
from waitress.server import BaseWSGIServer, MultiSocketServer

from campaigns import dispatcher, stopping
from cxadmin import web_server
from cxadmin.celery import QUEUES, make_app
from cxadmin.worker import close_unusable_connections

log = logging.getLogger(__name__)


def run_all(host: str, port: int, stop: threading.Event) -> None:
    """Serve until `stop` is set. OSError: the port is taken."""
    server = web_server.make_server(get_wsgi_application(), host, port)
    # For the reason given in gunicorn.conf.py.
    gc.freeze()
    loops: dict[str, Callable[[], None]] = {
        "web": server.run,
        "dispatcher": lambda: dispatcher.dispatch_until(stop),
        **{f"{queue} worker": _worker(queue, threads).start for queue, threads in QUEUES.items()},
    }
    threads = [threading.Thread(target=_watched, args=(name, loop, stop)) for name, loop in loops.items()]
    for thread in threads:
        thread.daemon = True
        thread.start()
    stopping.wait_for_stop(stop)
    _end(server, threads)


def _worker(queue: str, threads: int) -> WorkController:
    """A worker with an app of its own, since an app consumes only one set of queues."""
    app = make_app(queue, set_as_current=False)
    app.loader.import_default_modules()
    # What Celery's fixup for Django does, which only its command line installs. Without it, a worker's threads keep
    # connections that the server has closed, and each of their tasks fails until this process ends.
    signals.task_prerun.connect(close_unusable_connections)
    signals.task_postrun.connect(close_unusable_connections)
    return WorkController(
        app=app,
        hostname=queue,
        pool_cls="threads",
        concurrency=threads,
        queues=[queue],
        without_gossip=True,
        without_mingle=True,
        without_heartbeat=True,
    )


def _watched(name: str, loop: Callable[[], None], stop: threading.Event) -> None:
    """Run a part. If it ends by itself, so does the whole: whoever started the process restarts it."""
    try:
        loop()
    except Exception:
        log.exception("The %s failed.", name)
    finally:
        connections.close_all()
        stop.set()


def _end(server: BaseWSGIServer | MultiSocketServer, threads: list[threading.Thread]) -> None:
    worker_state.should_stop = 0  # type: ignore[assignment]
    server.close()
    for thread in threads:
        # Work that a thread hasn't finished by then is taken up after the next start, once its lease has ended.
        thread.join(timeout=5)
