"""A simulated CXone: a WSGI application that behaves as the API's contract says, and misbehaves on request."""

from campaigns.simulator.app import Simulator
from campaigns.simulator.exchange import ConnectionCutError
from campaigns.simulator.server import Server, serve
from campaigns.simulator.store import StateFileError

__all__ = ["ConnectionCutError", "Server", "Simulator", "StateFileError", "serve"]
