"""Webhooks as they are kept: a port of its own."""

from collections.abc import Iterable
from typing import Protocol

from conclave.model import (
    By,
    CommandHook,
    DeadLetter,
    Delivery,
    Entry,
    HookBacklog,
    HookKind,
    HookTurn,
    IncomingHook,
    OutgoingHook,
    Poster,
)


class Hooks(Protocol):
    """
    Incoming webhooks by the digests of their secrets, outgoing ones and what they wait for.

    As with `Store`: what a method that writes returns is durable, failures are `Reject`. Who
    may not is refused here, in the transaction that does it; what changes is written to the
    audit log there, too.
    """

    async def make_incoming(
        self, room: str, name: str, digest: bytes, by: By
    ) -> tuple[IncomingHook, list[Entry]]:
        """Let who has the secret write into *room*; return what this wrote to its log."""

    async def incoming(self, room: str | None, by: By) -> list[IncomingHook]:
        """Return those into *room*, or all, which is for who manages them: ask before."""

    async def revoke_incoming(self, id: str, by: By) -> tuple[IncomingHook, list[Entry]]: ...  # noqa: A002

    async def poster(self, digest: bytes) -> Poster | None:
        """Return the incoming webhook of this secret, if it is good."""

    async def note_use(self, id: str) -> None: ...  # noqa: A002 - a webhook's id

    async def make_outgoing(
        self, room: str | None, name: str, url: str, kinds: Iterable[HookKind], by: By
    ) -> OutgoingHook:
        """Tell *url* what is said from now on in *room*, or in all public ones."""

    async def outgoing(self, room: str | None, by: By) -> list[OutgoingHook]: ...

    async def enable(self, id: str, enabled: bool, by: By) -> OutgoingHook: ...  # noqa: A002

    async def revoke_outgoing(self, id: str, by: By) -> None: ...  # noqa: A002

    async def dead_letters(
        self,
        id: str,  # noqa: A002
        by: By,
        *,
        after: str = "",
        limit: int = 50,
    ) -> list[DeadLetter]: ...

    async def dead_letter(self, hook: str, letter: str, by: By) -> Delivery:
        """Return what was given up; raises `not_found` where it is gone, or its entry is."""

    async def make_command(
        self, room: str, command: tuple[str, str, str], bot: str, url: str, by: By
    ) -> tuple[CommandHook, list[Entry]]:
        """Let *url* answer a command, its name, what it does and its hint, as a *bot* of *room*."""

    async def commands(self, room: str | None, by: By) -> list[CommandHook]:
        """Return those of *room*, or all, which is for who manages them: ask before."""

    async def revoke_command(self, id: str, by: By) -> tuple[CommandHook, list[Entry]]: ...  # noqa: A002

    async def all_commands(self) -> list[CommandHook]: ...

    async def is_good_command(self, id: str) -> bool:  # noqa: A002
        """Return whether it is there, and who made it could make it now."""

    # ── for who delivers ───────────────────────────────────────────────────────────────

    async def all_outgoing(self) -> list[OutgoingHook]: ...

    async def next_of(self, hook: OutgoingHook) -> HookTurn:
        """Return what *hook* is told next: the oldest entry it has not been told."""

    async def backlog(self, hooks: Iterable[OutgoingHook]) -> HookBacklog:
        """Count what *hooks* have not been told, up to 1,000 each, and all that was given up."""

    async def skip(self, hook: str, passed: Iterable[tuple[int, int]]) -> None: ...

    async def taken(self, done: Delivery, last: str) -> None:
        """It was told, and *last* is what it answered."""

    async def failed(self, done: Delivery, last: str, tries: int, due: int) -> None:
        """It is to be told the same again when it is *due*."""

    async def give_up(self, done: Delivery, last: str, tries: int, due: int) -> bool:
        """
        Put what it was told in vain aside, and go on with the next when that is *due*.

        Returns whether it is there to be sent again: not where the webhook or the room is gone.
        """

    async def turn_off(self, hook: OutgoingHook, why: str) -> None: ...

    async def forget_dead(self, letter: str, hook: OutgoingHook, by: By) -> None:
        """It was sent again, and taken."""

    async def drop_dead(self, hook: str, letter: str, by: By) -> None:
        """Forget what was given up, unsent; raises `not_found`."""

    async def outgoing_for(self, id: str, by: By) -> OutgoingHook:  # noqa: A002
        """Return one that *by* may change; raises `not_found`."""

    async def tried_again(self, letter: str, why: str) -> None: ...
