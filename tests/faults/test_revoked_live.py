"""
What ends a token, a session or a user reaches sockets in time, whatever they are doing.

C7: tokens that end. C9: one that is idle, reads a thousand messages, does not read at all, or
is just coming in. C10: all devices of a user. C15: who resumes without the right to.
"""

import asyncio
import time
from contextlib import AsyncExitStack

import pytest
from tests.support.in_time import in_time
from tests.support.revoking import ROOM, Reader, grant, rest, say, stop_reading

from conclave import Reject, testing
from conclave.auth.tokens import digest
from conclave.client.wire import Closed
from conclave.model import Identity, Role
from conclave.protocol.errors import Close

MESSAGES = 1_000
# C9: four kinds, twenty each.
TIMES = 20
# Seconds. Among other tests it is judged that no deadline is waited for, of which the shortest has
# ten; the second that is promised is for a machine that does nothing else.
WITHIN = in_time(1.0, 8.0)
UNBOUND = {
    "rate": 0,
    "heartbeat_interval": 3600,
    "max_unauthenticated_per_address": 0,
    "max_connections_per_user": 0,
}


@pytest.fixture
async def server():
    async with testing.serve(**UNBOUND) as server:
        for name in ("ada", "eve"):
            await server.node.store.people.create_account(name)
        yield server


# ── C7 ─────────────────────────────────────────────────────────────────────────────────

COUNTS = [pytest.param(20, id="20"), pytest.param(100, id="100", marks=pytest.mark.slow)]


@pytest.mark.parametrize("count", COUNTS)
async def test_who_does_not_renew_in_time_is_told_nothing_more(server, count: int) -> None:
    """Half of them renew; the room is never quiet, and the clock goes on when all have answered."""
    life, margin = 600.0, 20.0
    short = [await grant(server, "ada", life) for _ in range(count)]
    first, last = [
        (await server.node.store.token(digest(one[0]))).expires_at / 1000
        for one in (short[0], short[-1])
    ]
    long, _ = await grant(server, "ada", 3_600)
    other, _ = await grant(server, "eve")

    async def chatter() -> None:
        while True:
            await say(server, 1)
            await asyncio.sleep(0.05)

    async with AsyncExitStack() as opened:
        people = [await opened.enter_async_context(server.client(token)) for token, _ in short]
        renewing, staying = people[::2], people[1::2]
        talking = asyncio.create_task(chatter())
        for one in people:
            await one.ask("join:room", room=ROOM)
        await server.turn(life - 60.0)
        for one in people:
            assert (await one.expect("auth:expiring"))["expires_at"] >= first * 1000
        for one in renewing:
            await one.ask("auth:refresh", token=long)
        await server.turn(first - margin - server.clock.wall() / 1000)
        for one in people:
            await one.ask("heartbeat", timestamp=1)
            await one.expect("chat")
        assert server.clock.wall() / 1000 < first, "it took so long that nothing was tested"
        await server.turn(last + 0.5 - server.clock.wall() / 1000)
        ends = [await one.ended() for one in staying]
        for one in renewing:
            await one.ask("heartbeat", timestamp=2)
        talking.cancel()
    assert {code for code, _ in ends} == {Close.TOKEN_EXPIRED}
    told = [[e.data["timestamp"] / 1000 for e in one.events if e.type == "chat"] for one in staying]
    assert all(some and max(some) < last + 1 for some in told)
    async with server.client(long) as ada:
        ada.send("auth:refresh", token=other)
        assert (await ada.ended())[0] == Close.IDENTITY_CHANGED


# ── C9 ─────────────────────────────────────────────────────────────────────────────────


@WITHIN
@pytest.mark.parametrize("doing", ["idle", "replay"])
async def test_a_revocation_ends_who_is_idle_and_who_reads_much(server, doing: str, within) -> None:
    await say(server, MESSAGES, 200)
    slowest, replayed = 0.0, 0
    for _ in range(TIMES):
        token, id_ = await grant(server, "ada")
        async with server.client(token) as ada:
            await getattr(Reader(ada), doing)()
            await server.node.revoke("ada", [id_])
            revoked = time.monotonic()
            told = len(ada.events)
            assert await ada.ended(within) == (4501, "Session revoked")
            slowest = max(slowest, time.monotonic() - revoked)
            replayed += len(ada.told("history")) > 1 or told > 3
            with pytest.raises(Reject) as no:
                async with server.client(token):
                    pass
            assert no.value.code == "auth_failed"
    print({"C9": {"doing": doing, "times": TIMES, "slowest end in s": round(slowest, 3)}})
    if doing == "replay":
        assert replayed == TIMES, "it had not begun to read"


