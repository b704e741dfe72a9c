"""Schedules of the published API, and the tenant's time zone, in which all of them are.

No request is cheap here: the schedules of all skills are the heaviest answer there is, and some tenants refuse it.
"""

from contextlib import suppress
from functools import partial
from typing import Any

from campaigns.cxone.errors import (
    BadRequest,
    BudgetSpent,
    CXoneError,
    Forbidden,
    NotFound,
    Refused,
    ServerTrouble,
    TokenRefused,
    Unusable,
    WrongAddress,
)
from campaigns.cxone.gateway import Schedule, TenantFacts
from campaigns.cxone.published import assumed, wire, zones
from campaigns.cxone.published.exchange import Exchange
from campaigns.cxone.published.memory import Memory
from campaigns.cxone.replies import Call

ALL_SCHEDULES = Call(
    "read the schedules of all campaigns", most_bytes=assumed.MOST_SCHEDULES_BYTES, name="read_schedules"
)
TENANT = Call("read the time zone and the limits of the tenant", name="read_tenant")


class Schedules:
    """Those that one gateway reads. `zone`: IANA's name of their zone, from the settings; "" for the tenant's."""

    def __init__(self, exchange: Exchange, memory: Memory, zone: str) -> None:
        self._exchange = exchange
        self._memory = memory
        self._zone = zone

    def settings_of(self, campaign_id: str) -> dict[str, Any]:
        """The schedule of one campaign with all that CXone keeps beside it, as `wire` reads and writes it."""
        call = Call(f"read the schedule of campaign {campaign_id}", by_id=True, name="read_schedule")
        return self._exchange.read_value(call, self._exchange.schedule_settings("GET", campaign_id), wire.settings_of)

    def read_if_due(self, campaign_ids: set[str]) -> dict[str, Schedule]:
        """Of all, every ten minutes and when a new campaign appears; none otherwise, which says nothing about them."""
        memory = self._memory
        try:
            tenant = self.tenant()
        except BudgetSpent:
            raise
        except CXoneError:
            # Without their zone they would look as if they had changed.
            return {}
        if memory.way and memory.clock() >= memory.way_until:
            # It may have been refused for a reason that has passed.
            memory.way = 0
        if memory.way >= len(assumed.WAYS):
            return self._read_some(sorted(campaign_ids), tenant.zone)
        if not self._is_due(campaign_ids):
            return {}
        try:
            found = self._read_all(tenant.zone)
        except (BadRequest, NotFound, WrongAddress, Forbidden, TokenRefused):
            memory.take_next_way(assumed.WAYS_AGAIN)
            return self.read_if_due(campaign_ids)
        except (ServerTrouble, Unusable):
            # It is the heaviest answer of all. What campaigns do is known, and doesn't wait for their hours.
            memory.take_next_way(assumed.WAYS_AGAIN)
            return {}
        memory.schedules_at = memory.clock()
        # Also those that have none there: they aren't new any more.
        memory.with_schedule = found.keys() | campaign_ids
        return found

    def _is_due(self, campaign_ids: set[str]) -> bool:
        read_at = self._memory.schedules_at
        if read_at is None or self._memory.clock() - read_at >= assumed.SCHEDULES_EVERY:
            return True
        return not campaign_ids <= self._memory.with_schedule

    def _read_all(self, zone: str) -> dict[str, Schedule]:
        every = self._exchange.below_version(f"{assumed.SKILLS}/parameters", assumed.WAYS[self._memory.way])
        return self._exchange.read_value(ALL_SCHEDULES, every, partial(wire.listed_schedules, zone=zone))

    def _read_some(self, campaign_ids: list[str], zone: str) -> dict[str, Schedule]:
        """The next few, one by one."""
        memory, found = self._memory, {}
        for _ in campaign_ids[: assumed.ALONE_AT_ONCE]:
            campaign_id = campaign_ids[memory.next_alone % len(campaign_ids)]
            # One that can't be read isn't read this time. The others are.
            with suppress(Refused, ServerTrouble, Unusable):
                found[campaign_id] = wire.schedule_of(self.settings_of(campaign_id), zone)
            memory.next_alone += 1
        return found

    def tenant(self) -> TenantFacts:
        """As it was last read, an hour ago at most. CXoneError: its zone isn't known."""
        memory = self._memory
        if memory.tenant is None or memory.clock() >= memory.tenant_until:
            try:
                memory.tenant = self._read_tenant()
                memory.tenant_until = memory.clock() + assumed.TENANT_EVERY
            except BudgetSpent:
                raise
            except CXoneError:
                # What is known stays good: a tenant doesn't move to another zone.
                if memory.tenant is None and not self._zone:
                    raise
                memory.tenant = memory.tenant or TenantFacts(self._zone)
                memory.tenant_until = memory.clock() + assumed.TENANT_AGAIN
        return memory.tenant

    def _read_tenant(self) -> TenantFacts:
        unit = self._exchange.read_value(
            TENANT, self._exchange.below_version("/business-unit", {}), wire.business_unit
        )
        if self._zone:
            return TenantFacts(self._zone, daily_limit=unit.daily_limit)
        zone = zones.zone_named(unit.zone, self._zone_names)
        if zone is None:
            return TenantFacts(unit.zone, zones.unmatched(unit.zone), unit.daily_limit)
        return TenantFacts(zone, daily_limit=unit.daily_limit)

    def _zone_names(self) -> list[zones.ZoneName]:
        return self._exchange.read_value(TENANT, self._exchange.below_version("/timezones", {}), wire.zone_names)
