"""Slack's export: all of it that a room can say comes over, once, and no archive does harm."""

import json
import zipfile
from pathlib import Path

import pytest

from conclave.cli import main
from conclave.model import By, Draft, HookKind, Identity, OutgoingHook, Role, User
from conclave.storage import SqliteStore, slack_archive
from conclave.storage.driver import raw
from conclave.storage.erase import erase
from conclave.storage.errors import CannotDo
from conclave.storage.slack_archive import open_archive
from conclave.storage.slack_import import SlackImport
from conclave.storage.slack_taken import SlackClock
from conclave.storage.verify import examine
from conclave.storage.webhooks import SqlHooks

USERS = [
    {"id": "U1", "name": "Ann.Lee", "profile": {"display_name": "Ann", "real_name": "Ann Lee"}},
    {"id": "U2", "name": "bob", "deleted": True, "profile": {"real_name": "Bob"}},
    {"id": "U3", "name": "x", "is_bot": True, "profile": {}},
]
GENERAL = {
    "id": "C1", "name": "general", "created": 1_500_000_000, "creator": "U1",
    "members": ["U1", "U2"], "topic": {"value": "for <@U2>"},
}  # fmt: skip
OLD = {"id": "C2", "name": "old", "created": 1_500_000_000, "creator": "U2", "is_archived": True}
SECRET = {"id": "G1", "name": "secret", "created": 1_500_000_000, "creator": "U1", "members": []}

BY_ROOT = By(actor="root", identity=Identity(user="root", name="Root", role=Role.ADMIN), address="")


@pytest.fixture(autouse=True)
def no_logging(monkeypatch) -> None:
    """It is for a whole process: all tests that come after would be heard there, too."""
    monkeypatch.setattr("conclave.cli.import_slack.start_logging", lambda level: None)


def message(ts: str, text: str = "", user: str = "U1", **more):
    return {"type": "message", "ts": ts, "user": user, "text": text, **more}


DAYS = {
    "general/2017-07-14.json": [
        message("1500000010.000100", "*hello* <@U2>", reactions=[
            {"name": "+1::skin-tone-3", "users": ["U2", "U1"], "count": 2},
            {"name": "party_blob", "users": ["U1"], "count": 1}]),
        message("1500000005.000000", "has joined", subtype="channel_join"),
        message("1500000020.000000", "late", user="U2", edited={"user": "U2", "ts": "1500000030"}),
    ],
    "general/2017-07-15.json": [
        message("1500090000.000000", "an answer", thread_ts="1500000010.000100"),
        message("1500090001.000000", "", files=[{"id": "F1", "name": "plan.pdf"}]),
        {"type": "message", "subtype": "bot_message", "bot_id": "B1", "username": "CI",
         "ts": "1500090002.000000", "text": "", "attachments": [{"text": "built"}]},
        message("1500090003.000000", "x" * 9_000),
        {"type": "message", "text": "no time"},
    ],
    "old/2017-07-14.json": [message("1500000010.000100", "bye", user="U9")],
}  # fmt: skip


def export(path: Path, days=DAYS, **lists) -> Path:
    found = {"users": USERS, "channels": [GENERAL, OLD], "groups": [SECRET],
             "dms": [{"id": "D1"}], **lists}  # fmt: skip
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        for name, content in found.items():
            file.writestr(f"{name}.json", json.dumps(content))
        for name, messages in days.items():
            file.writestr(name, json.dumps(messages))
    return path


async def take(data: Path, path: Path):
    clock = SlackClock()
    store = await SqliteStore.open(data, clock=clock.now)
    try:
        with open_archive(path) as archive:
            return await SlackImport(store, clock, archive).run()
    finally:
        await store.close()


