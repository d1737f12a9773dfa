"""Commands as a person runs them, on a data directory that people have lived in."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from tests.support.lived_in import make

from conclave import app
from conclave.cli import errand, main
from conclave.cli.sources import SETTINGS
from conclave.settings import Settings

Run = Callable[..., tuple[int, str, str]]
Asked = Callable[..., Awaitable[tuple[int, str, str]]]


@pytest.fixture(autouse=True)
def no_settings_around(monkeypatch) -> None:
    for name in [*(f"CONCLAVE_{name.upper()}" for name in SETTINGS), "PORT", "CONCLAVE_CONFIG"]:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(errand, "start_logging", lambda level: None)


@pytest.fixture
async def data(tmp_path: Path) -> Path:
    await make(tmp_path / "data", 12)
    return tmp_path / "data"


@pytest.fixture
def run(data: Path, capsys) -> Run:
    """Runs a command on *data* and returns its exit code, output and complaints."""

    def run(*words: str) -> tuple[int, str, str]:
        code = main([*map(str, words), "--data", str(data)])
        said = capsys.readouterr()
        assert "Traceback" not in said.err
        return code, said.out, said.err

    return run


@pytest.fixture(params=[False, True], ids=["alone", "beside a server"])
async def asked(request, run, data) -> AsyncIterator[Asked]:
    """Runs a command in a thread: where no server runs, and beside one."""

    async def ask(*words: object) -> tuple[int, str, str]:
        return await asyncio.to_thread(run, *words)

    if request.param:
        async with app.running(Settings(data=data, port=0)):
            yield ask
    else:
        yield ask


@pytest.fixture
def told(asked) -> Callable[..., Awaitable[list[dict[str, Any]]]]:
    """Runs a command with `--json`, which must not fail, and returns what it says."""

    async def tell(*words: object) -> list[dict[str, Any]]:
        code, said, complaint = await asked(*words, "--json")
        assert (code, complaint) == (0, "")
        return [json.loads(line) for line in said.splitlines()]

    return tell
