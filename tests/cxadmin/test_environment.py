"""Where a setting comes from, and what becomes of one that can't be used: never its default."""

from collections.abc import Mapping
from pathlib import Path
from types import MethodType
from typing import Any

import pytest

from cxadmin import database_url
from cxadmin.environment import Environment

DEFAULT = Path("/the/default")


def environment(
    tmp_path: Path, process: Mapping[str, str] | None = None, file: Mapping[str, str] | None = None
) -> Environment:
    return Environment(tmp_path, process or {}, file or {}, tmp_path / ".env")


def database(tmp_path: Path, url: str) -> dict[str, Any]:
    return read_database(environment(tmp_path, {"DATABASE_URL": url}))


def read_database(read: Environment) -> dict[str, Any]:
    return database_url.read_database(read, "DATABASE_URL", DEFAULT)


def stops(call: Any, *arguments: Any) -> str:
    """The one problem that is noted."""
    reader: Any = call.__self__ if isinstance(call, MethodType) else arguments[0]
    call(*arguments)
    [problem] = reader.problems
    return f"{problem.sentence} {problem.hint}"


# --- Where it comes from


def test_environment_comes_before_the_file(tmp_path: Path) -> None:
    both = environment(tmp_path, {"NAME": "environment"}, {"NAME": "file"})
    assert both.text("NAME") == "environment"


def test_set_to_nothing_in_the_environment_unsets_what_the_file_says(tmp_path: Path) -> None:
    assert environment(tmp_path, {"NAME": ""}, {"NAME": "file"}).text("NAME", "default") == "default"


def test_environment_comes_before_the_file_whichever_form_it_has(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("from a file")
    named = environment(tmp_path, {"NAME_FILE": "secret"}, {"NAME": "in .env"})
    plain = environment(tmp_path, {"NAME": "in the environment"}, {"NAME_FILE": "secret"})
    assert (named.secret("NAME"), plain.secret("NAME")) == ("from a file", "in the environment")


@pytest.mark.parametrize("sources", [({"NAME": "a", "NAME_FILE": "b"}, {}), ({}, {"NAME": "a", "NAME_FILE": "b"})])
def test_name_and_name_file_in_one_place_stop(tmp_path: Path, sources: tuple[dict[str, str], dict[str, str]]) -> None:
    assert "NAME and NAME_FILE are both set" in stops(environment(tmp_path, *sources).text, "NAME")


# --- NAME_FILE


@pytest.mark.parametrize("content", [b"s3cret", b"s3cret\n", b"s3cret\r\n", b"\xef\xbb\xbfs3cret\n", b" s3cret \n\n"])
def test_secret_file_holds_the_value(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "secret").write_bytes(content)
    assert environment(tmp_path, {"NAME_FILE": str(tmp_path / "secret")}).secret("NAME") == "s3cret"


def test_secret_file_is_found_by_home_and_tilde(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / "secret").write_text("s3cret")
    for path in ("$HOME/secret", "${HOME}/secret", "~/secret", "secret"):
        assert environment(tmp_path, {"HOME": str(tmp_path), "NAME_FILE": path}).secret("NAME") == "s3cret"


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "is empty"),
        (b" \n\n", "is empty"),
        (b"one\ntwo\n", "has a line break"),
        (b"\xff\xfes\x003\x00", "is not a short text in UTF-8"),
        (b"x" * 100_000, "is not a short text in UTF-8"),
    ],
)
def test_secret_file_without_one_value_stops(tmp_path: Path, content: bytes, words: str) -> None:
    (tmp_path / "secret").write_bytes(content)
    sentence = stops(environment(tmp_path, {"NAME_FILE": "secret"}).secret, "NAME")
    assert f"NAME_FILE names {tmp_path}/secret, which {words}" in sentence


