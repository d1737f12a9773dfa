"""The code of docs/extending.md runs as it stands there, its tests included."""

import re
import sys
import types
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parent.parent.parent
PAGE = ROOT / "docs/extending.md"
SHOWN = re.compile(r"<!-- show .*?<!-- end -->|<!-- not run: .*?\n```\n", re.DOTALL)


def blocks() -> list[str]:
    """Return the page's Python, each block where it stands, so that tracebacks say where."""
    text = SHOWN.sub(lambda m: "\n" * m[0].count("\n"), PAGE.read_text("utf-8"))
    found = re.finditer(r"^```python\n(.*?)^```", text, re.DOTALL | re.MULTILINE)
    return ["\n" * text[: m.start(1)].count("\n") + m[1] for m in found]


@pytest.fixture(scope="module")
def page():
    module = types.ModuleType("extending")
    sys.modules["extending"] = module
    for block in blocks():
        exec(compile(block, PAGE, "exec"), module.__dict__)
    yield module
    del sys.modules["extending"]


def named() -> list[str]:
    return re.findall(r"^async def (test_\w+)", PAGE.read_text("utf-8"), re.MULTILINE)


@pytest.mark.parametrize("name", named())
async def test_each_test_of_the_page_passes(page: Any, name):
    await getattr(page, name)()


async def test_a_hook_of_the_page_sees_people_go(page: Any):
    async with page.testing.serve(page.app) as server, server.client():
        pass
    assert len(page.stays) >= 1


def test_the_page_has_tests():
    assert len(named()) == 6
