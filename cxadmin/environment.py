"""How every setting is read: from the environment, then from `.env`; `NAME_FILE` names a file that holds the value.

A value that was given and can't be used never becomes the default: it raises ImproperlyConfigured, which names it.
"""

import base64
import binascii
import difflib
import os
import re
import sys
from collections.abc import Mapping, Sequence
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from urllib.parse import SplitResult, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured

from campaigns.deliveries import destinations
from cxadmin import settings_file

MOST_BYTES = 64 * 1024  # of a file that holds one value
VARIABLE = re.compile(r"\$(\w+|\{[^}]*\})")
# What a shell or Windows would put something in for: $(pwd), `pwd`, %USERPROFILE%.
FOREIGN = re.compile(r"\$\(|`|%[A-Za-z_]\w*%")
HOST_NAME = re.compile(r"[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?)*\.?", re.IGNORECASE)
DEFAULT_PORTS = {"http": 80, "https": 443}
LABEL = re.compile(r"[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?")
# A name that begins so is meant for this product; others in the environment may be anybody's.
OURS = ("CXONE_", "WFM_", "AUDIT_")
SIMILAR = 0.85  # by difflib's measure: CXONE_CLIENT_SECRT is 0.97 from its setting, TEST_DATABASE_URL 0.83
PLACEHOLDERS = {"…", "..."}
UNKNOWN = "Remove it; docs/settings.md lists all settings."
# Names that gunicorn.conf.py, the tests, Compose and make read.
READ_ELSEWHERE = {"PYTHON", "VERSION", "WEB_CONCURRENCY", "GUNICORN_CMD_ARGS", "TEST_DATABASE_URL", "TEST_REDIS_URL"}


def of_this_process(base: Path, file_path: Path | None) -> "Environment":
    """`file_path`: None reads no file."""
    file = settings_file.read(file_path) if file_path else {}
    return Environment(base, dict(os.environ), file, file_path or base / ".env")


