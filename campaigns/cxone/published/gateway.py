"""The second dialect of the gateway: CXone's API as NICE publishes it, as docs/cxone-published-api.md describes it.

A campaign of this product is a skill there that dials: an outbound one with the strategy Personal Connection.
"""

from dataclasses import replace
from datetime import UTC, datetime
from functools import partial

import httpx

from campaigns.cxone.auth import Tokens
from campaigns.cxone.breaker import CircuitBreaker, NoBreaker
from campaigns.cxone.budget import Budget, Lane
from campaigns.cxone.channel import Channel
from campaigns.cxone.clock import RemoteClock
from campaigns.cxone.errors import (
    BudgetSpent,
    CantBeAsked,
    NotFound,
    PreconditionFailed,
    ServerTrouble,
)
from campaigns.cxone.gateway import (
    CampaignList,
    CampaignState,
    Capabilities,
    Counts,
    Gateway,
    PreparedChange,
    Schedule,
    Sending,
    Subscription,
    TenantFacts,
    Version,
    WriteResponse,
    same_version,
)
from campaigns.cxone.published import assumed, refusals, wire
from campaigns.cxone.published.address import Address
from campaigns.cxone.published.exchange import Exchange, read_content, take_as_it_came
from campaigns.cxone.published.memory import Memory, Reading
from campaigns.cxone.published.pages import Activity, SkillList
from campaigns.cxone.published.schedules import Schedules
from campaigns.cxone.replies import Call, Reply, trouble

CAPABILITIES = Capabilities(
    defers=False,
    events=False,
    versioned=False,
    reasons=False,
    several_windows=False,
    chooses_zone=False,
    pause_conditions=False,
    pauses_at_once=False,
    limits_pauses=False,
    holds_pauses=False,
    counts_at_once=False,
    lists_schedules=False,
    reads_at_once=False,
)

LISTING = Call("list the campaigns", name="list_campaigns")
COUNTING = Call("count the calls in progress", name="count_calls")
SHORT = "it names fewer campaigns than there are"
NOT_DIALING = "the skill with that id is not an outbound one with the strategy Personal Connection"


