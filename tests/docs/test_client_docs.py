"""The blocks of docs/client.md do what the page says."""

import ast
import asyncio
import re
from pathlib import Path

import pytest

import conclave
from conclave import testing
from conclave.client import Client, Room

PAGE = (Path(__file__).parents[2] / "docs" / "client.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```python\n(.*?)```", PAGE, flags=re.DOTALL)


async def run(block: str, **names: object) -> None:
    code = compile(block, "docs/client.md", "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
    async with asyncio.timeout(20):
        await eval(code, {"Client": conclave.Client, **names})


@pytest.mark.parametrize("block", BLOCKS, ids=range(len(BLOCKS)))
async def test_a_block_of_the_page_runs(block, tmp_path, capsys):
    async with testing.serve() as server, Client(server.url, token="admin-token-456") as admin:
        await admin.room("general").send("Good morning")

        async def chatter() -> None:
            while True:
                await admin.room("general").send("Anybody here?")
                await asyncio.sleep(0.05)

        talking = asyncio.create_task(chatter())
        try:
            names = {"URL": server.url, "TOKEN": "user-token-123", "OUTBOX": tmp_path / "outbox"}
            await run(block, **names)
        finally:
            talking.cancel()
            await asyncio.gather(talking, return_exceptions=True)
    assert capsys.readouterr().out


def test_each_error_has_its_row():
    rows = set(re.findall(r"^\| `(\w+)` \|", PAGE, flags=re.MULTILINE))
    errors = {
        name
        for name in conclave.client.__all__
        if isinstance(one := getattr(conclave.client, name), type) and issubclass(one, Exception)
    }
    assert errors - rows == {"ClientError", "Stopped"}
    assert "`Stopped`" in PAGE


def test_each_call_of_the_page_is_there():
    calls = set(re.findall(r"(?:room\.|client\.|, `)(\w+)\(", PAGE))
    assert calls - {"Client"} - {name for kind in (Client, Room) for name in dir(kind)} == set()
