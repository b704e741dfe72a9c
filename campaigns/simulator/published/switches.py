"""How a tenant behaves where the API's documents are silent, or tenants differ: each can be switched while it runs."""

from collections.abc import Callable
from dataclasses import asdict, dataclass, fields
from types import UnionType
from typing import Any, Literal, get_args, get_origin, get_type_hints

from campaigns.simulator.exchange import RefusalError

VIEW_SKILLS = "Skills View"
EDIT_SKILLS = "Skills Edit"
MANAGE_DIALING = "Outbound Strategy Manager"
PERMISSIONS = (VIEW_SKILLS, EDIT_SKILLS, MANAGE_DIALING)

Turns = Literal["at once", "later", "never", "after calls"]
Words = Literal["header", "error_description", "errorDescription", "message", "error", "none"]
Times = Literal["HH:MM", "H:MM", "HH:MM:SS", "H:MM AM", "date"]
SchedulesOfAll = Literal["with fields", "without fields", "refused"]
ZoneNames = Literal["standard", "display", "IANA"]


@dataclass(slots=True)
class Switches:
    # When isRunning turns after a 202. "later": after so many seconds; "after calls": of a stop, once they have ended.
    turns: Turns = "at once"
    turn_seconds: float = 5
    # A schedule doesn't start what somebody has stopped.
    stop_holds: bool = False
    # The status for a stop of what is stopped.
    stopped_again: Literal[404, 409] = 404
    # Whether a start takes back a stop that waits for calls to end; otherwise it is refused, as the skill runs.
    start_while_stopping: bool = False
    # Those of the key's user.
    permissions: tuple[str, ...] = PERMISSIONS
    # Where a refusal's words are; of a wrong schedule, they are only "InvalidParameter".
    words: Words = "header"
    bare_refusals: bool = False
    # How the times of a schedule are written, and whether that of a running skill can be set.
    times: Times = "HH:MM"
    put_while_running: bool = True
    # Whether the schedules of all skills can be read at once, and whether with `fields=`.
    schedules_of_all: SchedulesOfAll = "with fields"
    # The most entries of a page.
    page_cap: int = 100
    # Numbers and booleans come as text; lists come in `resultSet`, and a single skill in a list.
    texts: bool = False
    result_set: bool = False
    one_in_list: bool = False
    # Seconds until the list has a skill that is new or has changed.
    list_delay: float = 0
    # How the business unit's zone is written.
    zone_name: ZoneNames = "standard"
    # The status for credentials that are wrong, and when a token ends: by time, and by how often it is used.
    token_refusal: Literal[400, 401] = 400
    token_seconds: float = 3600
    token_calls: int | None = None

    def set(self, values: dict[str, Any]) -> None:
        """All of them or none; a RefusalError names the first that can't be."""
        known = get_type_hints(Switches)
        checked = {}
        for name, value in values.items():
            if name not in known:
                raise RefusalError(400, f"There is no switch {name!r}. There are: {', '.join(known)}.")
            checked[name] = _checked(name, value, known[name])
        for name, value in checked.items():
            setattr(self, name, value)

    def content(self) -> dict[str, Any]:
        return asdict(self)

    def reset(self) -> None:
        for field in fields(self):
            setattr(self, field.name, field.default)


def _checked(name: str, value: Any, kind: Any) -> Any:  # noqa: ANN401 - a setting of any type
    known, rule = _RULES[get_origin(kind) or kind]
    if known(value, kind):
        return tuple(value) if isinstance(value, list) else value
    raise RefusalError(400, f"{name} must be {rule(kind)}.")


def _is_number(value: object, kind: object) -> bool:
    # For Python, True is an int.
    return isinstance(value, int | float) and not isinstance(value, bool) and value >= 0


# By the kind of a switch: whether a value is one of its, and how to say what it must be.
_RULES: dict[object, tuple[Callable[[Any, Any], bool], Callable[[Any], str]]] = {
    Literal: (
        lambda value, kind: value in get_args(kind),
        lambda kind: f"one of {', '.join(map(repr, get_args(kind)))}",
    ),
    bool: (lambda value, _: isinstance(value, bool), lambda _: "true or false"),
    tuple: (
        lambda value, _: isinstance(value, list | tuple) and set(value) <= set(PERMISSIONS),
        lambda _: f"a list of some of {', '.join(PERMISSIONS)}",
    ),
    float: (_is_number, lambda _: "a number, 0 or more"),
    int: (
        lambda value, kind: _is_number(value, kind) and isinstance(value, int),
        lambda _: "a whole number, 0 or more",
    ),
    UnionType: (
        lambda value, kind: value is None or (_is_number(value, kind) and isinstance(value, int)),
        lambda _: "a whole number, 0 or more, or null",
    ),
}
