"""The page of charts: what it draws, shows as tables and sends as CSV are the same figures, those of the records."""

import csv
import re
from datetime import UTC, date, datetime, timedelta
from html import unescape
from urllib.parse import parse_qs, urlsplit

import pytest
import time_machine
from django.db import transaction
from django.test import Client

from audit import csv_safe, folding, ledger
from audit.kinds import RecordKind, Status
from audit.pages.charts import drawing
from audit.pages.charts.form import ChartForm
from audit.statistics import trends
from audit.statistics.trends import Grain
from campaigns.models import ReasonCode
from tests.audit.ledgers import append, drained, ended
from tests.audit.pages.reading import link_to, words_of

pytestmark = [pytest.mark.django_db, pytest.mark.data_layer]

NOW = datetime(2026, 11, 20, 14, 30, tzinfo=UTC)  # a Friday
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
WEEK = "tab=reliability&since=2026-11-14&until=2026-11-20&grain=day"


@pytest.fixture(autouse=True)
def clock() -> object:
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


def some_days() -> None:
    """Three days with operations, and days without any between them."""
    for days, states in ((6, ["CONFIRMED"] * 9 + ["FAILED"]), (3, ["CONFIRMED", "SKIPPED"]), (0, ["UNCONFIRMED"])):
        for number, state in enumerate(states):
            ended(state, at=NOW - days * DAY - HOUR, latency_ms=100 * (number + 1), confirmation_ms=3000 + number)
    drained(at=NOW - 3 * DAY, calls_at_start=40, calls_at_end=4, seconds=90.5, end="deadline")
    drained(at=NOW - 3 * DAY, calls_at_start=12, calls_at_end=0, seconds=41.5)


def page(client: Client, query: str = WEEK) -> str:
    return client.get(f"/audit/charts/?{query}", follow=True).content.decode()


def table(html: str, key: str) -> list[list[str]]:
    """A chart's table: its heading, then its rows as plain text."""
    section = re.search(rf'<section class="panel chart" id="{key}".*?</section>', html, re.DOTALL)
    assert section
    rows = re.findall(r"<tr>(.*?)</tr>", section[0], re.DOTALL)
    cells = [re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row, re.DOTALL) for row in rows]
    return [[unescape(re.sub(r"<[^>]+>", "", cell)).strip() for cell in row] for row in cells]


def sent(client: Client, query: str = WEEK) -> list[dict[str, str]]:
    text = client.get(f"/audit/charts/figures.csv?{query}").content.decode()
    assert text.startswith(csv_safe.BOM)
    return list(csv.DictReader(text.removeprefix(csv_safe.BOM).splitlines()))


def links(html: str) -> list[str]:
    return [unescape(link) for link in re.findall(r'<th scope="row"><a href="([^"]+)"', html)]


@pytest.mark.parametrize("folded", [True, False])
def test_every_chart_shows_its_figures(reviewer: Client, folded: bool) -> None:
    some_days()
    if folded:
        folding.rebuild()
    html = page(reviewer)
    assert table(html, "success")[1] == ["Sat 14 Nov 2026", "90.0", "9", "10"]
    assert table(html, "success")[2] == ["Sun 15 Nov 2026", "–", "0", "0"]  # noqa: RUF001
    assert table(html, "outcomes")[4][1:] == ["1", "0", "0", "0", "1", "0", "0", "0", "2"]
    assert table(html, "latency")[1][4] == "10"
    assert table(html, "confirmation")[1][4] == "9"
    assert table(html, "drained")[4][1:6] == ["2", "52", "48", "4", "92.3"]


def test_percentiles_are_within_one_percent(reviewer: Client) -> None:
    some_days()
    cells = table(page(reviewer), "latency")[1][1:4]
    assert [float(cell.replace(",", "")) for cell in cells] == pytest.approx([500, 1000, 1000], rel=0.011)


def test_tables_and_csv_hold_the_same(reviewer: Client) -> None:
    some_days()
    html, rows = page(reviewer), sent(reviewer)
    divided = {"%": 1, "ms": 1, "s": 1000, "": 1}
    for plan in drawing.CHARTS:
        for shown, row in zip(table(html, plan.key)[1:], rows, strict=True):
            for cell, measure in zip(shown[1:], plan.columns, strict=True):
                if cell == drawing.NONE:
                    assert row[measure.key] == ""
                    continue
                value = float(row[measure.key]) / divided[measure.unit]
                assert float(cell.replace(",", "")) == pytest.approx(
                    value, abs=0.51 if measure.unit == "ms" else 0.051
                )


