"""What a start loads: large libraries only where the settings, or somebody, ask for them."""

import json
import subprocess
import sys

import pytest

from conclave.testing import serve

# Each takes megabytes, and up to half a second.
ON_NEED = (
    "PIL",
    "aiohttp",
    "alembic",
    "authlib",
    "cryptography",
    "httpx",
    "jwt",
    "opentelemetry.sdk",
    "psycopg",
    "pywebpush",
    "redis",
    "textual",
    "webauthn",
)

START = """
import asyncio, json, sys
import conclave.cli
from conclave.app.lifecycle import running
from conclave.settings import Settings
from pathlib import Path
async def main():
    async with running(Settings(demo=True, port=0, data=Path(sys.argv[1]))):
        print(json.dumps(list(sys.modules)))
asyncio.run(main())
"""


@pytest.fixture
async def data(tmp_path):
    """The data of a server that ran before: there is nothing to be made or brought up to date."""
    async with serve(data=tmp_path):
        pass
    return tmp_path


def test_a_start_loads_no_large_library_that_nobody_asked_for(data):
    command = [sys.executable, "-c", START, str(data)]
    done = subprocess.run(command, capture_output=True, check=True, timeout=60)
    loaded = set(json.loads(done.stdout))
    assert "litestar" in loaded
    assert sorted(loaded.intersection(ON_NEED)) == []


async def test_what_was_not_loaded_at_the_start_is_there_when_somebody_wants_it(data):
    address = {"public_url": ("https://chat.example",)}
    async with serve(data=data, **address) as server, server.client("user-token-123") as john:
        answer = await john.ask("push:get")
    assert len(answer["key"]) == 87
