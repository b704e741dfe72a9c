"""One request and one response, as values; and the two ways in which a request gets no ordinary response."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl
from wsgiref.types import WSGIEnvironment

# A schedule of 200 windows has about 20 KB.
MAX_BODY_BYTES = 1_000_000
JSON = "application/json"


@dataclass(frozen=True, slots=True)
class Request:
    """`origin`: scheme and host that it was sent to."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes
    origin: str = ""

    def json_object(self) -> dict[str, Any]:
        try:
            value = json.loads(self.body)
        except (ValueError, RecursionError):
            raise RefusalError(400, "The body is not JSON.") from None
        if not isinstance(value, dict):
            raise RefusalError(400, "The body is not a JSON object.")
        return value


@dataclass(slots=True)
class Response:
    """`applied`: the request changed something."""

    status: int
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    applied: bool = False


class RefusalError(Exception):
    """The response is an error status with a message."""

    def __init__(
        self, status: int, message: str, *, headers: Mapping[str, str] | None = None, **details: object
    ) -> None:
        super().__init__(message)
        self.status = status
        self.headers = dict(headers or {})
        self.content = {"status": status, "message": message, **details}

    def response(self) -> Response:
        return json_response(self.status, self.content, self.headers)


class ConnectionCutError(ConnectionError):
    """The connection ends without a response. The server closes the socket; callers in this process get this."""


def json_response(status: int, value: object, headers: Mapping[str, str] | None = None) -> Response:
    return Response(status, json.dumps(value).encode(), {"Content-Type": JSON, **(headers or {})})


def read_request(environ: WSGIEnvironment) -> Request:
    return Request(
        method=environ["REQUEST_METHOD"],
        # WSGI has the bytes of a path as Latin-1 (PEP 3333).
        path=environ.get("PATH_INFO", "").encode("latin-1").decode("utf-8", "replace"),
        query=dict(parse_qsl(environ.get("QUERY_STRING", ""), keep_blank_values=True)),
        headers={
            name: environ[key]
            for name, key in (
                ("authorization", "HTTP_AUTHORIZATION"),
                ("if-match", "HTTP_IF_MATCH"),
                ("content-type", "CONTENT_TYPE"),
                ("content-length", "CONTENT_LENGTH"),
                ("accept", "HTTP_ACCEPT"),
            )
            if key in environ
        },
        body=_read_body(environ),
        origin=f"{environ['wsgi.url_scheme']}://{environ.get('HTTP_HOST') or environ['SERVER_NAME']}",
    )


def _read_body(environ: WSGIEnvironment) -> bytes:
    length = int(environ.get("CONTENT_LENGTH") or 0)
    if length > MAX_BODY_BYTES:
        raise RefusalError(413, f"The body is longer than {MAX_BODY_BYTES} bytes.")
    body: bytes = environ["wsgi.input"].read(length) if length else b""
    return body
