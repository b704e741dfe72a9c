"""What every simulated CXone is: a WSGI application with faults, a record and a control address."""

import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping
from email.utils import formatdate
from functools import cached_property
from http.client import responses
from threading import RLock
from wsgiref.types import StartResponse, WSGIEnvironment

from campaigns.simulator.control import PREFIX, ControlAPI
from campaigns.simulator.exchange import ConnectionCutError, RefusalError, Request, Response, read_request
from campaigns.simulator.faults import Body, Fault, Faults
from campaigns.simulator.record import RequestLog


class Application(ABC):
    """A dialect has its own state and answers. A fault with `cut` raises ConnectionCutError (a ConnectionError).

    `clock` returns seconds since the epoch; `sleep` carries out a fault's delay.
    """

    def __init__(self, record: RequestLog, clock: Callable[[], float], sleep: Callable[[float], None]) -> None:
        # One lock for all of the state: requests come from several threads, and a thread that has it calls `settle`.
        self._lock = RLock()
        self._clock = clock
        self._sleep = sleep
        self._faults = Faults()
        self.record = record

    @property
    @abstractmethod
    def size(self) -> int:
        """How many campaigns there are."""

    @abstractmethod
    def close(self) -> None:
        """End what runs beside the requests."""

    @abstractmethod
    def _work(self, request: Request) -> Response:
        """Do what the request asks for."""

    @abstractmethod
    def _forget(self, request: Request) -> None:
        """Drop what the request has asked for at a later time."""

    @abstractmethod
    def _make_control(self) -> ControlAPI: ...

    def _refuse(self, refusal: RefusalError) -> Response:
        """A refusal in the words of the dialect."""
        return refusal.response()

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        try:
            response = self._respond(read_request(environ))
        except RefusalError as refusal:
            response = self._refuse(refusal)
        headers = [*response.headers.items(), ("Content-Length", str(len(response.body)))]
        start_response(f"{response.status} {responses.get(response.status, 'Unknown')}", headers)
        return [response.body]

    def fail(
        self,
        method: str,
        path: str,
        *,
        times: int | None = 1,
        skip: int = 0,
        status: int | None = None,
        headers: Mapping[str, str | None] | None = None,
        body: Body | None = None,
        delay: float = 0.0,
        done: bool | None = None,
        cut: bool = False,
        change: dict[str, object] | None = None,
        size: int = 0,
        gzip: bool = False,
        trickle: float = 0.0,
        forget: bool = False,
    ) -> None:
        """Script a fault; `Fault` describes each argument."""
        self._faults.add(
            Fault(
                method,
                path,
                times,
                skip,
                status,
                headers or {},
                body,
                delay=delay,
                done=done,
                cut=cut,
                change=change,
                size=size,
                gzip=gzip,
                trickle=trickle,
                forget=forget,
            )
        )

    def faults(self) -> list[Fault]:
        """The faults that have not been used up."""
        return self._faults.waiting()

    def clear_faults(self) -> None:
        self._faults.clear()

    @cached_property
    def _control(self) -> ControlAPI:
        return self._make_control()

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
        response = fault.distort(self._dated(undistorted), self._refuse)
        self.record.add(request, response, arrived=arrived, at=at, cut=fault.cut)
        if fault.delay:
            self._sleep(fault.delay)
        if fault.cut:
            raise ConnectionCutError("The simulator cut the connection.")
        return response

    def _dated(self, response: Response) -> Response:
        response.headers["Date"] = formatdate(self._clock(), usegmt=True)
        return response
