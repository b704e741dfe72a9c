"""Compresses pages and exports on their way out.

docs/decisions/0020-compressed-responses.md says which, and why that is safe.
"""

import secrets
from collections.abc import Iterable, Iterator
from gzip import GzipFile
from io import BytesIO
from typing import cast

from django.http import HttpRequest, HttpResponseBase, StreamingHttpResponse
from django.middleware.gzip import GZipMiddleware
from django.utils.cache import patch_vary_headers

# Anything else is compressed already, is an image, or is evidence, whose file stays as it was made.
COMPRESSED_TYPES = frozenset({"text/html", "text/csv", "application/x-ndjson"})
# Django's own level, which takes a few milliseconds for the largest page.
LEVEL = 6


class CompressionMiddleware(GZipMiddleware):
    """Django's own, for some types only, and with every part of a stream sent on as soon as it is there."""

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        if response.get("Content-Type", "").partition(";")[0] not in COMPRESSED_TYPES:
            return response
        if not _accepts_gzip(request.headers.get("Accept-Encoding", "")):
            patch_vary_headers(response, ("Accept-Encoding",))
            return response
        if isinstance(response, StreamingHttpResponse) and not response.has_header("Content-Encoding"):
            return self._stream(response)
        return super().process_response(request, response)

    def _stream(self, response: StreamingHttpResponse) -> StreamingHttpResponse:
        patch_vary_headers(response, ("Accept-Encoding",))
        response.headers["Content-Encoding"] = "gzip"
        del response.headers["Content-Length"]
        padding = "a" * secrets.randbelow(self.max_random_bytes)
        # The same iterator, which closes what it reads from; this product has no asynchronous ones.
        parts = cast("Iterator[bytes]", response.streaming_content)
        response.streaming_content = _compressed(parts, padding)
        return response


def _compressed(parts: Iterable[bytes], padding: str) -> Iterator[bytes]:
    # Django's own would wait until zlib has enough for a block.
    buffer = BytesIO()
    with GzipFile(filename=padding, mode="wb", compresslevel=LEVEL, fileobj=buffer, mtime=0) as file:
        for part in parts:
            file.write(part)
            file.flush()
            yield _take(buffer)
    yield _take(buffer)


def _take(buffer: BytesIO) -> bytes:
    taken = buffer.getvalue()
    buffer.seek(0)
    buffer.truncate()
    return taken


def _accepts_gzip(accepted: str) -> bool:
    """RFC 9110, section 12.5.3: a weight of 0 is a no. Django's own takes it for a yes."""
    for each in accepted.split(","):
        coding, _, weight = each.partition(";")
        if coding.strip() in {"gzip", "x-gzip"}:
            return weight.replace(" ", "").rstrip("0.") not in {"q=", "q"}
    return False
