"""What the store does for who looks after rooms, and for people who want to be left alone."""

from collections.abc import Sequence
from typing import Protocol

from conclave.model import (
    Act,
    Deed,
    Entry,
    Identity,
    Outcome,
    Person,
    Report,
    RoomLink,
    RoomRole,
    Sanction,
    SanctionKind,
)


class Moderation(Protocol):
    """
    Acts upon people and messages in rooms, each judged where it is done.

    The one table of rights decides, in the transaction that writes: what it refuses is raised
    as `Reject`, and a room that the actor may not know of is `no_such_room`. Who is named by
    *user* is found by id, or else by name; nobody of either is `no_such_user`, but only to who
    may do this at all. A *client_id* makes a request safe to repeat: it does nothing again.
    """

    async def check(self, act: Act, room: str, who: Identity) -> None:
        """Raise `Reject` unless *who* may do *act* in *room* at this moment."""

    async def invite(
        self, room: str, by: Identity, user: str, *, client_id: str | None = None
    ) -> Deed:
        """Make *user* a member. Raises `forbidden` for the banned, and who ignores *by*."""

    async def kick(
        self, room: str, by: Identity, user: str, *, client_id: str | None = None
    ) -> Deed:
        """End the membership of *user*; who owned the room alone hands it over first."""

    async def ban(
        self,
        room: str,
        by: Identity,
        user: str,
        *,
        until: int | None = None,
        reason: str = "",
        client_id: str | None = None,
    ) -> Deed:
        """End the membership of *user*, if any, and let nobody make another until then."""

    async def mute(
        self, room: str, by: Identity, user: str, *, until: int | None = None, reason: str = ""
    ) -> Deed:
        """Let *user* write nothing in the room until then."""

    async def lift(self, room: str, by: Identity, user: str, kind: SanctionKind) -> Deed:
        """Take a ban or mute of *user* back."""

    async def set_role(
        self,
        room: str,
        by: Identity,
        user: str,
        role: RoomRole,
        *,
        client_id: str | None = None,
    ) -> Deed:
        """Give a member a role. Raises `forbidden` where no owner would be left."""

    async def delete_room(
        self, room: str, by: Identity, *, client_id: str | None = None
    ) -> list[str] | None:
        """
        Delete the room; return who was in it, None if the same request did so before.

        Nobody sees it from then on. Its log is erased later, and then its name is free.
        """

    async def sanctions(
        self, room: str, by: Identity, *, after: tuple[str, str] = ("", ""), limit: int = 100
    ) -> list[Sanction]:
        """Return bans and mutes that are in force, by user and kind, those beyond *after*."""

    async def report(self, room: str, by: Identity, seq: int, reason: str) -> bool:
        """Note that *by* reports a message; return False if they had before."""

    async def keepers(self, room: str) -> list[str]:
        """Return the owners and moderators of the room, for who tells them."""

    async def reports(
        self, room: str, by: Identity, *, closed: bool = False, after: str = "", limit: int = 50
    ) -> list[Report]:
        """Return reports of messages of the room, the oldest first, those beyond the id *after*."""

    async def all_reports(
        self, *, closed: bool = False, after: str = "", limit: int = 50
    ) -> list[Report]:
        """Return reports of all rooms; whoever asks has seen to it that one may."""

    async def close_report(self, id: str, by: Identity, outcome: Outcome) -> tuple[str, bool]:  # noqa: A002
        """
        Close a report; return its room, and whether it was open.

        One that *by* may not see is `not_found`, as none is.
        """

    async def make_link(
        self,
        room: str,
        by: Identity,
        digest: bytes,
        *,
        name: str = "",
        uses: int | None = None,
        expires_at: int | None = None,
    ) -> RoomLink:
        """Keep a link into *room* by the SHA-256 of its token."""

    async def links(self, room: str, by: Identity) -> list[RoomLink]:
        """Return the links into *room* that are good now."""

    async def revoke_link(self, room: str, by: Identity, link: str) -> bool:
        """Let a link lead nowhere any more; return whether it did."""

    async def accept_link(self, who: Identity, digest: bytes) -> tuple[str, list[Entry]]:
        """
        Make *who* a member of the room that the link leads to; return it, and what this wrote.

        Raises `not_found` for a link that is used up, over, revoked, or whose maker may
        not make it any more; `banned`, `archived`.
        """

    async def open_direct(self, by: Identity, users: Sequence[str]) -> tuple[str, list[Entry]]:
        """Return the one room of exactly *by* and *users*, and what making it wrote."""

    async def ignore(self, who: Identity, user: str) -> bool:
        """Let *user* not write to *who* directly; return False if it was so."""

    async def unignore(self, who: Identity, user: str) -> bool:
        """Take that back; return False if it was not so."""

    async def ignored(self, user: str) -> list[Person]:
        """Return whom *user* ignores."""
