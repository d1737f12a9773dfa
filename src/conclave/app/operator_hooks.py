"""Webhooks as the operator's commands ask for them, by their names on the control socket."""

from collections.abc import Awaitable, Callable
from typing import Any, Final

import msgspec

from conclave.model import BY_OPERATOR, DeadLetter, HookKind, OutgoingHook
from conclave.model.hooks import MESSAGES
from conclave.office import Hooks
from conclave.protocol.commanding import CommandName
from conclave.protocol.errors import Code, Reject

Command = Callable[..., Awaitable[Any]]

_ME: Final = BY_OPERATOR


def hook_commands(hooks: Hooks, page: Callable[[], str]) -> dict[str, Command]:
    """Return them; *page* says where this server is."""

    async def list_(room: str | None = None) -> list[dict[str, Any]]:
        incoming = [
            {"way": "in", "id": one.id, "name": one.name, "room": one.room, "by": one.created_by}
            | {"used": one.uses, "state": "on"}
            for one in await hooks.incoming(room, _ME)
        ]
        commands = [
            {"way": "command", "id": one.id, "name": f"/{one.name}", "room": one.room}
            | {"by": one.created_by, "state": "on", "url": one.url}
            for one in await hooks.commands(room, _ME)
        ]
        return incoming + commands + [_row(one) for one in await hooks.outgoing(room, _ME)]

    async def incoming(room: str, name: str) -> dict[str, Any]:
        secret, hook = await hooks.make_incoming(room, name, _ME)
        return {"url": f"{page()}/hooks/{secret}", "id": hook.id}

    async def command(
        room: str, url: str, word: str, name: str, about: str = "", hint: str = ""
    ) -> dict[str, Any]:
        wanted = (_command(word), about, hint)
        secret, hook = await hooks.make_command(room, wanted, name, url, _ME)
        return {"secret": secret, "id": hook.id}

    async def outgoing(
        url: str, name: str, room: str | None = None, kinds: list[str] | None = None
    ) -> dict[str, Any]:
        wanted = MESSAGES if kinds is None else tuple(map(_kind, kinds))
        secret, hook = await hooks.make_outgoing(room, name, url, wanted, _ME)
        return {"secret": secret, "id": hook.id}

    return {
        "webhook list": list_,
        "webhook incoming": incoming,
        "webhook command": command,
        "webhook outgoing": outgoing,
        **_changes(hooks),
    }


def _changes(hooks: Hooks) -> dict[str, Command]:
    async def enable(id: str, enabled: bool) -> None:  # noqa: A002 - a webhook's id
        await hooks.enable(id, enabled, _ME)

    async def revoke(id: str) -> None:  # noqa: A002 - a webhook's id
        for end in (hooks.revoke_incoming, hooks.revoke_command, hooks.revoke_outgoing):
            try:
                await end(id, _ME)
                return
            except Reject as no:
                # The last one says it.
                if no.code != Code.NOT_FOUND or end == hooks.revoke_outgoing:
                    raise

    async def dead(
        id: str,  # noqa: A002 - a webhook's id
        after: str = "",
        limit: int = 200,
    ) -> list[DeadLetter]:
        return await hooks.dead_letters(id, _ME, after=after, limit=limit)

    async def resend(id: str, letter: str) -> str:  # noqa: A002 - a webhook's id
        return await hooks.resend(id, letter, _ME)

    async def drop(id: str, letter: str) -> None:  # noqa: A002 - a webhook's id
        await hooks.drop(id, letter, _ME)

    async def test(id: str) -> str:  # noqa: A002 - a webhook's id
        return await hooks.test(id, _ME)

    return {
        "webhook enable": enable,
        "webhook revoke": revoke,
        "webhook dead": dead,
        "webhook resend": resend,
        "webhook drop": drop,
        "webhook test": test,
    }


def _row(hook: OutgoingHook) -> dict[str, Any]:
    return {
        "way": "out",
        "id": hook.id,
        "name": hook.name,
        "room": hook.room or "*",
        "by": hook.created_by,
        "used": hook.delivered,
        "state": hook.disabled_why or (f"fails: {hook.last}" if hook.failing_since else "on"),
        "dead": hook.dead,
        "url": hook.url,
    }


def _command(word: str) -> str:
    try:
        return msgspec.convert(word, CommandName)
    except msgspec.ValidationError:
        said = "A command has 1 to 32 of a-z 0-9 - _, and begins with a letter or a digit"
        raise Reject(Code.BAD_REQUEST, said) from None


def _kind(word: str) -> HookKind:
    if word not in tuple(HookKind):
        known = ", ".join(HookKind)
        raise Reject(Code.BAD_REQUEST, f"{word!r} is none of {known}")
    return HookKind(word)
