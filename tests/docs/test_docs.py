"""The docs cannot lag: what the code has, has its place there, and links lead somewhere."""

import re
from pathlib import Path

import pytest
from scripts import settings_page

from conclave.cli.commands import build
from conclave.protocol.errors import CLOSES, Close, Code
from conclave.protocol.event import Event
from conclave.protocol.requests import REQUESTS

ROOT = Path(__file__).parent.parent.parent
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])


def page(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def places(text: str) -> set[str]:
    """Return all that stands in backticks in a heading, or in the first cell of a row."""
    found = set()
    for line in text.splitlines():
        if line.startswith("#"):
            found.update(re.findall(r"`([^`]+)`", line))
        elif line.startswith("|"):
            found.update(re.findall(r"`([^`]+)`", line.split("|")[1]))
    return found


def event_types() -> set[str]:
    ours = {one for one in Event.__subclasses__() if one.__module__.startswith("conclave.protocol")}
    return {one.type for one in ours | set(REQUESTS)}


def targets() -> list[str]:
    return re.findall(r"^([a-z-]+):.*## ", page("Makefile"), re.MULTILINE)


def test_the_page_of_settings_is_what_the_code_says():
    assert page("docs/settings.md") == settings_page.page(), (
        "write it anew: .venv/bin/python scripts/settings_page.py"
    )


def test_each_event_has_its_place_in_the_protocol():
    assert event_types() - places(page("docs/protocol.md")) == set()


def test_each_error_code_has_its_place_in_the_protocol():
    assert set(map(str, Code)) - places(page("docs/protocol.md")) == set()


def test_each_close_code_has_its_meaning_and_its_place_in_the_protocol():
    assert set(Close) == set(CLOSES)
    assert {str(int(close)) for close in Close} - places(page("docs/protocol.md")) == set()


def test_each_command_has_its_heading():
    headings = re.findall(r"^## conclave (\S+)$", page("docs/cli.md"), re.MULTILINE)
    assert headings == sorted(name for name in build() if not name.startswith("-"))


def test_each_make_target_stands_in_contributing():
    assert set(re.findall(r"`make ([a-z-]+)`", page("CONTRIBUTING.md"))) == set(targets())


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_each_link_of_a_page_leads_somewhere(path):
    text = re.sub(r"```.*?```", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        if re.match(r"[a-z]+:", target):
            continue
        name, _, heading = target.partition("#")
        aim = path.parent / name if name else path
        assert aim.exists(), target
        if heading and aim.suffix == ".md":
            assert heading in anchors(aim.read_text(encoding="utf-8")), target


def anchors(text: str) -> set[str]:
    headings = re.findall(r"^#+ +(.*)$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}
