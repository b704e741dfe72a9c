"""A setting that is missing or can't be used stops the start with a sentence that names it."""

import os
import runpy
import socket
import stat
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from django.conf import UserSettingsHolder, global_settings, settings
from django.core.exceptions import ImproperlyConfigured

from campaigns.events import signature
from cxadmin import entry_point, local
from cxadmin.debug_pages import SettingsFilter

ROOT = Path(__file__).parents[2]
CXONE = {"CXONE_CLIENT_ID": "id", "CXONE_CLIENT_SECRET": "s3cret"}
WFM_SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


@pytest.fixture
def load(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Any:
    """The settings, as an entry point finds them in an environment with nothing else in it."""

    def run(**environment: str) -> dict[str, Any]:
        read = use(monkeypatch, {"VAR_DIR": str(tmp_path / "var"), **environment})
        entry_point.prepare()
        return read

    return run


def use(monkeypatch: pytest.MonkeyPatch, environment: Mapping[str, str]) -> dict[str, Any]:
    """Read the settings in this environment, and make them Django's until the test ends."""
    monkeypatch.setattr(os, "environ", dict(environment))
    read = runpy.run_path(str(ROOT / "cxadmin" / "settings.py"))
    holder = UserSettingsHolder(global_settings)
    for name, value in read.items():
        if name.isupper():
            setattr(holder, name, value)
    monkeypatch.setattr(settings, "_wrapped", holder)
    return read


def check(**environment: str) -> subprocess.CompletedProcess[str]:
    """`manage.py check` as a process."""
    with tempfile.TemporaryDirectory() as directory:
        return subprocess.run(
            [sys.executable, "manage.py", "check"],
            cwd=ROOT,
            env={"PATH": os.environ["PATH"], "VAR_DIR": directory, **environment},
            capture_output=True,
            text=True,
            check=False,
        )


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SYNC_INTERVAL_SECONDS", "soon"),
        ("SYNC_INTERVAL_SECONDS", "٣"),
        ("CONFIRM_SECONDS", "0"),
        ("CXONE_RATE_PER_MINUTE", "-5"),
        ("PORT", "abc"),
        ("PORT", "0"),
        ("PORT", "65536"),
        ("PORT", "127.0.0.1:8000"),
        ("CXONE_BASE_URL", "mycxone.com"),
        ("CXONE_BASE_URL", "http://api.na1.my.cxone.com"),
        ("CXONE_BASE_URL", "http://134744072"),
        ("CXONE_BASE_URL", "http://0x08080808"),
        ("CXONE_BASE_URL", "https://api na1.my.cxone.com"),
        ("CXONE_BASE_URL", "https://id:s3cret@api.na1.my.cxone.com"),
        ("CXONE_BASE_URL", "https://[::1"),
        ("CXONE_REGION", "na1 # ours"),
        ("CXONE_REGION", "https://api.na1.my.cxone.com"),
        ("CXONE_REGION", "$REGION"),
        ("CXONE_REGION", "na1/"),
        ("CXONE_REGION", "-"),
        ("CXONE_INSTANCE", "acme.mycxone.com"),
        ("CXONE_INSTANCE", "ac me"),
        ("PUBLIC_BASE_URL", "ftp://example.com"),
        ("PUBLIC_BASE_URL", "control.example.com"),
        ("PUBLIC_BASE_URL", "https://example.com/control"),
        ("PUBLIC_BASE_URL", "https://example.com?x=1"),
        ("PUBLIC_BASE_URL", "https://ann@example.com"),
        ("PUBLIC_BASE_URL", "https://$HOST"),
        ("PUBLIC_BASE_URL", "https://example.com:port"),
        ("ALLOWED_HOSTS", "https://example.com"),
        ("ALLOWED_HOSTS", "a.example.com,example.com:8000"),
        ("REDIS_URL", "localhost"),
        ("DATABASE_URL", "nonsense"),
        ("DATABASE_POOLED", "perhaps"),
        ("DEBUG", "perhaps"),
        ("CXONE_DIALECT", "v9"),
        ("CXONE_TOKEN_AUTH", "digest"),
        ("CXONE_TOKEN_AUTH", "Basic abc"),
        ("SECRET_KEY", "short"),
        ("CXONE_WEBHOOK_TOKEN", "short"),
        ("CXONE_WEBHOOK_TOKEN", "a/token/with/slashes/in/it"),
        ("CXONE_WEBHOOK_TOKEN", "a token with blanks in it"),
        ("WFM_WEBHOOK_URL", "wfm.example.com"),
        ("WFM_WEBHOOK_URL", "http://[::1"),
        ("WFM_WEBHOOK_URL", "http://wfm.example.com/"),
        ("WFM_WEBHOOK_URL", "https://ann:secret@wfm.example.com/"),
        ("WFM_WEBHOOK_URL", "http://10.1.2.3/"),
        ("WFM_WEBHOOK_URL", "http://2130706433/"),
        ("WFM_WEBHOOK_URL", "http://localhost:9000/"),
        ("WFM_WEBHOOK_SECRET", "hello"),
        ("WFM_WEBHOOK_SECRET", "whsec_c2hvcnQ="),
        ("WFM_WEBHOOK_SECRET", "whsec_????????????????????????????????"),
        ("WFM_ALLOW_PRIVATE", "perhaps"),
        ("TRUSTED_PROXIES", "proxy.example.com"),
        ("TRUSTED_PROXIES", "10.0.0.1/24"),
        ("TRUSTED_PROXIES", "0.0.0.0/0"),
        ("TRUSTED_PROXIES", "10.0.0.5,::/0"),
        ("AUDIT_RETIRED_KEYS", "12"),
        ("AUDIT_SIGNING_KEY_FILE", "/gone/audit.pem"),
        ("VAR_DIR", "$NOWHERE/x"),
    ],
)
def test_malformed_setting_is_named(load: Any, name: str, value: str) -> None:
    with pytest.raises(ImproperlyConfigured, match=f"^{name} "):
        load(**{name: value})


