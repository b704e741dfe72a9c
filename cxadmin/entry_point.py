"""What every process of the product does first. Reading the settings alone, as tools do, changes nothing."""

import gc
import sys
from pathlib import Path

import django
from django.conf import settings
from django.core.checks import CheckMessage, run_checks
from django.core.exceptions import ImproperlyConfigured

from cxadmin import local
from cxadmin.checks import TAG, folder_error, printed

# Commands that say what is wrong with the settings, and so must not be stopped by it.
DIAGNOSES = frozenset({"doctor"})


def prepare() -> list[CheckMessage]:
    """Check the settings, make the secrets that were not given, and return the warnings.

    ImproperlyConfigured: a line for each setting that is missing or can't be used.
    """
    settings.ENVIRONMENT.pass_on()
    _set_up_django()
    messages = run_checks(tags=[TAG])
    errors = [message for message in messages if message.is_serious()]
    if errors:
        raise ImproperlyConfigured("\n".join(printed(error) for error in errors))
    try:
        _make_secrets()
        _close_database()
    except local.UnusableFile as reason:
        raise ImproperlyConfigured(printed(folder_error(reason))) from None
    _keep_request_counts()
    return messages


def prepare_to_diagnose() -> None:
    """Nothing is checked, made or changed."""
    settings.ENVIRONMENT.pass_on()
    _set_up_django()


def _set_up_django() -> None:
    """A fifth of its time would go into looking for garbage among modules, all of which stay."""
    gc.disable()
    django.setup()
    gc.freeze()
    gc.enable()


def prepare_or_exit() -> None:
    """For processes that Django's command line doesn't start: they print what it would print."""
    try:
        warnings = prepare()
    except ImproperlyConfigured as reason:
        raise SystemExit(str(reason)) from None
    for warning in warnings:
        sys.stderr.write(f"{printed(warning)}\n")


def _make_secrets() -> None:
    """Only after the checks: with a wrong VAR_DIR they would be made in a wrong place."""
    from audit.integrity import signing

    made = settings.MADE_SECRETS
    for name in ("SECRET_KEY", "CXONE_WEBHOOK_TOKEN"):
        if name in made:
            value = local.secret(made[name])
            setattr(settings, name, value)
            settings.SECRETS |= {value}
    if "AUDIT_SIGNING_KEY_FILE" in made:
        local.kept(made["AUDIT_SIGNING_KEY_FILE"], signing.make_key)


def _keep_request_counts() -> None:
    from campaigns.queueing import request_counts

    request_counts.keep_counts()


def _close_database() -> None:
    if settings.SQLITE:
        path = Path(settings.DATABASES["default"]["NAME"])
        local.make_folder(path)
        local.close_database(path)
