"""Signing in through the company: whether its configuration and its keys can be read."""

from collections.abc import Collection

from django.conf import settings

from cxadmin.accounts.company.errors import CompanyUnreachable, Misconfigured
from cxadmin.checks import OF_THE_COMPANY
from cxadmin.doctor.results import CheckResult, failed, not_looked_at, passed

NAME = "company_sign_in"


def look_at_company(unusable: Collection[str]) -> CheckResult:
    """As far as a sign-in goes before anybody signs in: the secret is only shown to it with somebody's code."""
    wrong = sorted({*OF_THE_COMPANY, "OIDC_ROLES", "OIDC_ROLE_CLAIM"} & set(unusable))
    if wrong:
        return not_looked_at(NAME, f"{wrong[0]} can’t be used", "Correct it first.")
    if not settings.OIDC_IS_ON:
        return passed(NAME, "Not used: OIDC_ISSUER isn’t set, and people sign in by password.")
    from cxadmin.accounts.company import discovery

    discovery.forget_provider()
    try:
        configuration, keys = discovery.configuration(), discovery.key_set()
    except Misconfigured as error:
        return failed(NAME, _begin(error.detail), "Correct OIDC_ISSUER, or ask whoever runs the sign-in service.")
    except CompanyUnreachable as error:
        return failed(
            NAME, _begin(error.detail), "Check OIDC_ISSUER, and ask whoever runs it or the firewall before it."
        )
    if not keys.get("keys"):
        return failed(NAME, "The sign-in service publishes no keys.", "Ask whoever runs it.")
    end = "" if configuration.get("end_session_endpoint") else " It offers no way to sign out there from here."
    return passed(NAME, f"{configuration['issuer']} can be asked, and publishes its keys.{end}")


def _begin(detail: str) -> str:
    return detail[:1].upper() + detail[1:]
