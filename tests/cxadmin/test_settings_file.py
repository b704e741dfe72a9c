"""`.env` as people write it: read as a shell reads it, or a sentence with the file and the line."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cxadmin import settings_file


def read(tmp_path: Path, text: str | bytes) -> dict[str, str]:
    path = tmp_path / ".env"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return read_file(path)


def read_file(path: Path) -> dict[str, str]:
    """What the file sets; there must be no problem in it."""
    file = settings_file.read_env_file(path)
    assert file.problems == [], file.problems
    return dict(file.values)


def problem_of(path: Path) -> str:
    """The one problem in the file."""
    [problem] = settings_file.read_env_file(path).problems
    return f"{problem.sentence} {problem.hint}"


@pytest.mark.parametrize(
    ("line", "value"),
    [
        ("NAME=value", "value"),
        ("NAME=value        # from the vault", "value"),
        ("NAME=value\t# from the vault", "value"),
        ("NAME=value#not-a-comment", "value#not-a-comment"),
        ("NAME=#value", "#value"),
        ("NAME=   # nothing yet", ""),
        ("NAME=", ""),
        ("NAME = value", "value"),
        ("  NAME=value  ", "value"),
        ("\tNAME\t=\tvalue", "value"),
        ("NAME\u00a0=\u00a0value", "value"),
        ("export NAME=value", "value"),
        ("export\tNAME = value # why", "value"),
        ("NAME='a # b'", "a # b"),
        ('NAME="a # b" # why', "a # b"),
        ("NAME='a'# why it's so", "a"),
        ("NAME='  a  '", "  a  "),
        ("NAME=''", ""),
        ("NAME=a b", "a b"),
        ("NAME=it's", "it's"),
        ('NAME=in"side', 'in"side'),
        ("NAME==a=b=", "=a=b="),
        ("NAME=$HOME/x", "$HOME/x"),
        ("NAME=${HOME}/x", "${HOME}/x"),
        ("NAME=pa$$word", "pa$$word"),
        ('NAME="pa$word"', "pa$word"),
        (r"NAME=pa\ss\nword", r"pa\ss\nword"),
        (r"NAME='pa\ss\\word'", r"pa\ss\\word"),
        (r'NAME="pa\ss\nword"', r"pa\ss\nword"),
        (r'NAME="a\"b\\c\$d"', r'a"b\c$d'),
    ],
)
def test_value_is_read_as_meant(tmp_path: Path, line: str, value: str) -> None:
    assert read(tmp_path, f"{line}\nOTHER=1\n") == {"NAME": value, "OTHER": "1"}


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("last_end", [True, False])
def test_any_line_end_will_do(tmp_path: Path, end: str, last_end: bool) -> None:
    text = end.join(["# first", "A=1", "B=2"]) + (end if last_end else "")
    assert read(tmp_path, text) == {"A": "1", "B": "2"}


def test_byte_order_mark_is_no_part_of_the_first_name(tmp_path: Path) -> None:
    assert read(tmp_path, b"\xef\xbb\xbfA=1\r\nB=2\r\n") == {"A": "1", "B": "2"}


def test_missing_file_sets_nothing(tmp_path: Path) -> None:
    assert settings_file.read_env_file(tmp_path / ".env") == settings_file.EMPTY


def test_same_line_twice_is_one_setting(tmp_path: Path) -> None:
    assert read(tmp_path, "A=1\nA='1'\n") == {"A": "1"}


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("A=1\n\n\nCXONE_REGION\n", 4, "CXONE_REGION has no = and no value"),
        ("A=1\nexport CXONE_REGION\n", 2, "no = and no value"),
        ("CXONE_REGION: na1\n", 1, "can’t be read"),
        ("set CXONE_REGION=na1\n", 1, "can’t be read"),
        ("$env:CXONE_REGION = 'na1'\n", 1, "not a name"),
        ("CXONE-REGION=na1\n", 1, "not a name"),
        ("A=1\n---\n", 2, "not a name"),
        ("A=1\nB='x'y\n", 2, "can’t be read"),
        ('B="x\nC=2\n', 1, "can’t be read"),
        ('A=1\nB="x\nC="y"\n', 2, "can’t be read"),
        ("A=1\nB='x\nC=2\nD='\n", 2, "B has a line break"),
        ("A=1\nB=2\nA=3\n", 3, "sets A to something else than line 1"),
        ("A='it\\'s'\n", 1, "a single quote between single quotes"),
        ("A=it's # one's own\n", 1, "can be read in two ways"),
        ("A=1\nCXONE_CLIENT_ID=abc CXONE_CLIENT_SECRET=x\n", 2, "goes on with another setting"),
        ("A=\u201cvalue\u201d\n", 1, "typographic quotes"),
        ("A=va\u200blue\n", 1, "invisible character in it (U+200B)"),
        (b"A=1\nB=caf\xe9\n", 2, "not text in UTF-8"),
    ],
)
def test_what_cannot_be_read_stops_with_its_line(tmp_path: Path, text: str | bytes, line: int, words: str) -> None:
    (tmp_path / ".env").write_bytes(text if isinstance(text, bytes) else text.encode())
    sentence = problem_of(tmp_path / ".env")
    assert f"{tmp_path}/.env, line {line}" in sentence
    assert words in sentence


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be"])
def test_utf_16_is_named_as_such(tmp_path: Path, encoding: str) -> None:
    (tmp_path / ".env").write_bytes("CXONE_REGION=na1\n".encode(encoding))
    assert "UTF-16. Save it as UTF-8" in problem_of(tmp_path / ".env")


def test_folder_stops(tmp_path: Path) -> None:
    (tmp_path / ".env").mkdir()
    assert "can’t be read: Is a directory" in problem_of(tmp_path / ".env")


def test_link_to_nowhere_stops(tmp_path: Path) -> None:
    (tmp_path / ".env").symlink_to(tmp_path / "gone")
    assert "a link to a file that does not exist" in problem_of(tmp_path / ".env")


@given(st.text(st.characters(min_codepoint=32, max_codepoint=126, exclude_characters="'"), max_size=40))
def test_between_single_quotes_everything_stays(tmp_path_factory: pytest.TempPathFactory, value: str) -> None:
    path = tmp_path_factory.getbasetemp() / "quoted.env"
    # A backslash before the closing quote is an escape to some readers.
    ending = value + "." if value.endswith("\\") else value
    path.write_text(f"NAME='{ending}' # comment\n", encoding="utf-8")
    assert read_file(path) == {"NAME": ending}


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused_with_a_sentence(tmp_path_factory: pytest.TempPathFactory, data: bytes) -> None:
    path = tmp_path_factory.getbasetemp() / "any.env"
    path.write_bytes(data)
    settings_file.read_env_file(path)
