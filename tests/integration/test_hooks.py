"""What an application may hook into, over the wire: every hook, and each way to say no."""

import asyncio

import pytest

from conclave import (
    Access,
    App,
    Close,
    Code,
    Connection,
    Controller,
    Disconnect,
    Event,
    Identity,
    Reject,
    on,
    on_auth_failed,
    on_authenticated,
    on_connect,
    on_disconnect,
    on_error,
    on_heartbeat,
    on_join,
    on_leave,
    on_timeout,
    testing,
)
from conclave.client.wire import Closed

JOHN, ADMIN = "user-token-123", "admin-token-456"


class Diary(Controller):
    """Writes down every hook."""

    def __init__(self, node):
        super().__init__(node)
        self.lines = DIARY

    @on_connect
    async def came(self, connection):
        self.lines.append(("connect", connection.identity, connection.address))

    @on_authenticated
    async def known(self, connection, identity):
        self.lines.append(("authenticated", identity.user))

    @on_auth_failed
    async def unknown(self, connection, no):
        self.lines.append(("auth_failed", no.code))

    @on_join
    async def joined(self, connection, room):
        self.lines.append(("join", room, set(connection.rooms)))

    @on_leave
    async def left(self, connection, room):
        self.lines.append(("leave", room, set(connection.rooms)))

    @on_heartbeat
    async def beat(self, connection, event):
        self.lines.append(("heartbeat", event.timestamp))

    @on_timeout
    async def late(self, connection, end):
        self.lines.append(("timeout", end.code, end.reason))

    @on_disconnect
    async def gone(self, connection, code, reason):
        self.lines.append(("disconnect", code, reason))

    @on_error
    async def broke(self, connection, error):
        self.lines.append(("error", repr(error)))


DIARY: list[tuple] = []


@pytest.fixture
def diary():
    DIARY.clear()
    return DIARY


async def _written(diary, name):
    async with asyncio.timeout(20):
        while not any(line[0] == name for line in diary):
            await asyncio.sleep(0.01)
    return next(line for line in diary if line[0] == name)


async def test_each_hook_is_called_with_what_it_is_about(diary):
    async with testing.serve(App(Diary)) as server:
        async with server.client(JOHN) as john:
            await john.ask("join:room", room="general")
            await john.ask("heartbeat", timestamp=7)
            await john.ask("leave:room", room="general")
        assert await _written(diary, "disconnect") == ("disconnect", 1000, "")
    assert diary == [
        ("connect", None, "127.0.0.1"),
        ("authenticated", "user1"),
        ("join", "general", {"general"}),
        ("heartbeat", 7),
        ("leave", "general", set()),
        ("disconnect", 1000, ""),
    ]


async def test_a_failed_authentication_has_its_hook(diary):
    async with testing.serve(App(Diary)) as server, server.client(None) as stranger:
        stranger.send("auth", token="no such token")
        assert await stranger.ended() == (1008, "Authentication failed")
        assert ("auth_failed", "auth_failed") in diary
        assert await _written(diary, "disconnect") == ("disconnect", 1008, "Authentication failed")


async def test_a_deadline_that_passes_has_its_hook(diary):
    async with testing.serve(App(Diary)) as server, server.client(None) as silent:
        await silent.expect("hello")
        await server.turn(10)
        assert await silent.ended() == (1008, "Authentication timeout")
        assert ("timeout", 1008, "Authentication timeout") in diary


class Poke(Event, type="test:poke"):
    how: str = ""
    room: str = "general"


class Poked(Event, type="test:poked"):
    by: str
    how: str


class Poker(Controller):
    @on(Poke)
    async def poke(self, connection: Connection, event: Poke) -> dict[str, object] | Poked:
        match event.how:
            case "reject":
                raise Reject("test_code", "Not today", retry_after_ms=50)
            case "disconnect":
                raise Disconnect(4321, "Go away")
            case "break":
                raise RuntimeError("a secret of the server")
            case "count":
                connection.data["count"] = connection.data.get("count", 0) + 1
                return {"count": connection.data["count"]}
            case "about":
                return {
                    "id": connection.id,
                    "address": connection.address,
                    "since": connection.since,
                    "rooms": sorted(connection.rooms),
                    "user": connection.identity.user,
                }
            case "event":
                return Poked(connection.user, event.how)
        self._tell(connection, event.how)
        return {}

    def _tell(self, connection: Connection, how: str) -> None:
        told = Poked(connection.user, how)
        match how:
            case "me":
                connection.tell(told)
            case "user":
                self.node.tell_user("admin1", told)
            case "room":
                self.node.tell_room("general", told)
            case "others":
                self.node.tell_room("general", told, but=connection)


async def test_a_reject_answers_one_request_and_the_connection_goes_on():
    async with testing.serve(App(Poker)) as server, server.client(JOHN) as john:
        with pytest.raises(Reject) as refused:
            await john.ask("test:poke", how="reject")
        assert (refused.value.code, refused.value.message) == ("test_code", "Not today")
        assert refused.value.retry_after_ms == 50
        assert await john.ask("test:poke", how="count") == {"count": 1}


async def test_a_disconnect_ends_the_connection_with_its_code():
    async with testing.serve(App(Poker)) as server, server.client(JOHN) as john:
        with pytest.raises(Closed) as closed:
            await john.ask("test:poke", how="disconnect")
        assert (closed.value.code, closed.value.reason) == (4321, "Go away")