async def test_people_channels_and_messages_come_over_with_their_times(tmp_path) -> None:
    taken = await take(tmp_path / "data", export(tmp_path / "a.zip"))
    assert (taken.rooms, taken.messages, taken.reactions, taken.edits) == (3, 7, 2, 1)
    store = await SqliteStore.open(tmp_path / "data")
    page = await store.history("general")
    assert [one.text[:20] for one in page.entries] == [
        "**hello** @bob", "late", "an answer", "📎 plan.pdf", "> built", "x" * 20,
    ]  # fmt: skip
    first, late, answer, _, built, long = page.entries
    assert (first.user, first.name, first.timestamp) == ("ann.lee", "Ann", 1_500_000_010_000)
    assert [(one.emoji, one.count) for one in first.state.reactions] == [("👍", 2)]
    assert (late.text, late.state.edited_at) == ("late", 1_500_000_020_000)
    assert answer.extra == {"thread": first.seq}
    assert (built.name, built.extra) == ("CI", {"bot": True})
    assert len(long.text) == 4_000
    bob = await store.user("bob")
    assert (bob.active, bob.display_name) == (False, "Bob")
    assert [one.room for one in await store.rooms_of("ann.lee")] == ["general", "secret"]
    general, old = await store.public_rooms("ann.lee")
    assert (general.role, general.topic, old.archived) == ("owner", "for @bob", True)
    await store.close()
    examine(tmp_path / "data" / "conclave.db")
    assert dict(taken.left_out) == {
        "direct conversations": 1, "notices": 2, "files": 1,
        "reactions by emoji of their own": 1, "ends of texts that are too long": 1,
    }  # fmt: skip


async def test_again_it_adds_only_what_is_not_here_yet(tmp_path) -> None:
    data = tmp_path / "data"
    first = await take(data, export(tmp_path / "a.zip"))
    more = {**DAYS, "general/2017-07-16.json": [
        message("1500170000.000000", "news", thread_ts="1500000010.000100")]}  # fmt: skip
    again = await take(data, export(tmp_path / "b.zip", more))
    assert (again.people, again.rooms, again.messages, again.known) == (0, 0, 1, first.messages)
    store = await SqliteStore.open(data)
    page = await store.history("general")
    assert (len(page.entries), page.entries[-1].extra) == (7, {"thread": page.entries[0].seq})
    await store.close()


async def test_who_is_erased_is_not_even_known_by_the_id_they_had_there(tmp_path) -> None:
    await take(tmp_path / "data", export(tmp_path / "a.zip"))
    store = await SqliteStore.open(tmp_path / "data")
    await erase(store, "ann.lee")
    query = "SELECT value FROM meta WHERE key GLOB 'slack:*'"
    left = await store.read(lambda rows: [value for (value,) in raw(rows).execute(query)])
    assert "bob" in left
    assert "ann.lee" not in left
    await store.close()


async def test_nobody_keeps_a_message_out_by_a_request_that_is_named_like_it(tmp_path) -> None:
    await take(tmp_path / "data", export(tmp_path / "a.zip"))
    store = await SqliteStore.open(tmp_path / "data")
    ann = {"room": "general", "user": "ann.lee", "name": "Ann", "text": "me first"}
    await store.append(Draft(**ann, client_id="slack-1500170000.000000"))
    await store.close()
    more = {**DAYS, "general/2017-07-16.json": [message("1500170000.000000", "news", user="U2")]}
    again = await take(tmp_path / "data", export(tmp_path / "b.zip", more))
    assert again.messages == 1


async def test_nobody_becomes_somebody_who_is_here_and_no_room_is_written_into(tmp_path) -> None:
    data = tmp_path / "data"
    store = await SqliteStore.open(data)
    await store.put_user(User(id="bob", name="bob", display_name="Robert"))
    await store.create_room("general", Identity(user="bob", name="Robert"))
    await store.close()
    taken = await take(data, export(tmp_path / "a.zip"))
    assert taken.left_out["channels with the name of a room that is here"] == 1
    store = await SqliteStore.open(data)
    assert (await store.user("bob")).display_name == "Robert"
    # Nor is anybody shown as who is here.
    assert (await store.user("bob-2")).display_name == "bob-2"
    assert (await store.history("general")).entries == []
    await store.close()


