"""`/metrics`: what it counts is what happened, and strangers cannot read it."""

import asyncio
from pathlib import Path

import pytest
from tests.support.metrics import Metrics, ask, read

from conclave import testing
from conclave.auth.metrics_token import read_metrics_token
from conclave.client.upgrade import Refused
from conclave.client.wire import connect
from conclave.protocol.errors import Reject
from conclave.settings import CannotStart, Settings, problems

TOKEN = "a-word-of-many-letters"
ADMIN = "admin-token-456"


@pytest.fixture
def token(tmp_path: Path) -> Path:
    path = tmp_path / "metrics.token"
    path.write_text(f"{TOKEN}\n", encoding="ascii")
    return path


async def settled(server: testing.Server, connections: int) -> Metrics:
    """Read once so many connections are left, and all that was written is told."""
    async with asyncio.timeout(20):
        while server.open_sockets > connections:
            await asyncio.sleep(0.01)
    await server.node.relay.finish()
    return await read(server.port, TOKEN)


async def test_what_is_counted_is_what_happened_exactly(token):
    async with testing.serve(metrics_token=token) as server:
        before = await read(server.port, TOKEN)
        async with server.client() as john, server.client(ADMIN) as admin:
            await admin.ask("room:create", room="council", kind="private")
            await john.ask("join:room", room="general")
            await admin.ask("join:room", room="general")
            await admin.ask("join:room", room="random")
            for n in range(7):
                await john.ask("chat", room="general", text=f"message {n}")
            said = await admin.ask("chat", room="random", text="alone")
            await admin.ask("message:edit", room="random", target=said["seq"], text="quite alone")
            await admin.ask("leave:room", room="random")
            with pytest.raises(Reject, match="not_in_room"):
                await john.ask("chat", room="random", text="not there")
            joined = await john.ask("join:rooms", rooms=[{"room": "general"}, {"room": "council"}])
            assert [one["room"] for one in joined["refused"]] == ["council"]
            john.wire.send("no:such", id="x")
            await john.expect("error", code="unknown_type")
            with pytest.raises(Reject, match="auth_failed"):
                async with server.client("worth-nothing"):
                    pass
            entries = [
                event.data
                for one in (john, admin)
                for event in one.events
                if event.type in {"chat", "entry"} and "seq" in event.data
            ]
            during = await settled(server, 2)
        after = await settled(server, 0)

    def grew(name: str, **labels: str) -> float:
        return after(name, **labels) - before(name, **labels)

    assert during("conclave_connections") == during("conclave_users_online") == 2
    assert during("conclave_rooms_open") >= 1
    assert after("conclave_connections") == 0
    assert grew("conclave_connections_opened_total") == 3
    # The two that went by themselves said so; the stranger was sent away.
    assert after.by("conclave_connections_closed_total", "code") == {"1000": 2, "1008": 1}
    assert after.by("conclave_auth_failures_total", "reason") == {"token": 1}
    assert after.by("conclave_requests_total", "type") == {
        "auth": 3,
        "room:create": 1,
        "join:room": 3,
        "join:rooms": 1,
        "chat": 9,
        "message:edit": 1,
        "leave:room": 1,
    }
    assert after.by("conclave_refusals_total", "code") == {
        "not_in_room": 1,
        "unknown_type": 1,
        joined["refused"][0]["code"]: 1,
    }
    # Three came into a room for the first time, and one made one.
    assert after.by("conclave_entries_total", "type") == {
        "message": 8,
        "message:edited": 1,
        "member:added": 4,
    }
    # Left one room by a request, the other two by going.
    assert grew("conclave_room_joins_total") == grew("conclave_room_leaves_total") == 3
    assert grew("conclave_deliveries_total") == len(entries) == 17
    assert after.by("conclave_limit_hits_total", "limit") == {}
    # The two readings before this one.
    assert grew("conclave_http_responses_total", status="200") == 2
    # Nine requests wrote an entry, and each was acknowledged once.
    assert grew("conclave_ack_seconds_count") == grew("conclave_tell_seconds_count") == 9
    assert 0 < grew("conclave_ack_seconds_sum") <= grew("conclave_tell_seconds_sum")
    assert grew("conclave_commit_seconds_count") == grew("conclave_commit_batch_jobs_count") >= 9
    assert grew("conclave_commit_batch_jobs_sum") >= 9
    assert after("conclave_outbox_bytes") == 0
    assert after("conclave_ready") == after("conclave_store_healthy") == 1
    assert grew("conclave_slow_closes_total") == 0


