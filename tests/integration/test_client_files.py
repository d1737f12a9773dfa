"""The Python client's files and a real server: sent, named, fetched, broken off."""

import asyncio

import pytest
from tests.support.media import opened, picture
from tests.support.metrics import read

from conclave import Reject, testing
from conclave.client import Client, Lost

JOHN = "user-token-123"
ADMIN = "admin-token-456"
MIB = 1 << 20


@pytest.fixture
async def server():
    async with testing.serve(max_attachment_bytes=MIB, attachment_kind=("image", "file")) as server:
        yield server


async def test_a_file_is_sent_named_in_a_message_and_saved_by_who_reads_it(server, tmp_path):
    notes, steps = tmp_path / "notes ü.txt", []
    notes.write_bytes(b"x" * 300_000)
    async with (
        Client(server.url, token=JOHN) as john,
        Client(server.url, token=ADMIN) as admin,
    ):
        assert john.hello.limits.attachment_kinds == ["file", "image"]
        room = john.room("team/notes")
        await room.join()
        reading = admin.room("team/notes").follow()
        text = await john.files.send("team/notes", notes, progress=lambda *one: steps.append(one))
        drawn = picture(size=(900, 700))
        photo = await john.files.send("team/notes", drawn, name="a.png", alt="A door")
        await room.send("", attachments=[text, photo])
        line = await anext(reading)
        first = line.attachments[0]
        assert (first.name, first.size) == ("notes ü.txt", 300_000)
        assert line.attachments[1].alt == "A door"
        came = []
        assert (
            await admin.files.fetch(text, progress=lambda *one: came.append(one)) == b"x" * 300_000
        )
        assert opened(await admin.files.fetch(photo.id, thumbnail=True)).size == (617, 480)
        await admin.files.save(text, tmp_path / "saved")
        assert (tmp_path / "saved").read_bytes() == b"x" * 300_000
        with pytest.raises(FileExistsError):
            await admin.files.save(text, tmp_path / "saved")
    assert steps[-1] == came[-1] == (300_000, 300_000)
    assert steps == sorted(steps)
    assert len(steps) > 2


async def test_what_is_refused_says_why_and_what_was_withdrawn_is_gone(server, tmp_path):
    async with Client(server.url, token=JOHN) as john:
        await john.room("general").join()
        with pytest.raises(Reject) as no:
            await john.files.send("general", b"x" * (MIB + 1), name="a")
        assert no.value.code == "too_large"
        with pytest.raises(Reject) as no:
            await john.files.send("general", b"ID3" + b"x" * 99, name="a.mp3")
        assert no.value.code == "bad_file"
        sent = await john.files.send("general", b"hello", name="a")
        await john.files.withdraw(sent)
        for id_ in (sent, "..", "a/b"):
            with pytest.raises(Reject) as no:
                await john.files.save(id_, tmp_path / "never")
            assert no.value.code == "not_found"
    assert not (tmp_path / "never").exists()


async def test_a_server_that_is_not_there_is_told_as_that():
    async with Client("ws://127.0.0.1:9", token=JOHN, connect_within=0) as john:
        with pytest.raises(Lost):
            await john.files.fetch("0" * 32)


async def test_one_that_is_cancelled_on_its_way_leaves_nothing(server, tmp_path):
    async with Client(server.url, token=JOHN) as john:
        await john.room("general").join()
        begun = asyncio.Event()
        sending = asyncio.create_task(
            john.files.send("general", b"x" * MIB, name="a", progress=lambda *_: begun.set())
        )
        await begun.wait()
        sending.cancel()
        with pytest.raises(asyncio.CancelledError):
            await sending


async def test_metrics_of_attachments_are_what_happened(tmp_path):
    (tmp_path / "token").write_text("a" * 32)
    (tmp_path / "token").chmod(0o600)
    limits = {"max_attachment_bytes": MIB, "attachment_kind": ("image", "file")}
    async with (
        testing.serve(metrics_token=tmp_path / "token", **limits) as server,
        Client(server.url, token=JOHN) as john,
    ):
        await john.room("general").join()
        files = [b"one", b"two", b"two", picture(size=(900, 700))]
        sent = [await john.files.send("general", one, name="a") for one in files]
        for wrong in (b"ID3" + b"x" * 99, b"", picture()[:300]):
            with pytest.raises(Reject):
                await john.files.send("general", wrong, name="a")
        with pytest.raises(Reject):
            await john.files.send("nowhere", b"x", name="a")
        now = await read(server.port, "a" * 32)
    assert now.by("conclave_attachments_total", "kind") == {"file": 3, "image": 1}
    assert now("conclave_attachment_bytes_total") == sum(one.size for one in sent)
    refused = now.by("conclave_attachments_refused_total", "code")
    assert refused.pop("bad_file") == 3
    assert list(refused.values()) == [1]
    # Two of the same are one file, and the picture has a small one.
    assert now("conclave_attachment_blobs") == 4
    assert now("conclave_attachment_blobs_bytes") > sum(one.size for one in sent[1:])
    assert now("conclave_picture_seconds_count") == 1
