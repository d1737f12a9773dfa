"""A server that only reads, as one that has not taken over yet: refused, and left for another."""

import asyncio
from collections.abc import AsyncIterator, Awaitable
from contextlib import ExitStack
from pathlib import Path

import pytest
from tests.conformance.people import BOB, furnish, said, say
from tests.support.postgres import Postgres, running

from conclave.model import Role, User
from conclave.protocol.errors import Code, Reject
from conclave.storage.postgres.store import PostgresStore

pytestmark = pytest.mark.slow

CUT = """
    SELECT pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE datname = 'furnished' AND pid <> pg_backend_pid()
"""


@pytest.fixture
async def server() -> AsyncIterator[Postgres]:
    with ExitStack() as stack:
        yield await asyncio.to_thread(stack.enter_context, running())
        await asyncio.to_thread(stack.pop_all().close)


# For connections that are made from now on, or for those that there are, too.
ON = {
    "new": ("ALTER DATABASE furnished SET default_transaction_read_only = on", CUT),
    "all": ("ALTER SYSTEM SET default_transaction_read_only = on", "SELECT pg_reload_conf()"),
}
OFF = {
    "new": ("ALTER DATABASE furnished RESET default_transaction_read_only",),
    "all": ("ALTER SYSTEM RESET default_transaction_read_only", "SELECT pg_reload_conf()"),
}


async def refused(answer: Awaitable[object]) -> Code:
    with pytest.raises(Reject) as no:
        await answer
    return no.value.code


@pytest.mark.parametrize("which", ["new", "all"])
async def test_who_met_a_server_that_only_reads_writes_when_one_that_writes_is_there(
    server: Postgres, tmp_path: Path, which: str
) -> None:
    url = await asyncio.to_thread(server.furnished)
    store = await PostgresStore.open(url, tmp_path / "data", alone=False)
    places = store.places()
    assert places is not None
    await furnish(store)
    await say(store, "before")
    for statement in ON[which]:
        server.run(statement)
    while not await only_reads(store):
        await asyncio.sleep(0.01)
    asked = store.append(said("lost", client_id="c-1")), store.ensure_member("hall", BOB)
    assert [await refused(one) for one in asked] == [Code.UNAVAILABLE] * 2
    assert not store.healthy
    assert await refused(places.begin([])) == Code.UNAVAILABLE
    for statement in OFF[which]:
        server.run(statement)
    while not store.healthy:
        await store.hold()
    receipt = await store.append(said("lost", client_id="c-1"))
    page = await store.history("hall")
    assert [(one.id, one.text) for one in page.entries[-1:]] == [(receipt.id, "lost")]
    assert page.last_seq == receipt.seq
    await store.ensure_member("hall", BOB)
    await places.begin([])
    await store.close()


async def only_reads(store: PostgresStore) -> bool:
    """Return whether something that is to be written is refused by now."""
    try:
        await store.put_user(User(id="eve", name="eve", display_name="Eve", role=Role.USER))
        await store.append(said("more"))
    except Reject:
        return True
    return False
