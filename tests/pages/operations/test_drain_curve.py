"""From samples to the path of a curve."""

import pytest

from campaigns.pages.operations.drain_curve import clock_duration, draw_curve, longest_in_words


def test_no_samples_no_curve() -> None:
    assert draw_curve([]) is None


def test_count_stays_until_the_next_sample() -> None:
    curve = draw_curve([(0, 4), (3, 2), (6, 2), (12, 0)])
    assert curve is not None
    assert curve.line == "M0 0H250V150H500H1000V300"


def test_area_closes_at_the_bottom() -> None:
    curve = draw_curve([(0, 4), (6, 4)])
    assert curve is not None
    assert curve.area == "M0 0H500V300H0Z"


@pytest.mark.parametrize(
    ("calls", "labels"),
    [
        (0, ("4", "3", "2", "1", "0")),
        (38, ("40", "30", "20", "10", "0")),
        (212, ("240", "180", "120", "60", "0")),
        (9_000, ("10,000", "7,500", "5,000", "2,500", "0")),
    ],
)
def test_calls_are_labelled_evenly(calls: int, labels: tuple[str, ...]) -> None:
    curve = draw_curve([(0, calls)])
    assert curve is not None
    assert curve.calls == labels


@pytest.mark.parametrize(
    ("seconds", "labels"),
    [
        (9, ("0:00", "0:03", "0:06", "0:09", "0:12")),
        (75, ("0:00", "0:30", "1:00", "1:30", "2:00")),
        (900, ("0:00", "5:00", "10:00", "15:00", "20:00")),
        (30_000, ("0:00", "2:15:00", "4:30:00", "6:45:00", "9:00:00")),
    ],
)
def test_times_are_labelled_evenly(seconds: float, labels: tuple[str, ...]) -> None:
    curve = draw_curve([(0, 1), (seconds, 0)])
    assert curve is not None
    assert curve.times == labels


def test_whole_curve_fits() -> None:
    curve = draw_curve([(0, 41), (61, 0)])
    assert curve is not None
    assert curve.line == "M0 95H508.3V300"


def test_expected_end_is_a_band_within_the_axis() -> None:
    curve = draw_curve([(0, 4), (3, 4)], (60, 120))
    assert curve is not None
    assert curve.expected == "M500 0H1000V300H500Z"
    assert curve.times[-1] == "2:00"


def test_nothing_expected_is_no_band() -> None:
    curve = draw_curve([(0, 4)])
    assert curve is not None
    assert curve.expected == ""


@pytest.mark.parametrize(
    ("seconds", "words"), [(0, "0 s"), (44.1, "45 s"), (59.5, "1 min"), (60, "1 min"), (130, "2 min 10 s")]
)
def test_longest_time_in_words(seconds: float, words: str) -> None:
    assert longest_in_words(seconds) == words


@pytest.mark.parametrize(("seconds", "words"), [(4.6, "0:05"), (60, "1:00"), (3725, "1:02:05")])
def test_longest_in_words(seconds: float, words: str) -> None:
    assert clock_duration(seconds) == words
