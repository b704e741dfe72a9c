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

# Bytes. A client that reads 1 kB/s takes one in about half of `timeout`.
PIECE = 2**16


def count_cores() -> int:
    """The cores that this process may use."""
    visible = os.cpu_count() or 1
    # Not on macOS.
    if hasattr(os, "sched_getaffinity"):
        visible = len(os.sched_getaffinity(0))
    # A container sees all cores of a big machine; its share is a quota of its control group.
    try:
        quota, period = Path("/sys/fs/cgroup/cpu.max").read_text(encoding="ascii").split()
        return max(1, min(visible, int(quota) // int(period)))
    except (OSError, ValueError):
        # No such limit: there is no file, or the quota is "max".
        return visible


class HeartbeatStream:
    """A response whose worker shows that it is alive as long as the client reads: a download may take long."""

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
    _write_as_elsewhere(server)


def on_reload(server: "Arbiter") -> None:
    """A SIGHUP, after which gunicorn has set up its log anew."""
    _write_as_elsewhere(server)


def _write_as_elsewhere(server: "Arbiter") -> None:
    """In the format of all other lines, and without what gunicorn's own would show: the paths of requests, which can
    contain the token of CXone's events. The access log as well, where somebody has turned it on."""
    log_format = environment.choice("LOG_FORMAT", logs.FORMATS)
    for handler in (*server.log.error_log.handlers, *server.log.access_log.handlers):
        handler.setFormatter(logs.Formatter(log_format))
        handler.addFilter(logs.OnceAMinute())


def post_worker_init(worker: "Worker") -> None:
    """Gunicorn kills a worker that hasn't shown for `timeout` seconds that it is alive, even during a response."""
    application: WSGIApplication = worker.wsgi

    def answer(environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        blocks = application(environ, start_response)
        is_file = isinstance(blocks, environ["wsgi.file_wrapper"])
        return blocks if is_file else HeartbeatStream(blocks, worker.notify)

    worker.wsgi = answer
    # Everything imported stays. A full garbage collection that looks through it delays somebody's page by 60 ms.
    gc.freeze()


bind = "0.0.0.0:8000"
environment = of_this_process(Path(__file__).parent, Path(__file__).with_name(".env"))
workers = environment.whole_number("WEB_CONCURRENCY", 2 * count_cores() + 1, 1, 1000)
for problem in environment.problems:
    # The other settings are checked with the application, all at once.
    if problem.setting == "WEB_CONCURRENCY":
        raise SystemExit(f"{problem.sentence} {problem.hint}")
# Seconds without a sign of life. A slow reader makes room for the next piece of an export only now and then: some
# megabytes are already buffered for it.
timeout = 120
# Characters, and gunicorn's highest. The address of the form about many campaigns holds the ids of all that were
# ticked: fifty, of up to a hundred characters.
limit_request_line = 8190
# One import for all workers: they start faster and share its memory.
preload_app = True
# A worker shows that it is alive by touching a file; on a disk that stalls, a healthy one would be killed.
worker_tmp_dir = "/dev/shm" if Path("/dev/shm").is_dir() else None  # noqa: S108
control_socket_disable = True