def test_csv_ends_with_the_whole_range(reviewer: Client) -> None:
    some_days()
    *periods, whole = sent(reviewer)
    assert ([row["period"] for row in periods], whole["period"]) == (["day"] * 7, "whole range")
    assert (whole["confirmed"], whole["tried"], whole["success_rate_percent"]) == ("10", "12", "83.3333")


def test_csv_tells_moments_with_their_offset(reviewer: Client) -> None:
    first = sent(reviewer, f"{WEEK}&zone=Europe/Berlin")[0]
    assert (first["period_start"], first["period_end"], first["period_start_utc"]) == (
        "2026-11-14T00:00:00+01:00",
        "2026-11-15T00:00:00+01:00",
        "2026-11-13T23:00:00Z",
    )


def test_csv_says_what_it_tells_of(reviewer: Client) -> None:
    last = ended(at=NOW - DAY)
    *_, yesterday, today, _ = sent(reviewer, f"{WEEK}&zone=Europe/Berlin&action=pause")
    names = ("time_zone", "campaign", "kind_of_operation", "told_by_records_upto")
    assert [today[name] for name in names] == ["Europe/Berlin", "all", "pause", str(last.number)]
    assert (yesterday["partial"], today["partial"]) == ("no", "yes")


def test_csv_runs_nothing_in_a_spreadsheet(reviewer: Client) -> None:
    assert sent(reviewer, f"{WEEK}&campaign=%3DSUM(A1)")[0]["campaign"] == "'=SUM(A1)"


def test_csv_of_a_wrong_address_says_why(reviewer: Client) -> None:
    response = reviewer.get("/audit/charts/figures.csv?since=tomorrow")
    assert (response.status_code, "“tomorrow” isn’t a date." in response.content.decode()) == (422, True)


def test_readings_tell_of_the_whole_range(reviewer: Client) -> None:
    some_days()
    shown = words_of(reviewer.get(f"/audit/charts/?{WEEK}", follow=True))
    assert "83.3 % 10 of 12 tried" in shown
    assert "1 skipped, 0 rejected, 0 cancelled, 0 superseded" in shown


def test_period_leads_to_its_records(reviewer: Client) -> None:
    some_days()
    first = links(page(reviewer, f"{WEEK}&zone=Europe/Berlin&campaign=c-1"))[0]
    assert parse_qs(urlsplit(first).query) == {
        "since": ["2026-11-14"],
        "until": ["2026-11-14"],
        "zone": ["Europe/Berlin"],
        "campaign": ["c-1"],
        "kind": ["operation.ended"],
    }


def test_day_of_half_hours_takes_whole_ones(reviewer: Client) -> None:
    ended(at=datetime(2026, 11, 13, 18, 40, tzinfo=UTC))  # in the hour that begins before midnight in India
    ended(at=datetime(2026, 11, 13, 19, 0, tzinfo=UTC))
    html = page(reviewer, f"{WEEK}&zone=Asia/Kolkata")
    listed = reviewer.get(links(html)[0]).content.decode()
    assert (table(html, "outcomes")[1][-1], listed.count("data-record=")) == ("1", 1)


@pytest.mark.parametrize(
    ("query", "number", "found"),
    [
        (WEEK, 3, 2),
        ("tab=reliability&since=2026-11-09&until=2026-11-22&grain=week", 1, 3),
        ("tab=reliability&range=24h", 23, 1),
    ],
)
def test_its_records_are_those_counted(reviewer: Client, query: str, number: int, found: int) -> None:
    some_days()
    html = page(reviewer, query)
    index = number if "24h" not in query else [row[-1] for row in table(html, "outcomes")[1:-1]].index("1")
    listed = reviewer.get(links(html)[index]).content.decode()
    assert (listed.count("data-record="), table(html, "outcomes")[index + 1][-1]) == (found, str(found))


