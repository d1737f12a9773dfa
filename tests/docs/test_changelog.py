"""Fragments of the changelog have names and words that `make release` can gather."""

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
CONFIG = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["towncrier"]
KINDS = [kind["directory"] for kind in CONFIG["type"]]
FRAGMENTS = sorted(path for path in (ROOT / "changelog.d").iterdir() if path.name != "README.md")
NAME = re.compile(rf"\+[a-z0-9]+(-[a-z0-9]+)*\.({'|'.join(KINDS)})\.md")


@pytest.mark.parametrize("path", FRAGMENTS, ids=lambda path: path.name)
def test_a_fragment_is_named_by_its_kind_and_says_something_whole(path: Path) -> None:
    assert NAME.fullmatch(path.name), f"+word.({'|'.join(KINDS)}).md, not {path.name}"
    text = path.read_text("utf-8").strip()
    assert text, f"{path.name} says nothing"
    assert not text.startswith(("-", "*", "#")), "without a mark of a list: that comes by itself"
    assert text.endswith("."), "whole sentences"


def test_the_readme_names_each_kind() -> None:
    says = (ROOT / "changelog.d/README.md").read_text("utf-8")
    assert [kind for kind in KINDS if kind not in says] == []


def test_the_changelog_has_one_place_where_new_versions_go() -> None:
    changelog = (ROOT / "CHANGELOG.md").read_text("utf-8")
    mark = "<!-- towncrier release notes start -->\n"
    assert changelog.count(mark) == 1
    assert "\n## " not in changelog.partition(mark)[0]


def test_towncrier_gathers_all_of_them() -> None:
    command = [sys.executable, "-m", "towncrier", "build", "--draft", "--version", "9.9.9"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=30)
    assert done.returncode == 0, done.stderr
    assert "## [9.9.9] - " in done.stdout
    for path in FRAGMENTS:
        first = path.read_text("utf-8").split("\n")[0].strip()
        assert first in done.stdout, path.name
