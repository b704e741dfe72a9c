"""Secrets that CXone repeats in its words, or a line of the log shows, are blanked there, in whatever spelling.

An answer quotes a request in as many ways as there are layers between: JSON within JSON, a path or a form, HTML, the
Base64 of Basic credentials, and mixtures of these. So text and secret are both read down to the same plain bytes, and
what matches there is blanked in the text as it was.
"""

import html
import re
from base64 import b64encode
from collections.abc import Iterable
from itertools import chain
from urllib.parse import quote_plus

BLANK = "[secret]"
LEAST_CHARACTERS = 4  # a shorter secret is part of ordinary words
MOST_LAYERS = 6  # of spellings within spellings

# One character in another spelling. A plus, white space and controls are left out, as forms and line breaks put them
# anywhere.
# A run of backslashes is looked at once, from its beginning, however long it is.
_RUN = rb"(?<!\\)\\++"
_SPELLED = re.compile(
    _RUN + rb"u(?P<pair>[dD][89abAB][0-9a-fA-F]{2}\\++u[dD][c-fC-F][0-9a-fA-F]{2})"
    rb"|" + _RUN + rb"u(?P<code>[0-9a-fA-F]{4})"
    rb"|" + _RUN + rb"x(?P<escaped>[0-9a-fA-F]{2})"
    rb"|" + _RUN + rb"(?P<white>[bfnrtv])"
    rb"|" + _RUN + rb"(?P<backslashed>[^\\])"
    rb"|%(?P<quoted>[0-9a-fA-F]{2})"
    rb"|(?P<entity>&(?:\#[0-9]{1,7}|\#[xX][0-9a-fA-F]{1,6}|[a-zA-Z]{2,6});)"
    rb"|(?P<nothing>[\x00-\x20\x7f+]+)"
)

Span = tuple[int, int]


class Blanks:
    """Call it with a text to have the secrets in it blanked."""

    def __init__(self, secrets: Iterable[str], blank: str = BLANK) -> None:
        self._blank = blank.encode()
        spellings = chain.from_iterable(map(_spellings, secrets))
        plain = {_plain(spelling)[0] for spelling in spellings}
        self._plain = sorted((each for each in plain if len(each) >= LEAST_CHARACTERS), key=len, reverse=True)

    def __call__(self, text: str) -> str:
        written = text.encode("utf-8", "surrogatepass")
        plain, spans = _plain(written)
        for start, end in reversed(_joined(self._found(plain))):
            written = written[: spans[start][0]] + self._blank + written[spans[end - 1][1] :]
        return written.decode("utf-8", "replace")

    def _found(self, plain: bytes) -> list[Span]:
        found = []
        for secret in self._plain:
            start = plain.find(secret)
            while start >= 0:
                found.append((start, start + len(secret)))
                start = plain.find(secret, start + 1)
        return found


def basic_credentials(client_id: str, client_secret: str) -> str:
    """What follows "Basic " in Authorization: both form-encoded, a colon between, in Base64 (RFC 6749, 2.3.1)."""
    return b64encode(f"{quote_plus(client_id)}:{quote_plus(client_secret)}".encode()).decode()


def _spellings(secret: str) -> list[bytes]:
    """The secret itself, and those that can't be read back a character at a time."""
    plain = secret.encode("utf-8", "surrogatepass")
    quoted = quote_plus(plain).encode()
    inside = chain.from_iterable(map(_within_base64, {plain, quoted}))
    return [plain, plain.hex().encode(), plain.hex().upper().encode(), *inside]


def _within_base64(data: bytes) -> list[bytes]:
    """What stays the same of `data` in the Base64 of anything that it is part of: one of three, by its offset."""
    parts = []
    for offset, partly in ((0, 0), (1, 2), (2, 3)):
        encoded = b64encode(b"\0" * offset + data).rstrip(b"=")
        whole = encoded[partly : -1 if (offset + len(data)) % 3 else None]
        parts += [whole, whole.translate(bytes.maketrans(b"+/", b"-_"))]
    return parts


def _plain(written: bytes) -> tuple[bytes, list[Span]]:
    """The plain bytes that `written` spells, and where each of them stands in it."""
    plain, spans = written, [(index, index + 1) for index in range(len(written))]
    for _ in range(MOST_LAYERS):
        shorter, spans = _read(plain, spans)
        if shorter == plain:
            break
        plain = shorter
    return plain, spans


def _read(written: bytes, spans: list[Span]) -> tuple[bytes, list[Span]]:
    """One layer less."""
    plain, where, done = bytearray(), list[Span](), 0
    for match in _SPELLED.finditer(written):
        meant = _meant(match)
        if meant is None:
            continue
        plain += written[done : match.start()] + meant
        where += spans[done : match.start()]
        where += [(spans[match.start()][0], spans[match.end() - 1][1])] * len(meant)
        done = match.end()
    return bytes(plain + written[done:]), where + spans[done:]


def _meant(match: re.Match[bytes]) -> bytes | None:
    if match["pair"]:
        high, low = (int(half, 16) for half in re.split(rb"\\+u", match["pair"]))
        return chr(0x10000 + (high - 0xD800) * 0x400 + low - 0xDC00).encode()
    if match["code"]:
        return chr(int(match["code"], 16)).encode("utf-8", "surrogatepass")
    if match["escaped"] or match["quoted"]:
        return bytes.fromhex((match["escaped"] or match["quoted"]).decode())
    if match["entity"]:
        entity = match["entity"].decode()
        meant = html.unescape(entity)
        return None if meant == entity else meant.encode("utf-8", "surrogatepass")
    return match["backslashed"] or b""


def _joined(spans: list[Span]) -> list[Span]:
    """In order, and those that touch or overlap as one."""
    joined: list[Span] = []
    for start, end in sorted(spans):
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return joined
