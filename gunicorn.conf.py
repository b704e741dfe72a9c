"""How gunicorn serves the pages. What its command line says comes before this."""

import os
from pathlib import Path


def count_cores() -> int:
    """The cores that this process may use; a container's share of a big machine stands in its control group."""
    seen = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    try:
        quota, period = Path("/sys/fs/cgroup/cpu.max").read_text(encoding="ascii").split()
        return max(1, min(seen, int(quota) // int(period)))
    except (OSError, ValueError):  # no such limit
        return seen


bind = "0.0.0.0:8000"
workers = int(os.environ.get("WEB_CONCURRENCY") or 2 * count_cores() + 1)
# One import for all workers: they start sooner and share its memory.
preload_app = True
# A worker gives signs of life by touching a file; on a disk that stalls, a healthy one would be killed.
worker_tmp_dir = "/dev/shm" if Path("/dev/shm").is_dir() else None  # noqa: S108
control_socket_disable = True
