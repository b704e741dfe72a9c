"""The requests that the live server answers."""

import sys
import threading
import time
import traceback
from threading import Thread
from typing import Any

from django.core.signals import request_finished, request_started

from tests.browser.chromium import PATIENCE


class RequestsAtWork:
    """A test has ended when they have, too: what a browser no longer waits for still reads and writes the database.

    They are known by their threads. Django's server sends no `request_finished` for a request whose connection was
    reset before its body was read; then its thread ends.
    """

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._paths: dict[Thread, str] = {}
        request_started.connect(self._begin)
        request_finished.connect(self._end)

    def stop(self) -> None:
        request_started.disconnect(self._begin)
        request_finished.disconnect(self._end)

    def wait_for_all(self, patience: float = PATIENCE) -> None:
        given_up = time.monotonic() + patience
        with self._changed:
            while at_work := [thread for thread in self._paths if thread.is_alive()]:
                assert time.monotonic() < given_up, self._described(at_work)
                self._changed.wait(0.05)
            self._paths.clear()

    def _described(self, threads: list[Thread]) -> str:
        frames = sys._current_frames()
        lines = [f"{len(threads)} requests never end"]
        for thread in threads:
            lines.append(self._paths[thread])
            if frame := frames.get(thread.ident or 0):
                lines.extend(traceback.format_stack(frame))
        return "\n".join(lines)

    def _begin(self, environ: dict[str, Any], **_: Any) -> None:
        thread = threading.current_thread()
        if thread is threading.main_thread():
            return  # of Django's test client
        with self._changed:
            self._paths[thread] = f"{environ['REQUEST_METHOD']} {environ['PATH_INFO']}"

    def _end(self, **_: Any) -> None:
        with self._changed:
            self._paths.pop(threading.current_thread(), None)
            self._changed.notify_all()
