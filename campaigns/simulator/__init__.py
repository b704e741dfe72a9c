"""A simulated CXone: a WSGI application that behaves as the API's contract says, and misbehaves on request.

`Simulator` speaks v2, `PublishedSimulator` the published API.
"""

from campaigns.simulator.exchange import ConnectionCutError, RefusalError
from campaigns.simulator.published.simulator import PublishedSimulator
from campaigns.simulator.published.zones import UnknownZoneError
from campaigns.simulator.server import Server, serve
from campaigns.simulator.state_file import StateFileError
from campaigns.simulator.v2.simulator import Simulator

__all__ = [
    "ConnectionCutError",
    "PublishedSimulator",
    "RefusalError",
    "Server",
    "Simulator",
    "StateFileError",
    "UnknownZoneError",
    "serve",
]