@pytest.mark.parametrize(
    ("query", "grain", "periods"),
    [
        ("last=24h", Grain.HOUR, 24),
        ("last=7d", Grain.DAY, 7),
        ("", Grain.DAY, 30),
        ("last=12m", Grain.WEEK, 53),
        ("since=2026-11-01", Grain.DAY, 20),
        ("since=2026-11-19+08:00&until=2026-11-19+18:00", Grain.HOUR, 10),
        ("last=24h&since=2026-11-18&until=2026-11-19&grain=day", Grain.DAY, 2),
    ],
)
def test_range_has_periods_that_suit_it(reviewer: Client, query: str, grain: Grain, periods: int) -> None:
    ended(at=NOW - 23 * HOUR)
    assert len(sent(reviewer, query)) == periods + 1
    shown = page(reviewer, f"{query}&tab=reliability")
    assert f'Success rate <small class="muted">by {grain}</small>' in shown


@pytest.mark.parametrize(
    ("query", "field", "words"),
    [
        ("since=2026-01-01&grain=hour", "grain", "By hour, 14 days fit at the most. Choose day or week."),
        ("since=2020-01-01&grain=day", "grain", "By day, 732 days fit at the most. Choose week."),
        ("since=1990-01-01", "since", "10 years fit at the most."),
        ("since=2027-01-01", "since", "This is later than now"),
        ("since=yesterday", "since", "“yesterday” isn’t a date."),
        ("zone=Mars", "zone", "There is no time zone called Mars."),
        ("action=dance", "action", "There is no operation called dance."),
    ],
)
def test_wrong_field_says_what_fits(query: str, field: str, words: str) -> None:
    form = ChartForm(dict(part.split("=") for part in query.split("&")))
    assert words in unescape(str(form.errors[field]))


@pytest.mark.parametrize(
    ("query", "fits"),
    [
        ("since=2026-10-18&until=2026-10-31&grain=hour&zone=Europe/Berlin", True),  # 14 days and an hour
        ("since=2026-10-18+10:30&until=2026-11-01+10:30&grain=hour&zone=Europe/Berlin", False),
        ("since=2026-11-01+10:30&until=2026-11-15+10:30&grain=hour", True),
        ("since=2026-11-01+10:30&until=2026-11-15+11:30&grain=hour", False),
        ("since=1970-01-01&until=1970-01-02", True),
    ],
)
def test_whatever_the_form_lets_through_is_read(reviewer: Client, query: str, fits: bool) -> None:
    assert reviewer.get(f"/audit/charts/figures.csv?{query}").status_code == (200 if fits else 422)


def test_hidden_nonsense_has_a_way_out(reviewer: Client) -> None:
    html = unescape(page(reviewer, "campaign=c-1&tables=all&last=5y"))
    assert "has unknown values: range “5y”, tables “all”." in " ".join(html.split())
    assert (
        link_to(reviewer.get("/audit/charts/?campaign=c-1&tables=all"), "Show the charts without them")
        == "?campaign=c-1"
    )


def test_nothing_typed_is_lost(reviewer: Client) -> None:
    html = page(reviewer, "since=yesterday&campaign=c-7&grain=week")
    assert 'value="yesterday"' in html
    assert 'value="c-7"' in html
    assert '<option value="week" selected>' in html
    assert "No charts yet" in html


def test_address_is_tidied(reviewer: Client) -> None:
    response = reviewer.get("/audit/charts/?since=2026-11-14&until=&grain=&campaign=&zone=&last=7d")
    assert response.headers["Location"] == "/audit/charts/?since=2026-11-14&zone=UTC"


def test_records_not_counted_yet_are_told(reviewer: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trends, "UNFOLDED", 1)
    some_days()
    assert re.search(r"The newest \d+ records aren’t counted yet", page(reviewer))


def test_range_without_operations_is_no_chart(reviewer: Client) -> None:
    html = page(reviewer)
    assert "No operation ended in this range" in html
    assert 'class="plot"' not in html


def test_current_day_is_marked(reviewer: Client) -> None:
    some_days()
    html = page(reviewer)
    assert table(html, "success")[7][0] == "Fri 20 Nov 2026 so far"
    assert html.count('<rect class="part"') == sum(len(plan.bands) for plan in drawing.CHARTS)


def test_cut_period_is_marked(reviewer: Client) -> None:
    some_days()
    html = page(reviewer, "tab=reliability&since=2026-11-14+10:00&until=2026-11-18&grain=day")
    assert table(html, "success")[1][0] == "Sat 14 Nov 2026 in part"


def test_axis_can_begin_at_zero(reviewer: Client) -> None:
    for _ in range(19):
        ended(at=NOW - DAY)
    ended("FAILED", at=NOW - DAY)
    assert "Axis from 95 %, not from 0." in page(reviewer)
    assert "not from 0." not in page(reviewer, f"{WEEK}&axis=whole")