@WITHIN
async def test_a_revocation_ends_who_is_just_coming_in(server, within) -> None:
    caught = 0
    for n in range(TIMES):
        token, id_ = await grant(server, "ada")
        async with server.client(None) as ada:
            ada.send("auth", token=token)
            ada.send("join:room", room=ROOM)
            await asyncio.sleep(n / TIMES * 0.01)
            await server.node.revoke("ada", [id_])
            code = (await ada.ended(within))[0]
            assert code in (Close.SESSION_REVOKED, Close.POLICY)
            caught += code == Close.SESSION_REVOKED
    print({"C9": {"doing": "coming in", "times": TIMES, "caught on the way": caught}})


@WITHIN
async def test_a_revocation_drops_what_a_slow_reader_has_not_taken(server, within) -> None:
    """Within the second the socket is gone; what waited for it is told to nobody."""
    tokens = [await grant(server, "ada") for _ in range(TIMES)]
    slow = [await asyncio.to_thread(stop_reading, server.port, token) for token, _ in tokens]
    for _ in range(20):
        await say(server, 20, 3_000)
        await asyncio.sleep(0.01)
    full = [one for one in server.node.hub.of("ada") if one.ear.waiting_bytes > 100_000]
    waited = min(one.ear.waiting_bytes for one in full)
    assert len(full) == TIMES, "their queues are not full: nothing is tested"
    await server.node.revoke("ada", [id_ for _, id_ in tokens])
    assert [one.ear.owes for one in full] == [0] * TIMES
    revoked = time.monotonic()
    async with asyncio.timeout(within):
        while server.open_sockets:
            await asyncio.sleep(0.01)
    took = time.monotonic() - revoked
    await say(server, 5, 3_000)
    got = [await asyncio.to_thread(rest, raw) for raw in slow]
    print({"C9": {"doing": "slow", "times": TIMES, "waited": waited, "gone after": round(took, 2)}})
    # What the kernel had already taken, and nothing of what waited here.
    assert max(got) < waited


# ── C10 ────────────────────────────────────────────────────────────────────────────────


async def _log_out(server: testing.Server) -> int:
    await server.node.revoke("ada")
    return Close.SESSION_REVOKED


async def _deactivate(server: testing.Server) -> int:
    await server.node.store.people.change("ada", active=False)
    await server.node.revoke("ada", code=Close.BANNED, reason="Deactivated")
    return Close.BANNED


@WITHIN
@pytest.mark.parametrize("end", [_log_out, _deactivate])
async def test_all_devices_of_a_user_are_reached_and_nobody_else_s(server, end, within) -> None:
    mine = [await grant(server, "ada") for _ in range(5)]
    other, _ = await grant(server, "eve")
    async with AsyncExitStack() as open_, server.client(other) as eve:
        devices = [await open_.enter_async_context(server.client(token)) for token, _ in mine]
        for one in (*devices, eve):
            await one.ask("join:room", room=ROOM)
        code, began = await end(server), time.monotonic()
        ends = await asyncio.gather(*(one.ended(2 * within) for one in devices))
        took = time.monotonic() - began
        assert {closed for closed, _ in ends} == {code}
        await eve.ask("heartbeat", timestamp=1)
    print({"C10": {"how": end.__name__, "devices": 5, "all gone after": round(took, 3)}})
    assert took < 2 * within
    for token, _ in mine:
        with pytest.raises(Reject):
            async with server.client(token):
                pass


