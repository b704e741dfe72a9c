"""What a process keeps for the next reader, as long as it is used."""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from threading import Lock
from typing import Generic, TypeVar

Key = TypeVar("Key", bound=Hashable)
Value = TypeVar("Value")

_all: "list[Kept[Hashable, object]]" = []
# How often everything was forgotten.
_forgotten = 0


class Kept(Generic[Key, Value]):
    """The values that were used last. A key says all that its value depends on: nothing kept is ever wrong, only
    superfluous."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._values: OrderedDict[Key, Value] = OrderedDict()
        self._lock = Lock()
        _all.append(self)  # type: ignore[arg-type]

    def get(self, key: Key) -> Value | None:
        with self._lock:
            found = self._values.get(key)
            if found is not None:
                self._values.move_to_end(key)
            return found

    def set(self, key: Key, value: Value) -> None:
        with self._lock:
            self._values[key] = value
            self._values.move_to_end(key)
            if len(self._values) > self._most:
                self._values.popitem(last=False)

    def get_or_make(self, key: Key, make: Callable[[], Value]) -> Value:
        """Two threads may make the same at once: that is cheaper than to wait.

        What was forgotten while it was made isn't kept: it was made from what there was before.
        """
        found = self.get(key)
        if found is None:
            before = _forgotten
            found = make()
            if before == _forgotten:
                self.set(key, found)
        return found

    def clear(self) -> None:
        with self._lock:
            self._values.clear()


def forget_all() -> None:
    """Nothing is kept any longer."""
    global _forgotten  # noqa: PLW0603
    _forgotten += 1
    for kept in _all:
        kept.clear()
