"""The end of a process, as its signals ask for it."""

import _thread
import signal
import threading

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
    """Wait for it in the main thread, looking up now and then: a signal that was delivered to another thread doesn't
    wake this one, in which its handler is to run."""
    while not stop.wait(LOOK_SECONDS):
        pass
