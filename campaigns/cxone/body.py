"""The body of an answer, unfolded where it is compressed, and never more of it than will be used.

httpx unfolds whatever comes, in whole parts: 64 KB of gzip can become 64 MB at once. So parts are read as they came.
"""

import zlib
from collections.abc import Callable, Iterable

MOST_BYTES = 4_000_000  # a page of a hundred campaigns has about 60 KB; a hundred schedules of 200 windows have 2 MB
GZIP = {"gzip", "x-gzip"}  # RFC 9110, 8.4.1.3
_GZIP_WINDOW = 31  # zlib: the largest window, with the header and check of gzip


class UnusableBody(Exception):
    """`cause` completes "CXone's answer can't be used here (…)"; `beginning`: what was read of it."""

    def __init__(self, cause: str, beginning: bytes = b"") -> None:
        super().__init__(cause)
        self.cause = cause
        self.beginning = beginning


def read_body(parts: Iterable[bytes], encoding: str, *, most: int) -> bytes:
    """All of the body. UnusableBody: it is longer than `most` bytes, before or after it was unfolded, or its
    Content-Encoding isn't one that was asked for."""
    unfold = _unfolding(encoding)
    body, came = bytearray(), 0
    for part in parts:
        came += len(part)
        body += unfold(part, most + 1 - len(body))
        if max(len(body), came) > most:
            raise UnusableBody(f"it is longer than {most // 1000:,} KB", bytes(body[:most]))
    return bytes(body)


def _unfolding(encoding: str) -> Callable[[bytes, int], bytes]:
    name = encoding.strip().lower()
    if name in {"", "identity"}:
        return lambda part, _: part
    if name in GZIP:
        return _Gzip()
    raise UnusableBody("it is compressed in a way that was not asked for")


class _Gzip:
    """Called with each part and the most bytes that it may become."""

    def __init__(self) -> None:
        self._member = zlib.decompressobj(_GZIP_WINDOW)

    def __call__(self, part: bytes, most: int) -> bytes:
        try:
            return self._member.decompress(part, most)
        except zlib.error as error:
            raise UnusableBody("it says that it is gzip and isn't") from error
