"""The project's settings as system checks: what is wrong, and what to do. docs/settings.md lists the ids."""

from collections.abc import Iterator

from django.conf import settings
from django.core import checks

from campaigns.deliveries import destinations
from cxadmin import local, settings_file
from cxadmin.environment import is_host

# `manage.py check --tag settings` runs these and those of the other apps.
TAG = "settings"

IDS = {
    settings_file.NAME: "cxadmin.E001",
    "VAR_DIR": "cxadmin.E003",
    "STATIC_ROOT": "cxadmin.E004",
    "SECRET_KEY": "cxadmin.E005",
    "DEBUG": "cxadmin.E006",
    "PUBLIC_BASE_URL": "cxadmin.E007",
    "ALLOWED_HOSTS": "cxadmin.E008",
    "TRUSTED_PROXIES": "cxadmin.E009",
    "DATABASE_URL": "cxadmin.E010",
    "REDIS_URL": "cxadmin.E011",
    "PORT": "cxadmin.E012",
    "DEMO_PASSWORD": "cxadmin.E013",
}
MISSPELT_NAME = "cxadmin.E002"
IGNORED_NAME = "cxadmin.W001"

# The same as half of a random key's: nobody tries 2^128 of them.
KEY_CHARACTERS = 32
# As for every other account's password.
PASSWORD_CHARACTERS = 12


def check_project(**_: object) -> list[checks.CheckMessage]:
    return [
        *settings.ENVIRONMENT.errors(IDS),
        *_check_names(),
        *_check_made_secrets(),
        *_check_secret_key(),
        *_check_hosts(),
        *_check_debug_pages(),
        *_check_demo_password(),
    ]


def printed(message: checks.CheckMessage) -> str:
    """As it is printed where no framework prints it."""
    return f"{message.msg} {message.hint} ({message.id})"


def folder_error(reason: local.UnusableFile) -> checks.Error:
    return checks.Error(reason.sentence, hint=reason.hint, id=IDS["VAR_DIR"])


def _check_names() -> Iterator[checks.CheckMessage]:
    for sentence, hint in settings.ENVIRONMENT.misspelt_names():
        yield checks.Error(sentence, hint=hint, id=MISSPELT_NAME)
    for sentence, hint in settings.ENVIRONMENT.ignored_names():
        yield checks.Warning(sentence, hint=hint, id=IGNORED_NAME)


def _check_made_secrets() -> Iterator[checks.CheckMessage]:
    for path in settings.MADE_SECRETS.values():
        try:
            local.check_usable(path)
        except local.UnusableFile as reason:
            yield folder_error(reason)
            # The others are in the same folder.
            return


def _check_secret_key() -> Iterator[checks.CheckMessage]:
    characters = len(settings.SECRET_KEY)
    if characters < KEY_CHARACTERS:
        yield checks.Error(
            f"SECRET_KEY has {characters} characters; it must have at least {KEY_CHARACTERS}, or it could be guessed.",
            hint="Make one: openssl rand -hex 32",
            id=IDS["SECRET_KEY"],
        )


def _check_hosts() -> Iterator[checks.CheckMessage]:
    for host in settings.ALLOWED_HOSTS:
        if host != "*" and not is_host(host.removeprefix(".").strip("[]")):
            yield checks.Error(
                f"ALLOWED_HOSTS has {host!r} in it; it must be host names with commas between, without https:// and "
                "port.",
                hint="Correct it or unset it.",
                id=IDS["ALLOWED_HOSTS"],
            )


def _check_debug_pages() -> Iterator[checks.CheckMessage]:
    if settings.DEBUG and settings.HTTPS:
        yield checks.Error(
            "DEBUG is on, and PUBLIC_BASE_URL begins with https://: others reach these pages, and a debug page shows "
            "them what is in memory.",
            hint="Unset DEBUG.",
            id=IDS["DEBUG"],
        )


def _check_demo_password() -> Iterator[checks.CheckMessage]:
    is_short = 0 < len(settings.DEMO_PASSWORD) < PASSWORD_CHARACTERS
    if is_short and not destinations.is_near(settings.CXONE_BASE_URL):
        yield checks.Error(
            f"DEMO_PASSWORD has fewer than {PASSWORD_CHARACTERS} characters, and CXone's address is a real one.",
            hint="Choose a longer one; or unset it and make accounts with create_user.",
            id=IDS["DEMO_PASSWORD"],
        )
