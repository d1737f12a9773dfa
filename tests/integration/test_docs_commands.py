"""The commands of each page run, in their order, on a machine with a server."""

import re
from collections.abc import Iterator

import pytest
from tests.docs.blocks import Block, all_blocks
from tests.docs.machine import DocsMachine
from tests.support.ports import free_port

# As `make docs` runs it; what tests say of the same commands is quicker.
pytestmark = pytest.mark.slow
# That page is a machine from the beginning to the end, and has a test that follows it.
SELF_HOSTING = "docs/self-hosting.md"
# Its last word is that something is wrong, which is what the page shows.
MAY_SAY_NO = (0, 1)


@pytest.fixture(scope="module")
def machine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DocsMachine]:
    made = DocsMachine(tmp_path_factory.mktemp("machine"), free_port())
    yield made
    made.stop()


def by_page() -> dict[str, list[Block]]:
    found: dict[str, list[Block]] = {}
    for block in all_blocks("sh", "console"):
        if block.page != SELF_HOSTING:
            found.setdefault(block.page, []).append(block)
    # It ends with somebody who is erased.
    found["docs/operations.md"] = found.pop("docs/operations.md")
    return found


@pytest.mark.parametrize("page", by_page())
def test_what_a_page_tells_one_to_type_works(page: str, machine: DocsMachine) -> None:
    for block in by_page()[page]:
        commands = (
            re.findall(r"^\$ (.*)$", block.text, re.MULTILINE)
            if block.language == "console"
            else [block.text]
        )
        assert commands, block.name
        done = machine.run("\n".join(commands))
        good = MAY_SAY_NO if block.language == "console" else (0,)
        assert done.returncode in good, f"{block.name}\n{done.stdout}{done.stderr}"


def test_a_command_that_is_wrong_fails(machine: DocsMachine) -> None:
    """Else the test above could not fail."""
    for wrong in (
        "conclave user create",
        "conclave serve --demo --no-such-flag",
        "conclave tail",
        "conclave token revoke ada 01M829XWF40000000000000009",
        "make no-such-target",
        "venv/bin/pip install ./nowhere",
    ):
        assert machine.run(wrong).returncode != 0, wrong
