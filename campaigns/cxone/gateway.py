"""The port: everything that this product asks of CXone, whatever the dialect on the wire.

Every method raises one of `errors` (Retryable, Refused or OutcomeUnknown). None sleeps or retries, except that a 401
renews the token once. A read never raises OutcomeUnknown. A gateway is a light object, made for one operation in one
thread.
"""

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any, Protocol

from campaigns.cxone.errors import clean_words

# As on the wire, in camelCase; {} if CXone gave none. Without hours and with "isScheduled" False: it dials whenever it
# has been started (schedule.is_unscheduled).
Schedule = dict[str, Any]

STATUSES = ("ACTIVE", "PAUSED")
# Of a listed campaign whose status can't be read. What was known of it may no longer be true.
UNREADABLE = "UNREADABLE"


def status_of(text: str) -> str:
    """A status that we know in one spelling, whatever CXone's: "paused" → "PAUSED". Any other one as it came, without
    what can't be shown."""
    shown = clean_words(text)
    return shown.upper() if shown.upper() in STATUSES else shown


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What CXone can do in a dialect. Whoever needs to know asks for this, never for the dialect's name.

    `defers`: it carries out a pause or a resume at a later time itself; `events`: it tells of changes; `versioned`: it
    refuses a write to a version that somebody has changed meanwhile; `reasons`: it keeps why a campaign was paused;
    `several_windows`: a day may have more than one; `chooses_zone`: a schedule has a time zone of its own;
    `pause_conditions`: a schedule may have some; `pauses_at_once`: a campaign that it pauses shows so at once, however
    many calls go on; `limits_pauses`: it counts how many pauses are under way, and refuses more than it is told;
    `holds_pauses`: what it has paused stays so until somebody resumes it, whatever its schedule says; otherwise it is
    only stopped; `counts_at_once`: one request counts the calls of all campaigns; `lists_schedules`: a list shows the
    schedule of each, so an empty one is what a campaign has, rather than one that is still to be read;
    `reads_at_once`: a full read is few requests, so it is made in one go; otherwise one that comes to the end of its
    budget is kept, and goes on later.
    """

    defers: bool
    events: bool
    versioned: bool
    reasons: bool
    several_windows: bool
    chooses_zone: bool
    pause_conditions: bool
    pauses_at_once: bool
    limits_pauses: bool
    holds_pauses: bool
    counts_at_once: bool
    lists_schedules: bool
    reads_at_once: bool


@dataclass(frozen=True, slots=True)
class CampaignState:
    """`status`: "ACTIVE", "PAUSED", or one that we don't know, as CXone spells it.

    `schedule` None: it wasn't read with this, which says nothing of the one that the campaign has. `tags`: words to
    group campaigns by, by their names. None: the response has none, which says nothing of those that the campaign may
    have.
    """

    campaign_id: str
    name: str
    status: str
    schedule: Schedule | None
    tags: dict[str, str] | None = None

    @property
    def digest(self) -> str:
        """The same for the same state, and for no other. Without a schedule it is the beginning of the one with it."""
        digest = _half(self.name, self.status, self.tags)
        return digest if self.schedule is None else digest + _half(self.schedule)

    def digest_beside(self, known: str) -> str:
        """The digest to keep of a campaign whose `known` one was kept with the schedule that it still has."""
        return self.digest if self.schedule is not None else self.digest + known[HALF:]


# Hexadecimal digits: 128 bits of SHA-256, of what a state always has and of its schedule.
HALF = 32


def _half(*values: object) -> str:
    return sha256(repr(values).encode()).hexdigest()[:HALF]


def is_same_state(known: str, digest: str) -> bool:
    """Whether a campaign whose digest is `known` was read again as it was, by the `digest` of that reading."""
    return known.startswith(digest)


@dataclass(frozen=True, slots=True)
class CampaignList:
    """`digests`: of the states of all campaigns, by id; `states`: those of some, parsed a page at a time.

    `total`: as CXone states it, or as many as were found; `unreadable`: entries that can't be read, such as those
    without an id; `complete`: all pages agree and every campaign was read, so a missing one no longer exists;
    `seconds_old`: how long ago its first page was asked for by a reading that went on from an earlier one, and the
    `requests` of that one."""

    digests: Mapping[str, str]
    total: int
    unreadable: int
    complete: bool
    states: Callable[[Collection[str]], Iterator[CampaignState]]
    seconds_old: float = 0.0
    requests: int = 0


@dataclass(frozen=True, slots=True)
class TenantFacts:
    """What CXone says of all campaigns together. `zone`: of their schedules, IANA's name, or CXone's where nobody
    knows it; `zone_problem`: why no schedule can be written then, for people; `daily_limit`: requests a day from which
    CXone raises an alert, None if it states none."""

    zone: str
    zone_problem: str = ""
    daily_limit: int | None = None


@dataclass(frozen=True, slots=True)
class Version:
    """A campaign at one moment: `etag` as it came, weak ones too; "" if CXone gave none that can be used."""

    state: CampaignState
    etag: str = ""

    @property
    def schedule(self) -> Schedule:
        """Of a version that was read for editing."""
        if self.state.schedule is None:
            raise ValueError(f"the schedule of campaign {self.state.campaign_id} wasn’t read")
        return self.state.schedule


@dataclass(frozen=True, slots=True)
class WriteResponse:
    """CXone's response to a write: the new `state` (None: it accepted the write and shows none), the HTTP `status`,
    and the `etag` of the new version if there is one."""

    state: CampaignState | None
    status: int
    etag: str | None = None


@dataclass(frozen=True, slots=True)
class Sent:
    """What goes on record of a request before its first byte is sent. `payload_hash`: the SHA-256 (hex) of exactly its
    body's bytes. `line`: its method, path and query; a body may be empty, and then they alone tell what was asked."""

    payload_hash: str
    line: str


