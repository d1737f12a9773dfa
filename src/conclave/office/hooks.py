"""
Webhooks: made, listed, ended, by who looks after a room, admins and the operator.

What a webhook lets somebody do is written in one place: the secret of an incoming one, shown
once, and for an outgoing one the secret by which its receiver knows this server.
"""

import hashlib
import re
import secrets
from collections.abc import Awaitable, Iterable
from typing import Final, NamedTuple, Protocol, TypeVar

from conclave.core.permissions import decide
from conclave.model import (
    OPERATOR,
    Act,
    By,
    CommandHook,
    DeadLetter,
    HookKind,
    IncomingHook,
    OutgoingHook,
    Standing,
)
from conclave.office.live import Live
from conclave.ports import Hooks as HooksStore
from conclave.protocol.errors import Close, Code, Reject

T = TypeVar("T")

PREFIX: Final = "cvh_"
SECRET: Final = re.compile(PREFIX + r"[A-Za-z0-9_-]{43}")
_RANDOM_BYTES: Final = 32
_MOST_URL: Final = 2_048


class Deliveries(Protocol):
    """What tells outgoing webhooks; nothing where no server runs."""

    async def renew(self) -> None:
        """Take the webhooks as they are kept now."""

    async def resend(self, hook: str, letter: str, by: By) -> str:
        """Tell now what was given up; return what was answered, "" if it was taken."""

    async def test(self, hook: str, by: By) -> str:
        """Tell now something that nobody said; return what was answered, "" if it was taken."""


class NoDeliveries:
    """No server runs: it sees what has changed when it starts."""

    async def renew(self) -> None: ...

    async def resend(self, hook: str, letter: str, by: By) -> str:  # noqa: ARG002
        raise Reject(Code.UNAVAILABLE, "No server runs that could send it")

    async def test(self, hook: str, by: By) -> str:  # noqa: ARG002
        raise Reject(Code.UNAVAILABLE, "No server runs that could send it")


NO_DELIVERIES: Final = NoDeliveries()


class Outward(Protocol):
    """What outgoing webhooks may be told, and how they see by whom."""

    def check(self, address: str) -> None:
        """Raise `bad_request` for what may not be asked."""

    def secret(self, hook: str) -> str: ...


class HookParts(NamedTuple):
    """What the office needs of webhooks."""

    kept: HooksStore
    outward: Outward
    deliveries: Deliveries = NO_DELIVERIES


def digest(secret: str) -> bytes:
    """Return what is kept of the secret of an incoming webhook."""
    return hashlib.sha256(secret.encode()).digest()


class Hooks:
    def __init__(self, parts: HookParts, live: Live) -> None:
        self._store, self._outward, self._deliveries = parts
        self._live = live

    # ── incoming ───────────────────────────────────────────────────────────────────────

    async def incoming(self, room: str | None, by: By) -> list[IncomingHook]:
        if room is None:
            _check_manages(by)
        return await self._store.incoming(room, by)

    async def make_incoming(self, room: str, name: str, by: By) -> tuple[str, IncomingHook]:
        """Return the secret of a new one, which is not to be had again, and what is kept."""
        secret = PREFIX + secrets.token_urlsafe(_RANDOM_BYTES)

        async def make() -> IncomingHook:
            hook, entries = await self._store.make_incoming(room, name, digest(secret), by)
            await self._live.told(entries)
            return hook

        return secret, await self._live.guarded(make())

    async def revoke_incoming(self, id_: str, by: By) -> None:
        """Let nobody write by it any more; raises `not_found`."""

        async def revoke() -> None:
            hook, entries = await self._store.revoke_incoming(id_, by)
            self._live.part(hook.user, None, Close.BANNED, "This webhook is revoked")
            await self._live.told(entries)

        await self._live.guarded(revoke())

    # ── commands ───────────────────────────────────────────────────────────────────────

    async def commands(self, room: str | None, by: By) -> list[CommandHook]:
        if room is None:
            _check_manages(by)
        return await self._store.commands(room, by)

    async def make_command(
        self, room: str, command: tuple[str, str, str], bot: str, url: str, by: By
    ) -> tuple[str, CommandHook]:
        """Return the secret that what is asked is signed with, and what is kept."""
        self._check(url)

        async def make() -> CommandHook:
            hook, entries = await self._store.make_command(room, command, bot, url, by)
            await self._live.told(entries)
            await self._deliveries.renew()
            return hook

        hook = await self._live.guarded(make())
        return self._outward.secret(hook.id), hook

    async def revoke_command(self, id_: str, by: By) -> None:
        """Let nobody ask it any more; raises `not_found`."""

        async def revoke() -> None:
            hook, entries = await self._store.revoke_command(id_, by)
            self._live.part(hook.user, None, Close.BANNED, "This webhook is revoked")
            await self._live.told(entries)
            await self._deliveries.renew()

        await self._live.guarded(revoke())

    def _check(self, url: str) -> None:
        if len(url) > _MOST_URL:
            raise Reject(Code.TOO_LONG, f"An address has at most {_MOST_URL} characters")
        self._outward.check(url)

    # ── outgoing ───────────────────────────────────────────────────────────────────────

    async def outgoing(self, room: str | None, by: By) -> list[OutgoingHook]:
        return await self._store.outgoing(room, by)

    async def make_outgoing(
        self, room: str | None, name: str, url: str, kinds: Iterable[HookKind], by: By
    ) -> tuple[str, OutgoingHook]:
        """Return the secret it is signed with, and what is kept; *room* None: all public ones."""
        wanted = list(dict.fromkeys(kinds))
        if not wanted:
            raise Reject(Code.BAD_REQUEST, "A webhook is told of one kind of entry at least")
        self._check(url)
        hook = await self._changed(self._store.make_outgoing(room, name, url, wanted, by))
        return self._outward.secret(hook.id), hook

    async def enable(self, id_: str, enabled: bool, by: By) -> OutgoingHook:
        """Tell it again from where it ended, or no more; raises `not_found`."""
        return await self._changed(self._store.enable(id_, enabled, by))

    async def revoke_outgoing(self, id_: str, by: By) -> None:
        await self._changed(self._store.revoke_outgoing(id_, by))

    async def _changed(self, work: Awaitable[T]) -> T:
        async def change() -> T:
            done = await work
            await self._deliveries.renew()
            return done

        return await self._live.guarded(change())

    async def dead_letters(
        self, id_: str, by: By, *, after: str = "", limit: int = 50
    ) -> list[DeadLetter]:
        return await self._store.dead_letters(id_, by, after=after, limit=limit)

    async def drop(self, id_: str, letter: str, by: By) -> None:
        """Forget what was given up; raises `not_found`."""
        await self._store.drop_dead(id_, letter, by)

    async def test(self, id_: str, by: By) -> str:
        """Tell it something that nobody said; return what it answered, "" if it took it."""
        return await self._deliveries.test(id_, by)

    async def resend(self, id_: str, letter: str, by: By) -> str:
        """Send what was given up now; return what was answered, "" if it was taken."""
        return await self._deliveries.resend(id_, letter, by)


def _check_manages(by: By) -> None:
    if by.actor == OPERATOR:
        return
    ruling = decide(Act.MANAGE_BOTS, Standing(role=by.identity.role, scopes=by.identity.scopes))
    if ruling.code is not None:
        raise Reject(ruling.code)
