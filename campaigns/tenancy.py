"""Which CXone a database is about: one, whose campaigns it has, and where its operations are sent.

An id of a campaign is its tenant's own, and means another campaign elsewhere. So no process whose settings lead
elsewhere reads or sends anything with this database: it says so, and refuses.
"""

import logging
from urllib.parse import urlsplit

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import Error, transaction

from audit.kinds import RecordKind
from campaigns.audited_changes import lock, record_change
from campaigns.cxone import connect
from campaigns.cxone.breaker import CircuitBreaker
from campaigns.cxone.budget import Budget, Lane
from campaigns.cxone.gateway import Gateway
from campaigns.deliveries import destinations
from campaigns.models import CXoneTenant

log = logging.getLogger(__name__)

SIMULATED = "a simulated CXone"
ON_OTHER_TENANT = (
    "For another tenant use another database: DATABASE_URL, or VAR_DIR where it is SQLite. If it is the same tenant "
    "under a new address or with new credentials, run manage.py same_tenant --yes."
)

# What this process has found to be the database's, so that it asks once.
_found = ""


class OtherTenantError(ImproperlyConfigured):
    """The settings lead to another CXone than the one that the database is about."""


def open_own_gateway(lane: Lane, budget: Budget, breaker: CircuitBreaker | None = None) -> Gateway:
    """`connect.open_gateway` for whatever has to do with the database's campaigns. OtherTenantError: nothing is
    asked."""
    require_own_tenant()
    return connect.open_gateway(lane, budget, breaker)


def require_own_tenant() -> None:
    """ImproperlyConfigured: names the setting that is missing, or says that the settings lead to another tenant."""
    connect.require_settings()
    require_tenant(in_settings())


def require_tenant(here: str) -> None:
    """OtherTenantError: the database is about another one than `here`. One that is about none is about it from now
    on."""
    global _found  # noqa: PLW0603 (of the process, as its settings are)
    if _found == here:
        return
    CXoneTenant.objects.get_or_create(pk=1)
    # Of two processes with different settings, the first.
    CXoneTenant.objects.filter(pk=1, connection="").update(connection=here)
    if trouble := why_other(here):
        raise OtherTenantError(f"{trouble} {ON_OTHER_TENANT}")
    _found = here


def require_at_start() -> None:
    """The same for a process that begins. A database that doesn't answer yet is asked before anything is sent."""
    connect.require_settings()
    try:
        require_own_tenant()
    except Error:
        log.warning("The database doesn’t answer yet, so it isn’t known which CXone it is about.")


def refuse_other_settings() -> None:
    """OtherTenantError: they lead to another one. Settings that name none don't: what is asked for under them is left
    to a running product."""
    if is_named() and (trouble := why_other(in_settings())):
        raise OtherTenantError(f"{trouble} {ON_OTHER_TENANT}")


def is_named() -> bool:
    """Whether any setting says where CXone is. If none does, a shell lacks them, or `up` is to simulate one."""
    return settings.CXONE_IS_MEANT or settings.CXONE_SIMULATED


def why_other(here: str) -> str:
    """That the database is about another CXone than `here`, in sentences; "" if it isn't."""
    known = tenant_of_database()
    if known in ("", here):
        return ""
    return (
        f"This database is about {known}, and the settings lead to {here}. An id of a campaign may be another "
        "campaign there, so nothing is read from it and nothing is sent to it."
    )


def tenant_of_database() -> str:
    """What the database is about; "" until a process has begun."""
    return CXoneTenant.objects.filter(pk=1).values_list("connection", flat=True).first() or ""


def in_settings() -> str:
    """Where the settings lead, and as whom: one regional address serves many tenants. No secret is in it."""
    address = settings.CXONE_BASE_URL
    # No real one is on this machine or in a private network.
    if settings.CXONE_SIMULATED or not settings.CXONE_IS_MEANT or (address and destinations.is_near(address)):
        return SIMULATED
    if settings.CXONE_DIALECT == connect.PUBLISHED:
        # A key is one tenant's, whose tokens say so. Where its API is may be found out, or set, or move.
        return f"the published API with the access key {settings.CXONE_ACCESS_KEY_ID}"
    # An instance is told by the address that its name makes, or by a header at another one.
    own_name = settings.CXONE_INSTANCE.lower()
    instance = f", instance {own_name}," if own_name and _plain(address) != f"https://{own_name}.mycxone.com" else ""
    return f"{_plain(address)}{instance} as the client {settings.CXONE_CLIENT_ID}"


def _plain(address: str) -> str:
    """The address as all ways to write it have it: `HTTPS://API.example.com:443` is `https://api.example.com`."""
    parts = urlsplit(address)
    host, port = parts.hostname or "", parts.port
    bracketed = f"[{host}]" if ":" in host else host
    is_usual = port in {None, destinations.PORTS[parts.scheme]}
    return f"{parts.scheme}://{bracketed.rstrip('.')}{'' if is_usual else f':{port}'}{parts.path}"


def confirm_same_tenant(*, by: str) -> str:
    """Say on record that the settings lead to the tenant that the database is about. What it was about before."""
    here = in_settings()
    CXoneTenant.objects.get_or_create(pk=1)
    with transaction.atomic():
        row = lock(CXoneTenant(pk=1), "the row of the tenant")
        before = row.connection
        if before != here:
            CXoneTenant.objects.filter(pk=1).update(connection=here)
            record_change(
                RecordKind.TENANT_CONFIRMED, by=by, before={"connection": before}, after={"connection": here}
            )
    return before
