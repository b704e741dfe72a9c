"""Scripted faults: something else happens to the next requests that match."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from gzip import compress
from http.client import responses
from threading import Lock

from campaigns.simulator.exchange import JSON, RefusalError, Request, Response

# A header from the application to the server, which obeys it and doesn't send it.
TRICKLE = "Simulator-Trickle"

Body = str | bytes | dict[str, object] | list[object]


@dataclass(slots=True)
class Fault:
    """What happens to requests whose method and path match (`*` stands for anything, slashes too).

    times: how many requests it hits, None for all; skip: how many matching ones pass unharmed before.
    done: the work is done nevertheless. That is the default unless `status`, `body` or `cut` is given.
    status, headers, body: replace those of the response; a header of None is removed.
    change: a JSON merge patch (RFC 7396) of the response's body: null removes a key.
    size: bytes that the body is padded to, with spaces. gzip: the body is compressed, asked for or not.
    delay: seconds between the work and the response. cut: the connection ends without a response.
    trickle: seconds between two bytes of the response, from the first (by the server; nothing trickles in-process).
    forget: what the request asks for at a later time is accepted, and never happens.
    """

    method: str
    path: str
    times: int | None = 1
    skip: int = 0
    status: int | None = None
    headers: Mapping[str, str | None] = field(default_factory=dict)
    body: Body | None = None
    delay: float = 0.0
    done: bool | None = None
    cut: bool = False
    change: dict[str, object] | None = None
    size: int = 0
    gzip: bool = False
    trickle: float = 0.0
    forget: bool = False

    def __post_init__(self) -> None:
        if self.done is None:
            self.done = self.status is None and self.body is None and not self.cut

    def matches(self, request: Request) -> bool:
        return fnmatchcase(request.method, self.method.upper()) and fnmatchcase(request.path, self.path)

    def response(self) -> Response:
        """If no work is done."""
        return Response(self.status or 200, headers={"Content-Type": JSON})

    def distort(self, base: Response, refuse: Callable[[RefusalError], Response]) -> Response:
        """The response that replaces `base`. `refuse`: words what only has a status."""
        described, body = self._content(base, refuse)
        if self.change is not None:
            body = json.dumps(merge_patch(json.loads(body or b"null"), self.change)).encode()
        body = body.ljust(self.size)
        headers: dict[str, str | None] = {**base.headers, **described, **self.headers}
        if self.gzip:
            body = compress(body)
            headers["Content-Encoding"] = "gzip"
        if self.trickle:
            headers[TRICKLE] = str(self.trickle)
        return Response(
            status=self.status or base.status,
            body=body,
            headers={name: value for name, value in headers.items() if value is not None},
            applied=base.applied,
        )

    def _content(
        self, base: Response, refuse: Callable[[RefusalError], Response]
    ) -> tuple[Mapping[str, str | None], bytes]:
        if self.body is None and self.status is not None:
            refusal = refuse(RefusalError(self.status, responses.get(self.status, "")))
            return {"Content-Type": None, **refusal.headers}, refusal.body
        if self.body is None:
            return {}, base.body
        if isinstance(self.body, bytes):
            return {"Content-Type": "application/octet-stream"}, self.body
        if isinstance(self.body, str):
            return {"Content-Type": "text/html; charset=utf-8"}, self.body.encode()
        return {"Content-Type": JSON}, json.dumps(self.body).encode()


def merge_patch(target: object, patch: object) -> object:
    """RFC 7396: `target` with the keys of `patch`; null removes one."""
    if not isinstance(patch, dict):
        return patch
    merged = dict(target) if isinstance(target, dict) else {}
    for key, value in patch.items():
        if value is None:
            merged.pop(key, None)
        else:
            merged[key] = merge_patch(merged.get(key), value)
    return merged


class Faults:
    def __init__(self) -> None:
        self._lock = Lock()
        self._faults: list[Fault] = []

    def add(self, fault: Fault) -> None:
        with self._lock:
            self._faults.append(fault)

    def clear(self) -> None:
        with self._lock:
            self._faults.clear()

    def waiting(self) -> list[Fault]:
        with self._lock:
            return list(self._faults)

    def take(self, request: Request) -> Fault | None:
        """The first fault for this request, which counts as one of its times."""
        # Without the lock in the ordinary case: threads that only read would wait for each other.
        if not self._faults:
            return None
        with self._lock:
            for fault in self._faults:
                if not fault.matches(request):
                    continue
                if fault.skip:
                    fault.skip -= 1
                    continue
                self._use(fault)
                return fault
        return None

    def _use(self, fault: Fault) -> None:
        if fault.times is None:
            return
        fault.times -= 1
        if fault.times <= 0:
            self._faults.remove(fault)
