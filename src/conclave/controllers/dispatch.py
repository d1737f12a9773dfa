"""
Typed events to handlers, and what happens to a connection to hooks.

A handler is a method marked with `on`; what it returns is the answer. The table is built
at start and complete, or there is no start: a missing, doubled or wrongly typed handler is
a `TypeError` that says what was expected. Dispatch is a look-up of registered names only.
"""

import asyncio
import inspect
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from enum import IntEnum
from functools import partial
from typing import Any, Final, TypeVar, get_type_hints

from conclave.controllers.controller import Controller
from conclave.controllers.hooks import (
    Hooks,
    before_entry,
    marked,
    marked_plain,
    methods,
    must_be_async,
    on_auth_failed,
    on_authenticated,
    on_connect,
    on_disconnect,
    on_error,
    on_heartbeat,
    on_join,
    on_leave,
    on_start,
    on_stop,
    on_timeout,
)
from conclave.controllers.node import Node
from conclave.controllers.request import Answer, Request
from conclave.controllers.rights import check_act, check_reach, rooms_of
from conclave.controllers.serving import served
from conclave.core.ratelimit import Cost
from conclave.core.turns import Turn
from conclave.model import Act
from conclave.ports import Connection
from conclave.protocol.durable import Durable
from conclave.protocol.errors import Code, Reject
from conclave.protocol.event import Event

# What handlers are written with, from one place.
__all__ = [
    "Access",
    "Answer",
    "Controller",
    "Dispatcher",
    "Request",
    "Route",
    "at_once",
    "before_entry",
    "check_act",
    "on",
    "on_auth_failed",
    "on_authenticated",
    "on_connect",
    "on_disconnect",
    "on_error",
    "on_heartbeat",
    "on_join",
    "on_leave",
    "on_start",
    "on_stop",
    "on_timeout",
]

F = TypeVar("F", bound=Callable[..., Any])
# How a request that was begun has ended; None: well.
Done = Callable[[BaseException | None], None]
Around = Callable[[Request, Callable[[], Awaitable[Answer]]], Awaitable[Answer]]


class Access(IntEnum):
    """Who may send an event."""

    # It alone is false.
    ANYONE = 0
    # Who has authenticated.
    USER = 1
    # Who is attached to the room that the event names in its field `room`.
    ROOM = 2


_ROOM: Final = Access.ROOM


@dataclass(frozen=True, slots=True)
class Route:
    """One row of the table: an event, its handler, and what must hold before it is called."""

    event: type[Event]
    method: Callable[..., Awaitable[Answer]]
    needs: Access
    turn: Turn
    costs: Cost
    takes_request: bool
    # What the sender must be allowed; None: nothing beyond `needs`.
    act: Act | None = None
    # See `at_once`.
    begins: Callable[[Connection, Any, Request, Done], bool] | None = None


def on(
    event: type[Event],
    *,
    needs: Access = Access.USER,
    turn: Turn = Turn.WRITE,
    costs: Cost = Cost.MESSAGE,
    act: Act | None = None,
    answers: Any = None,
) -> Callable[[F], F]:
    """
    Mark an async method as the handler of *event*.

    *act* is what the sender must be allowed, as the table in `conclave.core.permissions`
    says. The gate asks as far as it goes without the room: an active account, its role, its
    token's scopes. What depends on the room, the store asks when it reads or writes.

    It is called with the connection and the event, and with the `Request` if it takes a
    third argument. It returns the data of the `ack`: a struct, a dict or nothing; an
    `Event` is sent instead of an ack. It may raise `Reject` and `Disconnect`. *answers* is
    the type of that for who reads the description of the protocol, where the annotation
    does not say it: of a handler that answers before it ends.
    """

    def mark(method: F) -> F:
        method.handles = (event, needs, turn, costs, act)  # type: ignore[attr-defined]  # a mark on it
        method.answers = answers  # type: ignore[attr-defined]  # another
        return method

    return mark


def at_once(event: type[Event]) -> Callable[[F], F]:
    """
    Mark a plain method that does what the handler of *event* does, without a task.

    It is called as a handler is, and with a function besides. It answers, begins what has to be
    waited for, and returns True; that function is called when the request has ended, and with
    what it raised. Or it returns False, having done nothing, where it would have to wait for more:
    then the handler is called. What it raises is as if the handler had.
    """

    def mark(method: F) -> F:
        method.at_once = event  # type: ignore[attr-defined]  # a mark on it
        return method

    return mark


def _route(controller: object, name: str, method: Any) -> Route:
    """Return the table's row for one marked method, or say what is wrong with it."""
    event, needs, turn, costs, act = method.handles
    where = f"{type(controller).__name__}.{name}"
    if not (isinstance(event, type) and issubclass(event, Event)):
        raise TypeError(f"{where}: @on expects a subclass of Event, got {event!r}")
    must_be_async(controller, name, method)
    parameters = list(inspect.signature(method).parameters.values())
    if len(parameters) not in (2, 3):
        raise TypeError(f"{where}: expected (self, connection, event[, request])")
    hint = get_type_hints(method).get(parameters[1].name, event)
    if hint is not event:
        raise TypeError(f"{where}: handles {event.__name__} but takes {hint!r}; make them one")
    if needs is Access.ROOM and "room" not in event.__struct_fields__:
        raise TypeError(f"{where}: needs the room, but {event.__name__} has no field «room»")
    return Route(event, method, needs, turn, costs, len(parameters) == 3, act)


