"""The simulator as a WSGI application."""

import time
from collections.abc import Iterable
from email.utils import formatdate
from functools import cached_property
from http.client import responses
from wsgiref.types import StartResponse, WSGIEnvironment

from campaigns.simulator.control import PREFIX, ControlAPI
from campaigns.simulator.exchange import ConnectionCutError, RefusalError, Request, Response, read_request
from campaigns.simulator.oauth import require_scope
from campaigns.simulator.simulation import Simulation


class Simulator(Simulation):
    """A simulated CXone. A fault with `cut` raises ConnectionCutError (a ConnectionError) out of the application."""

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        try:
            response = self._respond(read_request(environ))
        except RefusalError as refusal:
            response = refusal.response()
        headers = [*response.headers.items(), ("Content-Length", str(len(response.body)))]
        start_response(f"{response.status} {responses.get(response.status, 'Unknown')}", headers)
        return [response.body]

    @cached_property
    def _control(self) -> ControlAPI:
        return ControlAPI(self)

    def _respond(self, request: Request) -> Response:
        if request.path.startswith(PREFIX):
            return self._control.respond(request)
        arrived, at = time.monotonic(), self._clock()
        fault = self._faults.take(request)
        if fault is None:
            response = self._dated(self._work(request))
            self.record.add(request, response, arrived=arrived, at=at)
            return response
        # The work is done before the fault hits: whoever reads the record meanwhile sees what has changed.
        undistorted = self._work(request) if fault.done else fault.response()
        if fault.forget:
            self._forget(request)
        response = fault.distort(self._dated(undistorted))
        self.record.add(request, response, arrived=arrived, at=at, cut=fault.cut)
        if fault.delay:
            self._sleep(fault.delay)
        if fault.cut:
            raise ConnectionCutError("The simulator cut the connection.")
        return response

    def _dated(self, response: Response) -> Response:
        response.headers["Date"] = formatdate(self._clock(), usegmt=True)
        return response

    def _work(self, request: Request) -> Response:
        with self._lock:
            self._tenant.settle()
            try:
                return self._route(request)
            except RefusalError as refusal:
                return refusal.response()
            finally:
                self._store.write(self._tenant)

    def _forget(self, request: Request) -> None:
        with self._lock:
            self._tenant.forget(request.path.rpartition("/")[2])
            self._store.write(self._tenant)

    def _route(self, request: Request) -> Response:
        if request.path == "/oauth/token" and request.method == "POST":
            return self._tokens.issue(request)
        token = self._tokens.check(request)
        self._limit.count(token.client_id)
        scope, work = self._api.find(request)
        require_scope(token, scope)
        return work()