def test_folder_or_nothing_at_the_path_of_a_secret_stops(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    assert "Is a directory" in stops(environment(tmp_path, {"NAME_FILE": "folder"}).secret, "NAME")
    assert "No such file" in stops(environment(tmp_path, {"NAME_FILE": "gone"}).secret, "NAME")


# --- Secrets


@pytest.mark.parametrize("value", ["$ecret", "${x}", "a$$b", "~x", "%40", r"a\n", "a#b", "it's", "a b", '"a'])
def test_secret_stays_as_it_is(tmp_path: Path, value: str) -> None:
    assert environment(tmp_path, {"NAME": value}).secret("NAME") == value
    assert environment(tmp_path, {}, {"NAME": value}).secret("NAME") == value


@pytest.mark.parametrize("value", ["'s3cret'", '"s3cret"'])
def test_quotes_around_a_value_of_the_environment_stop(tmp_path: Path, value: str) -> None:
    assert "NAME begins and ends with a quote" in stops(environment(tmp_path, {"NAME": value}).secret, "NAME")


@pytest.mark.parametrize("value", ["…", "..."])
def test_placeholder_of_the_documentation_stops(tmp_path: Path, value: str) -> None:
    assert f"NAME is still {value}" in stops(environment(tmp_path, {"NAME": value}).text, "NAME")
    assert f"NAME is still {value}" in stops(environment(tmp_path, {}, {"NAME": value}).secret, "NAME")


def test_invisible_character_stops(tmp_path: Path) -> None:
    assert "U+200B" in stops(environment(tmp_path, {"NAME": "s3\u200bcret"}).secret, "NAME")


def test_line_end_behind_a_value_of_the_environment_is_left_out(tmp_path: Path) -> None:
    assert environment(tmp_path, {"NAME": "s3cret\n"}).secret("NAME") == "s3cret"


def test_blanks_that_were_quoted_in_the_file_stay(tmp_path: Path) -> None:
    assert environment(tmp_path, {}, {"NAME": " s3cret "}).secret("NAME") == " s3cret "


# --- Paths


@pytest.mark.parametrize("text", ["$HOME/x", "${HOME}/x", "~/x", "/home/anna/x"])
def test_path_is_read_as_a_shell_reads_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setenv("HOME", "/home/anna")
    read = environment(tmp_path, {"HOME": "/home/anna"}, {"VAR_DIR": text})
    assert read.path("VAR_DIR", DEFAULT) == Path("/home/anna/x")


def test_path_may_begin_at_a_variable_of_the_file(tmp_path: Path) -> None:
    read = environment(tmp_path, {}, {"DATA": "/srv/data", "VAR_DIR": "$DATA/x"})
    assert read.path("VAR_DIR", DEFAULT) == Path("/srv/data/x")


def test_relative_path_begins_at_the_products_folder(tmp_path: Path) -> None:
    assert environment(tmp_path, {"VAR_DIR": "x"}).path("VAR_DIR", DEFAULT) == tmp_path / "x"


@pytest.mark.parametrize(
    "text",
    ["$HOMEE/x", "${HOMEE}/x", "${HOME:-/x}/y", "~nobody-of-that-name/x", "$(pwd)/x", "`pwd`/x", "%USERPROFILE%/x"],
)
def test_path_that_leads_nowhere_stops(tmp_path: Path, text: str) -> None:
    sentence = stops(environment(tmp_path, {"HOME": "/home/anna", "VAR_DIR": text}).path, "VAR_DIR", DEFAULT)
    assert "VAR_DIR" in sentence
    assert text in sentence


def test_path_set_to_nothing_in_the_file_stops(tmp_path: Path) -> None:
    assert "VAR_DIR is set to nothing" in stops(environment(tmp_path, {}, {"VAR_DIR": ""}).path, "VAR_DIR", DEFAULT)


# --- Databases


def test_password_with_special_characters(tmp_path: Path) -> None:
    read = database(tmp_path, "postgres://anna:p%40ss%2F%23%3A%25%24+$x@db.internal:5433/control?sslmode=require")
    assert (read["USER"], read["PASSWORD"], read["HOST"]) == ("anna", "p@ss/#:%$+$x", "db.internal")
    assert (read["PORT"], read["NAME"], read["OPTIONS"]) == (5433, "control", {"sslmode": "require"})


def test_at_sign_in_a_password_is_no_host(tmp_path: Path) -> None:
    read = database(tmp_path, "postgres://anna:p@ss@db/control")
    assert (read["PASSWORD"], read["HOST"]) == ("p@ss", "db")


def test_socket_and_several_hosts(tmp_path: Path) -> None:
    socket = database(tmp_path, "postgres://anna@%2Fvar%2Frun%2Fpostgresql/control")
    several = database(tmp_path, "postgres://anna:x@/control?host=one,two&port=5432,5433")
    assert socket["HOST"] == "/var/run/postgresql"
    assert (several["HOST"], several["OPTIONS"]) == ("", {"host": "one,two", "port": "5432,5433"})


@pytest.mark.parametrize(
    "url",
    [
        "postgres://anna:s3cr#t@db/control",
        "postgres://anna:s3cr/t@db/control",
        "postgres://anna:s3cr?t@db/control",
        "postgres://anna:s3cr%t@db/control",
        "postgres://anna:s3cr[t@db/control",
        "postgres://anna:s3cr t@db/control",
        "postgres://anna:s3cret@db:port/control",
        "postgres://anna:s3cret@db:99999/control",
        "postgres://anna:s3cret@db/",
        "postgres://anna:s3cret@db",
        "mysql://anna:s3cret@db/control",
        "anna:s3cret@db/control",
        "sqlite:///",
        "sqlite:///:memory:",
        "sqlite://anna:s3cret@db/control",
    ],
)
def test_database_address_that_cannot_be_used_stops_without_showing_it(tmp_path: Path, url: str) -> None:
    read = environment(tmp_path, {"DATABASE_URL": url})
    sentence = stops(read_database, read)
    assert "DATABASE_URL" in sentence
    assert "s3cr" not in sentence
    assert read_database(read) == database_url.NO_DATABASE


def test_database_file_is_found_as_other_paths(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home/anna")
    homes = {"HOME": "/home/anna"}
    for path, expected in {"$HOME/x.db": "/home/anna/x.db", "~/x.db": "/home/anna/x.db", "/x.db": "/x.db"}.items():
        read = environment(tmp_path, {**homes, "DATABASE_URL": f"sqlite:///{path}"})
        assert database_url.read_database(read, "DATABASE_URL", DEFAULT)["NAME"] == expected
    assert database(tmp_path, "sqlite:///x.db")["NAME"] == str(tmp_path / "x.db")


def test_database_set_to_nothing_in_the_file_stops(tmp_path: Path) -> None:
    read = environment(tmp_path, {}, {"DATABASE_URL": ""})
    assert "DATABASE_URL is set to nothing" in stops(read_database, read)


@pytest.mark.parametrize(
    "url",
    [
        "redis://:s3cr#t@redis/0",
        "redis://:s3cr/t@redis:6379/0",
        "redis://:s3cret@redis/zero",
        "redis://:s3cret@redis:x/0",
    ],
)
def test_redis_address_that_cannot_be_used_stops_without_showing_it(tmp_path: Path, url: str) -> None:
    sentence = stops(environment(tmp_path, {"REDIS_URL": url}).redis_address, "REDIS_URL")
    assert "REDIS_URL" in sentence
    assert "s3cr" not in sentence


# --- Names


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("CXONE_CLIENT_SECRT", "CXONE_CLIENT_SECRET"),
        ("CXONE_CLIENTSECRET", "CXONE_CLIENT_SECRET"),
        ("cxone_client_secret", "CXONE_CLIENT_SECRET"),
        ("CXONE_CLIENT_SECRET_FIL", "CXONE_CLIENT_SECRET"),
        ("CXONE_CLIENT_SECRT_FILE", "CXONE_CLIENT_SECRET_FILE"),
        ("DATABASE_URI", "DATABASE_URL"),
        ("VARDIR", "VAR_DIR"),
    ],
)
def test_misspelt_name_in_the_file_stops(tmp_path: Path, name: str, meant: str) -> None:
    read = environment(tmp_path, {}, {name: "x"})
    for known in ("CXONE_CLIENT_SECRET", "DATABASE_URL", "VAR_DIR"):
        read.text(known)
    [(sentence, hint)] = read.misspelt_names()
    assert sentence.endswith(f"{name} is not a setting.")
    assert hint == f"Did you mean {meant}?"