def test_tables_can_be_opened(reviewer: Client) -> None:
    some_days()
    assert page(reviewer).count("<details open>") == 0
    assert page(reviewer, f"{WEEK}&tables=open").count("<details open>") == len(drawing.CHARTS)


def test_only_the_campaign_and_action_count(reviewer: Client) -> None:
    some_days()
    ended(at=NOW - DAY, campaign_id="c-2", action="resume")
    assert sent(reviewer, f"{WEEK}&campaign=c-2")[-1]["operations"] == "1"
    assert sent(reviewer, f"{WEEK}&action=resume")[-1]["operations"] == "1"
    assert sent(reviewer)[-1]["operations"] == "14"


def test_page_says_how_far_it_tells(reviewer: Client) -> None:
    last = ended(at=NOW - HOUR)
    told = f'Covers every record up to number <a href="/audit/{last.number}/">{last.number}</a>'
    assert told in " ".join(page(reviewer).split())


def test_tabs_take_the_filter_along(reviewer: Client) -> None:
    html = unescape(page(reviewer, f"{WEEK}&campaign=c-1&axis=whole"))
    assert 'href="/audit/?campaign=c-1&since=2026-11-14&until=2026-11-20&zone=UTC"' in html


def test_page_holds_no_styles_nor_scripts(reviewer: Client) -> None:
    some_days()
    html = page(reviewer)
    assert re.search(r"<style|\sstyle=|\son\w+=|<script(?![^>]*\ssrc=)", html) is None


def test_typed_campaign_is_no_markup(reviewer: Client) -> None:
    some_days()
    html = page(reviewer, f"{WEEK}&campaign=%3Cb%3Ex")
    assert "<b>x" not in html


def test_last_year_ends_today(reviewer: Client) -> None:
    first, *_, whole = sent(reviewer, "last=12m&grain=day")
    assert first["period_start"].startswith(str(date(2025, 11, 21)))
    assert whole["period_end"].startswith("2026-11-21T00:00")


COMPLIANCE = "since=2026-11-14&until=2026-11-20&grain=day"


def pauses_for_compliance() -> None:
    """Pauses for three reasons by two people, one of them overridden; changes in CXone; calls outside hours."""
    for by, reason, check in (
        ("anna", "EMERGENCY", "OVERRIDDEN"),
        ("anna", "WFM_OVERRIDE", "PASSED"),
        ("bob", "WFM_OVERRIDE", "PASSED"),
    ):
        ended(at=NOW - DAY, by=by, reason=reason, compliance_check=check)
    ended(at=NOW - 8 * DAY, reason="EMERGENCY")
    ended(at=NOW - DAY + HOUR / 2, action="resume")
    append(kind=RecordKind.CAMPAIGN_CHANGED_OUTSIDE)
    with transaction.atomic():
        ledger.append(RecordKind.FINDING_OPENED, by="", campaign_id="c-1", details={"code": "calls_outside_hours"})


@pytest.mark.parametrize("folded", [True, False])
def test_compliance_comes_first(reviewer: Client, folded: bool) -> None:
    pauses_for_compliance()
    if folded:
        folding.rebuild()
    html = page(reviewer, COMPLIANCE)
    wfm = ReasonCode.objects.get(pk="WFM_OVERRIDE").label
    emergency = ReasonCode.objects.get(pk="EMERGENCY").label
    assert table(html, "reasons")[0][1:] == [wfm, emergency, "Pauses"]
    assert table(html, "reasons")[-1] == ["Whole range", "2", "1", "3"]
    assert table(html, "overrides")[0][1:] == ["anna", "Overrides"]
    assert table(html, "overrides")[-1][1:] == ["1", "1"]
    assert table(html, "outside")[-1][1:] == ["1"]
    assert table(html, "cxone")[-1][1:] == ["1"]


def test_time_paused_counts_where_the_pause_ended(reviewer: Client) -> None:
    ended(at=NOW - 2 * DAY)
    ended(at=NOW - DAY, action="resume")
    folding.rebuild()
    shown = table(page(reviewer, COMPLIANCE), "paused")
    assert (shown[-3][1], shown[-1][1]) == ("24.0", "24.0")