async def test_another_role_holds_at_once_on_all_devices_and_for_who_is_coming_in(server) -> None:
    """Decision 0024: in place; nobody keeps what they may no more, however they came in."""
    people = server.node.store.people
    token, _ = await grant(server, "ada")
    other, _ = await grant(server, "eve")
    async with server.client(token) as ada, server.client(other) as eve:
        for one in (ada, eve):
            await one.ask("join:room", room=ROOM)
        await ada.ask("people", query="")
        server.node.changed(await people.change("ada", role=Role.GUEST))
        with pytest.raises(Reject) as no:
            await ada.ask("people", query="")
        assert no.value.code == "forbidden"
        for one in (ada, eve):
            assert (await one.expect("profile:changed", user="ada"))["role"] == "guest"
        await ada.ask("chat", room=ROOM, text="I am still here")
    kept = 0
    for n in range(TIMES):
        server.node.changed(await people.change("ada", role=Role.ADMIN))
        async with server.client(None) as ada:
            ada.send("auth", token=token)
            await asyncio.sleep(n / TIMES * 0.004)
            server.node.changed(await people.change("ada", role=Role.GUEST))
            await ada.expect("auth:response")
            for connection in server.node.hub.of("ada"):
                kept += connection.identity.role is not Role.GUEST
    print({"roles": {"times": TIMES, "kept": kept}})
    assert kept == 0


async def test_what_was_read_before_a_change_does_not_undo_it(server, monkeypatch) -> None:
    people, store = server.node.store.people, server.node.store
    token, _ = await grant(server, "ada")
    await people.change("ada", role=Role.ADMIN)
    async with server.client(token):
        (connection,) = server.node.hub.of("ada")
        read = store.coming_in

        async def read_too_early(user: str) -> object:
            found = await read(user)
            server.node.changed(await people.change("ada", role=Role.GUEST))
            return found

        monkeypatch.setattr(store, "coming_in", read_too_early)
        await server.node.look_again(connection)
        assert connection.identity.role is Role.GUEST


# ── C15 ────────────────────────────────────────────────────────────────────────────────


async def test_who_lost_a_room_meanwhile_does_not_resume_in_it(server) -> None:
    await server.node.store.create_room("board", Identity(user="user1", name="john"))
    await server.node.store.create_room("den", Identity(user="ada", name="ada"), kind="private")
    token, id_ = await grant(server, "ada")
    async with server.client(token) as ada:
        pages = {room: await ada.ask("join:room", room=room) for room in (ROOM, "den")}
        await ada.ask("room:quit", room="den")
        since = {"epoch": pages["den"]["epoch"], "seq": 1}
        for request in ({"room": "den", "since": since}, {"room": "den"}):
            with pytest.raises(Reject) as no:
                await ada.ask("join:room", **request)
            assert no.value.code == "no_such_room"
        head = pages[ROOM]["last_seq"]
        for forged in (
            {"epoch": "0" * 16, "seq": 1},
            {"epoch": pages[ROOM]["epoch"], "seq": head + 1_000},
            {"epoch": pages[ROOM]["epoch"], "seq": 2**53 - 1},
            {"epoch": pages[ROOM]["epoch"], "seq": 1, "id": "01M829XWF40000000000000009"},
        ):
            page = await ada.ask("join:room", room=ROOM, since=forged)
            assert page["reset"], forged
        await server.node.revoke("ada", [id_])
        assert (await ada.ended())[0] == 4501
    # After logging out nothing is resumed: it begins with a token, which is not good.
    async with server.client(None) as ada:
        ada.send("auth", token=token)
        ada.send("join:room", room=ROOM, since={"epoch": pages[ROOM]["epoch"], "seq": 1})
        assert await ada.ended() == (1008, "Authentication failed")
        assert not ada.told("history")


# ── C12, for tokens ────────────────────────────────────────────────────────────────────


async def test_who_is_deactivated_comes_in_by_no_token_and_renews_none(server) -> None:
    one, _ = await grant(server, "ada")
    two, _ = await grant(server, "ada", 100)
    refused = []
    async with server.client(two) as ada:
        page = await ada.ask("join:room", room=ROOM)
        await server.node.store.people.change("ada", active=False)
        # Also before its sockets are closed.
        with pytest.raises(Reject) as no:
            await ada.ask("auth:refresh", token=one)
        refused.append(no.value.code)
        with pytest.raises((Reject, Closed)):
            await ada.ask("chat", room=ROOM, text="still here")
        server.node.part("ada", code=Close.BANNED, reason="Deactivated")
        assert (await ada.ended())[0] == 4502
    for token in (one, two):
        async with server.client(None) as ada:
            ada.send("auth", token=token)
            ada.send("join:room", room=ROOM, since={"epoch": page["epoch"], "seq": 1})
            code, _ = await ada.ended()
            refused.append(ada.told("auth:response")[0]["code"])
            assert (code, ada.told("history")) == (1008, [])
    print({"C12": {"refused": len(refused)}})
    assert refused == ["auth_failed"] * 3
