"""What a running server writes down of what is done, and what it does not."""

import asyncio
import time

from conclave.controllers.application import App
from conclave.controllers.dispatch import Controller, Request, on
from conclave.model import SERVER, STRANGER, Action, AuditQuery, Note
from conclave.ports import Connection
from conclave.protocol.event import Event
from conclave.testing import serve

ADMIN = "admin-token-456"


class Warn(Event, type="warn"):
    person: str


class Warden(Controller):
    @on(Warn)
    async def warn(self, connection: Connection, event: Warn, request: Request) -> None:
        self.node.audit(
            connection, Action.MEMBER_MUTED, target=event.person, room="hall", reason="loud"
        )


async def test_a_controller_notes_who_did_what_from_where() -> None:
    async with serve(App(Warden)) as server, server.client() as john:
        await john.ask("warn", person="ann")
        (line,) = await server.node.audit_log.lines(AuditQuery(action="member"))
        assert (line.actor, line.target, line.room) == ("user1", "ann", "hall")
        assert line.address == "127.0.0.1"
        assert line.details == {"reason": "loud"}
        assert abs(line.at - server.clock.wall()) < 5_000


async def test_a_bad_token_is_noted_and_not_kept(tmp_path) -> None:
    bad = "cvt_" + "x" * 43
    async with serve(data=tmp_path) as server:
        async with server.client(None) as client:
            answer = await client.ask("auth", token=bad)
            assert not answer["success"]
        line, started = await server.node.audit_log.lines(AuditQuery())
        assert (started.actor, started.action) == (SERVER, Action.SERVER_STARTED)
        assert (line.actor, line.action) == (STRANGER, Action.SESSION_FAILED)
        assert line.details == {"how": "token", "why": "auth_failed"}
    assert not await asyncio.to_thread(_holds, tmp_path, bad)


def _holds(directory, text: str) -> bool:
    return any(text.encode() in file.read_bytes() for file in directory.rglob("*.db*"))


async def test_what_was_noted_just_before_a_stop_is_there_after_it(tmp_path) -> None:
    async with (
        serve(App(Warden), data=tmp_path, rate=0, burst=0) as server,
        server.client() as john,
    ):
        for n in range(50):
            await john.ask("warn", person=f"user{n}")
    async with serve(data=tmp_path) as server:
        found = await server.node.audit_log.lines(AuditQuery(action="member.muted"))
        assert [line.target for line in found] == [f"user{n}" for n in range(49, -1, -1)]


async def test_messages_do_not_wait_for_the_log() -> None:
    async with serve(rate=0, burst=0) as server, server.client() as john:
        await john.ask("join:room", room="general")

        async def median_s(notes: int) -> float:
            took = []
            for _ in range(100):
                for _ in range(notes):
                    server.node.audit_log.note(
                        Note(action=Action.USER_ROLE, actor="ann", target="bob")
                    )
                began = time.perf_counter()
                await john.ask("chat", room="general", text="hello")
                took.append(time.perf_counter() - began)
            return sorted(took)[50]

        await median_s(0)
        quiet, loud = await median_s(0), await median_s(50)
        print(f"a message takes {quiet * 1000:.2f} ms, beside 50 notes {loud * 1000:.2f} ms")
        assert loud < max(5 * quiet, 0.05)
        assert len(await server.node.audit_log.lines(AuditQuery(after=4_500, limit=500))) == 500


async def test_who_deletes_what_another_wrote_is_written_down_and_not_what_it_was() -> None:
    async with serve() as server, server.client() as john, server.client(ADMIN) as admin:
        for client in (john, admin):
            await client.ask("join:room", room="general")
        for words in ("my secret plan", "another one"):
            sent = await john.ask("chat", room="general", text=words)
            who = admin if words.startswith("my") else john
            for _ in range(2):
                await who.ask("message:delete", room="general", target=sent["seq"])
        (line,) = await server.node.audit_log.lines(AuditQuery(action="message.deleted"))
        assert (line.actor, line.target, line.room) == ("admin1", "user1", "general")
        assert (line.address, dict(line.details)) == ("127.0.0.1", {"seq": sent["seq"] - 2})


async def test_a_room_that_is_made_is_written_down_once() -> None:
    async with serve(rate=0, burst=0) as server, server.client() as john:
        for _ in range(2):
            await john.ask("room:create", id="same", room="lab", kind="private")
        await john.ask("join:room", room="annex")
        lines = await server.node.audit_log.lines(AuditQuery(action="room.created"))
        assert [(line.actor, line.room) for line in lines] == [
            ("user1", "annex"),
            ("user1", "lab"),
        ]
        assert lines[1].details == {"how": "private"}


async def test_who_calls_themselves_otherwise_is_written_down_once() -> None:
    async with serve() as server, server.client() as john:
        for _ in range(2):
            await john.ask("profile:set", display_name="The Boss", about="hello")
        (line,) = await server.node.audit_log.lines(AuditQuery(action="user.renamed"))
        assert (line.actor, line.target) == ("user1", "user1")
        assert line.details["name"] == "The Boss"
        assert "hello" not in str(line)
