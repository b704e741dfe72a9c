"""Masks secrets in text that CXone, or a line of the log, repeats, in whatever encoding.

A response quotes a request in as many ways as there are layers between: JSON within JSON, a path or a form, HTML, the
Base64 of Basic credentials, and mixtures of these. So text and secret are both decoded to the same plain bytes, and
the text is masked where those match.
"""

import html
import re
from base64 import b64encode
from collections.abc import Iterable
from urllib.parse import quote_plus

MASK = "[secret]"

# A shorter secret is part of ordinary words, and masking it would make every message unreadable.
LEAST_CHARACTERS = 4

# Encodings within encodings, such as JSON within JSON within a query string. Each layer is another pass over the text.
MOST_LAYERS = 6

# A run of backslashes is matched once, from its beginning, however long it is: a long one would otherwise take
# quadratic time.
_RUN = rb"(?<!\\)\\++"

# One encoded character. Plus signs, white space and controls count for nothing, since forms and line breaks put them
# anywhere.
_ENCODED = re.compile(
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


class SecretMask:
    """Call it with a text to have the secrets in it masked."""

    def __init__(self, secrets: Iterable[str], mask: str = MASK) -> None:
        self._mask = mask.encode()
        plain: set[bytes] = set()
        for secret in secrets:
            plain.update(_decode(encoding)[0] for encoding in _encodings(secret))
        # The longest first: a secret may contain another one.
        self._plain = sorted((each for each in plain if len(each) >= LEAST_CHARACTERS), key=len, reverse=True)

    def __call__(self, text: str) -> str:
        written = text.encode("utf-8", "surrogatepass")
        plain, spans = _decode(written)
        # From the end, so that the spans before stay valid.
        for start, end in reversed(_merge_spans(self._find(plain))):
            written = written[: spans[start][0]] + self._mask + written[spans[end - 1][1] :]
        return written.decode("utf-8", "replace")

    def _find(self, plain: bytes) -> list[Span]:
        found = []
        for secret in self._plain:
            start = plain.find(secret)
            while start >= 0:
                found.append((start, start + len(secret)))
                start = plain.find(secret, start + 1)
        return found


def basic_credentials(client_id: str, client_secret: str) -> str:
    """What follows "Basic " in Authorization: both form-encoded, joined by a colon, in Base64 (RFC 6749, 2.3.1)."""
    return b64encode(f"{quote_plus(client_id)}:{quote_plus(client_secret)}".encode()).decode()


def _encodings(secret: str) -> list[bytes]:
    """The secret itself, and its encodings that can't be decoded one character at a time."""
    plain = secret.encode("utf-8", "surrogatepass")
    encodings = [plain, plain.hex().encode(), plain.hex().upper().encode()]
    for data in {plain, quote_plus(plain).encode()}:
        encodings += _within_base64(data)
    return encodings


def _within_base64(data: bytes) -> list[bytes]:
    """The Base64 of `data` as part of anything longer: three variants, by its offset, in both alphabets.

    Characters at either end that also depend on the neighbouring bytes are left out.
    """
    variants = []
    for offset, shared in ((0, 0), (1, 2), (2, 3)):
        encoded = b64encode(b"\0" * offset + data).rstrip(b"=")
        ends_within = (offset + len(data)) % 3 != 0
        whole = encoded[shared : -1 if ends_within else None]
        variants += [whole, whole.translate(bytes.maketrans(b"+/", b"-_"))]
    return variants


def _decode(written: bytes) -> tuple[bytes, list[Span]]:
    """The plain bytes that `written` encodes, and the span of `written` that each of them comes from."""
    plain = written
    spans = [(index, index + 1) for index in range(len(written))]
    for _ in range(MOST_LAYERS):
        decoded, spans = _decode_layer(plain, spans)
        if decoded == plain:
            break
        plain = decoded
    return plain, spans


def _decode_layer(encoded: bytes, spans: list[Span]) -> tuple[bytes, list[Span]]:
    plain = bytearray()
    plain_spans = list[Span]()
    done = 0
    for match in _ENCODED.finditer(encoded):
        meaning = _decode_character(match)
        if meaning is None:
            continue
        plain += encoded[done : match.start()] + meaning
        plain_spans += spans[done : match.start()]
        plain_spans += [(spans[match.start()][0], spans[match.end() - 1][1])] * len(meaning)
        done = match.end()
    return bytes(plain + encoded[done:]), plain_spans + spans[done:]


def _decode_character(match: re.Match[bytes]) -> bytes | None:
    """None: it is no encoded character after all."""
    if match["pair"]:
        high, low = (int(half, 16) for half in re.split(rb"\\+u", match["pair"]))
        return chr(0x10000 + (high - 0xD800) * 0x400 + low - 0xDC00).encode()
    if match["code"]:
        return chr(int(match["code"], 16)).encode("utf-8", "surrogatepass")
    if match["escaped"] or match["quoted"]:
        return bytes.fromhex((match["escaped"] or match["quoted"]).decode())
    if match["entity"]:
        entity = match["entity"].decode()
        meaning = html.unescape(entity)
        if meaning == entity:
            return None
        return meaning.encode("utf-8", "surrogatepass")
    return match["backslashed"] or b""


def _merge_spans(spans: list[Span]) -> list[Span]:
    """In order; those that touch or overlap become one."""
    merged: list[Span] = []
    for start, end in sorted(spans):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged
