"""What waits to be sent is on disk before it counts as taken, and nobody else's."""

import asyncio
import os

import pytest

from conclave.client.errors import OutboxUnusable
from conclave.client.keeping import open_keeper
from conclave.client.telling import Unknown
from conclave.protocol.requests import EditMessage, Say

SERVER = "wss://chat.example.org:443"


@pytest.fixture
def path(tmp_path):
    return tmp_path / "sub" / "outbox"


async def reopened(path) -> dict[str, object]:
    keeper = await open_keeper(path, SERVER)
    try:
        return {id_: kept.event() for id_, kept in keeper.kept.items()}
    finally:
        await keeper.close()


async def test_what_was_kept_and_not_answered_is_found_in_order(path):
    keeper = await open_keeper(path, SERVER)
    await asyncio.gather(*(keeper.add(f"c-{n}", Say(f"{n}", "general")) for n in range(5)))
    await keeper.add("c-e", EditMessage("general", 3, "better"))
    keeper.done("c-1")
    await keeper.close()
    assert await reopened(path) == {
        "c-0": Say("0", "general"),
        "c-2": Say("2", "general"),
        "c-3": Say("3", "general"),
        "c-4": Say("4", "general"),
        "c-e": EditMessage("general", 3, "better"),
    }
    assert path.stat().st_mode & 0o777 == 0o600


async def test_it_is_synced_before_it_counts(path, monkeypatch):
    keeper = await open_keeper(path, SERVER)
    order = []
    right = os.fsync

    def fsync(descriptor: int) -> None:
        right(descriptor)
        order.append("synced")

    monkeypatch.setattr(os, "fsync", fsync)
    await keeper.add("c-1", Say("hi", "general"))
    order.append("taken")
    assert order == ["synced", "taken"]
    await keeper.close()


async def test_a_line_that_was_not_finished_was_never_taken(path):
    keeper = await open_keeper(path, SERVER)
    await keeper.add("c-1", Say("whole", "general"))
    await keeper.close()
    with path.open("ab") as file:
        file.write(b'{"add":{"id":"c-2","type":"ch')
    assert list(await reopened(path)) == ["c-1"]
    keeper = await open_keeper(path, SERVER)
    await keeper.add("c-3", Say("after it", "general"))
    await keeper.close()
    assert list(await reopened(path)) == ["c-1", "c-3"]


async def test_a_disk_that_is_full_takes_nothing_and_damages_nothing(path, monkeypatch):
    keeper = await open_keeper(path, SERVER)
    right = os.write
    full = True

    def write(descriptor: int, data: bytes) -> int:
        if full and len(data) > 1:
            return right(descriptor, data[: len(data) // 2])
        if full:
            raise OSError(28, "No space left on device")
        return right(descriptor, data)

    monkeypatch.setattr(os, "write", write)
    with pytest.raises(OSError, match="No space"):
        await keeper.add("c-1", Say("does not fit", "general"))
    full = False
    await keeper.add("c-2", Say("fits", "general"))
    await keeper.close()
    assert list(await reopened(path)) == ["c-2"]


async def test_another_process_is_kept_out(path):
    keeper = await open_keeper(path, SERVER)
    with pytest.raises(OutboxUnusable, match="in use by another process"):
        await open_keeper(path, SERVER)
    await keeper.close()
    assert await reopened(path) == {}


async def test_the_outbox_of_another_server_is_not_taken(path):
    await (await open_keeper(path, SERVER)).close()
    with pytest.raises(OutboxUnusable, match=r"is the outbox for wss://chat\.example\.org:443"):
        await open_keeper(path, "wss://other.example.org:443")


@pytest.mark.parametrize("text", ["not json\n", '{"add": 7}\n', '["a list"]\n', '{"done":"x"}\n'])
async def test_what_is_no_outbox_is_left_alone(path, text):
    path.parent.mkdir()
    path.write_text(text)
    with pytest.raises(OutboxUnusable):
        await open_keeper(path, SERVER)
    assert path.read_text() == text


async def test_it_remembers_whose_it_is(path):
    keeper = await open_keeper(path, SERVER)
    assert keeper.user is None
    keeper.belongs_to("ann")
    keeper.belongs_to("bob")
    await keeper.close()
    keeper = await open_keeper(path, SERVER)
    assert keeper.user == "ann"
    await keeper.close()


async def test_a_file_of_answered_messages_does_not_grow_while_it_is_open(path):
    keeper = await open_keeper(path, SERVER)
    keeper.belongs_to("ann")
    await keeper.add("first", Say("y", "general"))
    largest = 0
    for n in range(40):
        ids = [f"c-{n}-{m}" for m in range(50)]
        await asyncio.gather(*(keeper.add(id_, Say("x", "general")) for id_ in ids))
        for id_ in ids:
            keeper.done(id_)
        largest = max(largest, path.read_bytes().count(b"\n"))
    await keeper.add("last", Say("z", "general"))
    await keeper.close()
    assert largest < 1_300
    assert path.stat().st_mode & 0o777 == 0o600
    assert await reopened(path) == {"first": Say("y", "general"), "last": Say("z", "general")}
    keeper = await open_keeper(path, SERVER)
    assert keeper.user == "ann"
    await keeper.close()


async def test_what_is_taken_back_while_the_disk_is_full_does_not_come_back(path, monkeypatch):
    keeper = await open_keeper(path, SERVER)
    await keeper.add("c-1", Say("I take this back", "general"))
    right = os.write

    def write(descriptor: int, data: bytes) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "write", write)
    keeper.done("c-1")
    with pytest.raises(OSError, match="No space"):
        await keeper.add("c-2", Say("does not fit", "general"))
    monkeypatch.setattr(os, "write", right)
    await keeper.close()
    assert await reopened(path) == {}


async def test_a_line_that_is_no_request_spoils_none_of_the_others(path):
    keeper = await open_keeper(path, SERVER)
    await keeper.add("c-1", Say("x" * 70_000, "general"))
    await keeper.add("c-2", Say("good", "general"))
    await keeper.close()
    found = await reopened(path)
    assert isinstance(found["c-1"], Unknown)
    assert found["c-2"] == Say("good", "general")
