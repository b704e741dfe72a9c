"""How gunicorn serves the pages. What its command line says comes before this."""

import gc
import os
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from cxadmin import logs
from cxadmin.environment import of_this_process

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment
    from gunicorn.arbiter import Arbiter
    from gunicorn.workers.base import Worker

PIECE = 2**16  # bytes


def count_cores() -> int:
    """The cores that this process may use; a container's share of a big machine stands in its control group."""
    seen = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    try:
        quota, period = Path("/sys/fs/cgroup/cpu.max").read_text(encoding="ascii").split()
        return max(1, min(seen, int(quota) // int(period)))
    except (OSError, ValueError):  # no such limit
        return seen


class Lasting:
    """An answer whose worker gives signs of life while its reader takes some of it: a download may last."""

    def __init__(self, blocks: Iterable[bytes], notify: Callable[[], None]) -> None:
        self._blocks = blocks
        self._notify = notify

    def __iter__(self) -> Iterator[bytes]:
        for block in self._blocks:
            for begin in range(0, len(block), PIECE):
                self._notify()
                yield block[begin : begin + PIECE]

    def close(self) -> None:
        if hasattr(self._blocks, "close"):
            self._blocks.close()


def on_starting(server: "Arbiter") -> None:
    """Gunicorn's own lines name the path of a request that failed, which can bear the token of CXone's events."""
    for handler in server.log.error_log.handlers:
        handler.setFormatter(logs.Formatter(server.log.error_fmt, server.log.datefmt))
        handler.addFilter(logs.OnceAMinute())


def post_worker_init(worker: "Worker") -> None:
    """Gunicorn kills a worker that gave no sign of life for `timeout` seconds, and gives none during an answer."""
    application: WSGIApplication = worker.wsgi

    def answer(environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        blocks = application(environ, start_response)
        is_file = isinstance(blocks, environ["wsgi.file_wrapper"])
        return blocks if is_file else Lasting(blocks, worker.notify)

    worker.wsgi = answer
    # What was imported stays. A full garbage collection that looks through it takes 60 ms of somebody's page.
    gc.freeze()


bind = "0.0.0.0:8000"
environment = of_this_process(Path(__file__).parent, Path(__file__).with_name(".env"))
workers = environment.whole_number("WEB_CONCURRENCY", 2 * count_cores() + 1, 1, 1000)
for problem in environment.problems:
    # The other settings are checked with the application, all at once.
    if problem.setting == "WEB_CONCURRENCY":
        raise SystemExit(f"{problem.sentence} {problem.hint}")
# Seconds without a sign of life. A slow reader makes room for the next piece of an export once in a while only: some
# megabytes lie ready for it.
timeout = 120
# One import for all workers: they start sooner and share its memory.
preload_app = True
# A worker gives signs of life by touching a file; on a disk that stalls, a healthy one would be killed.
worker_tmp_dir = "/dev/shm" if Path("/dev/shm").is_dir() else None  # noqa: S108
control_socket_disable = True
