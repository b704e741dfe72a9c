"""What /metrics tells, read as Prometheus reads it."""

from collections.abc import Iterator

from django.test import Client
from prometheus_client.parser import text_string_to_metric_families
from prometheus_client.samples import Sample


def scrape(client: Client | None = None) -> list[Sample]:
    response = (client or Client()).get("/metrics")
    assert response.status_code == 200, response.content
    return list(_samples(response.content.decode()))


def _samples(text: str) -> Iterator[Sample]:
    for family in text_string_to_metric_families(text):
        yield from family.samples


def value(name: str, **labels: str) -> float:
    """Of the one sample of that name, without its prefix, with these labels."""
    [found] = [
        sample.value for sample in scrape() if sample.name == f"campaign_control_{name}" and sample.labels == labels
    ]
    return found
