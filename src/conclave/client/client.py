"""
The Python client: `async with Client(url, token=…) as client`.

What it promises stands in `conversation`, as rules; `docs/client.md` shows it at work.
"""

import asyncio
import random
import ssl
import time
from collections.abc import Awaitable, Callable, Iterable
from pathlib import Path
from secrets import token_urlsafe
from typing import Any, Literal, Self, TypeVar

from conclave.client.address import address_of
from conclave.client.commands import answer_command
from conclave.client.conversation import Conversation
from conclave.client.desk import Desk
from conclave.client.driver import Driver
from conclave.client.errors import Lost
from conclave.client.files import Files
from conclave.client.keeping import open_keeper
from conclave.client.room import Room
from conclave.client.session import State
from conclave.model import RoomInfo
from conclave.protocol.commanding import Asked, Offer, OfferCommands, Taken
from conclave.protocol.event import Event
from conclave.protocol.events import Hello, InRoom, Me, People, Profile, Rooms, SearchResults
from conclave.protocol.governing import AcceptLink, OpenDirect
from conclave.protocol.requests import (
    CreateRoom,
    FindPeople,
    GetProfile,
    ListRooms,
    SearchMessages,
    SetIdle,
    SetPresence,
    SetProfile,
)

T = TypeVar("T")

Status = Literal["online", "away", "dnd", "invisible"]
Token = str | Callable[[], str | Awaitable[str]]