async def test_a_connection_keeps_its_data_and_no_other_connection_s():
    async with (
        testing.serve(App(Poker)) as server,
        server.client(JOHN) as one,
        server.client(JOHN) as other,
    ):
        assert await one.ask("test:poke", how="count") == {"count": 1}
        assert await one.ask("test:poke", how="count") == {"count": 2}
        assert await other.ask("test:poke", how="count") == {"count": 1}


async def test_a_handler_knows_whom_it_serves():
    async with testing.serve(App(Poker)) as server, server.client(JOHN) as john:
        await john.ask("join:room", room="general")
        about = await john.ask("test:poke", how="about")
        assert about["user"] == "user1"
        assert about["address"] == "127.0.0.1"
        assert about["rooms"] == ["general"]
        assert abs(about["since"] - server.clock.wall()) < 60_000


async def test_an_event_that_is_returned_is_sent_in_place_of_an_ack():
    async with testing.serve(App(Poker)) as server, server.client(JOHN) as john:
        assert await john.ask("test:poke", how="event") == {"by": "user1", "how": "event"}
        assert not john.told("ack")


@pytest.mark.parametrize(
    ("how", "hear"),
    [
        ("me", {"poker"}),
        ("user", {"admin"}),
        ("room", {"poker", "john", "admin"}),
        ("others", {"john", "admin"}),
    ],
)
async def test_an_event_reaches_those_it_is_told_to_and_nobody_else(how, hear):
    async with (
        testing.serve(App(Poker)) as server,
        server.client(JOHN) as poker,
        server.client(JOHN) as john,
        server.client(ADMIN) as admin,
        server.client(ADMIN) as outside,
    ):
        people = {"poker": poker, "john": john, "admin": admin}
        for client in people.values():
            await client.ask("join:room", room="general")
        await poker.ask("test:poke", how=how)
        for client in (*people.values(), outside):
            await client.ask("heartbeat", timestamp=0)  # what was told before has come
        assert {name for name, client in people.items() if client.told("test:poked")} == hear
        assert bool(outside.told("test:poked")) == (how == "user")


async def test_insides_of_an_exception_stay_inside(diary):
    async with testing.serve(App(Poker, Diary)) as server, server.client(JOHN) as john:
        with pytest.raises(Reject) as refused:
            await john.ask("test:poke", how="break")
        assert (refused.value.code, refused.value.retryable) == (Code.INTERNAL, True)
        assert "secret" not in str(john.events)
        assert ("error", "RuntimeError('a secret of the server')") in diary


class Broken(Controller):
    @on_connect
    @on_error
    async def fail(self, connection, *about):
        raise RuntimeError("a broken metric")

    @on_authenticated
    async def fail_too(self, connection, identity):
        raise RuntimeError("another broken metric")


async def test_a_failing_hook_takes_nobody_down(diary):
    async with testing.serve(App(Broken, Diary)) as server, server.client(JOHN) as john:
        await john.ask("join:room", room="general")
        assert ("authenticated", "user1") in diary


class Bouncer(Controller):
    @on_authenticated
    async def admit(self, connection: Connection, identity: Identity) -> None:
        if identity.user == "user1":
            raise Disconnect(Close.BANNED, "Not you")

    @on_join
    async def not_there(self, connection: Connection, room: str) -> None:
        if room == "support":
            raise Reject(Code.FORBIDDEN)


async def test_a_hook_may_turn_somebody_away():
    async with testing.serve(App(Bouncer)) as server:
        async with server.client(None) as john:
            john.send("auth", token=JOHN)
            assert await john.ended() == (4502, "Not you")
        async with server.client(ADMIN) as admin:
            await admin.ask("join:room", room="general")


class House:
    """An authenticator of one's own."""

    async def authenticate(self, token: str) -> Identity | None:
        if token == "forged":
            raise Reject(Code.AUTH_FAILED)
        return Identity(user="ada", name="Ada") if token == "open sesame" else None


async def test_an_authenticator_of_one_s_own_is_asked_before_the_built_in_ones():
    async with testing.serve(App(authenticators=[House()])) as server:
        async with server.client("open sesame") as ada:
            assert ada.told("auth:response")[0]["user"] == {
                "id": "ada",
                "name": "Ada",
                "role": "user",
            }
            page = await ada.ask("join:room", room="general")
            assert page["room"] == "general"
        async with server.client(JOHN):
            pass
        with pytest.raises(Reject, match="auth_failed"):
            async with server.client("forged"):
                pass


class Needy(Controller):
    @on(Poke, needs=Access.ANYONE)
    async def poke(self, connection: Connection, event: Poke) -> dict[str, bool]:
        return {"known": connection.identity is not None}


async def test_a_handler_may_serve_strangers():
    async with testing.serve(App(Needy)) as server, server.client(None) as stranger:
        assert await stranger.ask("test:poke") == {"known": False}


class Twice(Controller):
    @on(Poke)
    async def poke(self, connection: Connection, event: Poke) -> None: ...


class Typo(Controller):
    @on(Poke)
    async def poke(self, connection: Connection, event: Poked) -> None: ...


class Plain(Controller):
    @on(Poke)
    def poke(self, connection: Connection, event: Poke) -> None: ...


@pytest.mark.parametrize(
    ("app", "says"),
    [
        (App(Poker, Twice), "«test:poke» has two handlers, for Poke and Poke: remove one"),
        (App(requests=[Poke]), "no handler for Poke: mark one with @on"),
        (App(Typo), "handles Poke but takes"),
        (App(Plain), "expected «async def», got a plain function; add async"),
    ],
)
async def test_a_table_that_is_not_complete_and_clear_is_no_start(app, says):
    with pytest.raises(TypeError, match=says):
        async with testing.serve(app):
            pass
