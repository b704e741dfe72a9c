"""The port: everything that this product asks of CXone, whatever the dialect on the wire.

Every method raises one of `errors` (Retryable, Refused or OutcomeUnknown). None sleeps or retries, except that a 401
renews the token once. A read never raises OutcomeUnknown. A gateway is a light object, made for one operation in one
thread.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

# As on the wire, in camelCase; {} if CXone gave none.
Schedule = dict[str, Any]
Sending = Callable[[str], None]

STATUSES = ("ACTIVE", "PAUSED")


def status_of(text: str) -> str:
    """A status that we know in one spelling, whatever CXone's: "paused" → "PAUSED". Any other one as it came."""
    plain = text.strip().upper()
    return plain if plain in STATUSES else text


@dataclass(frozen=True, slots=True)
class CampaignState:
    """`status`: "ACTIVE", "PAUSED", or one that we don't know, as CXone spells it."""

    campaign_id: str
    name: str
    status: str
    schedule: Schedule


@dataclass(frozen=True, slots=True)
class CampaignList:
    """`total`: as CXone states it, or as many as were found; `unreadable`: entries without a usable id or status;
    `complete`: all pages agree and every campaign was read, so a missing one no longer exists."""

    campaigns: tuple[CampaignState, ...]
    total: int
    unreadable: int
    complete: bool


@dataclass(frozen=True, slots=True)
class Version:
    """A campaign at one moment: `etag` as it came, weak ones too; "" if CXone gave none that can be used."""

    state: CampaignState
    etag: str = ""


@dataclass(frozen=True, slots=True)
class WriteResponse:
    """CXone's response to a write: the new `state` (None: it accepted the write and shows none), the HTTP `status`,
    and the `etag` of the new version if there is one."""

    state: CampaignState | None
    status: int
    etag: str | None = None


@dataclass(frozen=True, slots=True)
class PreparedChange:
    """A pause or a resume that is yet to be sent. `payload_hash`: the SHA-256 (hex) of exactly its body's bytes;
    `request`: what the dialect sends."""

    doing: str
    campaign_id: str
    payload_hash: str
    request: Any


@dataclass(frozen=True, slots=True)
class Subscription:
    subscription_id: str
    name: str
    url: str


class Counts(dict[str, int]):
    """Calls in progress by campaign id; a campaign that CXone doesn't name has none: `counts[id]` is 0."""

    def __missing__(self, campaign_id: str) -> int:
        return 0


def same_version(one: str, other: str) -> bool:
    """Whether two ETags name the same version of a campaign, by the weak comparison of RFC 9110, 8.8.3.2: a proxy that
    compresses makes a tag weak, and changes nothing else. A missing tag is never the same as another."""
    return bool(one) and _opaque(one) == _opaque(other)


def strong_tag(etag: str) -> str:
    """`etag` without the mark of a weak one. In If-Match a weak tag matches nothing (RFC 9110, 13.1.1). This one
    matches only the version whose own strong tag it is: a tag that CXone itself made weak is refused as before."""
    return _opaque(etag)


def _opaque(etag: str) -> str:
    if etag.startswith(("W/", "w/")):
        return etag[2:]
    return etag


def subscription_name(campaign_id: str) -> str:
    return f"CampaignPause_{campaign_id}"


class Gateway(Protocol):
    """`sending(payload_hash)` is called once the budget is granted and the token is at hand, just before the first
    byte of a write is sent; the hash is the SHA-256 (hex) of exactly the body's bytes. If it raises, nothing is sent.
    """

    @property
    def requests(self) -> int:
        """HTTP requests that this object has spent so far, those for tokens too."""

    def now(self) -> datetime | None:
        """The time by CXone's own clock, as its responses show it; None: none has yet."""

    def list_campaigns(self) -> CampaignList:
        """Every campaign, over all pages."""

    def read_state(self, campaign_id: str) -> CampaignState:
        """One campaign as it is now."""

    def read_version(self, campaign_id: str) -> Version:
        """One campaign as it is now, with the ETag by which a later reading shows whether anybody changed it."""

    def read_for_edit(self, campaign_id: str) -> Version:
        """One campaign with its ETag. NoETag: it can't be written safely."""

    def calls_in_progress(self, campaign_id: str | None = None) -> Counts:
        """Calls in progress by campaign, one query for all of them; `[id]` of a campaign without calls is 0."""

    def pause(
        self,
        campaign_id: str,
        *,
        reason: str,
        effective_at: datetime,
        drop_active_calls: bool,
        max_concurrent_pauses: int,
        sending: Sending,
    ) -> WriteResponse:
        """Pause at `effective_at` (aware, in whole seconds). Conflict: already paused, or too many at once."""

    def resume(self, campaign_id: str, *, effective_at: datetime, sending: Sending) -> WriteResponse:
        """Make it active at `effective_at`. Conflict: already active."""

    def prepare_pause(
        self,
        campaign_id: str,
        *,
        reason: str,
        effective_at: datetime,
        drop_active_calls: bool,
        max_concurrent_pauses: int,
    ) -> PreparedChange:
        """A pause for `send_prepared`: for those who send many, and record all of them first."""

    def prepare_resume(self, campaign_id: str, *, effective_at: datetime) -> PreparedChange:
        """A resume for `send_prepared`."""

    def send_prepared(self, change: PreparedChange) -> WriteResponse:
        """Send it, as `pause` and `resume` do. It is on record already."""

    def write_schedule(self, campaign_id: str, schedule: Schedule, *, etag: str, sending: Sending) -> WriteResponse:
        """Set the schedule of the version that `etag` names. PreconditionFailed: it is no longer that version."""

    def subscribe(self, campaign_id: str, url: str) -> str:
        """Have the campaign's events sent to `url`. Returns the id of the subscription, whose name is
        `subscription_name(id)`."""

    def subscriptions(self) -> tuple[Subscription, ...]:
        """Every subscription of this client."""