class Dispatcher:
    """The table: one handler for each event in *requests* and for those marked besides."""

    def __init__(
        self, node: Node, controllers: Sequence[Controller], requests: Iterable[type[Event]] = ()
    ) -> None:
        self._node = node
        self._controllers = controllers
        self._table: dict[type[Event], Route] = {}
        types: dict[str, type[Event]] = {}
        self.hooks = Hooks(controllers)
        self._around: list[Around] = [method for _, _, method in marked(controllers, "around")]
        self.kinds = _kinds(controllers)
        self.commands = served(controllers)
        for controller in controllers:
            controller.hooks = self.hooks
            controller.commands = self.commands
            for name, method in methods(controller):
                if hasattr(method, "handles"):
                    self._add(_route(controller, name, method), types)
        if not self._around:
            for _, event, method in marked_plain(controllers, "at_once"):
                self._table[event] = _begun_by(self._table.get(event), method)
        if missing := sorted(e.__name__ for e in set(requests) - set(self._table)):
            raise TypeError(f"no handler for {', '.join(missing)}: mark one with @on")

    def _add(self, route: Route, types: dict[str, type[Event]]) -> None:
        if (other := types.get(route.event.type)) is not None:
            raise TypeError(
                f"«{route.event.type}» has two handlers, for {other.__name__} and "
                f"{route.event.__name__}: remove one"
            )
        types[route.event.type] = route.event
        self._table[route.event] = route

    @property
    def events(self) -> list[type[Event]]:
        """The requests that are understood."""
        return list(self._table)

    def route(self, event: type[Event]) -> Route:
        return self._table[event]

    def tried(self, connection: Connection, costs: Cost) -> None:
        """Note a request that was refused before its turn; raises `Disconnect` for a flood."""
        now = self._node.clock.monotonic()
        self._node.allowances.tried(costs, connection.user, now)

    async def handle(self, route: Route, request: Request) -> None:
        """Let *request* through the gate, handle it and answer it."""
        self._gate(route, request)
        await self.proceed(route, request)

    def begin(self, route: Route, request: Request, done: Done) -> bool:
        """
        As `handle`, but where that is possible without a task: *done* is called when it ended.

        Else return False, and `proceed` is what is left to do. Raises what refuses at once. The
        route must have what begins it.
        """
        assert route.begins is not None
        self._gate(route, request)
        return route.begins(request.connection, request.event, request, done)

    async def proceed(self, route: Route, request: Request) -> None:
        """Handle and answer *request*, which is through the gate."""
        proceed: Callable[[], Awaitable[Answer]] = partial(_call, route, request)
        for one in reversed(self._around):
            proceed = partial(one, request, proceed)
        request.finish(await proceed())

    async def gone(self, connection: Connection) -> None:
        """End what was started for *connection*."""
        if ending := self._node.tasks.end(connection):
            await asyncio.gather(*ending, return_exceptions=True)

    @property
    def repeated(self) -> list[tuple[str, float, Callable[[], Awaitable[None]]]]:
        """What is to be called again and again: its name, after how many seconds, and it."""
        return list(marked(self._controllers, "every"))

    def _gate(self, route: Route, request: Request) -> None:
        identity = request.connection.identity
        if route.needs and identity is None:
            raise Reject(Code.AUTH_REQUIRED)
        # Before all that asks the store, and before it is looked up whether it was stored.
        self._node.spend(request.connection, route.costs)
        if route.act is not None and identity is not None:
            check_act(route.act, identity)
        if identity is not None and identity.rooms is not None:
            check_reach(route.act, identity, rooms_of(request.event))
        if route.needs is _ROOM:
            # That it has one was checked when the table was built.
            room: str = request.event.room  # type: ignore[attr-defined]
            if room not in request.connection.rooms:
                raise Reject(Code.NOT_IN_ROOM)


def _begun_by(route: Route | None, method: Any) -> Route:
    where = f"{type(method.__self__).__name__}.{method.__name__}"
    if route is None:
        raise TypeError(f"{where}: @at_once expects an event that has a handler")
    if inspect.iscoroutinefunction(method) or route.turn is not Turn.WRITE:
        raise TypeError(f"{where}: @at_once expects a plain function, for a write")
    return replace(route, begins=method)


async def _call(route: Route, request: Request) -> Answer:
    if route.takes_request:
        return await route.method(request.connection, request.event, request)
    return await route.method(request.connection, request.event)


def _kinds(controllers: Iterable[Controller]) -> dict[str, type[Durable]]:
    """Return what is published, by type; two classes of one type are a `TypeError`."""
    found: dict[str, type[Durable]] = {}
    for controller in controllers:
        for kind in controller.entries:
            if found.setdefault(kind.type, kind) is not kind:
                raise TypeError(f"«{kind.type}» is two kinds of entries: give one another name")
    return found
