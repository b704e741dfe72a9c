"""Pauses and resumes as a single operation sends them: prepared, and put on record just before the first byte."""

from datetime import datetime

from campaigns.cxone.gateway import Gateway, Sending, WriteResponse


def pause(
    gateway: Gateway,
    campaign_id: str,
    at: datetime,
    *,
    reason: str = "EMERGENCY",
    drop: bool = False,
    limit: int = 1,
    sending: Sending = lambda _: None,
) -> WriteResponse:
    change = gateway.prepare_pause(
        campaign_id, reason=reason, effective_at=at, drop_active_calls=drop, max_concurrent_pauses=limit
    )
    return gateway.send_prepared(change, sending)


def resume(gateway: Gateway, campaign_id: str, at: datetime, sending: Sending = lambda _: None) -> WriteResponse:
    return gateway.send_prepared(gateway.prepare_resume(campaign_id, effective_at=at), sending)
