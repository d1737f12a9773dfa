"""Commands of the operator at a server that is a process of its own."""

import asyncio
import subprocess
import sys
import time
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
from tests.support.node_process import ENVIRONMENT, NodeProcess

from conclave.auth.tokens import grant_token
from conclave.client.wire import connect
from conclave.model import AuditQuery
from conclave.protocol.errors import Close, Reject
from conclave.storage import SqliteStore
from conclave.storage.audit import find_lines
from conclave.testing.client import Client


def conclave(data: Path, *words: str) -> tuple[int, str, str]:
    """Run a command as a shell does."""
    command = [sys.executable, "-m", "conclave", *words, "--data", str(data)]
    done = subprocess.run(command, env=ENVIRONMENT, capture_output=True, text=True, timeout=50)
    return done.returncode, done.stdout, done.stderr


@pytest.fixture
async def tokens(tmp_path) -> dict[str, str]:
    """One admin and one user, and what lets them in."""
    store = await SqliteStore.open(tmp_path)
    found = {who: await grant_token(store, who, role=role) for who, role in ROLES.items()}
    await store.close()
    return found


ROLES = {"ann": "admin", "bob": "user"}


async def test_who_is_deactivated_by_a_command_is_out_and_stays_out(tmp_path, tokens) -> None:
    async def come_in(who: str) -> Client:
        client = Client(await stack.enter_async_context(connect(node.url)))
        stack.push_async_callback(client.close)
        answer = await client.ask("auth", within=30, token=tokens[who])
        if not answer["success"]:
            raise Reject(answer["code"])
        return client

    with NodeProcess(tmp_path) as node:
        async with AsyncExitStack() as stack:
            ann, bob = await come_in("ann"), await come_in("bob")
            command = asyncio.create_task(
                asyncio.to_thread(conclave, tmp_path, "user", "deactivate", "bob")
            )
            code, _ = await bob.ended(50)
            closed = time.monotonic()
            assert await command == (0, "bob is deactivated\n", "")
            late = time.monotonic() - closed
            assert code == Close.BANNED
            await ann.ask("heartbeat", within=30, timestamp=1)
            with pytest.raises(Reject, match="auth_failed"):
                await come_in("bob")
    print(f"the socket was closed {late * 1000:.0f} ms before the command ended")
    # Killed, not stopped: what was answered is on the disk.
    store = await SqliteStore.open(tmp_path)
    bob_now = await store.user("bob")
    lines = await store.read(lambda c: find_lines(c, AuditQuery(target="bob")))
    await store.close()
    assert bob_now is not None
    assert not bob_now.active
    assert [str(line.action) for line in lines] == ["user.deactivated"]