def test_long_value_is_not_repeated_in_full(load: Any) -> None:
    with pytest.raises(ImproperlyConfigured, match="x…'") as caught:
        load(LOG_FORMAT="x" * 5_000)
    assert len(str(caught.value)) < 300


def test_sentence_is_all_that_the_command_line_prints() -> None:
    result = check(CXONE_BASE_URL="mycxone.com")
    assert result.returncode == 1
    assert result.stderr.startswith("CXONE_BASE_URL is not an address")
    assert result.stderr.count("\n") == 1


@pytest.mark.parametrize(
    ("environment", "address"),
    [
        ({"CXONE_REGION": "NA1"}, "https://api.na1.my.cxone.com"),
        ({"CXONE_REGION": "na1", "CXONE_INSTANCE": "acme"}, "https://acme.mycxone.com"),
        (
            {"CXONE_REGION": "na1", "CXONE_BASE_URL": "https://gateway.example.com/cxone/"},
            "https://gateway.example.com/cxone",
        ),
        ({"CXONE_BASE_URL": "http://127.0.0.1:8100"}, "http://127.0.0.1:8100"),
        ({"CXONE_BASE_URL": "http://[::1]:8100"}, "http://[::1]:8100"),
        ({"CXONE_BASE_URL": "http://simulator:8100"}, "http://simulator:8100"),
    ],
)
def test_cxone_is_where_the_settings_say(load: Any, environment: dict[str, str], address: str) -> None:
    read = load(**CXONE, **environment)
    assert (read["CXONE_BASE_URL"], read["CXONE_TOKEN_URL"]) == (address, f"{address}/oauth/token")


KEY = {"CXONE_DIALECT": "published", "CXONE_ACCESS_KEY_ID": "key", "CXONE_ACCESS_KEY_SECRET": "s3cret===="}


@pytest.mark.parametrize(
    ("environment", "base", "token"),
    [
        (CXONE, "", "https://cxone.niceincontact.com/auth/token"),
        ({**CXONE, "CXONE_REGION": "na1"}, "", "https://cxone.niceincontact.com/auth/token"),
        ({"CXONE_REGION": "NA1"}, "", "https://na1.nice-incontact.com/authentication/v1/token/access-key"),
        (
            {**CXONE, "CXONE_BASE_URL": "https://api-au1.niceincontact.com/"},
            "https://api-au1.niceincontact.com",
            "https://cxone.niceincontact.com/auth/token",
        ),
        ({**CXONE, "CXONE_TOKEN_URL": "https://t.example.com/x"}, "", "https://t.example.com/x"),
    ],
)
def test_published_api_is_where_nice_says(load: Any, environment: dict[str, str], base: str, token: str) -> None:
    read = load(**KEY, **environment)
    assert (read["CXONE_BASE_URL"], read["CXONE_TOKEN_URL"]) == (base, token)
    assert (read["CXONE_API_VERSION"], read["CXONE_RATE_PER_MINUTE"], read["CXONE_SIMULATED"]) == ("v34.0", 60, False)
    assert read["CXONE_IS_MEANT"]