class Environment:
    """Two sources, of which the first that has a name decides, also if it sets it to nothing: that means unset."""

    def __init__(self, base: Path, process: Mapping[str, str], file: Mapping[str, str], file_path: Path) -> None:
        self._base = base
        self._sources = (process, file)
        self._file_path = file_path
        self._asked: set[str] = set()
        self.secrets: set[str] = set()

    def is_given(self, name: str) -> bool:
        return bool(self._find(name))

    def is_blank_in_file(self, name: str) -> bool:
        """Whether `.env` has a line for it without a value, which is more likely a mistake than a wish."""
        process, file = self._sources
        return name not in process and file.get(name) == ""

    def text(self, name: str, default: str = "") -> str:
        return self._find(name) or default

    def secret(self, name: str, least: int = 1) -> str:
        """A text of at least so many characters, which is blanked wherever it would come into a log."""
        value = self._find(name)
        if not value:
            return ""
        if len(value) < least:
            raise ImproperlyConfigured(
                f"{name} has {len(value)} characters; it must have at least {least}, or it could be guessed. "
                "Make one: openssl rand -hex 32"
            )
        self.secrets.add(value)
        return value

    def token(self, name: str, least: int) -> str:
        """A secret that is a part of an address."""
        value = self.secret(name, least)
        if value and not re.fullmatch("[A-Za-z0-9_-]{1,200}", value):
            raise ImproperlyConfigured(
                f"{name} must be letters, digits, - and _, at most 200: it is a part of an address. "
                "Make one: openssl rand -hex 32"
            )
        return value

    def whole_number(self, name: str, default: int, least: int, most: int) -> int:
        text = self.text(name, str(default))
        if not text.isascii() or not text.isdigit() or not least <= int(text[:20]) <= most:
            raise ImproperlyConfigured(
                f"{name} is {text!r}; it must be a whole number from {least} to {most}. Correct it or unset it."
            )
        return int(text)

    def choice(self, name: str, options: Sequence[str]) -> str:
        """One of `options`, in any case; the first is the default."""
        text = self.text(name, options[0])
        if text.lower() not in options:
            raise ImproperlyConfigured(
                f"{name} is {text!r}; it must be {' or '.join(options)}. Correct it or unset it."
            )
        return text.lower()

    def switch(self, name: str) -> bool:
        text = self.text(name, "off").lower()
        if text not in {"1", "0", "on", "off", "true", "false", "yes", "no"}:
            raise ImproperlyConfigured(f"{name} is {text!r}; it must be on or off.")
        return text in {"1", "on", "true", "yes"}

    def path(self, name: str, default: Path) -> Path:
        text = self.text(name)
        if not text and self.is_blank_in_file(name):
            raise ImproperlyConfigured(f"{name} is set to nothing in {self._file_path}. Set it, or remove the line.")
        return self.expand(name, text) if text else default

    def expand(self, name: str, text: str) -> Path:
        """As a shell has it: `~`, `$NAME`, `${NAME}`. A relative path begins at the product's folder."""

        def value_of(match: re.Match[str]) -> str:
            variable = match[1].strip("{}")
            for source in self._sources:
                if source.get(variable):
                    return source[variable]
            raise ImproperlyConfigured(
                f"{name} is {text!r}, but no variable {variable} is set here. Write the path out."
            )

        foreign = FOREIGN.search(text)
        if foreign:
            raise ImproperlyConfigured(
                f"{name} is {text!r}, but {foreign[0]} isn't worked out here, and no folder is meant to be called so. "
                "Write the path out."
            )
        expanded = VARIABLE.sub(value_of, text)
        try:
            return self._base / Path(expanded).expanduser()
        except RuntimeError:
            raise ImproperlyConfigured(
                f"{name} is {text!r}, but there is no home folder of that name. Write the path out."
            ) from None

    def address(self, name: str, schemes: tuple[str, ...] = ("http", "https")) -> str:
        """Without a slash at its end."""
        text = self.text(name).rstrip("/")
        if text:
            _split(name, text, schemes)
        return text

    def origin(self, name: str) -> str:
        """Scheme, host and port, as browsers write them in their header Origin."""
        text = self.address(name)
        if not text:
            return ""
        parts = urlsplit(text)
        if parts.path or parts.query or parts.fragment or parts.username is not None:
            raise ImproperlyConfigured(
                f"{name} must be https:// and a host, with a port if it has one, and nothing else: the pages begin at "
                "the root of their host."
            )
        is_default = parts.port == DEFAULT_PORTS[parts.scheme]
        host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname
        return f"{parts.scheme}://{host}" + ("" if parts.port is None or is_default else f":{parts.port}")

    def encrypted_address(self, name: str) -> str:
        """An address to which credentials are sent."""
        text = self.address(name)
        if not text:
            return ""
        parts = urlsplit(text)
        if parts.username is not None or parts.fragment:
            raise ImproperlyConfigured(f"{name} has a user name, a password or a # in it. Leave them out.")
        if parts.scheme == "http" and not is_near(text):
            raise ImproperlyConfigured(
                f"{name} begins with http://, and the client's secret would be sent there for all to read. "
                "Write https://."
            )
        return text

    def redis_address(self, name: str) -> str:
        """It has a password in it, which no sentence shows."""
        text = self.secret(name).rstrip("/")
        if not text:
            return ""
        parts = _split(name, text, ("redis", "rediss"))
        if "#" in text or "@" in parts.path + parts.query or not re.fullmatch("(/[0-9]+)?", parts.path):
            raise ImproperlyConfigured(
                f"{name} can't be read. Write redis://:password@host:6379/0, and in the password @ as %40, / as %2F, "
                "# as %23 and % as %25."
            )
        if parts.password:
            self.secrets.update({parts.password, unquote(parts.password)})
        return text

    def label(self, name: str) -> str:
        """A part of a host name."""
        text = self.text(name)
        if text and not LABEL.fullmatch(text):
            raise ImproperlyConfigured(
                f"{name} is {text!r}; it must be one word of letters, digits and hyphens, such as na1 or acme. "
                "A whole address goes into CXONE_BASE_URL."
            )
        return text

    def hosts(self, name: str) -> list[str]:
        hosts = [host.strip() for host in self.text(name).split(",") if host.strip()]
        for host in hosts:
            if host != "*" and not _is_host(host.removeprefix(".").strip("[]")):
                raise ImproperlyConfigured(
                    f"{name} has {host!r} in it; it must be host names with commas between, without https:// and port."
                )
        return hosts

    def networks(self, name: str) -> tuple[IPv4Network | IPv6Network, ...]:
        texts = [text.strip() for text in self.text(name).split(",") if text.strip()]
        for text in texts:
            try:
                ip_network(text)
            except ValueError:
                raise ImproperlyConfigured(
                    f"{name} has {text!r} in it; it must be addresses or networks with commas between, such as "
                    "10.0.0.5,192.168.7.0/24. Correct it or unset it."
                ) from None
        return tuple(ip_network(text) for text in texts)

    def public_keys(self, name: str) -> frozenset[str]:
        keys = [key.strip().lower() for key in self.text(name).split(",") if key.strip()]
        for key in keys:
            if not re.fullmatch("[0-9a-f]{64}", key):
                raise ImproperlyConfigured(
                    f"{name} has {key!r} in it; it must be public keys of 64 hex digits, with commas between, as the "
                    "checkpoints name them. Correct it or unset it."
                )
        return frozenset(keys)

    def webhook_secret(self, name: str) -> str:
        """As Standard Webhooks has it: whsec_ and the base64 of 24 to 64 random bytes."""
        text = self.secret(name)
        try:
            encoded = text.removeprefix("whsec_").rstrip("=")
            key = base64.b64decode(encoded + "=" * (-len(encoded) % 4), validate=True)
        except (binascii.Error, ValueError):
            key = b""
        if text and not (text.startswith("whsec_") and 24 <= len(key) <= 64):
            raise ImproperlyConfigured(
                f"{name} is not whsec_ followed by the base64 of 24 to 64 bytes, as Standard Webhooks has it. "
                "Copy it again from the WFM system, or make one: echo whsec_$(openssl rand -base64 32)"
            )
        return text

    def check_names(self) -> None:
        """Once all settings are read: a misspelt one would be its default.

        In `.env` every name that looks like ours must be one. The environment is shared with others: there only what
        is nearly a setting and begins like one stops the start, and the rest is a warning.
        """
        process, file = self._sources
        for name in file:
            if meant := self._meant(name):
                raise ImproperlyConfigured(f"{self._file_path}: {name} is not a setting. {meant}")
        for name in process:
            meant = self._meant(name)
            if meant and name.startswith(OURS) and meant != UNKNOWN:
                raise ImproperlyConfigured(f"{name} in the environment is not a setting. {meant}")
            if meant:
                sys.stderr.write(f"{name} in the environment is not a setting and is ignored. {meant}\n")

    def hand_on(self) -> None:
        """To libraries, what `.env` sets and is no setting of ours, such as SSL_CERT_FILE."""
        _, file = self._sources
        for name, value in file.items():
            if not {name, name.removesuffix("_FILE")} & self._asked:
                os.environ.setdefault(name, value)

    def _meant(self, name: str) -> str:
        """What to do about a name that isn't a setting; "" for one that is, or has nothing to do with us."""
        plain = name.removesuffix("_FILE")
        if {name, plain} & (self._asked | READ_ELSEWHERE):
            return ""
        for candidate in (plain, name):
            near = difflib.get_close_matches(candidate.upper(), self._asked, n=1, cutoff=SIMILAR)
            if near:
                return f"Did you mean {near[0]}{name.removeprefix(candidate)}?"
        return UNKNOWN if name.upper().startswith(OURS) else ""

    def _find(self, name: str) -> str:
        """The value, as given; "" where it is given nowhere, or as nothing."""
        self._asked.add(name)
        for source, place in zip(self._sources, ("the environment", str(self._file_path)), strict=True):
            value, file = source.get(name), source.get(f"{name}_FILE")
            if value and file:
                raise ImproperlyConfigured(f"{name} and {name}_FILE are both set in {place}. Remove one of the two.")
            if file:
                return self._read_file(name, file)
            if value in PLACEHOLDERS:
                raise ImproperlyConfigured(f"{name} is still {value}, as in the documentation. Write its value.")
            if value is not None:
                return value if place != "the environment" else _from_process(name, value)
        return ""

    def _read_file(self, name: str, text: str) -> str:
        path = self.expand(f"{name}_FILE", text.strip())
        try:
            with path.open("rb") as file:
                data = file.read(MOST_BYTES + 1)
        except OSError as error:
            raise ImproperlyConfigured(
                f"{name}_FILE names {path}, which can't be read: {error.strerror}. Correct its path or rights."
            ) from None
        value = _decoded(data)
        if value is None:
            raise ImproperlyConfigured(
                f"{name}_FILE names {path}, which is not a short text in UTF-8. Correct its path."
            )
        if not value:
            raise ImproperlyConfigured(f"{name}_FILE names {path}, which is empty. Put the value into it.")
        if fault := settings_file.invisible(value):
            raise ImproperlyConfigured(
                f"{name}_FILE names {path}, which {fault}. It must hold the value and nothing else."
            )
        return value