Sending = Callable[[Sent], None]


@dataclass(frozen=True, slots=True)
class PreparedChange:
    """A pause or a resume that is yet to be sent. `sent`: what goes on record of it; `request`: what the dialect
    sends; `name`: of its kind of call."""

    name: str
    doing: str
    campaign_id: str
    sent: Sent
    request: Any


@dataclass(frozen=True, slots=True)
class Subscription:
    subscription_id: str
    name: str
    url: str


class Counts(dict[str, int]):
    """Calls in progress by campaign id; a campaign that CXone doesn't name has none: `counts[id]` is 0. `seconds_old`:
    as of a list."""

    seconds_old: float = 0.0

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
    """What CXone calls the subscription to the events of that campaign."""
    return f"CampaignPause_{campaign_id}"


class Gateway(Protocol):
    """`sending` is called once the budget is granted and the token is at hand, just before the first byte of a write
    is sent, with what goes on record of it. If it raises, nothing is sent.
    """

    @property
    def capabilities(self) -> Capabilities:
        """What CXone can do in this dialect."""

    @property
    def requests(self) -> int:
        """HTTP requests that this object has spent so far, those for tokens too."""

    def now(self) -> datetime | None:
        """The time by CXone's own clock, as its responses show it; None: none has yet."""

    def tenant(self) -> TenantFacts | None:
        """What CXone said of all campaigns together when it was last asked; None if it says nothing of that kind."""

    def list_campaigns(self) -> CampaignList:
        """Every campaign, over all pages. BudgetSpent: it may go on from there."""

    def read_state(self, campaign_id: str, *, needs_schedule: bool = False) -> CampaignState:
        """One campaign as it is now. Its schedule may be None, unless the caller `needs_schedule`."""

    def read_version(self, campaign_id: str) -> Version:
        """One campaign as it is now, with the ETag by which a later reading shows whether anybody changed it."""

    def read_for_edit(self, campaign_id: str) -> Version:
        """One campaign with its schedule and its ETag. NoETag: it can't be written safely."""

    def calls_in_progress(self, campaign_id: str | None = None) -> Counts:
        """Calls in progress by campaign, one query for all of them; `[id]` of a campaign without calls is 0."""

    def prepare_pause(
        self,
        campaign_id: str,
        *,
        reason: str,
        effective_at: datetime,
        drop_active_calls: bool,
        max_concurrent_pauses: int,
    ) -> PreparedChange:
        """A pause at `effective_at` (aware, in whole seconds), for `send_prepared`: those who send many record all of
        them first. ValueError: the time has no zone. CXoneError: it can't be asked for."""

    def prepare_resume(self, campaign_id: str, *, effective_at: datetime) -> PreparedChange:
        """A resume at `effective_at`, for `send_prepared`. Errors as for a pause."""

    def send_prepared(self, change: PreparedChange, sending: Sending | None = None) -> WriteResponse:
        """Send it. Without `sending` it is on record already.

        Conflict: the campaign is so already, or too many are being paused at once.
        """

    def write_schedule(self, campaign_id: str, schedule: Schedule, *, etag: str, sending: Sending) -> WriteResponse:
        """Set the schedule of the version that `etag` names. PreconditionFailed: it is no longer that version."""

    def subscribe(self, campaign_id: str, url: str) -> str:
        """Have the campaign's events sent to `url`. Returns the id of the subscription, whose name is
        `subscription_name(id)`."""

    def subscriptions(self) -> tuple[Subscription, ...]:
        """Every subscription of this client."""