def test_secret_of_the_access_key_is_blanked_in_logs(load: Any) -> None:
    assert "s3cret====" in load(**KEY, CXONE_REGION="na1")["SECRETS"]


@pytest.mark.parametrize("missing", ["CXONE_CLIENT_ID", "CXONE_CLIENT_SECRET"])
def test_address_without_the_client_stops(load: Any, missing: str) -> None:
    given = {name: value for name, value in CXONE.items() if name != missing}
    with pytest.raises(ImproperlyConfigured, match=f"^{missing} is not set"):
        load(CXONE_REGION="na1", **given)


@pytest.mark.parametrize("name", ["CXONE_CLIENT_ID", "CXONE_CLIENT_SECRET", "CXONE_TOKEN_URL"])
def test_client_without_an_address_is_not_for_the_simulator(load: Any, name: str) -> None:
    with pytest.raises(ImproperlyConfigured, match=f"^{name} is set, but nothing says where CXone is"):
        load(**{name: "https://example.com/token"})


def test_secret_of_cxone_is_read_as_it_is(load: Any) -> None:
    assert load(**CXONE | {"CXONE_CLIENT_SECRET": "$ecret"}, CXONE_REGION="na1")["CXONE_CLIENT_SECRET"] == "$ecret"


@pytest.mark.parametrize(
    ("given", "origin"),
    [
        ("https://control.example.com/", "https://control.example.com"),
        ("https://Control.Example.com", "https://control.example.com"),
        ("https://control.example.com:443", "https://control.example.com"),
        ("https://control.example.com:8443", "https://control.example.com:8443"),
        ("http://[::1]:8000", "http://[::1]:8000"),
    ],
)
def test_public_address_is_written_as_browsers_write_it(load: Any, given: str, origin: str) -> None:
    read = load(PUBLIC_BASE_URL=given)
    assert (read["PUBLIC_BASE_URL"], read["CSRF_TRUSTED_ORIGINS"]) == (origin, [origin])


def test_hosts_may_have_blanks_between(load: Any) -> None:
    assert load(ALLOWED_HOSTS="a.example.com, .example.org ,")["ALLOWED_HOSTS"][:2] == [
        "a.example.com",
        ".example.org",
    ]


def test_webhook_needs_its_secret(load: Any) -> None:
    with pytest.raises(ImproperlyConfigured, match=r"^WFM_WEBHOOK_SECRET is not set"):
        load(WFM_WEBHOOK_URL="https://wfm.example.com/")


@pytest.mark.parametrize(
    "environment",
    [
        {"WFM_WEBHOOK_URL": "https://wfm.example.com/"},
        {"WFM_WEBHOOK_URL": "http://10.1.2.3/", "WFM_ALLOW_PRIVATE": "on"},
    ],
)
def test_webhook_settings_pass(load: Any, environment: dict[str, str]) -> None:
    read = load(WFM_WEBHOOK_SECRET=WFM_SECRET, **environment)
    assert read["WFM_WEBHOOK_URL"] == environment["WFM_WEBHOOK_URL"]


def test_secrets_of_events_may_be_two_in_a_file(load: Any, tmp_path: Path) -> None:
    other = "whsec_" + "b" * 43 + "="
    path = tmp_path / "secret"
    path.write_text(f"{WFM_SECRET}, {other}\n", encoding="ascii")
    read = load(CXONE_WEBHOOK_SECRET_FILE=str(path))
    assert signature.secrets() == [WFM_SECRET, other]
    assert {WFM_SECRET, other} <= read["SECRETS"]


@pytest.mark.parametrize(
    "reached",
    [
        {"PUBLIC_BASE_URL": "https://control.example.com"},
        {"PUBLIC_BASE_URL": "http://10.1.2.3:8000"},
        {"ALLOWED_HOSTS": "control"},
        {"ALLOWED_HOSTS": "*"},
    ],
)
def test_debug_pages_are_refused_where_others_reach_them(load: Any, reached: dict[str, str]) -> None:
    with pytest.raises(ImproperlyConfigured, match=r"^DEBUG is on"):
        load(DEBUG="on", **reached)