def test_figures_stand_beside_those_of_the_range_before(reviewer: Client) -> None:
    pauses_for_compliance()
    shown = words_of(reviewer.get(f"/audit/charts/?{COMPLIANCE}", follow=True))
    assert "Pauses 3 2 more than before" in shown
    assert "Overrides of the calls limit 1 1 more than before" in shown


def test_hour_in_which_a_range_begins_is_not_counted_in_the_range_before(reviewer: Client) -> None:
    ended(at=NOW - HOUR)
    folding.rebuild()
    shown = words_of(
        reviewer.get("/audit/charts/?since=2026-11-20+13:15&until=2026-11-20+14:15&zone=UTC", follow=True)
    )
    assert "Pauses 1 1 more than before" in shown


def test_time_paused_is_less_not_fewer(reviewer: Client) -> None:
    ended(at=NOW - 9 * DAY)
    ended(at=NOW - 8 * DAY, action="resume")
    ended(at=NOW - DAY)
    folding.rebuild()
    shown = words_of(reviewer.get(f"/audit/charts/?{COMPLIANCE}", follow=True))
    assert "Time paused 0.0 h 24.0 h less than before" in shown


def test_what_looks_the_same_is_as_before(reviewer: Client) -> None:
    ended(at=NOW - 2 * DAY)
    ended(at=NOW - 2 * DAY + timedelta(seconds=30), action="resume")
    folding.rebuild()
    assert "Time paused 0.0 h as before" in words_of(reviewer.get(f"/audit/charts/?{COMPLIANCE}", follow=True))


def test_no_pause_is_said_once(reviewer: Client) -> None:
    ended(at=NOW - 2 * DAY, action="resume")
    folding.rebuild()
    assert words_of(reviewer.get(f"/audit/charts/?{COMPLIANCE}", follow=True)).count("No pause in this range.") == 1


def test_most_paused_lead_to_their_records(reviewer: Client) -> None:
    pauses_for_compliance()
    response = reviewer.get(f"/audit/charts/?{COMPLIANCE}", follow=True)
    assert "Spring 3" in words_of(response)
    assert "anna 2" in words_of(response)
    query = parse_qs(urlsplit(link_to(response, "anna")).query)
    assert (query["by"], query["action"], query["since"]) == (["anna"], ["pause"], ["2026-11-14"])


def test_records_behind_a_number_are_as_many(reviewer: Client) -> None:
    """Neither a pause that failed nor another finding is among them."""
    for state, status in (("CONFIRMED", Status.SUCCESS), ("CONFIRMED", Status.SUCCESS), ("FAILED", Status.FAILURE)):
        ended(state, at=NOW - DAY, status=status, reason="EMERGENCY", compliance_check="OVERRIDDEN")
    for code in ("calls_outside_hours", "calls_over_limit"):
        with transaction.atomic():
            ledger.append(RecordKind.FINDING_OPENED, by="", campaign_id="c-1", details={"code": code})
    response = reviewer.get(f"/audit/charts/?{COMPLIANCE}", follow=True)
    assert lines_behind(reviewer, link_to(response, "anna")) == 2
    for key, number in (("reasons", 2), ("overrides", 2), ("outside", 1)):
        section = response.content.decode().split(f'id="{key}"')[1]
        links = [unescape(link) for link in re.findall(r'<th scope="row"><a href="([^"]+)"', section)][:7]
        assert sum(lines_behind(reviewer, link) for link in links) == number


def lines_behind(client: Client, link: str) -> int:
    return client.get(link, follow=True).content.decode().count("<tr data-record=")


def test_campaign_is_chosen_by_its_name(reviewer: Client) -> None:
    pauses_for_compliance()
    assert sent(reviewer, f"{COMPLIANCE}&campaign=spring")[-1]["pauses"] == "3"
    assert sent(reviewer, f"{COMPLIANCE}&campaign=winter")[-1]["pauses"] == "0"


def test_csv_has_each_reason_and_person(reviewer: Client) -> None:
    pauses_for_compliance()
    whole = sent(reviewer, COMPLIANCE)[-1]
    assert (whole["pauses_for_WFM_OVERRIDE"], whole["pauses_for_EMERGENCY"]) == ("2", "1")
    assert whole["overrides_by_anna"] == "1"


def test_old_name_of_a_range_still_works(reviewer: Client) -> None:
    assert reviewer.get("/audit/charts/?last=7d").headers["Location"] == "/audit/charts/?range=7d&zone=UTC"
