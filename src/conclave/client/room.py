"""One room of a `Client`: to read it, to write to it, to ask about it."""

from collections.abc import AsyncIterator, Sequence
from typing import Any, Literal, Self, TypeVar

from conclave.client.commands import ask_command
from conclave.client.desk import Desk, Pending
from conclave.client.errors import Reset, WasReset
from conclave.client.feed import Feed
from conclave.client.saying import said
from conclave.model import MemberInfo, Position
from conclave.protocol.attaching import Attached
from conclave.protocol.commanding import Answered
from conclave.protocol.errors import Reject
from conclave.protocol.event import Event
from conclave.protocol.events import History, Line, Members, Stored
from conclave.protocol.governing import (
    ArchiveRoom,
    BanUser,
    InviteUser,
    KickUser,
    LinkMade,
    MakeLink,
    MuteUser,
    ReportMessage,
    SetFavourite,
    SetNotify,
    SetRole,
    UnbanUser,
    UnmuteUser,
)
from conclave.protocol.requests import (
    AddReaction,
    DeleteMessage,
    EditMessage,
    GetHistory,
    ListMembers,
    MarkRead,
    PinMessage,
    QuitRoom,
    RemoveReaction,
    SetTyping,
    UnpinMessage,
)

T = TypeVar("T")