class Client:
    """
    One user at one server, for as long as the context lasts; it comes back by itself.

    *token* is a token, or a function that returns one: it is called for each connection and
    before the token expires. *url* is `wss://…` (or `https://…`); certificates are always
    checked, against *tls* if given. A `ws://` URL is taken for loopback addresses only, or
    with *allow_plain*. No token goes anywhere else: redirects are not followed.

    *events* are classes of an application's own events, to have them typed. *outbox* is the
    file that keeps what waits to be sent; without it that is in memory. Entering waits for
    the server at most *connect_within* seconds: 0 does not wait at all, None for ever. It
    raises `Lost` then, `Stopped` if the server sends one away, and `OutboxUnusable`.
    """

    def __init__(
        self,
        url: str,
        *,
        token: Token,
        events: Iterable[type[Event]] = (),
        outbox: Path | str | None = None,
        tls: ssl.SSLContext | None = None,
        allow_plain: bool = False,
        connect_within: float | None = 10.0,
    ) -> None:
        self._address = address_of(url, allow_plain=allow_plain)
        if tls is not None and not (tls.verify_mode is ssl.CERT_REQUIRED and tls.check_hostname):
            raise ValueError("A context that checks no certificates sends tokens to anybody")
        self._tls = tls
        self._token = token
        self._events = tuple(events)
        self._outbox = None if outbox is None else Path(outbox)
        self._connect_within = connect_within
        self._entered: Desk | None = None
        self._driver: Driver
        self._rooms: dict[str, Room] = {}
        # Over HTTP, so it can be asked for before, and beside, any connection.
        self.files = Files(
            self._address, self._fetch, tls, lambda: self.hello if self._entered else None
        )

    # ── coming and going ───────────────────────────────────────────────────────────────

    async def __aenter__(self) -> Self:
        if self._entered is not None:
            raise RuntimeError("A client is entered once")
        desk = await self._build()
        try:
            desk.start(self._driver)
            if self._connect_within != 0:
                await self._arrive(desk)
        except BaseException:
            await desk.close()
            raise
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def _build(self) -> Desk:
        keeper = None
        if self._outbox is not None:
            keeper = await open_keeper(self._outbox, self._address.server)
        talk = Conversation(
            random=random.random,
            wall=lambda: time.time_ns() // 1_000_000,
            make_id=lambda: token_urlsafe(16),
            events=self._events,
            user=None if keeper is None else keeper.user,
        )
        desk = self._entered = Desk(keeper)
        self._driver = Driver(
            talk, self._address, self._fetch, desk.deliver, desk.finish, self._tls
        )
        return desk

    async def _fetch(self) -> str:
        if isinstance(self._token, str):
            return self._token
        found = self._token()
        return found if isinstance(found, str) else await found

    async def _arrive(self, desk: Desk) -> None:
        try:
            async with asyncio.timeout(self._connect_within):
                await desk.connected()
        except TimeoutError:
            trouble = self._driver.trouble
            why = "it does not answer" if trouble is None else str(trouble)
            raise Lost(f"cannot reach {self._address.origin}: {why}") from trouble

    async def connected(self) -> Me:
        """Wait until the server has let the client in; return who it is there."""
        return await self._desk.connected()

    async def drain(self) -> None:
        """Wait until all that was written is stored or refused."""
        await self._desk.drain()

    async def close(self) -> None:
        """Say goodbye; what waits fails with `ClientClosed`. Idempotent."""
        if self._entered is not None:
            await self._entered.close()

    # ── what there is ──────────────────────────────────────────────────────────────────

    @property
    def _desk(self) -> Desk:
        if self._entered is None:
            raise RuntimeError("Use it as in `async with Client(…) as client`")
        return self._entered

    @property
    def state(self) -> State:
        return self._desk.session.state

    @property
    def retry_in(self) -> float | None:
        """In how many seconds it tries to come back; None where it need not, or does."""
        if self.state is not State.WAITING:
            return None
        return max(0.0, self._desk.session.due - asyncio.get_running_loop().time())

    @property
    def me(self) -> Me | None:
        """Who the client speaks for; None until the server has said so."""
        return self._desk.session.me

    @property
    def hello(self) -> Hello | None:
        """What the server said of its limits and heartbeats."""
        return self._desk.session.hello

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Any:
        """
        Return the next event that is told: one of `protocol.events`, or of your own.

        A `Line` is an entry of a room joined with `join`; a `Reset` says that what was known
        of one is void, an `Ended` that one is not in it any more. `Connected` and
        `Disconnected` say how the client fares; an event of a type nobody registered is an
        `Unknown`. Raises `Stopped` when the server sent the client away for good.
        """
        return await self._desk.feed.get()

    def room(self, name: str) -> Room:
        """Return the room of that name, the same object each time; nothing is sent."""
        if name not in self._rooms:
            self._rooms[name] = Room(self._desk, name)
        return self._rooms[name]

    async def join(self, *rooms: str) -> None:
        """Be in *rooms*, and hand their entries on here, in `async for event in client`."""
        for name in rooms:
            self._desk.follow(name, None, self._desk.feed)
        for name in rooms:
            await self._desk.join(name)

    async def rooms(self, *, public: bool = False) -> list[RoomInfo]:
        """Return one's own rooms, or all that are public."""
        found: list[RoomInfo] = []
        more = True
        while more:
            wanted = ListRooms("public" if public else "mine", found[-1].room if found else None)
            answer: Rooms = await self._desk.ask(wanted, Rooms)
            found += answer.rooms
            more = answer.more and len(answer.rooms) > 0
        return found

    async def create(
        self,
        name: str,
        *,
        title: str | None = None,
        topic: str | None = None,
        private: bool = False,
    ) -> Room:
        """Make a room and return it; raises `Reject` if there is one of that name."""
        kind: Literal["public", "private"] = "private" if private else "public"
        await self._desk.ask(CreateRoom(name, title, topic, kind), dict[str, Any])
        return self.room(name)

    async def direct(self, *users: str) -> Room:
        """Return the one room of exactly *users* and oneself, made at first use."""
        return self.room((await self.ask(OpenDirect([*users]), InRoom)).room)

    async def accept(self, token: str) -> Room:
        """Become a member by a link into a room, and return the room."""
        return self.room((await self.ask(AcceptLink(token), InRoom)).room)

    async def search(
        self,
        query: str,
        *,
        room: str | None = None,
        author: str | None = None,
        before: int | None = None,
        after: int | None = None,
        limit: int | None = None,
        cursor: str | None = None,
    ) -> SearchResults:
        """
        Find messages by their words, newest first, in the rooms one may read.

        *before* and *after* are times in milliseconds, *author* is a user's id. The *cursor* of
        an answer brings the next page.
        """
        wanted = SearchMessages(query, room, author, before, after, limit, cursor)
        return await self.ask(wanted, SearchResults)

    async def people(self, query: str = "", *, after: str | None = None) -> People:
        """Return people by id who have a word that begins so; *after* the last id of a page."""
        return await self.ask(FindPeople(query, after), People)

    async def profile(self, user: str) -> Profile:
        """Return what *user* says of themselves; raises `Reject`."""
        return await self.ask(GetProfile(user), Profile)

    async def set_profile(
        self, *, display_name: str | None = None, about: str | None = None
    ) -> Profile:
        """Be called otherwise, or say a line about oneself; what is not given stays."""
        return await self.ask(SetProfile(display_name, about), Profile)

    async def set_idle(self, idle: bool) -> None:
        """Say that nobody is at this device, or somebody again; it ends with the connection."""
        await self._desk.ask(SetIdle(idle), dict[str, Any])

    async def set_presence(self, status: Status) -> None:
        """Be so on all devices; it is said again on each connection, before rooms are joined."""
        self._desk.act(lambda talk, _now: talk.be(status))
        await self._desk.ask(SetPresence(status), dict[str, Any])

    async def offer(self, *commands: Offer) -> None:
        """Answer these slash commands and no others, as a bot; said again on each connection."""
        self._desk.act(lambda talk, _now: talk.offer(commands))
        await self._desk.ask(OfferCommands([*commands]), dict[str, Any])

    async def answer(self, asked: Asked, text: str, *, to_room: bool = False) -> Taken:
        """Answer who asked, or say it to the room; it is said once."""
        return await answer_command(self._desk, asked, text, to_room=to_room)

    async def ask(self, event: Event, answer: type[T]) -> T:
        """Send a request and return its answer as *answer*; for one in a room use `Room.ask`."""
        found: T = await self._desk.ask(event, answer)
        return found

    def tell(self, event: Event) -> bool:
        """Send an event without an answer; return False when there is no connection."""
        return self._desk.act(lambda talk, _now: talk.tell(event))
