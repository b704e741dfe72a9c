"""Alerts, dashboard and metrics fit together: Prometheus's own tool takes them, and none asks for what isn't there."""

import json
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.test import Client

from campaigns.cxone.request_counts import REQUEST_COUNTS
from campaigns.queueing import request_counts
from tests.metrics import scrape

ROOT = Path(__file__).parents[2]
ALERTS, ALERT_TESTS = ROOT / "monitoring/alerts.yaml", ROOT / "monitoring/alerts.test.yaml"
DASHBOARD = json.loads((ROOT / "monitoring/dashboard.json").read_text(encoding="utf-8"))
RULES: list[dict[str, Any]] = yaml.safe_load(ALERTS.read_text(encoding="utf-8"))["groups"][0]["rules"]
# Of Prometheus itself, and of the place where it finds targets.
NOT_OURS = {"job", "instance", "pod"}


def promtool(*arguments: str, given: bytes = b"") -> str:
    program = shutil.which("promtool")
    if program is None and not os.environ.get("CI"):
        pytest.skip("promtool isn't installed; .ci/run installs it")
    done = subprocess.run([program or "promtool", *arguments], input=given, capture_output=True, check=False)
    said = (done.stdout + done.stderr).decode()
    assert done.returncode == 0, said
    return said


def queries() -> Iterator[str]:
    yield from (rule["expr"] for rule in RULES)
    for panel in DASHBOARD["panels"]:
        yield from (target["expr"] for target in panel["targets"])


def labels_in(query: str) -> set[str]:
    matched = re.findall(r'(\w+)\s*(?:=~|!~|!=|=)\s*"', query)
    grouped = re.findall(r"(?:by|without) \(([^)]*)\)", query)
    return {*matched, *re.findall(r"\w+", " ".join(grouped))} - NOT_OURS


@pytest.fixture
def shown(db: None) -> dict[str, set[str]]:
    """The labels of each metric, once CXone was asked for something."""
    REQUEST_COUNTS.note("pause", 200)
    request_counts.keep_now()
    found: dict[str, set[str]] = {}
    for sample in scrape():
        found.setdefault(sample.name, set()).update(sample.labels)
    return found


@pytest.mark.parametrize("query", list(queries()))
def test_query_asks_for_what_there_is(query: str, shown: dict[str, set[str]]) -> None:
    names = set(re.findall(r"\bcampaign_control_\w+", query))
    assert names <= shown.keys()
    if names:
        assert labels_in(query) <= set.union(*(shown[name] for name in names))


@pytest.mark.django_db
def test_prometheus_has_nothing_to_say_of_the_metrics(shown: dict[str, set[str]]) -> None:
    assert promtool("check", "metrics", given=Client().get("/metrics").content) == ""


def test_prometheus_reads_the_alerts() -> None:
    assert f"{len(RULES)} rules found" in promtool("check", "rules", str(ALERTS))


def test_alerts_fire_when_they_should_and_only_then() -> None:
    assert "SUCCESS" in promtool("test", "rules", str(ALERT_TESTS))


def test_each_alert_is_tried_both_ways() -> None:
    tries = yaml.safe_load(ALERT_TESTS.read_text(encoding="utf-8"))["tests"]
    tried = {
        (case["alert_rule_test"][0]["alertname"], bool(case["alert_rule_test"][0]["exp_alerts"])) for case in tries
    }
    assert tried >= {(rule["alert"], fires) for rule in RULES for fires in (True, False)}


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule["alert"])
def test_alert_says_what_it_means_and_what_to_do(rule: dict[str, Any]) -> None:
    said = rule["annotations"]
    assert rule["labels"]["severity"] in {"critical", "warning"}
    assert all(said[name].endswith(".") for name in ("summary", "description"))
    page, _, heading = said["runbook_url"].partition("#")
    assert f"\n### {rule['alert']}\n" in (ROOT / page).read_text(encoding="utf-8")
    assert heading == rule["alert"].lower()


def test_dashboard_lets_its_reader_choose_the_prometheus() -> None:
    [variable] = DASHBOARD["templating"]["list"]
    assert (variable["name"], variable["type"], variable["query"]) == ("datasource", "datasource", "prometheus")
    assert {panel["datasource"]["uid"] for panel in DASHBOARD["panels"]} == {"${datasource}"}


def test_dashboard_leads_nowhere_else() -> None:
    assert "http" not in json.dumps(DASHBOARD)


def test_panels_do_not_overlap() -> None:
    taken: set[tuple[int, int]] = set()
    for panel in DASHBOARD["panels"]:
        place = panel["gridPos"]
        cells = {(place["x"] + x, place["y"] + y) for x in range(place["w"]) for y in range(place["h"])}
        assert not cells & taken
        assert place["x"] + place["w"] <= 24
        taken |= cells
