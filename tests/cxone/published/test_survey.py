"""What a survey says of a tenant: which of the forms that may come did come, and the first odd value."""

import json
from dataclasses import asdict
from typing import Any

import pytest

from campaigns.cxone.published.gateway import Published
from campaigns.cxone.published.survey import survey_published
from campaigns.simulator import PublishedSimulator
from tests.cxone.published.asking import KEY, gateway_to


@pytest.fixture(autouse=True)
def skills(simulator: PublishedSimulator) -> list[str]:
    """Three that dial and one that doesn't; two run, with seven and twelve calls."""
    simulator.add(name="Inbound", outbound=False)
    return [
        simulator.add(name="Spring renewal", calls=12),
        simulator.add(name="Autumn renewal", calls=7),
        simulator.add(name="Winter renewal", running=False),
    ]


def test_counts(gateway: Published) -> None:
    found = survey_published(gateway)
    assert found.counts["skills"] == 4
    assert (found.counts["pc_skills"], found.counts["running"], found.counts["calls"]) == (3, 2, 19)
    assert found.page_cap is None, "a page with all that there is shows no cap"
    assert found.tenant


def test_cap_of_a_page(gateway: Published, simulator: PublishedSimulator) -> None:
    simulator.switch(page_cap=2)
    found = survey_published(gateway)
    assert (found.page_cap, found.counts["pc_skills"]) == (2, 3)


@pytest.mark.parametrize(
    ("switches", "shape", "expected"),
    [
        ({}, "list", "skills"),
        ({"result_set": True}, "list", "resultSet.skills"),
        ({}, "isRunning", {"boolean": 4}),
        ({"texts": True}, "isRunning", {"text": 4}),
        ({"texts": True}, "totalRecords", {"text": 1}),
        ({}, "one_skill", "flat"),
        ({"one_in_list": True}, "one_skill", "skills"),
        ({}, "schedules_of_all", "with fields"),
        ({"schedules_of_all": "without fields"}, "schedules_of_all", "without fields"),
        ({"schedules_of_all": "refused"}, "schedules_of_all", "refused"),
    ],
)
def test_shapes(
    gateway: Published, simulator: PublishedSimulator, switches: dict[str, Any], shape: str, expected: object
) -> None:
    simulator.switch(**switches)
    assert survey_published(gateway).shapes[shape] == expected


def test_refusals_are_kept_and_the_rest_is_read(gateway: Published, simulator: PublishedSimulator) -> None:
    simulator.switch(schedules_of_all="refused")
    found = survey_published(gateway)
    assert [refused["status"] for refused in found.refused] == [400, 400]
    assert found.counts["with_schedules"] is None
    assert found.counts["calls"] == 19


def test_zone_that_nobody_knows_is_odd(simulator: PublishedSimulator) -> None:
    unit: dict[str, object] = {"businessUnits": [{"defaultTimeZone": "Middle-earth Standard Time"}]}
    simulator.fail("GET", "/incontactapi/services/v34.0/business-unit", times=None, status=200, body=unit)
    found = survey_published(gateway_to(simulator))
    assert found.zone["as_written"] == "Middle-earth Standard Time"
    assert found.zone["problem"]
    assert found.odd == {"where": "defaultTimeZone of the business unit", "value": "'Middle-earth Standard Time'"}


def test_first_odd_value_is_kept(simulator: PublishedSimulator) -> None:
    dialer = {"isOutbound": True, "outboundStrategy": "Personal Connection"}
    page: dict[str, object] = {
        "totalRecords": 2,
        "skills": [dialer | {"skillId": 1, "isRunning": "perhaps"}, dialer | {"skillId": 2}],
    }
    simulator.fail("GET", "/incontactapi/services/v34.0/skills", times=None, status=200, body=page)
    found = survey_published(gateway_to(simulator))
    assert found.odd
    assert (found.odd["where"], found.odd["skill"]) == ("a skill in the list", "1")
    assert "perhaps" in found.odd["value"]


def test_nothing_else_is_asked_without_a_token(simulator: PublishedSimulator) -> None:
    gateway = gateway_to(simulator, key=type(KEY)(KEY.token_url, "simulator====", "wrong", *KEY.secrets[1:]))
    found = survey_published(gateway)
    assert not found.token
    assert len(found.refused) == 1


@pytest.mark.parametrize(
    ("path", "fields"),
    [
        ("apiversion", '{"apiInfo": [{"version": %s}]}'),
        ("business-unit", '{"businessUnits": [{"defaultTimeZone": %s}]}'),
        ("server-time", '{"ServerTime": %s}'),
    ],
)
@pytest.mark.parametrize("odd", ["[" * 800 + "]" * 800, f'"{"x" * 100_000}"', '"\\u001b[31m\\ud83d"', "1e999"])
def test_report_is_short_and_plain_whatever_a_server_writes(
    gateway: Published, simulator: PublishedSimulator, path: str, fields: str, odd: str
) -> None:
    simulator.fail("GET", f"*/{path}", times=None, body=fields % odd)
    report = json.dumps(asdict(survey_published(gateway)), ensure_ascii=False, allow_nan=False)
    assert len(report) < 6_000
    report.encode()
    assert report.isprintable()