def test_debug_pages_are_there_for_this_machine(load: Any) -> None:
    assert load(DEBUG="on", PUBLIC_BASE_URL="http://localhost:8000")["DEBUG"]


def test_demo_accounts_on_a_real_cxone_need_a_long_password(load: Any) -> None:
    with pytest.raises(ImproperlyConfigured, match=r"^DEMO_PASSWORD has fewer"):
        load(**CXONE, CXONE_REGION="na1", DEMO_PASSWORD="demo")
    assert load(**CXONE, CXONE_BASE_URL="http://127.0.0.1:8100", DEMO_PASSWORD="demo")["DEMO_PASSWORD"] == "demo"


def test_database_is_in_the_folder_that_is_named(load: Any, tmp_path: Path) -> None:
    read = load(HOME=str(tmp_path), VAR_DIR="$HOME/campaign-control")
    assert read["VAR_DIR"] == tmp_path / "campaign-control"
    assert read["DATABASES"]["default"]["NAME"] == str(tmp_path / "campaign-control" / "campaign-control.sqlite3")


def test_cookies_belong_to_the_host_with_tls(load: Any) -> None:
    read = load(PUBLIC_BASE_URL="https://control.example.com")
    assert (read["SESSION_COOKIE_NAME"], read["CSRF_COOKIE_NAME"]) == ("__Host-sessionid", "__Host-csrftoken")
    # What browsers demand of such a name.
    assert read["SESSION_COOKIE_SECURE"]
    assert read["CSRF_COOKIE_SECURE"]
    assert {"SESSION_COOKIE_DOMAIN", "CSRF_COOKIE_DOMAIN", "SESSION_COOKIE_PATH", "CSRF_COOKIE_PATH"}.isdisjoint(read)


def test_browsers_use_tls_for_hosts_below(load: Any) -> None:
    read = load(PUBLIC_BASE_URL="https://control.example.com")
    assert (read["SECURE_HSTS_SECONDS"], read["SECURE_HSTS_INCLUDE_SUBDOMAINS"]) == (31_536_000, True)
    assert load()["SECURE_HSTS_SECONDS"] == 0


def test_debug_page_shows_no_password(load: Any) -> None:
    read = load(
        REDIS_URL="redis://:s3cret@redis:6379/0",
        DATABASE_URL="postgres://anna:s3cret@db/control",
        DEMO_PASSWORD="s3cret",
        **{**CXONE, "CXONE_BASE_URL": "http://127.0.0.1:8100"},
    )
    shown = {name: SettingsFilter().cleanse_setting(name, value) for name, value in read.items() if name.isupper()}
    assert "s3cret" not in str(shown)


@pytest.mark.parametrize("mode", [0o644, 0o666])
def test_database_that_others_could_read_is_closed(load: Any, tmp_path: Path, mode: int) -> None:
    (tmp_path / "var").mkdir(mode=0o755)
    name = tmp_path / "var" / "campaign-control.sqlite3"
    parts = [name, Path(f"{name}-wal"), Path(f"{name}-shm"), tmp_path / "var" / "secret_key"]
    for part in parts:
        part.write_text("a secret key that was restored with open rights")
        part.chmod(mode)
    load()
    assert {stat.S_IMODE(part.stat().st_mode) for part in parts} == {0o600}


def test_new_database_is_private_in_an_open_folder(tmp_path: Path) -> None:
    command = [sys.executable, "manage.py", "migrate", "contenttypes", "--verbosity", "0"]
    environment = {
        "PATH": os.environ["PATH"],
        "VAR_DIR": str(tmp_path),
        "DATABASE_URL": f"sqlite:///{tmp_path}/new.db",
    }
    tmp_path.chmod(0o755)
    subprocess.run(command, cwd=ROOT, env=environment, umask=0o022, check=True)
    assert stat.S_IMODE((tmp_path / "new.db").stat().st_mode) == 0o600


