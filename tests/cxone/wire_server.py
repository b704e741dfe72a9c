"""A server of raw bytes on loopback, for what a well-behaved one never does."""

import socket
import ssl
import threading
from collections.abc import Callable
from contextlib import suppress
from time import sleep

DRIP_SECONDS = 0.02
MOST_DRIPS = 250  # so that a client that waits for the end fails its test within five seconds

Script = Callable[["Connection"], None]


class Connection:
    """One that a client has opened; `sent` counts the bytes that it took."""

    def __init__(self, taken: socket.socket) -> None:
        self.taken = taken
        self.sent = 0

    def read_request(self) -> None:
        got = b""
        while b"\r\n\r\n" not in got:
            part = self.taken.recv(65_536)
            if not part:
                return
            got += part

    def send(self, data: bytes) -> None:
        self.taken.sendall(data)
        self.sent += len(data)

    def drip(self, letter: bytes = b"a") -> None:
        """A byte at a time, each long before a timeout that counts between two bytes."""
        for _ in range(MOST_DRIPS):
            self.send(letter)
            sleep(DRIP_SECONDS)


def over_tls(context: ssl.SSLContext, script: Script) -> Script:
    def serve_it(connection: Connection) -> None:
        connection.taken = context.wrap_socket(connection.taken, server_side=True)
        with connection.taken:
            script(connection)

    return serve_it


class WireServer:
    """Runs `script` for each connection, in a thread of its own."""

    def __init__(self, script: Script) -> None:
        self.connections: list[Connection] = []
        self._script = script
        self._listening = socket.create_server(("127.0.0.1", 0))
        self._thread = threading.Thread(target=self._accept, daemon=True)
        self._thread.start()

    @property
    def port(self) -> int:
        port: int = self._listening.getsockname()[1]
        return port

    @property
    def sent(self) -> int:
        return sum(connection.sent for connection in self.connections)

    def stop(self) -> None:
        with suppress(OSError):
            self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()
        self._thread.join()

    def _accept(self) -> None:
        while True:
            try:
                taken, _ = self._listening.accept()
            except OSError:
                return
            connection = Connection(taken)
            self.connections.append(connection)
            threading.Thread(target=self._run, args=(connection,), daemon=True).start()

    def _run(self, connection: Connection) -> None:
        with connection.taken, suppress(OSError):
            self._script(connection)
