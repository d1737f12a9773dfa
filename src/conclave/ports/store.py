"""The truth, as the rules need it: rooms, their logs, members, users and tokens."""

from collections.abc import Callable, Collection, Mapping
from typing import Protocol, runtime_checkable

from conclave.model import (
    Draft,
    Entry,
    Hits,
    Identity,
    MemberInfo,
    Page,
    Position,
    Query,
    Receipt,
    RoomInfo,
    RoomKind,
    RoomRole,
    Scope,
    TokenInfo,
    User,
)
from conclave.ports.people import People


class Store(Protocol):
    """
    The truth: rooms, their logs, members, users and tokens.

    What a method that writes returns is durable. Failures are `Reject`: `busy` when too
    much waits, `unavailable` when the disk refuses; then nothing was done, or it was done
    and the same request id will find it.
    """

    @property
    def epoch(self) -> str:
        """Changes when history was lost or restored."""

    @property
    def healthy(self) -> bool:
        """False once a sync has failed: nothing is written any more."""

    @property
    def people(self) -> People:
        """Who there is."""

    async def append(self, draft: Draft) -> Receipt:
        """
        Number *draft* and return it durable.

        Appends of one room are numbered in the order of the calls. The same `client_id` of
        the same user and room again returns the first one's numbers without an entry; with
        other content it raises `id_reused`. Raises `no_such_room`; `not_in_room` if the
        author is no member when it is written (the system user always may).

        Some types change what is there, in the same moment: `message:edited`,
        `message:deleted`, `message:pinned`, `message:unpinned` (`extra` names the `target`),
        `reaction:added`, `reaction:removed` (and the `emoji`), `room:updated` (`title`,
        `topic`). They raise `no_such_message` and `forbidden`. Where nothing is to be
        changed, nothing is stored: the receipt is that of the entry which made it so.
        """

    async def stored(self, draft: Draft) -> Receipt | None:
        """Return what `append` answered to the same request before, if it ever did."""

    async def history(
        self,
        room: str,
        *,
        before: int | None = None,
        after: int | None = None,
        around: int | None = None,
        at: int | None = None,
        thread: int | None = None,
        pinned: bool = False,
        limit: int = 100,
        most_bytes: int = 131_072,
        reader: str | None = None,
    ) -> Page:
        """
        Return messages as they are now, oldest first, the last ones unless asked otherwise.

        A page has one message at least, and else at most about *most_bytes*.
        *thread*: only those of the thread that this message began, itself included.
        *pinned*: only those; then *after*, *around* and *at* may not be given.
        *at*: around the first that is not earlier than this moment, in milliseconds.

        With *reader* raises `not_in_room` unless that user is a member at the moment of the
        read: the same moment as the page's, so that no removal slips in between.
        """

    async def entries(
        self,
        room: str,
        since: Position,
        limit: int = 500,
        *,
        most_bytes: int = 131_072,
        reader: str | None = None,
    ) -> Page:
        """
        Return every entry after *since*, or a `reset` with the last messages. Never partial.

        *most_bytes*, *reader*: see `history`.
        """

    async def after(self, room: str, seq: int, limit: int = 500) -> Page:
        """Return every entry after *seq*; `first_seq` tells what is purged."""

    async def heads(self, rooms: Collection[str]) -> dict[str, int]:
        """Return the last number of each of *rooms* that exists."""

    async def create_room(
        self,
        room: str,
        creator: Identity,
        *,
        title: str | None = None,
        topic: str | None = None,
        kind: RoomKind = RoomKind.PUBLIC,
        client_id: str | None = None,
        most: int = 0,
    ) -> list[Entry]:
        """
        Create *room* with *creator* as owner; return the entries this wrote to its log.

        Raises `too_many_rooms` where *creator* has made *most* that are still there, direct ones
        apart; 0: never.

        The system user becomes no member. Raises `room_exists`, after case folding, but not
        to the same *client_id* of the same creator.
        """

    async def find_room(self, room: str) -> tuple[str, RoomKind] | None:
        """Return the id and kind of *room*, found after case folding."""

    async def way_in(self, room: str, user: str) -> tuple[str, RoomKind, RoomRole | None] | None:
        """Return what `find_room` says, and what *user* is there, as one query."""

    async def ensure_member(self, room: str, identity: Identity) -> list[Entry]:
        """Make *identity* a member of public *room*; return the entries this wrote, if any."""

    async def member(self, room: str, user: str) -> RoomRole | None: ...

    async def members(self, room: str) -> list[str]:
        """Return the ids of all members of *room*."""

    async def quit_room(
        self, room: str, identity: Identity, *, client_id: str | None = None
    ) -> list[Entry]:
        """
        End the membership of *identity*; return the entries this wrote, none if it was none.

        The same *client_id* again ends no later membership. Another becomes owner before the
        only one goes.
        """

    async def list_members(
        self, room: str, *, after: str = "", limit: int = 100, reader: str | None = None
    ) -> list[MemberInfo]:
        """Return members by their ids, those beyond *after*. *reader*: see `history`."""

    def mark_read(self, room: str, user: str, seq: int) -> None:
        """
        Move the read mark forward, never back and never beyond the end.

        Never waits: what is asked next knows it, a crash within a second or two forgets it.
        """

    async def room_for(self, room: str, user: str) -> RoomInfo | None:
        """Return the room as *user* sees it; None where there is none they may know of."""

    async def room_for_each(self, room: str, users: Collection[str]) -> dict[str, RoomInfo]:
        """Return what `room_for` says to each of *users*, from one read."""

    async def rooms_of(self, user: str, *, after: str = "", limit: int = 500) -> list[RoomInfo]:
        """Return the rooms *user* is a member of, by name, those beyond the name *after*."""

    async def names_of(self, user: str) -> list[str]:
        """Return the names of all rooms *user* is a member of."""

    async def coming_in(self, user: str) -> tuple[User | None, list[str]]:
        """Return what `user` and `names_of` say, as one query: for everybody who comes in."""

    async def token_coming_in(self, digest: bytes) -> tuple[TokenInfo, list[str]] | None:
        """Return what `token` and `names_of` its user say, as one query; None: no such token."""

    async def missed(
        self, user: str, known: Mapping[str, Position], *, most_bytes: int = 131_072
    ) -> dict[str, Page]:
        """
        Return what `entries` says of those rooms *known*, as one query for all of them.

        Only of rooms of which *user* is a member and where the whole of it is in one page of
        *most_bytes*, and not of all of those: what is missing is to be asked of each room.
        """

    async def public_rooms(self, user: str, *, after: str = "", limit: int = 500) -> list[RoomInfo]:
        """Return public rooms, with what *user* is in them; *after*, *limit*: see `rooms_of`."""

    async def public_names(self, *, limit: int = 500) -> list[str]:
        """
        Return the names of public rooms, in the order of `public_rooms`, and nothing else.

        The list may be the same for all who ask: leave it as it is.
        """

    async def search(
        self,
        query: Query,
        *,
        reader: str,
        room: str | None = None,
        author: str | None = None,
        limit: int = 20,
        cursor: int | None = None,
    ) -> Hits:
        """
        Return messages that are now as *query* asks, newest first.

        Only of rooms *reader* is a member of at the moment of the read. *room*: only of
        this one; raises `not_in_room` where the reader is no member or there is none.
        *author*: only by the user with this id. *cursor*: go on where the page before
        ended. A page may be short, or empty, and there is `more`. Raises `busy`.

        What was written, edited or reacted to since `index` was last called may not be
        found yet; what was deleted or edited away is not found from that moment on.
        """

    async def index(self) -> None:
        """
        Let `search` know all that was written, in short jobs between which others go on.

        Call it again and again; cancel it at any time.
        """

    async def index_lag(self) -> int:
        """Return how many entries `search` does not know yet."""

    async def put_user(self, user: User) -> User:
        """Create the user or return the one that exists under this id."""

    async def user(self, id: str) -> User | None: ...  # noqa: A002 - a user's id

    async def users(self, ids: Collection[str]) -> list[User]:
        """Return those of *ids* that there are, by one look."""

    async def create_token(
        self,
        user: str,
        digest: bytes,
        *,
        name: str = "",
        expires_at: int | None = None,
        scopes: frozenset[Scope] | None = None,
        rooms: frozenset[str] | None = None,
    ) -> TokenInfo:
        """Store a token by its SHA-256; raises `no_such_user`."""

    async def token(self, digest: bytes) -> TokenInfo | None: ...


@runtime_checkable
class Begins(Protocol):
    """
    What a `Store` may have besides: to append without a coroutine for each who waits.

    A store without it is as good, only dearer.
    """

    def begin(
        self, draft: Draft, done: Callable[[Receipt | None, BaseException | None], None]
    ) -> None:
        """
        As `Store.append`, but for deletions: call *done* with the receipt, or what refused it.

        It is called in the order in which the appends of a room are numbered, in the loop, and
        must not raise. What refuses at once is raised, and then it is never called.
        """