def test_open_file_of_somebody_else_stops(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "database"
    path.touch()
    path.chmod(0o644)

    def refuse(*_arguments: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(Path, "chmod", refuse)
    with pytest.raises(ImproperlyConfigured, match="can be read by everybody on this machine"):
        local.keep_private(path)


@pytest.mark.parametrize("folder", ["/dev/null/folder", "/proc/folder"])
def test_folder_that_cannot_be_used_stops(load: Any, folder: str) -> None:
    with pytest.raises(ImproperlyConfigured, match=f"^{folder}/.*Set VAR_DIR"):
        load(VAR_DIR=folder)


def test_gunicorn_is_told_of_a_wrong_number_of_workers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WEB_CONCURRENCY", "0")
    with pytest.raises(SystemExit, match=r"^WEB_CONCURRENCY is '0'"):
        runpy.run_path(f"{settings.BASE_DIR}/gunicorn.conf.py")


def test_entry_point_uses_the_secrets_that_it_has_made(load: Any, tmp_path: Path) -> None:
    read = load()
    made = {name: (tmp_path / "var" / name).read_text() for name in ("secret_key", "webhook_token")}
    assert (made["secret_key"], made["webhook_token"]) == (settings.SECRET_KEY, settings.CXONE_WEBHOOK_TOKEN)
    assert {*made.values()} <= settings.SECRETS
    assert read["SECRET_KEY"] != made["secret_key"]  # before it was made, nothing but this process's own


def test_given_secrets_are_not_made(load: Any, tmp_path: Path) -> None:
    load(
        SECRET_KEY="0123456789abcdefghijklmnopqrstuv",
        CXONE_WEBHOOK_TOKEN="t" * 24,
        DATABASE_URL="postgres://anna@db/control",
    )
    assert [path.name for path in (tmp_path / "var").iterdir()] == ["audit_signing_key.pem"]


def test_secret_that_was_not_made_is_another_each_time_and_nowhere_kept(tmp_path: Path) -> None:
    path = tmp_path / "var" / "key"
    assert local.made_or_ephemeral(path) != local.made_or_ephemeral(path)
    assert not path.parent.exists()


def test_secret_that_was_made_is_read(tmp_path: Path) -> None:
    made = local.secret(tmp_path / "key")
    assert local.made_or_ephemeral(tmp_path / "key") == made


def test_made_secret_is_kept(tmp_path: Path) -> None:
    assert local.secret(tmp_path / "key") == local.secret(tmp_path / "key")


def test_made_secret_is_private(tmp_path: Path) -> None:
    local.secret(tmp_path / "inside" / "key")
    assert stat.S_IMODE((tmp_path / "inside" / "key").stat().st_mode) == 0o600


def test_racing_processes_get_one_secret(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        assert len(set(pool.map(lambda _: local.secret(tmp_path / "key"), range(8)))) == 1


@pytest.mark.parametrize(
    ("query", "options"),
    [
        ("", "-c idle_in_transaction_session_timeout=15s -c jit=off"),
        ("?options=-c%20work_mem%3D8MB", "-c work_mem=8MB"),
    ],
)
def test_postgresql_ends_a_frozen_transaction(load: Any, query: str, options: str) -> None:
    read = load(DATABASE_URL=f"postgres://anna@db/control{query}")
    assert read["DATABASES"]["default"]["OPTIONS"]["options"] == options


def test_pooled_connections_keep_nothing_in_their_session(load: Any) -> None:
    database = load(DATABASE_URL="postgres://anna@pooler/control", DATABASE_POOLED="on")["DATABASES"]["default"]
    assert database["DISABLE_SERVER_SIDE_CURSORS"]
    assert not {"options", "prepare_threshold"} & set(database["OPTIONS"])


@pytest.mark.parametrize(("query", "milliseconds"), [("", 20_000), ("?tcp_user_timeout=5000", 5000)])
def test_silent_database_is_given_up_after_seconds(load: Any, query: str, milliseconds: int) -> None:
    read = load(DATABASE_URL=f"postgres://anna@db/control{query}")
    assert read["DATABASES"]["default"]["OPTIONS"]["tcp_user_timeout"] == milliseconds


def test_silent_redis_is_given_up_by_the_workers(load: Any) -> None:
    options = load(REDIS_URL="redis://redis:6379/0")["CELERY_BROKER_TRANSPORT_OPTIONS"]
    assert options["socket_keepalive"]
    assert options["socket_keepalive_options"][socket.TCP_KEEPIDLE] == 10
