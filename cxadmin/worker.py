"""How our workers differ from Celery's own: they listen again at once, and keep their database connections.

Both are about the thread pool (docs/decisions/0002). Read and tested with Celery 5.6.3 and kombu 5.6.2.
"""

import socket
from contextlib import suppress

from celery import bootsteps, signals
from celery.fixups.django import DjangoWorkerFixup  # type: ignore[attr-defined]
from celery.worker.consumer import Consumer
from django.db import connections
from kombu.asynchronous import Hub

WAKE_UP = b"\0"


class ListenAgain(bootsteps.StartStopStep):
    """Wakes the worker's event loop whenever a thread starts a task.

    The thread leaves the acknowledgement of its message to the loop's next iteration. A loop that has prefetched all
    the messages it may doesn't listen to Redis; with nothing to listen to, it iterates only at its next timer, up to
    ten seconds later.
    """

    _reader: socket.socket
    _writer: socket.socket

    def register_with_event_loop(self, _consumer: Consumer, hub: Hub) -> None:
        """Called for each new connection to the broker, but not for the broker in memory, which has no loop."""
        self._reader, self._writer = socket.socketpair()
        self._reader.setblocking(False)
        self._writer.setblocking(False)
        hub.add_reader(self._reader, self._read)
        # Sent in the thread that runs the task, once the acknowledgement has been left to the loop.
        signals.task_prerun.connect(self._wake)

    def stop(self, _consumer: Consumer) -> None:
        if signals.task_prerun.disconnect(self._wake):
            self._reader.close()
            self._writer.close()

    def _wake(self, **_: object) -> None:
        # A full socket still holds wake-ups for the loop; a closed one has no loop to wake.
        with suppress(OSError):
            self._writer.send(WAKE_UP)

    def _read(self) -> None:
        with suppress(OSError):
            self._reader.recv(4096)


class KeepConnections(DjangoWorkerFixup):  # type: ignore[misc]
    """Closes database connections when Django would after a request: when they are too old or broken.

    Celery's own fixup closes them before and after each task, whatever CONN_MAX_AGE is.
    """

    def validate_models(self) -> None:
        # Celery's own also runs all checks, and ignores what they find. cxadmin/entry_point.py doesn't.
        self.django_setup()

    def _close_database(self) -> None:
        close_unusable_connections()


def close_unusable_connections(**_: object) -> None:
    """Those of this thread, before a task and after it: the next query makes a new connection."""
    for connection in connections.all(initialized_only=True):
        connection.close_if_unusable_or_obsolete()
