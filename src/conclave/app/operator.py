"""
What the operator asks of the data, beside a running server or where none runs.

The control socket and the commands that open the database themselves get the same
functions from here, so that both do the same and both are written down.
"""

import inspect
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from functools import partial
from typing import Any, Final, TypeVar

import msgspec

from conclave.app.operator_office import office_commands
from conclave.auth.links import make_link
from conclave.auth.secret import load_key
from conclave.auth.tokens import GrantBot, token_commands
from conclave.hooks.building import Outside, key_file
from conclave.model import BY_OPERATOR, OPERATOR, Action, AuditLine, AuditQuery, Note, details
from conclave.office import AtRest, HookParts, Office
from conclave.ports import Audit
from conclave.protocol.errors import Code, Reject
from conclave.storage.accounts import SqlAccounts
from conclave.storage.audit_log import AuditLog
from conclave.storage.governing import SqlModeration
from conclave.storage.lines import now_ms
from conclave.storage.purge import RoomKeeps, keep, room_keeps
from conclave.storage.registry import SqlRegistry
from conclave.storage.sqlstore import SqlStore
from conclave.storage.webhooks import SqlHooks
from conclave.storage.why import Explained, Wanted, explain_act

T = TypeVar("T")

Command = Callable[..., Awaitable[Any]]

# Commands of others that are written down once they are done: the action, and which of
# their arguments are the target, the room, and details.
_NOTED: Final[dict[str, tuple[Action, Mapping[str, str]]]] = {
    "token create": (Action.TOKEN_CREATED, {"user": "target", "name": "name", "days": "days"}),
    "token revoke": (Action.TOKEN_REVOKED, {"user": "target"}),
    "room retention": (
        Action.ROOM_RETENTION,
        {"room": "room", "days": "days", "messages": "messages"},
    ),
}

# Who only asks what a room keeps changes nothing.
_ONLY_IF: Final = {"room retention": "change"}


def operator_commands(store: SqlStore, audit: Audit) -> dict[str, Command]:
    """Return what can be asked of the data alone, by the names it has on the control socket."""

    async def lines(**asked: Any) -> list[AuditLine]:
        return await audit.lines(_read(AuditQuery, asked))

    async def why(**asked: Any) -> Explained:
        wanted = _read(Wanted, asked)
        return await store.read(lambda connection: explain_act(connection, wanted, now_ms()))

    async def retention(
        room: str, days: int | None = None, messages: int | None = None, change: bool = False
    ) -> RoomKeeps:
        if change:
            return await store.write(lambda connection, _: keep(connection, room, days, messages))
        return await store.read(lambda connection: room_keeps(connection, room))

    return {"audit": lines, "doctor why": why, "room retention": retention}


def _read(kind: type[T], asked: dict[str, Any]) -> T:
    """Return *asked* as a *kind*; a command of another version may ask for what is none."""
    try:
        return msgspec.convert(asked, kind)
    except msgspec.ValidationError as error:
        raise Reject(Code.BAD_REQUEST, str(error)) from None


def noted(commands: Mapping[str, Command], store: SqlStore, audit: Audit) -> dict[str, Command]:
    """Return *commands*, with those written down that the operator must answer for."""
    found = {name: _noted(name, command, audit) for name, command in commands.items()}
    return found | {"token create": making_people(found["token create"], store, audit)}


def making_people(command: Command, store: SqlStore, audit: Audit) -> Command:
    """Return *command*, which makes its `user` if there is none; then that is written down."""

    async def run(**arguments: Any) -> Any:
        was_there = await store.user(arguments["user"]) is not None
        result = await command(**arguments)
        made = None if was_there else await store.user(arguments["user"])
        if made is not None:
            audit.note(BY_OPERATOR.note(Action.USER_CREATED, target=made.id, role=str(made.role)))
        return result

    run.__signature__ = inspect.signature(command)  # type: ignore[attr-defined]  # inspect reads it
    return run


def _noted(name: str, command: Command, audit: Audit) -> Command:
    if name not in _NOTED:
        return command
    action, places = _NOTED[name]

    async def run(**arguments: Any) -> Any:
        result = await command(**arguments)
        if name not in _ONLY_IF or arguments.get(_ONLY_IF[name]):
            audit.note(_note(action, places, arguments))
        return result

    # The control socket looks at what may be given.
    run.__signature__ = inspect.signature(command)  # type: ignore[attr-defined]  # inspect reads it
    return run


def _note(action: Action, places: Mapping[str, str], arguments: Mapping[str, Any]) -> Note:
    said = {place: arguments.get(name) for name, place in places.items()}
    target, room = said.pop("target", None), said.pop("room", None)
    kept = details({key: value for key, value in said.items() if value})  # type: ignore[arg-type]  # words of `Details`
    return Note(action=action, actor=OPERATOR, target=target, room=room, details=kept)


@asynccontextmanager
async def at_rest(
    store: SqlStore, page: str, origins: Sequence[str] = ()
) -> AsyncIterator[dict[str, Command]]:
    """
    Give the commands where no server runs; what they note is written at the end.

    *page* is where links lead to, *origins* where webhooks may be sent to besides.
    """
    home = store.home
    audit, accounts = AuditLog(store), SqlAccounts(store)
    office = Office.open(
        store,
        SqlRegistry(store),
        accounts,
        partial(make_link, accounts),
        SqlModeration(store),
        HookParts(SqlHooks(store), Outside(origins, lambda: load_key(key_file(home)))),
        GrantBot(store),
        audit,
        AtRest(store),
        now_ms,
    )
    commands = token_commands(store) | operator_commands(store, audit)
    try:
        yield noted(commands, store, audit) | office_commands(office, lambda: page)
    finally:
        await accounts.close()
        await audit.write(last=True)