class Room:
    """
    A room, by name; `Client.room` makes it, and whatever one does with it joins it first.

    `async for line in room` hands on every entry of the log, each once and in order, over
    any number of reconnects: from now on, or as `follow` said. One task at a time may read;
    who leaves the loop and comes back goes on where it was. It raises `WasReset` when what
    was known is void, and `Reject` when the client may not be there; what waits to be
    written then fails too.

    What writes (`send`, `edit`, `react`, …) goes through the outbox, in order: it is sent
    again after a broken connection, and stored once. It raises `Reject` with the server's
    code, `OutboxFull`, and `ClientClosed`. What asks (`history`, `members`, …) is sent once,
    and raises `Lost` when the connection breaks before the answer.
    """

    def __init__(self, desk: Desk, name: str) -> None:
        self.name = name
        self._desk = desk
        self._feed: Feed | None = None
        # Whether a refusal ended the reading, so that who reads on joins anew.
        self._ended = False

    # ── reading ────────────────────────────────────────────────────────────────────────

    def follow(self, since: Position | int | None = None) -> Self:
        """
        Begin to hand on what follows *since*: a number, or a position kept from before.

        A `Position` also knows the log it is of: if that is no longer the room's, this is a
        reset. None: what comes from now on.
        """
        feed = self._feed or Feed()
        self._desk.follow(self.name, since, feed)
        if since is not None:
            feed.clear()
        self._feed, self._ended = feed, False
        return self

    @property
    def position(self) -> Position | None:
        """How far the client knows the room: keep it, and `follow` from it next time."""
        return self._desk.position(self.name)

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Line:
        if self._feed is None or self._ended:
            self.follow()
        assert self._feed is not None
        try:
            item = await self._feed.get()
        except Reject:
            # The feed stays: what is written joins anew as well, and its entries count.
            self._ended = True
            raise
        if isinstance(item, Reset):
            raise WasReset(item)
        line: Line = item
        return line

    async def join(self) -> None:
        """Be in the room; it is made if there is none and one may."""
        await self._desk.join(self.name)

    async def history(
        self,
        *,
        before: int | None = None,
        after: int | None = None,
        around: int | None = None,
        at: int | None = None,
        thread: int | None = None,
        pinned: bool = False,
        limit: int | None = None,
    ) -> History:
        """
        Return a page of messages as they are now, oldest first: the last ones by default.

        Give at most one of *before*, *after* and *around*, a message's number, and *at*, a
        moment in milliseconds; *thread* is the number of the message that began it.
        """
        wanted = GetHistory(
            self.name,
            before=before,
            after=after,
            around=around,
            at=at,
            thread=thread,
            pinned=pinned,
            limit=limit,
        )
        return await self.ask(wanted, History)

    async def members(self) -> AsyncIterator[MemberInfo]:
        """Yield all members, a page at a time."""
        after: str | None = None
        while True:
            page = await self.ask(ListMembers(self.name, after), Members)
            for member in page.members:
                yield member
            if not (page.more and page.members):
                return
            after = page.members[-1].id

    # ── writing ────────────────────────────────────────────────────────────────────────

    async def send(
        self,
        text: str,
        *,
        reply_to: int | None = None,
        thread: int | None = None,
        mentions: Sequence[str] = (),
        attachments: Sequence[Attached] = (),
    ) -> Stored:
        """
        Write a message; return its number once it is stored. *attachments*: of `Client.files`.

        Cancelled before it was ever sent it is taken back; later it may be stored.
        """
        return await self._write(said(self.name, text, reply_to, thread, mentions, attachments))

    async def post(
        self,
        text: str,
        *,
        reply_to: int | None = None,
        thread: int | None = None,
        mentions: Sequence[str] = (),
        attachments: Sequence[Attached] = (),
    ) -> Pending:
        """
        Write a message and do not wait for the server; await what is returned to do so. With an
        outbox on disk it is there when this returns, and outlives the process.
        """
        return await self._desk.post(
            self.name, said(self.name, text, reply_to, thread, mentions, attachments)
        )

    async def edit(self, target: int, text: str) -> Stored:
        return await self._write(EditMessage(self.name, target, text))

    async def delete(self, target: int) -> Stored:
        return await self._write(DeleteMessage(self.name, target))

    async def react(self, target: int, emoji: str) -> Stored:
        return await self._write(AddReaction(self.name, target, emoji))

    async def unreact(self, target: int, emoji: str) -> Stored:
        return await self._write(RemoveReaction(self.name, target, emoji))

    async def pin(self, target: int) -> Stored:
        return await self._write(PinMessage(self.name, target))

    async def unpin(self, target: int) -> Stored:
        return await self._write(UnpinMessage(self.name, target))

    async def _write(self, event: Event) -> Stored:
        return await self._desk.write(self.name, event)

    async def command(self, name: str, text: str = "") -> Answered:
        """Ask `/name text`, once, and return its answer: a `text` for oneself, or a `seq`."""
        return await ask_command(self._desk, self.name, name, text)

    # ── the rest ───────────────────────────────────────────────────────────────────────

    async def read(self, seq: int) -> None:
        """Move one's read mark forward to *seq*, on all devices."""
        await self.ask(MarkRead(self.name, seq), dict[str, Any])

    async def notify(self, what: Literal["all", "mentions", "none"]) -> None:
        """Be notified of all that is said here, of mentions, or of nothing: on all devices."""
        await self._desk.ask(SetNotify(self.name, what), dict[str, Any])

    async def favour(self, favourite: bool = True) -> None:
        """Keep the room at the top of one's list, on all devices, or no longer."""
        await self._desk.ask(SetFavourite(self.name, favourite), dict[str, Any])

    def typing(self, active: bool = True) -> None:
        """Tell those who are here now; where there is no connection nobody hears it."""
        self._desk.signal(self.name, SetTyping(self.name, active))

    async def ask(self, event: Event, answer: type[T]) -> T:
        """Send a request of yours, once in the room, and return its answer as *answer*."""
        found: T = await self._desk.ask(event, answer, self.name)
        return found

    def leave(self) -> None:
        """
        Be here no more; one stays a member.

        What was written and not sent is given up: it fails with `Lost`.
        """
        self._desk.leave(self.name)
        self._feed = None

    # ── looking after it ───────────────────────────────────────────────────────────────

    async def invite(self, user: str) -> None:
        """Make *user* a member: an id, or else a name, here and below."""
        await self._govern(InviteUser(self.name, user))

    async def kick(self, user: str, *, reason: str = "") -> None:
        """End the membership of *user*, who may come back to a public room."""
        await self._govern(KickUser(self.name, user, reason))

    async def ban(self, user: str, *, until: int | None = None, reason: str = "") -> None:
        """Keep *user* out until then, in milliseconds since 1970; None: until `unban`."""
        await self._govern(BanUser(self.name, user, until, reason))

    async def unban(self, user: str) -> None:
        await self._govern(UnbanUser(self.name, user))

    async def mute(self, user: str, *, until: int | None = None, reason: str = "") -> None:
        """Let *user* read on and write nothing until then; None: until `unmute`."""
        await self._govern(MuteUser(self.name, user, until, reason))

    async def unmute(self, user: str) -> None:
        await self._govern(UnmuteUser(self.name, user))

    async def set_role(self, user: str, role: Literal["member", "moderator", "owner"]) -> None:
        await self._govern(SetRole(self.name, user, role))

    async def archive(self, archived: bool = True) -> None:
        """Let nobody write there any more, or let them again."""
        await self._desk.ask(ArchiveRoom(self.name, archived), dict[str, Any])

    async def report(self, target: int, reason: str = "") -> None:
        """Show a message to who looks after the room."""
        await self._govern(ReportMessage(self.name, target, reason))

    async def link(
        self, *, name: str = "", uses: int | None = None, expires_at: int | None = None
    ) -> LinkMade:
        """Make a link into the room; its token is told this once, for `Client.accept`."""
        made: LinkMade = await self._desk.ask(MakeLink(self.name, name, uses, expires_at), LinkMade)
        return made

    async def _govern(self, event: Event) -> None:
        # One need not be in a room to look after it: an admin may not be.
        await self._desk.ask(event, dict[str, Any])

    async def quit(self) -> None:
        """End one's membership."""
        await self._desk.ask(QuitRoom(self.name), dict[str, Any])
        self.leave()
