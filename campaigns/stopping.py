"""Stopping a process on a signal."""

import _thread
import signal
import threading

# How often the main thread wakes up, and so how late it may notice a signal.
LOOK_SECONDS = 0.5


def on_signal() -> threading.Event:
    """An event that SIGTERM and Ctrl-C set.

    A handler runs between two instructions of the main thread, which may hold the event's own lock at that moment
    (two signals at once do it); so another thread sets it.
    """
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: _thread.start_new_thread(stop.set, ()))
    return stop


def wait_for_stop(stop: threading.Event) -> None:
    """Wait for the event in the main thread."""
    # With pauses: a signal that the system delivers to another thread doesn't wake this one, where its handler runs.
    while not stop.wait(LOOK_SECONDS):
        pass