async def test_a_limit_that_was_met_is_counted_by_its_setting(token):
    limits = {"max_connections_per_user": 1, "rate": 1.0, "burst": 2, "max_message_bytes": 1_024}
    async with testing.serve(metrics_token=token, **limits) as server:
        async with server.client() as oldest, server.client() as john:
            assert (await oldest.ended())[0] == 4007
            await john.ask("join:room", room="general")
            for n in range(8):
                john.send("chat", room="general", text=str(n), id=f"c{n}")
            await john.expect("error", code="rate_limited")
            john.wire.send("chat", room="general", text="x" * 2_000)
            assert (await john.ended())[0] == 1009
        met = (await settled(server, 0)).by("conclave_limit_hits_total", "limit")
    assert met.pop("rate") >= 1
    assert met == {"max_connections_per_user": 1, "max_message_bytes": 1}


async def test_without_a_word_of_the_operator_metrics_are_nowhere():
    async with testing.serve() as server:
        assert (await ask(server.port)).status == 404
        assert server.metrics_port is None


async def test_beside_the_chat_they_are_for_who_brings_the_token(token):
    async with testing.serve(metrics_token=token) as server:
        for given in (None, "", "another-word-of-many-letters", TOKEN[:-1], ADMIN):
            refused = await ask(server.port, given)
            assert (refused.status, "conclave_" in refused.text) == (401, False)
        assert (await ask(server.port, TOKEN)).status == 200


async def test_on_an_address_of_their_own_there_is_nothing_else():
    async with testing.serve(metrics_listen="127.0.0.1:0") as server:
        port = server.metrics_port
        assert port is not None
        answer = await ask(port)
        assert (answer.status, answer.kind) == (200, "text/plain; version=0.0.4; charset=utf-8")
        assert (await ask(port, path="/ready")).status == 200
        assert [(await ask(port, path=one)).status for one in ("/", "/api/v1/door")] == [404, 404]
        with pytest.raises(Refused, match="404"):
            async with connect(f"ws://127.0.0.1:{port}/ws"):
                pass


async def test_a_page_of_elsewhere_cannot_read_them_by_another_name():
    async with testing.serve(metrics_listen="127.0.0.1:0") as server:
        reader, writer = await asyncio.open_connection("127.0.0.1", server.metrics_port)
        writer.write(b"GET /metrics HTTP/1.1\r\nHost: evil.example\r\n\r\n")
        status = await reader.readline()
        writer.close()
        await writer.wait_closed()
    assert b" 421 " in status or b" 400 " in status or b" 403 " in status


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"metrics_listen": "9464"}, "give an address and a port"),
        ({"metrics_listen": "127.0.0.1:99999"}, "give an address and a port"),
        ({"metrics_listen": "0.0.0.0:9464"}, "give --metrics-token too"),
    ],
)
def test_an_address_that_others_reach_wants_a_token(settings, said):
    (problem,) = problems(Settings(**settings))
    assert said in problem


@pytest.mark.parametrize("text", ["short", "two words are no single word", "", "x" * 300])
def test_a_token_that_could_be_guessed_starts_nothing(tmp_path, text):
    path = tmp_path / "metrics.token"
    path.write_text(text, encoding="ascii")
    with pytest.raises(CannotStart, match="metrics token"):
        read_metrics_token(path)


async def test_a_token_is_changed_without_a_restart(token):
    async with testing.serve(metrics_token=token) as server:
        token.write_text("another-word-of-many-letters", encoding="ascii")
        await server._running.watching.renew_key()
        assert (await ask(server.port, TOKEN)).status == 401
        assert (await ask(server.port, "another-word-of-many-letters")).status == 200