def _decoded(data: bytes) -> str | None:
    if len(data) > MOST_BYTES:
        return None
    try:
        return data.decode("utf-8-sig").strip()
    except UnicodeDecodeError:
        return None


def _from_process(name: str, value: str) -> str:
    """Docker's --env-file hands quotes on as they stand, and a secret with two quotes too many opens nothing."""
    value = value.strip()
    if len(value) > 1 and value[0] == value[-1] and value[0] in "'\"":
        raise ImproperlyConfigured(
            f"{name} begins and ends with a quote, which would be part of it. Leave the quotes out."
        )
    if fault := settings_file.invisible(value):
        raise ImproperlyConfigured(f"{name} {fault}. Write it again.")
    return value


def is_near(address: str) -> bool:
    """Whether it leads to this machine, a private network or another container: CXone itself is at none of them."""
    host = urlsplit(address).hostname or ""
    if destinations.names_private(host):
        return True
    # Without a dot it is a container's name, unless it is a number: resolvers read one as an address of anywhere.
    return not set(host) & set(".:") and not re.fullmatch("[0-9]+|0x[0-9a-f]+", host)


def _split(name: str, text: str, schemes: tuple[str, ...]) -> SplitResult:
    expected = " or ".join(f"{scheme}://" for scheme in schemes)
    try:
        parts = urlsplit(text)
        host, _port = parts.hostname or "", parts.port
    except ValueError:
        raise ImproperlyConfigured(f"{name} is not an address: its host or its port can't be read.") from None
    if parts.scheme not in schemes or not host:
        raise ImproperlyConfigured(f"{name} is not an address that starts with {expected} and names a host.")
    if not _is_host(host) or any(character.isspace() for character in text):
        raise ImproperlyConfigured(f"{name} is not an address: {host!r} is not the name of a host.")
    return parts


def _is_host(host: str) -> bool:
    """A name as DNS and container networks have it, or an IPv6 address, which only has to look like one here."""
    return bool(HOST_NAME.fullmatch(host)) or (":" in host and not set(host.lower()) - set("0123456789abcdef:.%"))
