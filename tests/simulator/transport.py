"""The simulator behind an httpx client, in this process, with the failures that a network would have shown."""

from typing import NoReturn

import httpx

from campaigns.simulator import ConnectionCutError, PublishedSimulator, Simulator


class SimulatorTransport(httpx.WSGITransport):
    """A connection that the simulator cuts ends as httpx says it over a real one."""

    def __init__(self, simulator: Simulator | PublishedSimulator) -> None:
        super().__init__(app=simulator)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        try:
            return super().handle_request(request)
        except ConnectionCutError as error:
            raise httpx.RemoteProtocolError("Server disconnected without sending a response.") from error


def overdue(seconds: float) -> NoReturn:
    """`Simulator(sleep=overdue)`: every scripted delay is longer than the client's patience, and takes no time."""
    raise httpx.ReadTimeout(f"No answer within {seconds} s.")
