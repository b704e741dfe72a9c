"""The pages in words name only what is there: files, headings, commands, tests, libraries."""

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from io import StringIO
from itertools import chain
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import BaseCommand, call_command, get_commands, load_command_class

from audit import exports, queries
from audit.kinds import RecordKind
from campaigns.management.shell import as_line
from tests.audit.ledgers import append, append_some
from tests.factories import make_operation

ROOT = Path(settings.BASE_DIR)
DECISIONS = ROOT / "docs" / "decisions"
LIBRARIES = DECISIONS / "0007-libraries.md"
COMMANDS = ROOT / "docs" / "commands.md"
OWN_APPS = {"audit", "campaigns", "cxadmin", "cxadmin.accounts"}
OWN_COMMANDS = {name: str(app) for name, app in get_commands().items() if app in OWN_APPS}
PICTURES = ROOT / "docs" / "pictures"
MOST_PICTURE_BYTES = 150_000
PAGES = [*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").rglob("*.md"))]
PICTURE = r"(?:\]\(|src(?:set)?=\")([\w./-]+\.png)"
FENCED = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)


def words(page: Path) -> str:
    return page.read_text(encoding="utf-8")


def links(page: Path) -> Iterator[tuple[Path, str]]:
    """Each relative link: the file that it leads to, and the heading there."""
    for target in re.findall(r"\]\(([^)\s]+)\)", FENCED.sub("", words(page))):
        if not re.match(r"[a-z]+:", target):
            path, _, heading = target.partition("#")
            yield (page.parent / path if path else page).resolve(), heading


def anchors(page: Path) -> set[str]:
    """The headings as addresses have them."""
    headings = re.findall(r"^#+ (.+)$", FENCED.sub("", words(page)), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_links_lead_somewhere(page: Path) -> None:
    broken = [
        f"{path}#{heading}"
        for path, heading in links(page)
        if not path.exists() or (heading and heading not in anchors(path))
    ]
    assert broken == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_named_commands_exist(page: Path) -> None:
    assert set(re.findall(r"manage\.py ([a-z_]+)", words(page))) <= set(get_commands())


def test_commands_page_describes_every_own_command() -> None:
    assert set(re.findall(r"^### ([a-z_]+)$", words(COMMANDS), re.MULTILINE)) == OWN_COMMANDS.keys()


def section(name: str) -> str:
    """What docs/commands.md says about a command."""
    after = words(COMMANDS).partition(f"### {name}\n")[2]
    return re.split(r"^##+ ", after, maxsplit=1, flags=re.MULTILINE)[0]


@pytest.mark.parametrize("name", OWN_COMMANDS)
def test_commands_page_describes_every_option(name: str) -> None:
    command = load_command_class(OWN_COMMANDS[name], name)
    options = set(option_strings(command)) - set(option_strings(BaseCommand()))
    usage = "".join(FENCED.findall(section(name))) or section(name)
    assert options == set(re.findall(r"--[a-z][a-z-]*", usage))


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["protect_audit", "rebuild_audit", "report_retention", "verify_audit"])
def test_commands_page_names_the_keys(name: str) -> None:
    output = StringIO()
    call_command(name, stdout=output, stderr=StringIO())
    [first, *_] = re.findall(r"`(\{.*?\})`", section(name), re.DOTALL)
    assert re.findall(r'"(\w+)"', first) == list(json.loads(output.getvalue()))


@pytest.mark.django_db
def test_commands_page_names_the_keys_of_an_operation() -> None:
    rows = re.findall(
        r"^\| (`.*?`) \|", words(COMMANDS).partition("| key | value |")[2].partition("##")[0], re.MULTILINE
    )
    keys = re.findall(r"`(\w+)`", " ".join(rows))
    assert set(keys) == set(json.loads(as_line(make_operation())))


def option_strings(command: BaseCommand) -> Iterator[str]:
    for action in command.create_parser("manage.py", "command")._actions:
        yield from action.option_strings


def test_pictures_exist_and_each_is_shown() -> None:
    shown = {(page.parent / picture).resolve() for page in PAGES for picture in re.findall(PICTURE, words(page))}
    assert shown == set(PICTURES.glob("*.png"))


