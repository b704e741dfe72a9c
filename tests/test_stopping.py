"""The end of a process: every signal is heard, whatever the main thread is at."""

import os
import signal
import threading
from collections.abc import Iterator

import pytest

from campaigns import stopping

PATIENCE = 60.0


@pytest.fixture
def stop() -> Iterator[threading.Event]:
    kept = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    yield stopping.on_signal()
    for number, handler in kept.items():
        signal.signal(number, handler)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_signal_asks_for_the_end(stop: threading.Event, number: signal.Signals) -> None:
    os.kill(os.getpid(), number)
    stopping.wait_for_stop(stop)
    assert stop.is_set()


def test_signal_within_the_lock_is_heard(stop: threading.Event) -> None:
    with stop._cond:  # type: ignore[attr-defined]
        os.kill(os.getpid(), signal.SIGTERM)
        assert not stop.is_set()
    assert stop.wait(PATIENCE)
