"""The settings, by the same checks that stop a start."""

from collections.abc import Iterator

from django.conf import settings
from django.core.checks import CheckMessage, run_checks

from campaigns import checks as campaign_checks
from cxadmin import checks
from cxadmin.doctor.results import CheckResult, failed, passed

NAME = "settings"


def look_at_settings() -> Iterator[CheckResult]:
    """One result for each setting that can't be used; one for all of them if there is none."""
    errors = _errors()
    for error in errors:
        yield failed(NAME, error.msg, f"{error.hint} ({error.id})")
    if not errors:
        yield passed(NAME, _in_words())


def unusable_settings() -> frozenset[str]:
    """Their names. One that can't be used has its default, or nothing, and nobody meant that."""
    unread = {problem.setting for problem in settings.ENVIRONMENT.problems}
    # What a file that the audit's settings name has in it is looked at by a check of its own.
    ids = checks.IDS | campaign_checks.IDS
    names = {number: name for name, number in ids.items()}
    return frozenset(unread | {names[error.id] for error in _errors() if error.id in names})


def _errors() -> list[CheckMessage]:
    return [message for message in run_checks(tags=[checks.TAG]) if message.is_serious()]


def _in_words() -> str:
    database = "SQLite" if settings.SQLITE else "PostgreSQL"
    redis = "with Redis" if settings.REDIS_URL else "without Redis"
    said = f"All can be used: {database}, {redis}, CXone’s dialect {settings.CXONE_DIALECT}"
    return f"{said}, simulated." if settings.CXONE_SIMULATED else f"{said}."
