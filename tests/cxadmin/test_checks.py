"""Each setting that can't be used has an id, a hint and a row in docs/settings.md; and all stop the start at once."""

import re
import secrets
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.checks import CheckMessage, run_checks

from cxadmin import environment, settings_file
from cxadmin.checks import TAG, printed
from cxadmin.environment import Environment
from tests.cxadmin.test_settings import CXONE, WFM_SECRET, use
from tests.processes.product import environment_in

ROOT = Path(settings.BASE_DIR)
OUR_ID = re.compile(r"\b(?:audit|campaigns|cxadmin)\.[EW]\d{3}\b")
WFM = {"WFM_WEBHOOK_URL": "https://wfm.example.com/", "WFM_WEBHOOK_SECRET": WFM_SECRET}
BEHIND_TLS = {"PUBLIC_BASE_URL": "https://control.example.com", "TRUSTED_PROXIES": "10.0.0.5"}
OIDC = {
    "OIDC_ISSUER": "https://login.example.com",
    "OIDC_CLIENT_ID": "control-room",
    "OIDC_CLIENT_SECRET": "s3cret of the client",
}

PUBLISHED = {
    "CXONE_DIALECT": "published",
    "CXONE_REGION": "na1",
    "CXONE_ACCESS_KEY_ID": "key",
    "CXONE_ACCESS_KEY_SECRET": "s3cret====",
}

