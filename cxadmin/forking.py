"""Children that go on with what their parent has imported already."""

import logging
import os
import signal
import sys
from collections.abc import Callable
from typing import NoReturn

from django.db import connections

from cxadmin import watching

log = logging.getLogger(__name__)


def fork(work: Callable[[], object]) -> watching.Child:
    """A child that ends with this process. For a process with one thread.

    This process's connections to the database are closed before: two processes on one would read each other's answers.
    """
    connections.close_all()
    parent = os.getpid()
    pid = os.fork()
    if pid == 0:
        _work_and_exit(work, parent)
    return watching.Child(pid)


def _work_and_exit(work: Callable[[], object], parent: int) -> NoReturn:
    """In the child: what its parent's frames would do on the way out is not its business."""
    status = 1
    try:
        watching.end_with_parent()
        signal.set_wakeup_fd(-1)
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, signal.SIG_DFL)
        # Otherwise it was killed before the kernel knew that this is to end with it.
        if os.getppid() == parent:
            work()
            status = 0
    except SystemExit as end:
        status = _status_of(end)
    # Whatever it is, it is told here or nowhere.
    except BaseException:
        log.exception("It ends.")
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status)


def _status_of(end: SystemExit) -> int:
    if isinstance(end.code, int):
        return end.code
    if end.code is None:
        return 0
    watching.tell(str(end.code))
    return 1