def test_unknown_name_with_our_prefix_stops_in_the_file(tmp_path: Path) -> None:
    [(sentence, _)] = environment(tmp_path, {}, {"CXONE_COLOUR": "x"}).misspelt_names()
    assert sentence.endswith("CXONE_COLOUR is not a setting.")


def test_misspelt_name_of_ours_in_the_environment_stops(tmp_path: Path) -> None:
    read = environment(tmp_path, {"CXONE_REGON": "na1"})
    read.text("CXONE_REGION")
    [(sentence, _)] = read.misspelt_names()
    assert sentence.startswith("CXONE_REGON in the environment")


@pytest.mark.parametrize("name", ["DATABASE_URI", "CXONE_SERVICE_HOST"])
def test_name_that_may_be_anothers_is_a_warning(tmp_path: Path, name: str) -> None:
    read = environment(tmp_path, {name: "x"})
    read.text("DATABASE_URL")
    assert list(read.misspelt_names()) == []
    [(sentence, _)] = read.ignored_names()
    assert sentence == f"{name} in the environment is not a setting and is ignored."


def test_others_names_are_nobodys_business(tmp_path: Path) -> None:
    names = {"PATH": "x", "TEST_DATABASE_URL": "x", "SSL_CERT_FILE": "x", "VERSION": "1", "COMPOSE_PROFILES": "demo"}
    read = environment(tmp_path, names, names)
    for known in ("DATABASE_URL", "VAR_DIR", "PORT"):
        read.text(known)
    assert [*read.misspelt_names(), *read.ignored_names()] == []


def test_what_is_not_ours_is_passed_on_to_libraries(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import os

    for name in ("OTHERS_NAME", "OURS", "OURS_FILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(os, "environ", dict(os.environ))
    read = environment(tmp_path, {}, {"OTHERS_NAME": "x", "OURS": "y"})
    read.text("OURS")
    read.pass_on()
    assert (os.environ.get("OTHERS_NAME"), os.environ.get("OURS")) == ("x", None)
