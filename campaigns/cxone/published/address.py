"""Where a tenant's API is: as the settings say, or as NICE's directory does.

NICE serves each tenant from one of several clouds. The directory knows which, by the tenant's id; that is in the
settings, or else in the ID token that comes with each access token.
"""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from time import monotonic
from typing import Protocol

import httpx

from campaigns.cxone import errors
from campaigns.cxone.auth import Tokens
from campaigns.cxone.channel import Channel
from campaigns.cxone.published.credentials import tenant_in
from campaigns.cxone.replies import Call, Reply, refusal, unusable, value_of
from campaigns.cxone.token_answer import AccessToken

# Assumed. Seconds for which an address is kept, by all processes; and until it is looked up again where that failed.
KEPT_SECONDS = 86_400.0
AGAIN_SECONDS = 300.0
CONFIGURATION = "/.well-known/cxone-configuration"
FINDING = Call("find the address of the tenant’s API", name="find_address")

NO_TENANT = (
    "Nothing was changed. CXone doesn’t say for which tenant the access key is: an admin must set "
    "CXONE_TENANT_ID, which CXone’s administrator can tell, or CXONE_BASE_URL."
)
UNKNOWN_TENANT = (
    "Nothing was changed. NICE’s directory doesn’t know this tenant: an admin must check CXONE_TENANT_ID with "
    "CXone’s administrator, or set CXONE_BASE_URL."
)
NOT_SECURE = (
    "Nothing was sent there. The access token goes only to an https address: an admin must ask NICE for the "
    "right one, and can set CXONE_BASE_URL to it."
)


class Notes(Protocol):
    """What all processes share, each under a name, for a time. No method raises."""

    def get(self, name: str) -> str: ...

    def put(self, name: str, value: str, seconds: float) -> None: ...


@dataclass(frozen=True, slots=True)
class Whereabouts:
    """Where to look. `base`: the address itself, which overrules the rest; `tenant_id`: "" for that of the token;
    `directory`: scheme and host of NICE's."""

    base: str
    tenant_id: str
    directory: str


class Address:
    """One for a process. Safe for threads."""

    def __init__(self, where: Whereabouts, notes: Notes, clock: Callable[[], float] = monotonic) -> None:
        self._where = where
        self._notes = notes
        self._clock = clock
        self._known, self._known_until = where.base, 0.0
        self._lock = threading.Lock()

    def note_token(self, granted: AccessToken) -> None:
        """Each token says whose it is."""
        if tenant := tenant_in(granted.id_token):
            self._notes.put("tenant", tenant, KEPT_SECONDS)

    @property
    def tenant_id(self) -> str:
        """As the settings or the newest token say; "" if neither does."""
        return self._where.tenant_id or self._notes.get("tenant")

    def base(self, channel: Channel, tokens: Tokens) -> str:
        """Without a slash at its end. CXoneError: it can't be found, and never was."""
        if self._where.base or (self._known and self._clock() < self._known_until):
            return self._known
        # Whoever knows one waits for nobody who looks whether it is still the same.
        if not self._lock.acquire(blocking=not self._known):
            return self._known
        try:
            return self._look_up(channel, tokens)
        except errors.CXoneError:
            # A tenant hardly ever moves, and a stop must not fail because the directory does.
            if not self._known:
                raise
            self._known_until = self._clock() + AGAIN_SECONDS
            return self._known
        finally:
            self._lock.release()

    def _look_up(self, channel: Channel, tokens: Tokens) -> str:
        """As another process has noted it, or as the directory says. CXoneError: it can't be found."""
        shared = self._notes.get("base")
        found = shared or self._find(channel, self._tenant(channel, tokens))
        if not shared:
            self._notes.put("base", found, KEPT_SECONDS)
        # One that another process has found an unknown time ago is looked up again in a while.
        self._known, self._known_until = found, self._clock() + (KEPT_SECONDS / 24 if shared else KEPT_SECONDS)
        return found

    def _tenant(self, channel: Channel, tokens: Tokens) -> str:
        if self._where.tenant_id:
            return self._where.tenant_id
        if tenant := self._notes.get("tenant"):
            return tenant
        token = tokens.current(channel)
        if not self._notes.get("tenant"):
            # One from before this was noted, or whose note was lost.
            tokens.renewed(token, channel)
        if tenant := self._notes.get("tenant"):
            return tenant
        raise errors.WrongAddress(FINDING.doing).advising(NO_TENANT)

    def _find(self, channel: Channel, tenant: str) -> str:
        channel.spend(FINDING.doing)
        address = f"{self._where.directory}{CONFIGURATION}"
        reply = channel.send(channel.client.build_request("GET", address, params={"tenantId": tenant}), FINDING)
        found = value_of(FINDING, reply, _endpoint, refused=_refused)
        if not found:
            raise unusable(FINDING, reply.status, "it has no usable api_endpoint")
        if not found.startswith("https://"):
            cause = "the directory of NICE names an address that doesn’t begin with https://"
            raise errors.WrongAddress(FINDING.doing, cause=cause).advising(NOT_SECURE)
        return found


def _endpoint(content: object) -> str:
    """As the directory names it; "" if that is no address."""
    found = content.get("api_endpoint") if isinstance(content, dict) else None
    plain = found.strip().rstrip("/") if isinstance(found, str) else ""
    return plain if _is_address(plain) else ""


def _is_address(text: str) -> bool:
    """Whether a path can be added to it, and the result be asked for. Who listens there isn't known."""
    try:
        address = httpx.URL(text)
        # As a connection does; it knows no other error for a name that is none.
        address.host.encode("idna")
    except (httpx.InvalidURL, UnicodeError):
        return False
    # A user would replace the token, and what comes after the path would take in whatever is added.
    return bool(address.host) and (address.port or 0) < 2**16 and not (address.userinfo or set(text) & set("?#"))


def _refused(call: Call, reply: Reply) -> errors.CXoneError:
    error = refusal(call, reply)
    return error.advising(UNKNOWN_TENANT) if isinstance(error, errors.WrongAddress | errors.BadRequest) else error
