"""What one look at one thing has found."""

from dataclasses import dataclass

_NOT_LOOKED_AT = "Not looked at: "


@dataclass(frozen=True, slots=True)
class CheckResult:
    """`found`: a sentence or a few words; `do`: what to do or whom to ask, "" where there is nothing to do."""

    name: str
    ok: bool
    found: str
    do: str = ""

    @property
    def is_cause(self) -> bool:
        """It isn't well by itself, not only because another check isn't."""
        return not self.ok and not self.found.startswith(_NOT_LOOKED_AT)


def passed(name: str, found: str) -> CheckResult:
    return CheckResult(name, True, found)


def failed(name: str, found: str, do: str) -> CheckResult:
    return CheckResult(name, False, found, do)


def not_looked_at(name: str, because: str, do: str) -> CheckResult:
    """What can't be known isn't well."""
    return CheckResult(name, False, f"{_NOT_LOOKED_AT}{because}.", do)