class Published(Gateway):
    """A Gateway for one operation; all of a process share `client`, `address` and `memory`.

    `zone`: IANA's name of the time zone of all schedules, from the settings; "" for that of the tenant.
    """

    def __init__(
        self,
        client: httpx.Client,
        tokens: Tokens,
        budget: Budget,
        lane: Lane,
        *,
        address: Address,
        version: str,
        zone: str = "",
        clock: RemoteClock | None = None,
        breaker: CircuitBreaker | None = None,
        memory: Memory | None = None,
    ) -> None:
        self._channel = Channel(
            client,
            budget,
            lane,
            breaker=breaker or NoBreaker(),
            clock=clock or RemoteClock(),
            mask=tokens.mask,
            words=refusals.WORDS,
            background_rest=refusals.BACKGROUND_REST,
        )
        self.version = version
        self._address = address
        self._memory = memory or Memory()
        self._exchange = Exchange(self._channel, tokens, address, version)
        self.schedules = Schedules(self._exchange, self._memory, zone)
        # Of the list that this gateway has read, whose calls are still to be counted.
        self._reading: Reading | None = None
        # Requests spent until that began.
        self._before = 0

    @property
    def capabilities(self) -> Capabilities:
        return CAPABILITIES

    @property
    def requests(self) -> int:
        return self._channel.requests

    def now(self) -> datetime | None:
        return self._channel.clock.now()

    def tenant(self) -> TenantFacts | None:
        return self._memory.tenant

    # --- For a survey of the tenant: what it answers, as it came

    def base(self) -> str:
        """Where the tenant's API is, without a slash at its end. It may have to be found first."""
        return self._exchange.base()

    def tenant_id(self) -> str:
        """As the settings or the newest token say; "" if neither does."""
        return self._address.tenant_id

    def zone_of_schedules(self) -> TenantFacts:
        return self.schedules.tenant()

    def ask(self, doing: str, path: str, query: dict[str, str]) -> object:
        """The JSON that CXone answers to a GET below the version; None for no content."""
        call = Call(doing, most_bytes=assumed.MOST_SCHEDULES_BYTES, name="survey")
        return self._exchange.read(call, self._exchange.below_version(path, query), take_as_it_came)

    # --- Reading

    def list_campaigns(self) -> CampaignList:
        memory, self._before = self._memory, self.requests
        reading = self._reading = self._begun_reading()
        schedules = reading.schedules
        try:
            with self._exchange.caller.one_token():
                self._read_pages(reading)
                if schedules is None:
                    schedules = reading.schedules = self.schedules.read_if_due(reading.skills.campaign_ids())
        except BudgetSpent as error:
            raise self._left(reading, error) from None
        memory.pages = reading.skills.by_key()
        listed = reading.skills.finish(schedules)
        return replace(listed, seconds_old=memory.clock() - reading.began, requests=reading.requests)

    def _begun_reading(self) -> Reading:
        """The one that came to the end of its budget, or a new one. It is this gateway's alone, until it is left."""
        memory = self._memory
        reading, memory.reading = memory.reading, None
        if reading is None or memory.clock() - reading.began > assumed.MOST_LIST_SECONDS:
            return Reading(SkillList(memory.pages, assumed.PAGE_SIZE), Activity(assumed.PAGE_SIZE), memory.clock())
        return reading

    def _left(self, reading: Reading, error: BudgetSpent) -> BudgetSpent:
        """The budget ends here, and the next gateway of this process goes on."""
        reading.requests += self.requests - self._before
        self._memory.reading = reading
        return error.going_on()

    def _read_pages(self, reading: Reading) -> None:
        skills = reading.skills
        while len(skills.pages) < assumed.MOST_PAGES and not skills.ended:
            call = replace(LISTING, doing=f"{LISTING.doing} (page {len(skills.pages) + 1})")
            self._exchange.read(
                call,
                self._exchange.page(assumed.SKILLS, assumed.LISTED, skills.rows),
                partial(self._take_page, skills),
            )
            if skills.size > assumed.MOST_LIST_BYTES:
                raise ServerTrouble(
                    call.doing, cause=f"all pages together are longer than {assumed.MOST_LIST_BYTES:,} bytes"
                )
            if self._memory.clock() - reading.began > assumed.MOST_LIST_SECONDS:
                raise trouble(call, cause=f"all pages together took longer than {assumed.MOST_LIST_SECONDS:.0f} s")

    def _take_page(self, skills: SkillList, call: Call, reply: Reply) -> None:
        if reply.status == 204:
            skills.take_nothing()
            return
        if reply.status == 206:
            skills.is_whole = False
        if not skills.is_known(reply.body):
            read_content(call, reply, partial(skills.take, reply.body))

    def read_state(self, campaign_id: str, *, needs_schedule: bool = False) -> CampaignState:
        state = self._skill(campaign_id)
        if not needs_schedule:
            return state
        zone = self.schedules.tenant().zone
        return replace(state, schedule=wire.schedule_of(self.schedules.settings_of(campaign_id), zone))

    def read_version(self, campaign_id: str) -> Version:
        return Version(self._skill(campaign_id))

    def read_for_edit(self, campaign_id: str) -> Version:
        zone, state = self.schedules.tenant().zone, self._skill(campaign_id)
        settings = self.schedules.settings_of(campaign_id)
        return Version(replace(state, schedule=wire.schedule_of(settings, zone)), wire.tag_of(settings))

    def calls_in_progress(self, campaign_id: str | None = None) -> Counts:
        if campaign_id is not None:
            return self._calls_of_one(campaign_id)
        memory, reading = self._memory, self._reading
        activity = reading.activity if reading else Activity(assumed.PAGE_SIZE)
        began = memory.clock() if reading is None or reading.calls_began is None else reading.calls_began
        if reading:
            reading.calls_began = began
        try:
            with self._exchange.caller.one_token():
                self._read_activity(activity)
        except BudgetSpent as error:
            if reading is None:
                raise
            raise self._left(reading, error) from None
        self._reading = None
        counts = activity.counts
        if reading:
            # Other skills have calls, too.
            ours = reading.skills.campaign_ids()
            counts = Counts({key: calls for key, calls in counts.items() if key in ours})
        counts.seconds_old = memory.clock() - began
        return counts

    def _read_activity(self, activity: Activity) -> None:
        for _ in range(assumed.MOST_PAGES):
            if activity.ended:
                break
            step = self._exchange.page(f"{assumed.SKILLS}/activity", assumed.OUTBOUND, activity.rows)
            self._exchange.read(COUNTING, step, partial(_take_activity, activity))
        if activity.is_short or not activity.ended:
            raise ServerTrouble(COUNTING.doing, cause=SHORT)

    def _calls_of_one(self, campaign_id: str) -> Counts:
        activity, call = Activity(assumed.PAGE_SIZE), replace(COUNTING, by_id=True)
        self._exchange.read(
            call, self._exchange.skill("GET", campaign_id, "/activity"), partial(_take_activity, activity)
        )
        if activity.seen - {campaign_id}:
            raise ServerTrouble(call.doing, cause="it is about another campaign")
        if activity.is_short:
            raise ServerTrouble(call.doing, cause=SHORT)
        return activity.counts

    def _skill(self, campaign_id: str) -> CampaignState:
        call = Call(f"read campaign {campaign_id}", by_id=True, name="read_campaign")
        skill = self._exchange.read_value(call, self._exchange.skill("GET", campaign_id), wire.one_skill)
        if not skill.dials:
            raise NotFound(call.doing, cause=NOT_DIALING).advising(refusals.GONE)
        if skill.state is None:
            raise ServerTrouble(call.doing, cause="it has no usable isRunning")
        if skill.state.campaign_id != campaign_id:
            raise ServerTrouble(call.doing, cause="it is about another campaign")
        return skill.state

    # --- Writing

    def prepare_pause(
        self,
        campaign_id: str,
        *,
        reason: str,
        effective_at: datetime,
        drop_active_calls: bool,
        max_concurrent_pauses: int,
    ) -> PreparedChange:
        # The reason and the number of pauses at once are ours alone.
        doing = f"stop campaign {campaign_id}"
        self._require_now(doing, effective_at)
        step = self._exchange.skill("POST", campaign_id, "/stop")
        if drop_active_calls:
            step = replace(step, query={"force": "true"})
        return PreparedChange("pause", doing, campaign_id, step.sent(), step)

    def prepare_resume(self, campaign_id: str, *, effective_at: datetime) -> PreparedChange:
        doing = f"start campaign {campaign_id}"
        self._require_now(doing, effective_at)
        step = self._exchange.skill("POST", campaign_id, "/start")
        return PreparedChange("resume", doing, campaign_id, step.sent(), step)

    def send_prepared(self, change: PreparedChange, sending: Sending | None = None) -> WriteResponse:
        return self._turn(change, sending)

    def write_schedule(self, campaign_id: str, schedule: Schedule, *, etag: str, sending: Sending) -> WriteResponse:
        """Between the last look and the write somebody may still change it unseen: CXone has no versions."""
        call = Call(f"change the schedule of campaign {campaign_id}", writes=True, by_id=True, name="change_schedule")
        tenant = self.schedules.tenant()
        if tenant.zone_problem:
            raise CantBeAsked(call.doing, cause="the time zone of its schedules isn’t known").advising(
                f"Nothing was sent. {tenant.zone_problem}"
            )
        settings = self.schedules.settings_of(campaign_id)
        if not same_version(wire.tag_of(settings), etag):
            raise PreconditionFailed(call.doing, cause="it has been changed since it was read")
        try:
            if schedule.get("timezone", tenant.zone) != tenant.zone:
                raise ValueError(f"all schedules of the tenant are in {tenant.zone}")
            fields = wire.with_schedule(settings, schedule)
            body = wire.settings_body(fields)
        except ValueError as error:
            raise CantBeAsked(call.doing, cause=str(error)) from None
        step = replace(self._exchange.schedule_settings("PUT", campaign_id), body=body)
        reply = self._exchange.write(call, step, self._exchange.judge.schedule_refused, partial(sending, step.sent()))
        return WriteResponse(None, reply.status)

    def _turn(self, change: PreparedChange, sending: Sending | None = None) -> WriteResponse:
        """Start or stop. What came back says nothing about the state: only a read does."""
        call = Call(change.doing, writes=True, by_id=True, name=change.name)
        about_to = partial(sending, change.sent) if sending else None
        reply = self._exchange.write(call, change.request, self._exchange.judge.turn_refused, about_to)
        return WriteResponse(None, reply.status)

    def _require_now(self, doing: str, effective_at: datetime) -> None:
        ours = datetime.now(UTC)
        if effective_at > max(ours, self.now() or ours):
            raise CantBeAsked(doing, cause="CXone does it at once or not at all, and this is for a later time")

    # --- What CXone lacks here: nobody asks for it, since capabilities say so.

    def subscribe(self, campaign_id: str, url: str) -> str:
        raise CantBeAsked(f"send events of campaign {campaign_id}", cause="it has no events")

    def subscriptions(self) -> tuple[Subscription, ...]:
        raise CantBeAsked("list the event subscriptions", cause="it has no events")


def _take_activity(activity: Activity, call: Call, reply: Reply) -> None:
    if reply.status == 206:
        activity.is_whole = False
    if reply.status == 204:
        activity.take_nothing()
    else:
        read_content(call, reply, activity.take)
