"""The API does what its description says, whatever is asked: schemathesis, by its own command."""

import asyncio
import json
import os
import re
import sys
from pathlib import Path

import httpx
import pytest

from conclave.testing import serve

ROOT = Path(__file__).parents[2]
# It goes on for as long as anybody reads it: see `test_http_events`.
ENDLESS = "/api/v1/rooms/{room}/events"
CONFIG = ROOT / "tests/support/schemathesis.toml"
ADMIN = "admin-token-456"


async def run(server, into: Path, there: dict[str, list[str]], *args: str) -> tuple[int, str]:
    """Let schemathesis ask *server* as an admin; return its code and what it printed."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "schemathesis.cli", "--config-file", str(CONFIG), "run"),
        f"http://127.0.0.1:{server.port}/api/v1/openapi.json",
        *("--header", f"Authorization: Bearer {ADMIN}", "--exclude-path", ENDLESS),
        *("--generation-deterministic", "--no-color", "--continue-on-failure", *args),
        cwd=into,
        env=os.environ
        | {
            "PYTHONPATH": str(ROOT),
            "SCHEMATHESIS_HOOKS": "tests.support.schemathesis_hooks",
            "CONCLAVE_THERE": json.dumps(there),
        },
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    said, _ = await process.communicate()
    return process.returncode or 0, said.decode()


async def fill(server) -> dict[str, list[str]]:
    """Make one of each thing that a path may name; return their names by parameter."""
    base = f"http://127.0.0.1:{server.port}/api/v1"
    auth = {"authorization": f"Bearer {ADMIN}"}
    async with httpx.AsyncClient(base_url=base, headers=auth, timeout=30) as api:

        async def made(path: str, **body) -> dict:
            answer = await api.post(path, json=body)
            assert answer.is_success, answer.text
            return answer.json()

        await made("/rooms", room="den", title="The den")
        for number in range(20):
            await made("/rooms/den/messages", text=f"Number {number}")
        john = {"authorization": "Bearer user-token-123"}
        await api.put("/rooms/den/membership", headers=john)
        await api.post("/rooms/den/messages/2/report", json={}, headers=john)
        reports = (await api.get("/rooms/den/reports")).json()["reports"]
        upload = await api.post("/rooms/den/attachments", params={"name": "a.txt"}, content=b"hi")
        await made("/rooms/den/links", name="in")
        links = (await api.get("/rooms/den/links")).json()["links"]
        await made("/admin/bots", name="robo")
        incoming = (await made("/webhooks/incoming", room="den", name="ci"))["hook"]["id"]
        outgoing = await made("/webhooks/outgoing", name="out", url="https://hooks.invalid/x")
        return {
            "room": ["den", "general"],
            "user": ["user1", "admin1", "robo"],
            "bot": ["robo"],
            "report": [reports[0]["id"]],
            "attachment": [upload.json()["id"]],
            "link": [links[0]["id"]],
            "hook": [incoming, outgoing["hook"]["id"]],
        }


@pytest.fixture
async def server():
    async with serve(rate=0.0, http_rate=0.0, connection_rate=0.0) as server:
        async with server.client(ADMIN) as admin:
            await admin.ask("join:room", room="general")
        yield server


def counted(said: str) -> dict[str, int]:
    """Return how much was tested, as the summary says it."""
    tested = re.search(r"Tested: (\d+)", said)
    cases = re.search(r"(\d+) generated", said)
    assert tested, said
    assert cases, said
    return {"operations": int(tested[1]), "cases": int(cases[1])}


@pytest.mark.slow
@pytest.mark.timeout(1_800)
async def test_no_route_breaks_or_answers_otherwise_than_it_says(server, tmp_path) -> None:
    code, said = await run(server, tmp_path, await fill(server), "--max-examples", "50")
    print(json.dumps(counted(said)))
    assert code == 0, said
    assert counted(said)["operations"] >= 120
