"""The metrics as Prometheus has them: what each is called and means, from what the rooms tell of their rows.

Nothing here is counted in a process: every machine shows the same, whichever of them is asked.
"""

from collections.abc import Iterator, Mapping
from math import inf

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4, generate_latest
from prometheus_client.metrics_core import Metric
from prometheus_client.openmetrics import exposition as openmetrics
from prometheus_client.registry import Collector

from audit import counts as audit_counts
from campaigns.attention import counts as attention_counts
from campaigns.deliveries import counts as delivery_counts
from campaigns.operations import counts as operation_counts
from campaigns.queueing import counts as queueing_counts
from campaigns.queueing import request_counts
from campaigns.queueing.circuit_breaker import Circuit
from campaigns.queueing.metric_counts import SavedCounts, TimeHistogram

PREFIX = "campaign_control_"
OPENMETRICS = "application/openmetrics-text"


def write_metrics(accept: str) -> tuple[bytes, str]:
    """All of them in the format that the header Accept asks for, and that format's name.

    As Prometheus itself does, it takes the newer one for granted where that is named at all.
    """
    families = Families()
    if OPENMETRICS in accept.lower():
        content: bytes = openmetrics.generate_latest(families, version="1.0.0")  # type: ignore[no-untyped-call]
        return content, openmetrics.CONTENT_TYPE_LATEST
    return generate_latest(families), CONTENT_TYPE_PLAIN_0_0_4


class Families(Collector):
    """In eight statements, however many campaigns, operations and records there are."""

    def collect(self) -> Iterator[Metric]:
        counts = SavedCounts()
        yield from _operations(counts)
        yield from _cxone(counts)
        yield from _deliveries()
        yield from _audit()


def _operations(counts: SavedCounts) -> Iterator[Metric]:
    ended = counts.of(operation_counts.ENDED, operation_counts.known_ends())
    yield _counter(
        "operations",
        "Operations that have ended, by kind and by the state in which they ended.",
        ("kind", "state"),
        ended,
    )
    yield _gauge(
        "operations_open",
        "Operations that have not ended, by kind and state.",
        ("kind", "state"),
        operation_counts.count_open_operations(),
    )
    yield _number(
        "operation_oldest_due_seconds",
        "Seconds for which the oldest operation that is due has waited for a worker; 0 if none waits.",
        operation_counts.oldest_due_seconds(),
    )
    yield _histogram(
        "click_to_put_seconds",
        "Seconds from a person’s click to the first request of the change to CXone.",
        counts,
        operation_counts.CLICK_TO_PUT,
    )
    yield _histogram(
        "confirmation_seconds",
        "Seconds from when a change was requested, or due, until CXone was seen to have made it.",
        counts,
        operation_counts.CONFIRMATION,
    )
    yield _gauge(
        "attention_open",
        "Findings that wait for somebody’s attention, by code.",
        ("code",),
        {(code,): number for code, number in attention_counts.count_findings().items()},
    )


def _cxone(counts: SavedCounts) -> Iterator[Metric]:
    pulse = queueing_counts.read_pulse()
    yield _counter(
        "cxone_requests",
        "Requests to CXone, by call and by HTTP status, or by why there was none.",
        ("call", "status"),
        counts.of(request_counts.METRIC),
    )
    yield _gauge(
        "cxone_budget_used_ratio",
        "Share of the requests a minute that the lane may make and that are not free now, 0 to 1.",
        ("lane",),
        {(lane.replace(" ", "_"),): used for lane, used in queueing_counts.budget_used().items()},
    )
    yield _number(
        "cxone_circuit_open",
        "1 while CXone does not answer and background work rests, else 0.",
        float(pulse.circuit != Circuit.CLOSED),
    )
    yield _number(
        "last_good_read_age_seconds",
        "Seconds since all campaigns were last read from CXone; +Inf if they never were.",
        _or_never(pulse.read_seconds),
    )
    yield _number(
        "read_interval_seconds", "Seconds from one read of all campaigns to the next.", pulse.read_interval_seconds
    )
    yield _number(
        "dispatcher_heartbeat_age_seconds",
        "Seconds since a dispatcher last gave a sign of life; +Inf if none ever did.",
        _or_never(pulse.heartbeat_seconds),
    )
    yield _number("dispatchers", "Dispatchers that gave a sign of life in the last 15 seconds.", pulse.dispatchers)


def _deliveries() -> Iterator[Metric]:
    backlog = delivery_counts.read_backlog()
    yield _number("deliveries_open", "Notices to other systems that are not delivered yet.", backlog.waiting)
    yield _number(
        "delivery_oldest_seconds",
        "Seconds since the oldest notice that is not delivered yet was made; 0 if there is none.",
        backlog.oldest_seconds,
    )
    yield _number(
        "deliveries_given_up", "Notices that were given up and wait for an admin to send them again.", backlog.gave_up
    )


def _audit() -> Iterator[Metric]:
    progress = audit_counts.read_ledger_progress()
    yield _number("audit_records", "Records in the audit.", progress.records)
    yield _number(
        "audit_checked_ratio", "Share of the audit’s records that have been verified, 0 to 1.", progress.checked_ratio
    )
    yield _number(
        "audit_check_age_seconds",
        "Seconds since new records of the audit were last verified; +Inf if they never were.",
        _or_never(progress.checked_seconds),
    )
    yield _number("audit_break", "1 if the audit is known to have been changed, else 0.", float(progress.is_broken))
    yield _number(
        "audit_checkpoint_trouble",
        "1 while the signed checkpoints of the audit cannot be written, else 0.",
        float(progress.has_checkpoint_trouble),
    )


def _or_never(seconds: float | None) -> float:
    return inf if seconds is None else seconds


def _number(name: str, meaning: str, value: float) -> Metric:
    return GaugeMetricFamily(PREFIX + name, meaning, value=value)


def _gauge(
    name: str, meaning: str, labels: tuple[str, ...], values: Mapping[tuple[str, ...], float]
) -> GaugeMetricFamily:
    family = GaugeMetricFamily(PREFIX + name, meaning, labels=labels)
    for of, value in sorted(values.items()):
        family.add_metric(of, value)
    return family


def _counter(
    name: str, meaning: str, labels: tuple[str, ...], values: Mapping[tuple[str, ...], float]
) -> CounterMetricFamily:
    """Its name ends in _total where it is shown."""
    family = CounterMetricFamily(PREFIX + name, meaning, labels=labels)
    for of, value in sorted(values.items()):
        family.add_metric(of, value)
    return family


def _histogram(name: str, meaning: str, counts: SavedCounts, histogram: TimeHistogram) -> HistogramMetricFamily:
    found = counts.distribution(histogram)
    family = HistogramMetricFamily(PREFIX + name, meaning)
    family.add_metric([], found.buckets, found.total)
    return family
