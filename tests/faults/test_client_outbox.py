"""A program that writes into an outbox on disk, killed: what it was told is kept, is sent once."""

import asyncio
import random
import subprocess
import sys
import textwrap

import pytest
from tests.support.people import app

from conclave import testing
from conclave.client import Client, NotSent, OutboxUnusable, Stopped

KILLS = [pytest.param(3, id="3"), pytest.param(30, id="30", marks=pytest.mark.slow)]
OFF = {"rate": 0.0, "burst": 0}

_WRITER = """
    import asyncio, sys
    from conclave.client import Client

    async def write(url, outbox, first):
        async with Client(url, token="i-am-ann", outbox=outbox, connect_within=0) as client:
            room = client.room("general")
            for n in range(int(first), int(first) + 900):
                await room.post(f"message {n}")
                print(n, flush=True)
            await asyncio.sleep(60)

    asyncio.run(write(*sys.argv[1:]))
"""
# Nobody listens there.
NOWHERE = "ws://127.0.0.1:1"


async def write_until_killed(url: str, outbox, first: int, enough: int) -> int:
    """Let a process post messages from number *first* on; return how many it was told are kept."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", textwrap.dedent(_WRITER), url, str(outbox), str(first)),
        stdout=subprocess.PIPE,
    )
    kept = 0
    while kept < enough:
        await process.stdout.readline()
        kept += 1
    process.kill()
    rest = await process.stdout.read()
    await process.wait()
    return kept + rest.count(b"\n")


async def texts_of(server: testing.Server) -> list[str]:
    page = await server.node.store.after("general", 0)
    found = [*page.entries]
    while page.more:
        page = await server.node.store.after("general", page.upto)
        found += page.entries
    return [entry.text for entry in found if entry.text.startswith("message")]


@pytest.mark.parametrize("kills", KILLS)
@pytest.mark.timeout(600)
async def test_what_was_kept_survives_every_kill_and_is_stored_once_in_order(tmp_path, kills):
    seed = random.randrange(2**32)
    print(f"seed {seed}")
    dice = random.Random(seed)
    outbox = tmp_path / "outbox"
    async with testing.serve(app(), **OFF) as server:
        written: list[int] = []
        for kill in range(kills):
            first = 1_000 * kill
            kept = await write_until_killed(server.url, outbox, first, dice.randrange(1, 200))
            async with Client(server.url, token="i-am-ann", outbox=outbox) as ann:
                await ann.drain()
            texts = await texts_of(server)
            wanted = [f"message {n}" for n in [*written, *range(first, first + kept)]]
            # One more may be on disk without the process having lived to hear so.
            extra = len(texts) - len(wanted)
            assert texts[: len(wanted)] == wanted
            assert extra in (0, 1)
            written = [int(text.split()[1]) for text in texts]
        assert len(set(written)) == len(written)
        print(f"{len(written)} messages over {kills} kills")


async def test_what_was_written_without_a_server_is_sent_by_the_next_process(tmp_path):
    outbox = tmp_path / "outbox"
    async with testing.serve(app(), **OFF) as server:
        port = server.port
    kept = await write_until_killed(f"ws://127.0.0.1:{port}", outbox, 0, 5)
    with pytest.raises(OutboxUnusable, match=f"is the outbox for ws://127.0.0.1:{port}"):
        await Client(NOWHERE, token="i-am-ann", outbox=outbox).__aenter__()
    async with testing.serve(app(), port=port, **OFF) as server:
        async with Client(server.url, token="i-am-ann", outbox=outbox) as ann:
            await ann.drain()
            with pytest.raises(OutboxUnusable, match="another process"):
                await Client(server.url, token="i-am-ann", outbox=outbox).__aenter__()
        assert len(await texts_of(server)) in (kept, kept + 1)


async def test_it_is_never_sent_as_somebody_else(tmp_path):
    outbox = tmp_path / "outbox"
    async with testing.serve(app()) as server:
        async with Client(server.url, token="i-am-ann", outbox=outbox) as ann:
            assert ann.me.id == "ann"
        with pytest.raises(Stopped, match="the token is of bob, not ann"):
            await Client(server.url, token="i-am-bob", outbox=outbox).__aenter__()
        async with Client(server.url, token="i-am-ann", outbox=outbox) as ann:
            assert (await ann.room("general").send("still mine")).seq > 0


async def test_a_message_of_an_earlier_process_that_is_refused_is_told(tmp_path):
    outbox = tmp_path / "outbox"
    async with testing.serve(app()) as server:
        url = server.url
        # Written while there is no way to the server.
        client = Client(url, token=lambda: asyncio.sleep(60, ""), outbox=outbox, connect_within=0)
        async with client:
            await client.room("den").post("x" * 5_000)
        async with Client(url, token="i-am-ann", outbox=outbox) as ann:
            async with asyncio.timeout(20):
                while not isinstance(told := await anext(ann), NotSent):
                    pass
            assert told.reject.code == "too_long"
        async with Client(url, token="i-am-ann", outbox=outbox) as ann:
            await ann.drain()
