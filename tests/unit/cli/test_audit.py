"""`conclave audit`: what was done is printed, and printing it harms nobody."""

import asyncio
import json
import time

import pytest

from conclave import app
from conclave.cli import main
from conclave.model import OPERATOR, Action, Note, details
from conclave.settings import Settings
from conclave.storage import SqliteStore
from conclave.storage.audit import record_each

HOUR_MS = 3_600_000


@pytest.fixture
async def lines(data) -> None:
    """Three lines: two hours ago, an hour ago, and now."""
    now = time.time_ns() // 1_000_000
    notes = [
        (now - 2 * HOUR_MS - 60_000, Note(action=Action.USER_ROLE, actor=OPERATOR, target="ann")),
        (
            now - HOUR_MS - 60_000,
            Note(
                action=Action.MEMBER_BANNED,
                actor="ann",
                target="bob",
                room="hall",
                address="192.0.2.7",
                details=details({"reason": "\x1b[2Jspam\nalert", "until": 5}),
            ),
        ),
        (now, Note(action=Action.USER_RENAMED, actor="bob", target="bob")),
    ]
    store = await SqliteStore.open(data)
    await store.write(lambda connection, _: record_each(connection, notes))
    await store.close()


def actions(said: str) -> list[str]:
    return [json.loads(line)["action"] for line in said.splitlines()]


async def test_lines_are_a_table_or_json_the_newest_last(lines, asked) -> None:
    code, said, _ = await asked("audit", "--user", "bob")
    assert code == 0
    heading, ban, rename = said.splitlines()
    assert heading.split() == ["NUMBER", "TIME", "WHO", "WHAT", "WHOM", "ROOM", "FROM", "MORE"]
    assert ban.split()[2:7] == ["ann", "member.banned", "bob", "hall", "192.0.2.7"]
    assert "\\x1b[2Jspam\\nalert" in ban
    assert rename.split()[2:] == ["bob", "user.renamed", "bob", "-", "-", "-"]
    code, said, _ = await asked("audit", "--user", "bob", "--json")
    assert actions(said) == ["member.banned", "user.renamed"]
    assert json.loads(said.splitlines()[0])["details"]["until"] == 5


@pytest.mark.parametrize(
    ("words", "found"),
    [
        (["--actor", "ann"], ["member.banned"]),
        (["--target", "ann"], ["user.role"]),
        (["--action", "user"], ["user.role", "user.renamed"]),
        (["--room", "hall"], ["member.banned"]),
        (["--user", "bob", "--since", "90m"], ["member.banned", "user.renamed"]),
        (["--until", "90m", "--since", "2000-01-01T00:00+02:00"], ["user.role"]),
        (["--user", "bob", "--limit", "1"], ["user.renamed"]),
        (["--before", "3"], ["user.role", "member.banned"]),
        (["--actor", "nobody"], []),
    ],
)
def test_what_is_asked_for_is_found(lines, run, words, found) -> None:
    code, said, _ = run("audit", "--json", *words)
    assert (code, actions(said)) == (0, found)


@pytest.mark.parametrize("words", [["--since", "yesterday"], ["--until", "3x"], ["--limit", "0"]])
def test_what_makes_no_sense_is_one_line(lines, run, words) -> None:
    code, said, complaint = run("audit", *words)
    assert (code, said) == (1, "")
    assert complaint.startswith(f"conclave: {words[0]} is ")
    assert len(complaint.splitlines()) == 1


async def test_what_the_operator_does_is_written_down(asked, tmp_path) -> None:
    for words in (
        ["token", "create", "ann", "--name", "laptop"],
        ["room", "retention", "hall"],
        ["room", "retention", "hall", "--days", "30"],
        ["backup", tmp_path / "b.db"],
        ["export", tmp_path / "all.jsonl"],
        ["export", tmp_path / "bob.jsonl", "--user", "bob"],
        ["erase", "bob", "--yes"],
        ["verify"],
    ):
        code, _, complaint = await asked(*words)
        assert code == 0, complaint
    code, said, _ = await asked("audit", "--actor", OPERATOR, "--json")
    found = [json.loads(line) for line in said.splitlines()]
    assert [line["action"] for line in found] == [
        "token.created",
        "room.retention",
        "data.backed_up",
        "data.exported",
        "data.exported",
        "user.erased",
    ]
    token, retention, backup, everything, of_bob, erased = found
    assert (token["target"], token["details"]) == ("ann", {"name": "laptop"})
    assert (retention["room"], retention["details"]) == ("hall", {"days": 30})
    assert backup["details"] == {"name": "b.db"}
    assert everything["target"] is None
    assert of_bob["target"] == erased["target"]
    assert erased["target"].startswith("deleted-")
    assert (await asked("token", "create", "newcomer"))[0] == 0
    code, said, _ = await asked("audit", "--target", "newcomer", "--json")
    assert [json.loads(line)["action"] for line in said.splitlines()] == [
        "token.created",
        "user.created",
    ]


def test_a_restored_and_an_imported_database_say_so(run, tmp_path, capsys) -> None:
    assert run("backup", tmp_path / "b.db")[0] == 0
    assert run("restore", tmp_path / "b.db")[0] == 0
    assert "data.restored" in run("audit")[1]
    assert run("export", tmp_path / "all.jsonl")[0] == 0
    there = ["--data", str(tmp_path / "there")]
    assert main(["import", str(tmp_path / "all.jsonl"), *there]) == 0
    assert main(["audit", *there]) == 0
    assert "data.imported" in capsys.readouterr().out


async def test_following_shows_lines_as_they_are_written(data, capsys, monkeypatch) -> None:
    monkeypatch.setattr("conclave.cli.audit._LOOK_EVERY_S", 0.05)
    async with app.running(Settings(data=data, port=0)) as server:
        words = ["audit", "--follow", "--json", "--action", "user", "--data", str(data)]
        following = asyncio.create_task(asyncio.to_thread(main, words))
        for n in range(3):
            note = Note(action=Action.USER_RENAMED, actor="ann", target=f"user{n}")
            server.node.audit_log.note(note)
            await asyncio.sleep(0.2)
    assert await asyncio.wait_for(following, 10) == 1
    said = capsys.readouterr()
    assert [json.loads(line)["target"] for line in said.out.splitlines()] == [
        "user0",
        "user1",
        "user2",
    ]
    # Between two questions, or in the middle of one.
    assert "nothing to follow" in said.err or "went away" in said.err
