"""Every error speaks to a supervisor and belongs to one of the three kinds that callers act on."""

import inspect
import pickle

import pytest

from campaigns.cxone import errors
from campaigns.cxone.errors import CXoneError, OutcomeUnknown, Refused, Retryable

ALL = [each for _, each in inspect.getmembers(errors, inspect.isclass) if issubclass(each, CXoneError)]
LEAVES = [each for each in ALL if each is not CXoneError]


@pytest.mark.parametrize("kind", LEAVES)
def test_each_is_one_of_three(kind: type[CXoneError]) -> None:
    assert sum(issubclass(kind, branch) for branch in (Retryable, Refused, OutcomeUnknown)) == 1


@pytest.mark.parametrize("kind", LEAVES)
def test_each_says_what_then(kind: type[CXoneError]) -> None:
    said = str(kind("pause campaign 7"))
    assert "pause campaign 7" in said
    assert said.count(". ") >= 1


@pytest.mark.parametrize("kind", LEAVES)
def test_each_is_in_the_drawing(kind: type[CXoneError]) -> None:
    assert kind.__name__ in (errors.__doc__ or "")


@pytest.mark.parametrize("kind", LEAVES)
def test_each_survives_pickling(kind: type[CXoneError]) -> None:
    error = kind("pause campaign 7")
    error.words = "why"
    assert str(pickle.loads(pickle.dumps(error))) == str(error)  # noqa: S301


def test_words_are_quoted_with_status() -> None:
    said = str(errors.BadRequest("pause campaign 7", status=400, words="Unknown reason."))
    assert said.startswith('CXone refused to pause campaign 7 (400): "Unknown reason." Nothing was changed.')


def test_words_lose_control_characters() -> None:
    error = errors.BadRequest(words="one\r\n\x1b[31mtwo\u202e\ud800 three")
    assert error.words == "one [31mtwo three"


def test_long_words_are_trimmed() -> None:
    error = errors.BadRequest(words="x" * 10_000)
    assert len(error.words) == 500


def test_braces_in_words_are_harmless() -> None:
    assert "{x}" in str(errors.BadRequest("pause {x}", words="{0}"))


def test_forbidden_names_missing_scope() -> None:
    said = str(errors.Forbidden("pause campaign 7", status=403, scope="outbound:campaign:write"))
    assert "The scope outbound:campaign:write is missing" in said


def test_spent_budget_says_when() -> None:
    assert "in about 3 s" in str(errors.BudgetSpent("pause campaign 7", wait_ms=2100))