CAUSES = [
    ("cxadmin.E001", {".env": "a line without an equals sign"}),
    ("cxadmin.E001", {".env": "A='x\nB=1"}),
    ("cxadmin.E002", {".env": "CXONE_COLOUR=blue"}),
    ("cxadmin.E002", {"CXONE_REGON": "na1"}),
    ("cxadmin.W001", {"DATABASE_URI": "postgres://db/x"}),
    ("cxadmin.E003", {"VAR_DIR": "$NOWHERE/x"}),
    ("cxadmin.E003", {"VAR_DIR": "/dev/null/folder", "AUDIT_CHECKPOINT_DIR": str(ROOT)}),
    ("cxadmin.E004", {"STATIC_ROOT": "$(pwd)/static"}),
    ("cxadmin.E005", {"SECRET_KEY": "tooshort"}),
    ("cxadmin.E005", {"SECRET_KEY": "tooshort" * 8}),
    ("cxadmin.E005", {"SECRET_KEY_FILE": "/gone/secret"}),
    ("cxadmin.E006", {"DEBUG": "perhaps"}),
    ("cxadmin.E006", {**BEHIND_TLS, "DEBUG": "on"}),
    ("cxadmin.E006", {"ALLOWED_HOSTS": "control.example.com", "DEBUG": "on"}),
    ("cxadmin.E007", {"PUBLIC_BASE_URL": "control.example.com"}),
    ("cxadmin.E008", {"ALLOWED_HOSTS": "https://example.com"}),
    ("cxadmin.W002", {"PUBLIC_BASE_URL": "https://control.example.com"}),
    ("cxadmin.E009", {"TRUSTED_PROXIES": "10.0.0.1/24"}),
    ("cxadmin.E010", {"DATABASE_URL": "mysql://anna:s3cret@db/control"}),
    ("cxadmin.E010", {"DATABASE_URL": "postgres://anna:s3cr#t@db/control"}),
    ("cxadmin.E011", {"REDIS_URL": "localhost"}),
    ("cxadmin.E011", {"REDIS_URL": "redis://:s3cr#t@redis/0"}),
    ("cxadmin.E012", {"PORT": "abc"}),
    ("cxadmin.E013", {**CXONE, "CXONE_REGION": "na1", "DEMO_PASSWORD": "demo"}),
    ("cxadmin.E014", {"SIMULATOR_OFFENDERS": "few"}),
    ("cxadmin.E015", {"DATABASE_POOLED": "perhaps"}),
    ("cxadmin.E016", {"METRICS_TOKEN": "s3cret"}),
    ("cxadmin.E017", {"LOG_FORMAT": "xml"}),
    ("cxadmin.E016", {"METRICS_TOKEN": "s3cret" * 8}),
    ("cxadmin.E016", {"METRICS_TOKEN": "s3cret 0123456789abcdefghijklmnopqrstuv"}),
    ("cxadmin.E021", {**OIDC, "OIDC_ISSUER": "login.example.com"}),
    ("cxadmin.E021", {**OIDC, "OIDC_ISSUER": "http://login.example.com"}),
    ("cxadmin.E021", {**OIDC, "OIDC_ISSUER": "https://login.example.com/?tenant=1"}),
    ("cxadmin.E021", {**OIDC, "OIDC_ISSUER": "https://login.example.com/.well-known/openid-configuration"}),
    ("cxadmin.E021", {**OIDC, "OIDC_ISSUER": ""}),
    ("cxadmin.E022", {**OIDC, "OIDC_CLIENT_ID": ""}),
    ("cxadmin.E023", {**OIDC, "OIDC_CLIENT_SECRET": ""}),
    ("cxadmin.E023", {"OIDC_ISSUER": "https://login.example.com", "OIDC_CLIENT_ID": "control-room"}),
    ("cxadmin.E024", {**OIDC, "OIDC_ROLES": "boss=cc-floor"}),
    ("cxadmin.E024", {**OIDC, "OIDC_ROLES": "cc-floor"}),
    ("cxadmin.E024", {**OIDC, "OIDC_ROLES": "supervisor=cc-all,admin=cc-all"}),
    ("cxadmin.E025", {"PASSWORD_SIGN_IN": "perhaps"}),
    ("cxadmin.E025", {"PASSWORD_SIGN_IN": "off"}),
    ("cxadmin.E026", {"MFA_REQUIRED_FOR": "boss"}),
    ("cxadmin.E027", {**OIDC, "OIDC_ROLE_CLAIM": "…"}),
    ("campaigns.E001", {**CXONE, "CXONE_REGION": "na1/"}),
    ("campaigns.E001", {".env": "CXONE_REGION="}),
    ("campaigns.E002", {**CXONE, "CXONE_INSTANCE": "acme.mycxone.com"}),
    ("campaigns.E003", {**CXONE, "CXONE_BASE_URL": "mycxone.com"}),
    ("campaigns.E003", {**CXONE, "CXONE_BASE_URL": "http://api.na1.my.cxone.com"}),
    ("campaigns.E003", {**CXONE, "CXONE_BASE_URL": "https://id:s3cret@api.na1.my.cxone.com"}),
    ("campaigns.E004", {**CXONE, "CXONE_REGION": "na1", "CXONE_TOKEN_URL": "oauth/token"}),
    ("campaigns.E004", {"CXONE_TOKEN_URL": "https://example.com/token"}),
    ("campaigns.E005", {"CXONE_REGION": "na1", "CXONE_CLIENT_SECRET": "s3cret"}),
    ("campaigns.E005", {"CXONE_CLIENT_ID": "id"}),
    ("campaigns.E006", {"CXONE_REGION": "na1", "CXONE_CLIENT_ID": "id"}),
    ("campaigns.E007", {"CXONE_TOKEN_AUTH": "digest"}),
    ("campaigns.E008", {"CXONE_DIALECT": "v3"}),
    ("campaigns.E009", {"CXONE_RATE_PER_MINUTE": "5"}),
    ("campaigns.E010", {"CXONE_WEBHOOK_TOKEN": "tooshort"}),
    ("campaigns.E010", {"CXONE_WEBHOOK_TOKEN": "s3cret/s3cret/s3cret/s3cret"}),
    ("campaigns.E011", {"SYNC_INTERVAL_SECONDS": "soon"}),
    ("campaigns.E012", {"CONFIRM_SECONDS": "0"}),
    ("campaigns.E017", {"CALLS_HISTORY_DAYS": "0"}),
    ("campaigns.E013", {**WFM, "WFM_WEBHOOK_URL": "http://10.1.2.3/"}),
    ("campaigns.E013", {**WFM, "WFM_WEBHOOK_URL": "https://ann:s3cret@wfm.example.com/"}),
    ("campaigns.E014", {**WFM, "WFM_WEBHOOK_SECRET": "whsec_s3cret"}),
    ("campaigns.E014", {"WFM_WEBHOOK_URL": "https://wfm.example.com/"}),
    ("campaigns.E015", {"WFM_ALLOW_PRIVATE": "perhaps"}),
    ("campaigns.E018", {"NOTIFY_WEBHOOK_URL": "http://10.1.2.3/", "NOTIFY_WEBHOOK_SECRET": WFM_SECRET}),
    ("campaigns.E019", {"NOTIFY_WEBHOOK_URL": "https://pager.example.com/"}),
    ("campaigns.E020", {"NOTIFY_ALLOW_PRIVATE": "perhaps"}),
    ("campaigns.E016", {"CXONE_WEBHOOK_SECRET": "whsec_s3cret"}),
    ("campaigns.E016", {"CXONE_WEBHOOK_SECRET": f"{WFM_SECRET},whsec_s3cret"}),
    ("campaigns.E016", {"CXONE_WEBHOOK_SECRET": f"{WFM_SECRET},"}),
    ("campaigns.E001", {**PUBLISHED, "CXONE_REGION": ""}),
    ("campaigns.E003", {**PUBLISHED, "CXONE_BASE_URL": "http://api-na1.niceincontact.com"}),
    ("campaigns.E005", {**PUBLISHED, "CXONE_CLIENT_SECRET": "s3cret"}),
    ("campaigns.E006", {**PUBLISHED, "CXONE_CLIENT_ID": "app"}),
    ("campaigns.E021", {"CXONE_DIALECT": "published", "CXONE_REGION": "na1", "CXONE_ACCESS_KEY_SECRET": "s3cret=="}),
    ("campaigns.E021", {"CXONE_ACCESS_KEY_ID": "key"}),
    ("campaigns.E022", {"CXONE_DIALECT": "published", "CXONE_REGION": "na1", "CXONE_ACCESS_KEY_ID": "key"}),
    ("campaigns.E023", {"CXONE_TENANT_ID": "11eb"}),
    ("campaigns.E024", {**PUBLISHED, "CXONE_API_VERSION": "34"}),
    ("campaigns.E025", {**PUBLISHED, "CXONE_TIMEZONE": "Eastern Standard Time"}),
    ("audit.E001", {"AUDIT_SIGNING_KEY_FILE": "/gone/audit.pem"}),
    ("audit.E001", {"AUDIT_SIGNING_KEY_FILE": __file__}),
    ("audit.E002", {"AUDIT_RETIRED_KEYS": "12"}),
    ("audit.E003", {"AUDIT_CHECKPOINT_DIR": "`pwd`/x"}),
    ("audit.E004", {"AUDIT_RETENTION_YEARS": "0"}),
    ("audit.W001", {"AUDIT_CHECKPOINT_DIR": "/dev/null/folder"}),
]


