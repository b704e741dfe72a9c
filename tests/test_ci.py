"""The descriptions of the checks for CI and for commits name only what is there."""

import re
from pathlib import Path
from typing import Any

import yaml
from django.conf import settings

ROOT = Path(settings.BASE_DIR)
WORKFLOW = ".github/workflows/ci.yml"
DEPENDABOT = ".github/dependabot.yml"


def read(path: str) -> str:
    return (ROOT / path).read_text(encoding="utf-8")


def parsed(path: str) -> Any:
    return yaml.safe_load(read(path))


def test_make_targets_exist() -> None:
    targets = set(re.findall(r"^([a-z]+):", read("Makefile"), re.MULTILINE))
    pages = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), ROOT / ".pre-commit-config.yaml", ROOT / DEPENDABOT]
    words = "\n".join(page.read_text(encoding="utf-8") for page in pages)
    in_words = re.findall(r"`(?:[A-Z]+=\S+ )*make ([a-z ]+)`", words)
    in_workflow = parsed(WORKFLOW)["jobs"]["checks"]["strategy"]["matrix"]["target"]
    assert set(" ".join(in_words + in_workflow).split()) <= targets


def test_workflow_runs_what_ci_runs_elsewhere() -> None:
    steps = parsed(WORKFLOW)["jobs"]["checks"]["steps"]
    assert [step["run"] for step in steps if "run" in step] == [".ci/run ${{ matrix.target }}"]


def test_workflow_has_the_servers_of_production() -> None:
    """`${POSTGRES_IMAGE:-postgres:17-bookworm}` in compose.yaml is `postgres:17-bookworm` there."""
    services = parsed(WORKFLOW)["jobs"]["checks"]["services"]
    for name in ("postgres", "redis"):
        assert f":-{services[name]['image']}}}" in parsed("compose.yaml")["services"][name]["image"]


def test_workflow_and_image_have_the_same_python() -> None:
    steps = parsed(WORKFLOW)["jobs"]["checks"]["steps"]
    versions = [step["with"]["python-version"] for step in steps if "setup-python" in step.get("uses", "")]
    assert re.findall(r"^ARG PYTHON_IMAGE=python:([\d.]+)-", read("Dockerfile"), re.MULTILINE) == versions


def test_hooks_run_the_projects_own_programs() -> None:
    hooks = parsed(".pre-commit-config.yaml")["repos"][0]["hooks"]
    programs = [Path(hook["entry"].split()[0]) for hook in hooks]
    assert [program for program in programs if program.parts[:2] != (".venv", "bin")] == []


def test_dependabot_looks_where_dependencies_are() -> None:
    manifests = {
        "uv": "requirements.in",
        "npm": "package.json",
        "docker": "Dockerfile",
        "github-actions": WORKFLOW,
    }
    for update in parsed(DEPENDABOT)["updates"]:
        folder = update["directory"].strip("/")
        assert (ROOT / folder / manifests[update["package-ecosystem"]]).is_file()
