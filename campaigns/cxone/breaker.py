"""The port of the circuit breaker that all processes share: it is told how each call of CXone ended."""

from typing import Protocol

from campaigns.cxone.errors import CXoneError, OutcomeUnknown, ServerTrouble, Unreachable, Unusable

# CXone is away, or what came back can't have been its answer. Every other error is one: CXone answered, and said no.
_FAILURES = (Unreachable, ServerTrouble, Unusable, OutcomeUnknown)


class CircuitBreaker(Protocol):
    """Neither method raises or sleeps."""

    def note_answer(self) -> None:
        """CXone gave a usable answer, be it a refusal."""

    def note_failure(self, error: CXoneError) -> None:
        """CXone could not be reached, broke off, took too long, or gave nothing that can be used."""


class NoBreaker:
    """For a gateway whose calls nobody counts."""

    def note_answer(self) -> None:
        return

    def note_failure(self, error: CXoneError) -> None:
        return


def is_failure(error: CXoneError) -> bool:
    """Whether `error`, which isn't BudgetSpent, says that CXone gave no usable answer."""
    return isinstance(error, _FAILURES)