@pytest.fixture
def find(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Any:
    """What the checks find in an environment with nothing else in it; `.env` is the content of the file."""

    def run(given: Mapping[str, str]) -> list[CheckMessage]:
        process = {"VAR_DIR": str(tmp_path / "var"), **given}
        path = tmp_path / ".env"
        path.write_text(process.pop(".env", ""), encoding="utf-8")
        file = settings_file.read_env_file(path)
        monkeypatch.setattr(
            environment,
            "of_this_process",
            lambda base, _: Environment(base, process, file.values, path, file.problems),
        )
        use(monkeypatch, process)
        return run_checks(tags=[TAG], include_deployment_checks=True)

    return run


def ids_in(*paths: str) -> set[str]:
    return {found for path in paths for found in OUR_ID.findall((ROOT / path).read_text(encoding="utf-8"))}


@pytest.mark.parametrize(("check_id", "given"), CAUSES)
def test_cause_is_found_with_its_id_and_a_hint(find: Any, check_id: str, given: Mapping[str, str]) -> None:
    found = find(given)
    assert {message.id for message in found} == {check_id}
    assert all(message.hint for message in found)


@pytest.mark.parametrize("given", [cause for _, cause in CAUSES])
def test_no_secret_is_shown(find: Any, given: Mapping[str, str]) -> None:
    shown = " ".join(printed(message) for message in find(given))
    assert not [word for word in ("s3cr", "tooshort", WFM_SECRET) if word in shown]


def test_settings_of_the_documentation_have_no_problem(find: Any) -> None:
    assert find({**CXONE, **WFM, **BEHIND_TLS, "CXONE_REGION": "na1"}) == []


def test_each_id_has_a_cause_here_and_a_row_in_the_documentation() -> None:
    ids = ids_in("audit/checks.py", "campaigns/checks.py", "cxadmin/checks.py")
    assert {check_id for check_id, _ in CAUSES} == ids
    assert ids_in("docs/settings.md") == ids


def rows_of_the_documentation() -> list[tuple[str, str, str, str]]:
    """Name, value, sentence and id of each row that shows a malformed value."""
    page = (ROOT / "docs" / "settings.md").read_text(encoding="utf-8")
    return re.findall(r"^\| `([A-Z_]+)=([^`]+)` \| (.+) \| `(\w+\.[EW]\d+)` \|$", page, re.MULTILINE)


@pytest.mark.parametrize(("name", "value", "sentence", "check_id"), rows_of_the_documentation())
def test_sentence_of_the_documentation_is_the_one_that_is_shown(
    find: Any, name: str, value: str, sentence: str, check_id: str
) -> None:
    assert f"{sentence} ({check_id})" in [printed(message) for message in find({name: value})]


def test_one_character_is_told_in_the_singular(find: Any) -> None:
    [message] = find({"CXONE_WEBHOOK_TOKEN": "x"})
    assert "CXONE_WEBHOOK_TOKEN has 1 character; it must have" in printed(message)


def test_each_setting_has_an_id(find: Any) -> None:
    from audit import checks as of_audit
    from campaigns import checks as of_campaigns
    from cxadmin import checks as of_project

    find({})
    assert {*of_audit.IDS, *of_campaigns.IDS, *of_project.IDS} == {settings_file.NAME, *settings.ENVIRONMENT._asked}


def test_file_that_cannot_be_read_may_hold_what_is_missing(find: Any) -> None:
    found = find({".env": "CXONE_CLIENT_SECRET 'a'\n", "CXONE_REGION": "na1", "CXONE_CLIENT_ID": "id"})
    assert {message.id for message in found} == {"cxadmin.E001"}


def test_deployment_has_nothing_to_warn_of(tmp_path: Path) -> None:
    """Django's own checks of a deployment, too; settings.py says which two of them are silenced, and why."""
    servers = {"DATABASE_URL": "postgres://control:pw@db/control", "REDIS_URL": "redis://:pw@redis/0"}
    given = {**CXONE, **WFM, **BEHIND_TLS, **servers, "CXONE_REGION": "na1", "SECRET_KEY": secrets.token_hex(32)}
    told = subprocess.run(
        [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "WARNING"],
        cwd=ROOT,
        env={**environment_in(tmp_path), **given},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (told.returncode, told.stderr) == (0, "")


MANY = {"CXONE_BASE_URL": "mycxone.com", "CONFIRM_SECONDS": "0", "SECRET_KEY": "short", "AUDIT_RETIRED_KEYS": "12"}
NAMED = ["AUDIT_RETIRED_KEYS", "CONFIRM_SECONDS", "CXONE_BASE_URL", "SECRET_KEY"]


@pytest.mark.parametrize(
    "command",
    [
        ["manage.py", "check"],
        ["manage.py", "migrate", "--skip-checks"],
        ["manage.py", "up"],
        ["-m", "gunicorn", "cxadmin.wsgi", "--bind", "127.0.0.1:0"],
        ["-m", "celery", "-q", "-A", "cxadmin", "worker", "-P", "threads"],
    ],
    ids=lambda command: command[-1],
)
def test_every_process_stops_with_all_problems_and_no_trace(tmp_path: Path, command: list[str]) -> None:
    stopped = subprocess.run(
        [sys.executable, *command],
        cwd=ROOT,
        env={**environment_in(tmp_path), **MANY},
        stdin=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        timeout=60,
        check=False,
    )
    assert stopped.returncode == 1
    assert sorted(line.split()[0] for line in stopped.stderr.splitlines()) == NAMED
    assert not list(tmp_path.iterdir())
