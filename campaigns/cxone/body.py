"""The body of a response, decompressed if need be, and never more of it than will be used.

httpx decompresses whatever it receives, a part at a time: 64 KB of gzip can become 64 MB at once. So the parts are
read as received.
"""

import zlib
from collections.abc import Callable, Iterable

# A page of a hundred campaigns has about 60 KB; a hundred schedules of 200 windows have 2 MB.
MOST_BYTES = 4_000_000

# RFC 9110, 8.4.1.3.
GZIP = {"gzip", "x-gzip"}

# zlib's name for the largest window, with the header and checksum of gzip.
_GZIP_WINDOW = 31


class UnusableBody(Exception):
    """`cause` completes "CXone's answer can't be used here: …"; `beginning`: what was read of it."""

    def __init__(self, cause: str, beginning: bytes = b"") -> None:
        super().__init__(cause)
        self.cause = cause
        self.beginning = beginning


def read_body(parts: Iterable[bytes], encoding: str, *, most: int) -> bytes:
    """The whole body. UnusableBody: it is longer than `most` bytes, compressed or not, or has a Content-Encoding that
    wasn't asked for."""
    decompress = _decompressor(encoding)
    body = bytearray()
    received = 0
    for part in parts:
        received += len(part)
        body += decompress(part, most + 1 - len(body))
        if max(len(body), received) > most:
            raise UnusableBody(f"it is longer than {most // 1000:,} KB", bytes(body[:most]))
    return bytes(body)


def _decompressor(encoding: str) -> Callable[[bytes, int], bytes]:
    name = encoding.strip().lower()
    if name in {"", "identity"}:
        return lambda part, _: part
    if name in GZIP:
        return _Gzip()
    raise UnusableBody("it is compressed in a way that was not asked for")


class _Gzip:
    """Called with each part, and with the most bytes that it may become."""

    def __init__(self) -> None:
        self._member = zlib.decompressobj(_GZIP_WINDOW)

    def __call__(self, part: bytes, most: int) -> bytes:
        try:
            return self._member.decompress(part, most)
        except zlib.error as error:
            raise UnusableBody("it says that it is gzip and isn’t") from error