def test_pictures_are_small() -> None:
    assert [picture.name for picture in PICTURES.glob("*.png") if picture.stat().st_size > MOST_PICTURE_BYTES] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_pictures_have_alternative_texts(page: Path) -> None:
    assert re.findall(r"!\[\s*\]\(|<img (?![^>]*alt=\"[^\"])", words(page)) == []


def test_every_decision_is_in_index() -> None:
    listed = {path for path, _ in links(DECISIONS / "README.md")}
    assert listed == set(DECISIONS.glob("[0-9]*.md"))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_named_tests_exist(page: Path) -> None:
    named = re.findall(r"`(?:tests/)?([\w/]+\.py)::(\w+)", words(page))
    assert [(path, test) for path, test in named if f"def {test}(" not in words(ROOT / "tests" / path)] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_named_places_exist(page: Path) -> None:
    rooms = "audit|campaigns|cxadmin|docs|static|templates|tests"
    named = re.findall(rf"`((?:{rooms})/[\w/.-]*)`", words(page))
    assert [place for place in named if not any((ROOT / top / place).exists() for top in (".", "templates"))] == []


def test_map_of_contributing_names_every_package() -> None:
    section = words(ROOT / "CONTRIBUTING.md").split("## Where things are")[1]
    named = set(re.findall(r"(?:^|, )([\w/]+)/(?=[, ])", section.split("```")[1], re.MULTILINE))
    packages = {
        path.parent.relative_to(ROOT).as_posix()
        for application in ("audit", "campaigns", "cxadmin")
        for path in [ROOT / application / "__init__.py", *(ROOT / application).glob("*/__init__.py")]
        if path.parent.name not in {"migrations", "management"}
    }
    assert {folder for folder in named if not (ROOT / folder).is_dir()} == set()
    assert packages - named == set()


@pytest.mark.parametrize("name", ["requirements.in", "requirements-dev.in"])
def test_each_library_is_explained(name: str) -> None:
    libraries = re.findall(r"^[A-Za-z][\w.-]*", words(ROOT / name), re.MULTILINE)
    explained = words(LIBRARIES).lower()
    assert [name for name in libraries if not re.search(rf"^\| {name.lower()}[ ,]", explained, re.MULTILINE)] == []


def test_every_kind_is_explained() -> None:
    explained = re.findall(r"^\| `([a-z]+\.[a-z_]+)` \|", words(ROOT / "docs" / "audit.md"), re.MULTILINE)
    assert explained == list(RecordKind)


def run_recipe(place: int, *arguments: str, given: bytes = b"") -> bytes:
    """What a program of docs/audit.md writes; the first is 0."""
    recipes = re.findall(r"```python\n(.*?)```", words(ROOT / "docs" / "audit.md"), re.DOTALL)
    return subprocess.run(
        [sys.executable, "-c", recipes[place], *arguments], input=given, stdout=subprocess.PIPE, check=True
    ).stdout


@pytest.mark.django_db
def test_audit_recipe_accepts_an_export() -> None:
    append_some(3)
    export = exports.export(queries.select(), exports.Format.JSONL, by="Ada", filters={})
    assert run_recipe(0, given=b"".join(export.blocks)).startswith(b"3 ")


@pytest.mark.django_db
def test_audit_recipe_undoes_csv(tmp_path: Path) -> None:
    append_some(2)
    append(by="-- 'anna'; =1")
    export = exports.export(queries.select(), exports.Format.CSV, by="Ada", filters={})
    (tmp_path / "audit.csv").write_bytes(b"".join(export.blocks))
    assert run_recipe(0, given=run_recipe(1, str(tmp_path / "audit.csv"))).startswith(b"3 ")


@pytest.mark.parametrize("page", ["docs/reliability.md", "SECURITY.md"])
def test_tests_behind_the_promises_exist(page: str) -> None:
    """Each row of the table with a column `test` names tests that are there."""
    table = re.split(r"^\|.*\| test \|\n\|[-|]+\|\n", words(ROOT / page), flags=re.MULTILINE)[1]
    rows = [re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", row) for row in table.splitlines() if row.startswith("|")]
    assert rows
    assert all(rows)
    named = chain.from_iterable(rows)
    assert [test for path, test in named if f"def {test}(" not in words(ROOT / path)] == []
