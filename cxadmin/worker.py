"""Where our workers differ from Celery's own: they listen again at once, and keep their database connections.

Both concern threads as pool (docs/decisions/0002). Read and tried with Celery 5.6.3 and kombu 5.6.2.
"""

import socket
from contextlib import suppress
from functools import cached_property

from celery import Celery, bootsteps, signals
from celery.fixups.django import DjangoFixup, DjangoWorkerFixup  # type: ignore[attr-defined]
from celery.worker.consumer import Consumer
from django.db import connections
from kombu.asynchronous import Hub

WAKE_UP = b"\0"


class ListenAgain(bootsteps.StartStopStep):
    """Wakes the worker's event loop whenever a thread begins a task.

    The thread acknowledges its message by a call that the loop makes in its next round. A loop that holds as many
    messages as it may prefetch doesn't listen to Redis; with nothing to listen to, that round comes with its next
    timer, up to ten seconds later.
    """

    _reader: socket.socket
    _writer: socket.socket

    def register_with_event_loop(self, _consumer: Consumer, hub: Hub) -> None:
        """Called for each new connection to the broker, and never where there is no loop (the broker in memory)."""
        self._reader, self._writer = socket.socketpair()
        self._reader.setblocking(False)
        self._writer.setblocking(False)
        hub.add_reader(self._reader, self._read)
        # Sent in the thread that runs the task, after the acknowledgement was left for the loop.
        signals.task_prerun.connect(self._wake)

    def stop(self, _consumer: Consumer) -> None:
        if signals.task_prerun.disconnect(self._wake):
            self._reader.close()
            self._writer.close()

    def _wake(self, **_: object) -> None:
        # A full socket has wake-ups that the loop is yet to see; a closed one has no loop to wake.
        with suppress(OSError):
            self._writer.send(WAKE_UP)

    def _read(self) -> None:
        with suppress(OSError):
            self._reader.recv(4096)


class KeepConnections(DjangoWorkerFixup):  # type: ignore[misc]
    """Closes database connections when Django would after a request: when they are old or broken.

    Celery's own closes them before and after each task, whatever CONN_MAX_AGE says.
    """

    def validate_models(self) -> None:
        # Celery's own also runs all checks, and ignores what they find. cxadmin/entry_point.py doesn't.
        self.django_setup()

    def _close_database(self) -> None:
        for connection in connections.all(initialized_only=True):
            connection.close_if_unusable_or_obsolete()


class OurDjangoFixup(DjangoFixup):
    """Celery's way of setting Django up, with our way of keeping connections."""

    @cached_property
    def worker_fixup(self) -> KeepConnections:
        # Not in __init__: it reads the app's settings, which aren't there yet.
        return KeepConnections(self.app)


def fixup(app: Celery) -> DjangoFixup:
    found = OurDjangoFixup(app)
    found.install()
    return found
