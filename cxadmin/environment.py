"""How every setting is read: from the environment, then from `.env`; `NAME_FILE` names a file that holds the value.

Reading changes nothing and raises nothing. A value that can't be used is noted as a problem, and the setting has its
default until the checks (`checks.py` of each app) stop the start with all problems at once.
"""

import difflib
import os
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from pathlib import Path
from urllib.parse import unquote, urlsplit

from django.core.checks import Error

from cxadmin import settings_file
from cxadmin.settings_file import SettingProblem

# Of a file that holds one value. Whoever names a database dump by mistake waits for no gigabytes.
MOST_BYTES = 64 * 1024
# Characters of a value in a sentence.
MOST_SHOWN = 100
VARIABLE = re.compile(r"\$(\w+|\{[^}]*\})")
# What a shell or Windows would replace: $(pwd), `pwd`, %USERPROFILE%.
FOREIGN = re.compile(r"\$\(|`|%[A-Za-z_]\w*%")
HOST_NAME = re.compile(r"[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?)*\.?", re.IGNORECASE)
DEFAULT_PORTS = {"http": 80, "https": 443}
LABEL = re.compile(r"[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?")
# A name with one of these prefixes is meant for this product; others in the environment may be anybody's.
OURS = ("CXONE_", "WFM_", "NOTIFY_", "AUDIT_", "OIDC_", "MFA_")
# By difflib's measure: CXONE_CLIENT_SECRT is 0.97 from its setting, TEST_DATABASE_URL 0.83.
SIMILAR = 0.85
PLACEHOLDERS = {"…", "..."}
# Names that gunicorn.conf.py, the tests, Compose and make read.
READ_ELSEWHERE = {"PYTHON", "VERSION", "WEB_CONCURRENCY", "GUNICORN_CMD_ARGS", "TEST_DATABASE_URL", "TEST_REDIS_URL"}
# Hints.
CORRECT = "Correct it or unset it."
CORRECT_PATH = "Correct its path or rights."
LIST = "Remove it; docs/settings.md lists all settings."
WRITE_PATH_OUT = "Write the path out."


def brief(value: str) -> str:
    """A value that can't be used, as sentences quote it: a file that was named by mistake may be long."""
    return repr(value if len(value) <= MOST_SHOWN else f"{value[: MOST_SHOWN - 1]}…")


def of_this_process(base: Path, file_path: Path | None) -> "Environment":
    """`file_path`: None reads no file."""
    file = settings_file.read_env_file(file_path) if file_path else settings_file.EMPTY
    return Environment(base, dict(os.environ), file.values, file_path or base / ".env", file.problems)


