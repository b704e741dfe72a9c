"""The project's settings as system checks: what is wrong, and what to do. docs/settings.md lists the ids."""

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

from django.conf import settings
from django.core import checks

from campaigns.deliveries import destinations
from cxadmin import local, settings_file
from cxadmin.environment import brief, is_host, is_loopback

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
    "SIMULATOR_OFFENDERS": "cxadmin.E014",
    "DATABASE_POOLED": "cxadmin.E015",
    "METRICS_TOKEN": "cxadmin.E016",
    "LOG_FORMAT": "cxadmin.E017",
    "OIDC_ISSUER": "cxadmin.E021",
    "OIDC_CLIENT_ID": "cxadmin.E022",
    "OIDC_CLIENT_SECRET": "cxadmin.E023",
    "OIDC_ROLES": "cxadmin.E024",
    "PASSWORD_SIGN_IN": "cxadmin.E025",
    "MFA_REQUIRED_FOR": "cxadmin.E026",
    "OIDC_ROLE_CLAIM": "cxadmin.E027",
}
MISSPELT_NAME = "cxadmin.E002"
IGNORED_NAME = "cxadmin.W001"
NO_PROXIES = "cxadmin.W002"

OF_THE_COMPANY = ("OIDC_ISSUER", "OIDC_CLIENT_ID", "OIDC_CLIENT_SECRET")

# The same as half of a random key's: nobody tries 2^128 of them.
KEY_CHARACTERS = 32
# As HTTP has it (RFC 6750, 2.1).
BEARER = re.compile(r"[A-Za-z0-9._~+/-]+=*")
LEAST_DIFFERENT = 10
MAKE_ONE = "Make one: openssl rand -hex 32"
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
        *_check_metrics_token(),
        *_check_company(),
        *_check_password_sign_in(),
    ]


def check_proxies(**_: object) -> list[checks.CheckMessage]:
    """Only of `check --deploy`: nothing is refused for it."""
    if not settings.HTTPS or settings.TRUSTED_PROXIES or settings.ENVIRONMENT.is_given("TRUSTED_PROXIES"):
        return []
    sentence = (
        "PUBLIC_BASE_URL begins with https://, and TRUSTED_PROXIES is not set: failed sign-ins count for the proxy’s "
        "address, which everybody shares."
    )
    return [checks.Warning(sentence, hint="Set it to the proxy’s address.", id=NO_PROXIES)]


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
    if _is_guessable(settings.SECRET_KEY):
        yield _guessable("SECRET_KEY")


def _check_hosts() -> Iterator[checks.CheckMessage]:
    for host in settings.ALLOWED_HOSTS:
        if host != "*" and not is_host(host.removeprefix(".").strip("[]")):
            yield checks.Error(
                f"ALLOWED_HOSTS has {brief(host)} in it; it must be host names with commas between, without https:// "
                "and port.",
                hint="Correct it or unset it.",
                id=IDS["ALLOWED_HOSTS"],
            )


def _check_debug_pages() -> Iterator[checks.CheckMessage]:
    others = [host for host in settings.ALLOWED_HOSTS if not is_loopback(host.strip("[]"))]
    if settings.DEBUG and others:
        yield checks.Error(
            f"DEBUG is on, and the pages are served as {brief(others[-1])}: others reach them there, and a debug page "
            "shows them what is in memory.",
            hint="Unset DEBUG; or, on this machine alone, unset PUBLIC_BASE_URL and ALLOWED_HOSTS.",
            id=IDS["DEBUG"],
        )


def _check_demo_password() -> Iterator[checks.CheckMessage]:
    is_short = 0 < len(settings.DEMO_PASSWORD) < PASSWORD_CHARACTERS
    if is_short and not destinations.is_near(settings.CXONE_BASE_URL):
        yield checks.Error(
            f"DEMO_PASSWORD has fewer than {PASSWORD_CHARACTERS} characters, and CXone’s address is a real one.",
            hint="Choose a longer one; or unset it and make accounts with create_user.",
            id=IDS["DEMO_PASSWORD"],
        )


def _check_metrics_token() -> Iterator[checks.CheckMessage]:
    token = settings.METRICS_TOKEN
    if token and _is_guessable(token):
        yield _guessable("METRICS_TOKEN")
    elif token and not BEARER.fullmatch(token):
        yield checks.Error(
            "METRICS_TOKEN has characters that no bearer token may have; letters and digits will do.",
            hint=MAKE_ONE,
            id=IDS["METRICS_TOKEN"],
        )


def _is_guessable(key: str) -> bool:
    return len(key) < KEY_CHARACTERS or len(set(key)) < LEAST_DIFFERENT


def _guessable(name: str) -> checks.Error:
    return checks.Error(
        f"{name} can be guessed; it must have at least {KEY_CHARACTERS} characters, {LEAST_DIFFERENT} of them "
        "different.",
        hint=MAKE_ONE,
        id=IDS[name],
    )


def _check_company() -> Iterator[checks.CheckMessage]:
    """All three of its settings, or none; and an issuer to which the client's secret may be sent."""
    env = settings.ENVIRONMENT
    given = [name for name in OF_THE_COMPANY if env.is_given(name)]
    for name in OF_THE_COMPANY:
        if given and env.is_missing(name):
            file = "" if name == "OIDC_ISSUER" else f", or let {name}_FILE name the file that holds it"
            yield checks.Error(
                f"{name} is not set, but {given[0]} is: signing in through the company needs all three of "
                f"{', '.join(OF_THE_COMPANY)}.",
                hint=f"Set it{file}; or unset {given[0]} to sign in by password only.",
                id=IDS[name],
            )
    if not settings.OIDC_ISSUER:
        return
    parts = urlsplit(settings.OIDC_ISSUER)
    if parts.query or parts.fragment or parts.username is not None:
        yield checks.Error(
            "OIDC_ISSUER has a query, a # or a user name in it, which no issuer has.",
            hint="Copy the issuer from the provider’s /.well-known/openid-configuration.",
            id=IDS["OIDC_ISSUER"],
        )
    elif "/.well-known/" in parts.path:
        yield checks.Error(
            "OIDC_ISSUER is the address of the provider’s configuration, not the issuer.",
            hint="Leave out /.well-known/openid-configuration.",
            id=IDS["OIDC_ISSUER"],
        )
    elif parts.scheme == "http" and not is_loopback(parts.hostname or ""):
        yield checks.Error(
            "OIDC_ISSUER begins with http://, and the client’s secret would be sent there for all to read.",
            hint="Write https://.",
            id=IDS["OIDC_ISSUER"],
        )


def _check_password_sign_in() -> Iterator[checks.CheckMessage]:
    if not settings.PASSWORD_SIGN_IN and not settings.OIDC_IS_ON:
        yield checks.Error(
            "PASSWORD_SIGN_IN is off, and nobody can sign in through the company either.",
            hint="Set OIDC_ISSUER, OIDC_CLIENT_ID and OIDC_CLIENT_SECRET, or unset PASSWORD_SIGN_IN.",
            id=IDS["PASSWORD_SIGN_IN"],
        )
