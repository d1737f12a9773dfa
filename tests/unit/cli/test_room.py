"""`conclave room` and `conclave report`, beside a running server and without one."""

import asyncio
import sys
import time

import pytest

from conclave.model import Identity
from conclave.storage import SqliteStore
from conclave.storage.governing import SqlModeration


async def test_rooms_are_listed_and_shown_with_nothing_that_was_said(asked, told) -> None:
    rooms = {one["room"]: one for one in await told("room", "list")}
    assert set(rooms) == {"hall", "Grüße", "cellar"}
    assert (rooms["cellar"]["kind"], rooms["cellar"]["owners"]) == ("private", ["ann"])
    assert rooms["hall"]["members"] == 2
    assert rooms["hall"]["title"] == "The great hall"
    assert "word1" not in str(rooms)
    assert [one["room"] for one in await told("room", "list", "GRÜ")] == ["Grüße"]
    (hall,) = await told("room", "show", "HALL")
    assert hall == rooms["hall"]
    assert (await asked("room", "show", "nowhere"))[0] == 1
    assert [(one["id"], one["role"]) for one in await told("room", "members", "hall")] == [
        ("ann", "owner"),
        ("bob", "member"),
    ]


async def test_people_in_rooms_are_looked_after(asked, told) -> None:
    for words, said in (
        (["role", "hall", "bob", "moderator"], "bob is moderator of hall\n"),
        (["mute", "hall", "bob", "--for", "2h", "--reason", "loud"], "bob is muted in hall\n"),
        (["unmute", "hall", "bob"], "bob is not muted in hall\n"),
        (["kick", "hall", "bob"], "bob is out of hall\n"),
        (["ban", "hall", "bob", "--reason", "spam"], "bob is banned from hall\n"),
    ):
        code, out, complaint = await asked("room", *words)
        assert (code, out, complaint) == (0, said, "")
    (ban,) = await told("room", "sanctions", "hall")
    assert (ban["user"], ban["kind"], ban["reason"], ban["until"]) == ("bob", "ban", "spam", None)
    code, _, _ = await asked("doctor", "why", "bob", "join", "hall")
    assert code == 1
    assert (await asked("room", "unban", "hall", "bob"))[0] == 0
    assert (await asked("room", "sanctions", "hall"))[:2] == (0, "")
    code, _, complaint = await asked("room", "kick", "hall", "bob")
    assert (code, complaint) == (1, "conclave: They are no member of this room\n")
    lines = await told("audit", "--target", "bob")
    assert [line["action"].removeprefix("member.") for line in lines] == [
        "role",
        "muted",
        "unmuted",
        "kicked",
        "banned",
        "unbanned",
    ]
    assert {(line["actor"], line["room"]) for line in lines} == {("@operator", "hall")}
    muted = lines[1]["details"]
    assert muted["reason"] == "loud"
    assert abs(muted["until"] - time.time() * 1000 - 7_200_000) < 60_000
    assert (await asked("verify"))[0] == 0


async def test_the_last_owner_stays_one(asked) -> None:
    code, _, complaint = await asked("room", "role", "hall", "ann", "member")
    assert (code, "make somebody else one first" in complaint) == (1, True)


async def test_a_room_is_archived_and_opened_again(asked, told) -> None:
    assert (await asked("room", "archive", "Hall"))[:2] == (0, "hall is archived\n")
    assert (await asked("doctor", "why", "ann", "write", "hall"))[0] == 1
    assert (await asked("room", "archive", "hall"))[0] == 0
    assert (await asked("room", "archive", "hall", "--undo"))[:2] == (0, "hall is open again\n")
    assert (await asked("doctor", "why", "ann", "write", "hall"))[0] == 0
    lines = await told("audit", "--room", "hall")
    assert [line["action"] for line in lines] == ["room.archived", "room.unarchived"]


async def test_a_room_is_deleted_after_a_question(asked, monkeypatch, told) -> None:
    code, _, complaint = await asked("room", "delete", "hall")
    assert (code, "--yes" in complaint) == (1, True)
    monkeypatch.setattr(sys.stdin, "isatty", lambda: True, raising=False)
    monkeypatch.setattr("builtins.input", lambda _: "no")
    assert (await asked("room", "delete", "hall"))[0] == 1
    monkeypatch.setattr("builtins.input", lambda _: "hall")
    assert (await asked("room", "delete", "hall"))[:2] == (0, "hall is deleted\n")
    assert [one["room"] for one in await told("room", "list")] == [
        "Grüße",
        "cellar",
    ]
    assert (await asked("room", "delete", "cellar", "--yes"))[0] == 0
    lines = await told("audit", "--action", "room.deleted")
    assert [line["room"] for line in lines] == ["hall", "cellar"]


@pytest.mark.parametrize("words", [["--for", "soon"], ["--for", "0m"]])
def test_a_time_that_is_none_is_told(run, words) -> None:
    code, _, complaint = run("room", "mute", "hall", "bob", *words)
    assert (code, complaint.startswith("conclave: --for is ")) == (1, True)


@pytest.fixture
async def reported(data) -> None:
    """Two messages of the hall that bob reported."""
    store = await SqliteStore.open(data)
    moderation = SqlModeration(store)
    for seq, reason in ((4, "rude"), (6, "\x1b[2Jspam")):
        assert await moderation.report("hall", Identity(user="bob", name="Bob"), seq, reason)
        # Of the same millisecond they are in no order.
        await asyncio.sleep(0.002)
    await store.close()


async def test_reports_are_listed_and_closed(reported, asked, told) -> None:
    first, second = await told("report", "list")
    assert (first["room"], first["seq"], first["user"]) == ("hall", 4, "bob")
    assert (first["author"], first["text"], first["reason"]) == ("ann", "twice", "rude")
    code, said, _ = await asked("report", "list")
    assert "\\x1b[2Jspam" in said
    code, said, _ = await asked("report", "close", first["id"], "--outcome", "dismissed")
    assert (code, said) == (0, f"{first['id']} is closed: dismissed\n")
    assert [one["id"] for one in await told("report", "list")] == [second["id"]]
    (closed,) = await told("report", "list", "--closed")
    assert (closed["id"], closed["outcome"]) == (first["id"], "dismissed")
    assert (await asked("report", "close", "nothing"))[0] == 1
    (line,) = await told("audit", "--action", "report")
    assert (line["room"], line["details"]) == ("hall", {"id": first["id"], "outcome": "dismissed"})