class Environment:
    """Two sources. The first that has a name decides, even if it sets it to nothing: that means unset."""

    def __init__(
        self,
        base: Path,
        process: Mapping[str, str],
        file: Mapping[str, str],
        file_path: Path,
        problems: Iterable[SettingProblem] = (),
    ) -> None:
        self._base = base
        self._sources = (process, file)
        self._file_path = file_path
        self._asked: set[str] = set()
        self.problems = list(problems)
        self.secrets: set[str] = set()
        self.secret_names: set[str] = set()

    # --- What the checks ask

    def errors(self, ids: Mapping[str, str]) -> list[Error]:
        """The problems of the settings that `ids` names, as errors of Django's checks."""
        return [
            Error(problem.sentence, hint=problem.hint, id=ids[problem.setting])
            for problem in self.problems
            if problem.setting in ids
        ]

    def is_given(self, name: str) -> bool:
        """Whether there is a value, even one that can't be used."""
        return bool(self._find(name)) or self._has_problem(name)

    def is_missing(self, name: str) -> bool:
        """Whether there is no value. While `.env` can't be read it may be in there, so nothing is missing then."""
        return not self.is_given(name) and not self._has_problem(settings_file.NAME)

    def is_blank_in_file(self, name: str) -> bool:
        """Whether `.env` has a line for it without a value, which is more likely a mistake than intended."""
        process, file = self._sources
        return name not in process and file.get(name) == ""

    def misspelt_names(self) -> Iterator[tuple[str, str]]:
        """Names that were meant to be settings, as a sentence and a hint; once all settings have been read.

        In `.env` every name that looks like ours must be one. The environment is shared with other programs: there
        only a name with our prefix that is nearly a setting is an error.
        """
        process, file = self._sources
        for name in file:
            if hint := self._hint_for(name):
                yield f"{self._file_path}: {name} is not a setting.", hint
        for name in process:
            hint = self._hint_for(name)
            if hint and self._is_error(name, hint):
                yield f"{name} in the environment is not a setting.", hint

    def ignored_names(self) -> Iterator[tuple[str, str]]:
        """Names in the environment that look like settings and may be another program's."""
        process, _ = self._sources
        for name in process:
            hint = self._hint_for(name)
            if hint and not self._is_error(name, hint):
                yield f"{name} in the environment is not a setting and is ignored.", hint

    # --- What entry points ask

    def pass_on(self) -> None:
        """Pass on to libraries what `.env` sets that is no setting of ours, such as SSL_CERT_FILE."""
        _, file = self._sources
        for name, value in file.items():
            if not {name, name.removesuffix("_FILE")} & self._asked:
                os.environ.setdefault(name, value)

    # --- What settings ask

    def note(self, name: str, sentence: str, hint: str) -> None:
        problem = SettingProblem(name, sentence, hint)
        if problem not in self.problems:
            self.problems.append(problem)

    def text(self, name: str, default: str = "") -> str:
        return self._find(name) or default

    def secret(self, name: str) -> str:
        """A text that is blanked wherever it would get into a log."""
        self.secret_names.add(name)
        value = self._find(name)
        if value:
            self.secrets.add(value)
        return value

    def whole_number(self, name: str, default: int, least: int, most: int) -> int:
        text = self.text(name, str(default))
        # int() takes other digits than these, and takes very long for very many.
        if text.isascii() and text.isdigit() and least <= int(text[:20]) <= most:
            return int(text)
        self.note(name, f"{name} is {brief(text)}; it must be a whole number from {least} to {most}.", CORRECT)
        return default

    def choice(self, name: str, options: Sequence[str]) -> str:
        """One of `options`, in any case; the first is the default."""
        text = self.text(name, options[0])
        if text.lower() in options:
            return text.lower()
        self.note(name, f"{name} is {brief(text)}; it must be {' or '.join(options)}.", CORRECT)
        return options[0]

    def switch(self, name: str, default: str = "off") -> bool:
        text = self.text(name, default).lower()
        if text not in {"1", "0", "on", "off", "true", "false", "yes", "no"}:
            self.note(name, f"{name} is {brief(text)}; it must be on or off.", CORRECT)
        return text in {"1", "on", "true", "yes"}

    def path(self, name: str, default: Path) -> Path:
        text = self.text(name)
        if text:
            return self.expand(name, text) or default
        if self.is_blank_in_file(name):
            self.note(name, f"{name} is set to nothing in {self._file_path}.", "Set it, or remove the line.")
        return default

    def expand(self, name: str, text: str, *, suffix: str = "") -> Path | None:
        """As a shell reads it: `~`, `$NAME`, `${NAME}`. A relative path begins at the product's folder. None: noted.

        `suffix`: what the name has behind it where the path is written.
        """
        subject = f"{name}{suffix} is {brief(text)}"
        if foreign := FOREIGN.search(text):
            self.note(
                name,
                f"{subject}, but {foreign[0]} isn’t replaced here, and no folder is meant to be called that.",
                WRITE_PATH_OUT,
            )
            return None
        for variable in VARIABLE.findall(text):
            if not self._variable(variable):
                unset = variable.strip("{}")
                self.note(name, f"{subject}, but no variable {unset} is set here.", WRITE_PATH_OUT)
                return None
        expanded = VARIABLE.sub(lambda match: self._variable(match[1]), text)
        try:
            return self._base / Path(expanded).expanduser()
        except RuntimeError:
            self.note(name, f"{subject}, but there is no home folder of that name.", WRITE_PATH_OUT)
            return None

    def address(self, name: str) -> str:
        """An http or https address, without a slash at its end."""
        text = self.text(name).rstrip("/")
        fault = _fault_of_address(text, ("http", "https")) if text else ""
        if fault:
            self.note(name, f"{name} {fault}.", CORRECT)
            return ""
        return text

    def origin(self, name: str) -> str:
        """Scheme, host and port, as browsers write them in their header Origin."""
        text = self.address(name)
        if not text:
            return ""
        parts = urlsplit(text)
        if parts.path or parts.query or parts.fragment or parts.username is not None:
            self.note(
                name,
                f"{name} must be https:// and a host, with a port if it has one, and nothing else: the pages begin at "
                "the root of their host.",
                CORRECT,
            )
            return ""
        host = parts.hostname or ""
        if ":" in host:
            # An IPv6 address is written in brackets, so that its colons aren't taken for that of a port.
            host = f"[{host}]"
        if parts.port is None or parts.port == DEFAULT_PORTS[parts.scheme]:
            return f"{parts.scheme}://{host}"
        return f"{parts.scheme}://{host}:{parts.port}"

    def redis_address(self, name: str) -> str:
        """It has a password in it, which no sentence shows."""
        text = self.secret(name).rstrip("/")
        if not text:
            return ""
        if fault := _fault_of_address(text, ("redis", "rediss")):
            self.note(name, f"{name} {fault}.", CORRECT)
            return ""
        parts = urlsplit(text)
        if "#" in text or "@" in parts.path + parts.query or not re.fullmatch("(/[0-9]+)?", parts.path):
            self.note(
                name,
                f"{name} can’t be read.",
                "Write redis://:password@host:6379/0, and in the password @ as %40, / as %2F, # as %23 and % as %25.",
            )
            return ""
        if parts.password:
            self.secrets.update({parts.password, unquote(parts.password)})
        return text

    def label(self, name: str) -> str:
        """A part of a host name."""
        text = self.text(name)
        if not text or LABEL.fullmatch(text):
            return text
        self.note(
            name,
            f"{name} is {brief(text)}; it must be one word of letters, digits and hyphens, such as na1 or acme.",
            "A whole address goes into CXONE_BASE_URL.",
        )
        return ""

    def listed(self, name: str) -> list[str]:
        """Texts with commas between."""
        return [text.strip() for text in self.text(name).split(",") if text.strip()]

    def chosen(self, name: str, options: Sequence[str], default: tuple[str, ...]) -> tuple[str, ...]:
        """Some of `options`, with commas between; `nobody` is none of them."""
        texts = self.listed(name)
        if not texts:
            return default
        if texts == ["nobody"]:
            return ()
        for text in texts:
            if text not in options:
                self.note(
                    name,
                    f"{name} has {brief(text)} in it; it must be {', '.join(options)} with commas between, or nobody.",
                    CORRECT,
                )
        return tuple(texts)

    def groups(self, name: str, default: str, roles: Sequence[str]) -> dict[str, str]:
        """The role of each group, from `role=group` with commas between."""
        found: dict[str, str] = {}
        for text in self.listed(name) or default.split(","):
            role, joint, group = (part.strip() for part in text.partition("="))
            if not joint or role not in roles or not group or found.get(group, role) != role:
                self.note(
                    name,
                    f"{name} has {brief(text)} in it; it must be a role and one of its groups, such as "
                    f"{roles[0]}=cc-floor, with commas between, and each group for one role only.",
                    CORRECT,
                )
            found[group] = role
        return found

    def networks(self, name: str) -> tuple[IPv4Network | IPv6Network, ...]:
        networks = []
        for text in self.listed(name):
            try:
                network = ip_network(text)
                networks.append(network)
                if not network.prefixlen:
                    self.note(
                        name,
                        f"{name} has {brief(text)} in it, which is every address: anybody could then say what theirs "
                        "is.",
                        "Name your proxies alone.",
                    )
            except ValueError:
                self.note(
                    name,
                    f"{name} has {brief(text)} in it; it must be addresses or networks with commas between, such as "
                    "10.0.0.5,192.168.7.0/24.",
                    CORRECT,
                )
        return tuple(networks)

    # --- Within the two sources

    def _has_problem(self, name: str) -> bool:
        return any(problem.setting == name for problem in self.problems)

    def _variable(self, text: str) -> str:
        """What `NAME` or `{NAME}` of a path stands for; "" where it is unset."""
        name = text.strip("{}")
        for source in self._sources:
            if source.get(name):
                return source[name]
        return ""

    def _hint_for(self, name: str) -> str:
        """What to do about a name that isn't a setting; "" for one that is, or has nothing to do with us."""
        plain = name.removesuffix("_FILE")
        if {name, plain} & (self._asked | READ_ELSEWHERE):
            return ""
        for candidate in (plain, name):
            near = difflib.get_close_matches(candidate.upper(), self._asked, n=1, cutoff=SIMILAR)
            if near:
                return f"Did you mean {near[0]}{name.removeprefix(candidate)}?"
        return LIST if name.upper().startswith(OURS) else ""

    def _is_error(self, name: str, hint: str) -> bool:
        """Kubernetes sets CXONE_SERVICE_HOST and the like, which resemble no setting."""
        return name.startswith(OURS) and hint != LIST

    def _find(self, name: str) -> str:
        """The value, as given; "" where it is given nowhere, or as nothing, or can't be used."""
        self._asked.add(name)
        for source, place in zip(self._sources, ("the environment", str(self._file_path)), strict=True):
            value, file = source.get(name), source.get(f"{name}_FILE")
            if value and file:
                self.note(name, f"{name} and {name}_FILE are both set in {place}.", "Remove one of the two.")
                return ""
            if file:
                return self._read_file(name, file)
            if value in PLACEHOLDERS:
                self.note(name, f"{name} is still {value}, as in the documentation.", "Write its value.")
                return ""
            if value is not None:
                if place != "the environment":
                    return value
                return self._from_process(name, value)
        return ""

    def _from_process(self, name: str, value: str) -> str:
        """Docker's --env-file passes quotes on as they are, and a secret with two quotes too many opens nothing."""
        value = value.strip()
        if len(value) > 1 and value[0] == value[-1] and value[0] in "'\"":
            self.note(
                name, f"{name} begins and ends with a quote, which would be part of it.", "Leave the quotes out."
            )
            return ""
        if fault := settings_file.invisible(value):
            self.note(name, f"{name} {fault}.", "Write it again.")
            return ""
        return value

    def _read_file(self, name: str, text: str) -> str:
        path = self.expand(name, text.strip(), suffix="_FILE")
        if path is None:
            return ""
        subject = f"{name}_FILE names {path}, which"
        try:
            with path.open("rb") as file:
                data = file.read(MOST_BYTES + 1)
        except OSError as error:
            self.note(name, f"{subject} can’t be read: {error.strerror}.", CORRECT_PATH)
            return ""
        value = _decoded(data)
        if value is None:
            self.note(name, f"{subject} is not a short text in UTF-8.", "Correct its path.")
            return ""
        if not value:
            self.note(name, f"{subject} is empty.", "Put the value into it.")
            return ""
        if fault := settings_file.invisible(value):
            self.note(name, f"{subject} {fault}.", "It must hold the value and nothing else.")
            return ""
        return value