@pytest.mark.parametrize(
    "name", ["../channels.json", "/etc/passwd", "a/../../b.json", "C:\\x.json", "a\\b.json"]
)
def test_a_name_that_leads_out_is_refused(tmp_path, name: str) -> None:
    path = export(tmp_path / "a.zip")
    with zipfile.ZipFile(path, "a") as file:
        file.writestr(zipfile.ZipInfo(name), "[]")
    with pytest.raises(CannotDo, match="leads out"), open_archive(path):
        pass


def test_what_is_larger_than_it_may_be_is_not_read_to_its_end(tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(slack_archive, "_MOST_OF_ONE", 100_000)
    path = export(tmp_path / "a.zip", {"general/2017-07-14.json": [{"text": "0" * 10_000_000}]})
    assert path.stat().st_size < 100_000
    with open_archive(path) as archive, pytest.raises(CannotDo, match="larger"):
        list(archive.days("general"))


def test_what_would_fill_the_memory_is_refused_before_it_is_taken_apart(
    tmp_path, monkeypatch
) -> None:
    monkeypatch.setattr(slack_archive, "_MOST_OBJECTS", 10_000)
    path = export(tmp_path / "a.zip", {"general/2017-07-14.json": [{}] * 10_001})
    with open_archive(path) as archive, pytest.raises(CannotDo, match="more in it"):
        list(archive.days("general"))


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 and no more", b"[" * 5_000])
def test_what_is_no_export_is_refused_in_a_line(tmp_path, content: bytes, capsys) -> None:
    path = tmp_path / "a.zip"
    path.write_bytes(content)
    assert main(["import-slack", str(path), "--data", str(tmp_path / "data")]) == 1
    said = capsys.readouterr()
    assert said.err.startswith("conclave: ")
    assert len(said.err.splitlines()) == 1
    assert not (tmp_path / "data").exists()


@pytest.mark.parametrize("content", ["{", "{}", "[1]", "[" * 5_000])
def test_a_file_that_is_no_list_of_objects_is_refused(tmp_path, content: str) -> None:
    path = export(tmp_path / "a.zip", {})
    with zipfile.ZipFile(path, "a") as file:
        file.writestr("general/2017-07-14.json", content)
    with open_archive(path) as archive, pytest.raises(CannotDo, match="JSON"):
        list(archive.days("general"))


def test_the_command_says_what_came_over_and_what_did_not(tmp_path, capsys) -> None:
    path = str(export(tmp_path / "a.zip"))
    assert main(["import-slack", path, "--data", str(tmp_path / "data")]) == 0
    said = capsys.readouterr().out.splitlines()
    assert {"rooms: 3", "messages: 7", "left out: 1 files"} <= set(said)
    assert main(["import-slack", path, "--json", "--data", str(tmp_path / "data")]) == 0
    again = json.loads(capsys.readouterr().out)
    assert (again["messages"], again["known"]) == (0, 7)


async def test_webhooks_are_told_what_is_said_afterwards_and_nothing_of_an_archive(
    tmp_path,
) -> None:
    data = tmp_path / "data"

    async def next_of(hook: OutgoingHook) -> str | None:
        turn = await hooks.next_of(hook)
        return None if turn.delivery is None else turn.delivery.entry.text

    store = await SqliteStore.open(data)
    await store.put_user(User(id="root", name="root", display_name="Root", role=Role.ADMIN))
    hook = await SqlHooks(store).make_outgoing(
        None, "all", "https://a.example", [HookKind.MESSAGE], BY_ROOT
    )
    await store.close()
    await take(data, export(tmp_path / "a.zip"))
    store = await SqliteStore.open(data)
    hooks = SqlHooks(store)
    assert await next_of(hook) is None
    ann = Draft(room="general", user="ann.lee", name="Ann", text="not told yet")
    await store.append(ann)
    await store.close()
    later = {"general/2017-07-16.json": [message("1500180000.000000", "of the past")]}
    taken = await take(data, export(tmp_path / "b.zip", {**DAYS, **later}))
    assert taken.messages == 1
    store = await SqliteStore.open(data)
    hooks = SqlHooks(store)
    assert await next_of(hook) == "not told yet", "what waits is never passed over"
    await store.close()