def is_host(host: str) -> bool:
    """A name as DNS and container networks have it, or an IPv6 address, which only has to look like one here."""
    return bool(HOST_NAME.fullmatch(host)) or (":" in host and not set(host.lower()) - set("0123456789abcdef:.%"))


def is_loopback(host: str) -> bool:
    """Whether it is this machine, by its name or its address."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _decoded(data: bytes) -> str | None:
    if len(data) > MOST_BYTES:
        return None
    try:
        return data.decode("utf-8-sig").strip()
    except UnicodeDecodeError:
        return None


def _fault_of_address(text: str, schemes: tuple[str, ...]) -> str:
    """What is wrong with an address, as the end of a sentence; "" for a good one."""
    try:
        parts = urlsplit(text)
        host, _port = parts.hostname or "", parts.port
    except ValueError:
        return "is not an address: its host or its port can’t be read"
    if parts.scheme not in schemes or not host:
        expected = " or ".join(f"{scheme}://" for scheme in schemes)
        return f"is not an address that starts with {expected} and names a host"
    if not is_host(host) or any(character.isspace() for character in text):
        return "is not an address: its host is not the name of one"
    return ""


def verifying_broker(redis_url: str) -> str:
    """The address for kombu (5.6.2), which takes any certificate unless its address says otherwise. Redis's own client
    verifies each."""
    if not redis_url.startswith("rediss:") or "ssl_cert_reqs=" in redis_url:
        return redis_url
    return f"{redis_url}{'&' if '?' in redis_url else '?'}ssl_cert_reqs=CERT_REQUIRED"
