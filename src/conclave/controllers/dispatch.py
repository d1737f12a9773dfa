"""
Typed events to handlers, and what happens to a connection to hooks.

A handler is a method marked with `on`; what it returns is the answer. The table is built
at start and complete, or there is no start: a missing, doubled or wrongly typed handler is
a `TypeError` that says what was expected. Dispatch is a look-up of registered names only.
"""

import inspect
from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Any, TypeVar, get_type_hints

import structlog
from msgspec import Struct

from conclave.controllers.node import Node
from conclave.core.permissions import decide_on_server
from conclave.core.ratelimit import Cost
from conclave.core.turns import Turn
from conclave.model import Act, Identity, Receipt, Standing
from conclave.ports import Connection
from conclave.protocol.codec import encode, encode_event
from conclave.protocol.errors import Code, Disconnect, Reject
from conclave.protocol.event import Event
from conclave.protocol.events import Stored

log = structlog.get_logger(__name__)

F = TypeVar("F", bound=Callable[..., Any])
# What a handler may return: an event is sent as it is, anything else is the ack's data.
Answer = Event | Struct | dict[str, Any] | None

HOOKS = (
    "connect",
    "authenticated",
    "auth_failed",
    "join",
    "leave",
    "heartbeat",
    "timeout",
    "disconnect",
    "error",
)  # fmt: skip


class Access(IntEnum):
    """Who may send an event."""

    ANYONE = 0
    # Who has authenticated.
    USER = 1
    # Who is attached to the room that the event names in its field `room`.
    ROOM = 2


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


class Request:
    """
    One request and its one answer.

    A handler that takes it as third argument may answer before it ends: see `ack`.
    """

    __slots__ = ("answered", "connection", "event", "id")

    def __init__(self, connection: Connection, event: Event, id: str | None) -> None:  # noqa: A002 - the wire's word
        self.connection = connection
        self.event = event
        self.id = id
        self.answered = False

    def answer(self, event: Event) -> None:
        """Send an answer that carries data; it goes out whether the request had an id or not."""
        self.connection.offer(encode_event(event, None if self.answered else self.id))
        self.answered = True

    def ack(self, data: Any = None) -> None:
        """Say now that it is done, if the request had an id; what is returned later is ignored."""
        if self.id is not None and not self.answered:
            self.connection.offer(encode("ack", data, self.id))
        self.answered = True

    def stored(self, receipt: Receipt) -> None:
        """Acknowledge an entry of a log."""
        self.ack(Stored(receipt.room, receipt.seq, receipt.id, receipt.timestamp))

    def finish(self, answer: Answer) -> None:
        """Answer with what the handler returned, unless it has answered before."""
        if self.answered:
            return
        if isinstance(answer, Event):
            self.answer(answer)
        else:
            self.ack(answer)


def on(
    event: type[Event],
    *,
    needs: Access = Access.USER,
    turn: Turn = Turn.WRITE,
    costs: Cost = Cost.MESSAGE,
    act: Act | None = None,
) -> Callable[[F], F]:
    """
    Mark an async method as the handler of *event*.

    *act* is what the sender must be allowed, as the table in `conclave.core.permissions`
    says. The gate asks as far as it goes without the room: an active account, its role, its
    token's scopes. What depends on the room, the store asks when it reads or writes.

    It is called with the connection and the event, and with the `Request` if it takes a
    third argument. It returns the data of the `ack`: a struct, a dict or nothing; an
    `Event` is sent instead of an ack. It may raise `Reject` and `Disconnect`.
    """

    def mark(method: F) -> F:
        method.handles = (event, needs, turn, costs, act)  # type: ignore[attr-defined]  # a mark on it
        return method

    return mark


def _hook(name: str) -> Callable[[F], F]:
    def mark(method: F) -> F:
        method.hooks = name  # type: ignore[attr-defined]  # a mark on it
        return method

    return mark


# Each marks an async method. All take the connection first; what follows it is:
on_connect = _hook("connect")  # nothing
on_authenticated = _hook("authenticated")  # the identity
on_auth_failed = _hook("auth_failed")  # the Reject
on_join = _hook("join")  # the room's name
on_leave = _hook("leave")  # the room's name
on_heartbeat = _hook("heartbeat")  # the event
on_timeout = _hook("timeout")  # the Disconnect that ends it
on_disconnect = _hook("disconnect")  # the close code and reason
on_error = _hook("error")  # the exception


class Controller:
    """Subclass it, mark methods with `on` and the hooks; `self.node` is the running server."""

    def __init__(self, node: Node) -> None:
        self.node = node
        # Filled in by the dispatcher, so that handlers may run hooks.
        self.hooks: Hooks


class Hooks:
    """The hooks of all controllers, run in the order in which they were registered."""

    def __init__(self, controllers: Sequence[object]) -> None:
        self._methods: dict[str, list[Callable[..., Awaitable[None]]]] = {h: [] for h in HOOKS}
        for controller in controllers:
            for name, method in _methods(controller):
                if hook := getattr(method, "hooks", None):
                    _must_be_async(controller, name, method)
                    self._methods[hook].append(method)

    async def run(self, name: str, connection: Connection, *about: object) -> None:
        """
        Run all hooks of *name*.

        A `Reject` or `Disconnect` refuses and stops; any other failure is logged and the
        next one runs: a broken metric takes nobody down.
        """
        for method in self._methods[name]:
            try:
                await method(connection, *about)
            except (Reject, Disconnect):
                raise
            except Exception as error:
                log.exception("hook_failed", hook=name, connection=connection.id)
                if name != "error":
                    await self.run("error", connection, error)

    async def run_last(self, name: str, connection: Connection, *about: object) -> None:
        """Run all hooks of *name* for who is gone already: nothing is left to refuse."""
        try:
            await self.run(name, connection, *about)
        except (Reject, Disconnect):
            log.warning("too_late_to_refuse", hook=name, connection=connection.id)


def _methods(controller: object) -> Iterator[tuple[str, Any]]:
    return ((name, method) for name, method in inspect.getmembers(controller, callable))


def _must_be_async(controller: object, name: str, method: Any) -> None:
    if not inspect.iscoroutinefunction(method):
        where = f"{type(controller).__name__}.{name}"
        raise TypeError(f"{where}: expected «async def», got a plain function; add async")


def _route(controller: object, name: str, method: Any) -> Route:
    """Return the table's row for one marked method, or say what is wrong with it."""
    event, needs, turn, costs, act = method.handles
    where = f"{type(controller).__name__}.{name}"
    if not (isinstance(event, type) and issubclass(event, Event)):
        raise TypeError(f"{where}: @on expects a subclass of Event, got {event!r}")
    _must_be_async(controller, name, method)
    parameters = list(inspect.signature(method).parameters.values())
    if len(parameters) not in (2, 3):
        raise TypeError(f"{where}: expected (self, connection, event[, request])")
    hint = get_type_hints(method).get(parameters[1].name, event)
    if hint is not event:
        raise TypeError(f"{where}: handles {event.__name__} but takes {hint!r}; make them one")
    if needs is Access.ROOM and "room" not in event.__struct_fields__:
        raise TypeError(f"{where}: needs the room, but {event.__name__} has no field «room»")
    return Route(event, method, needs, turn, costs, len(parameters) == 3, act)


def check_act(act: Act, identity: Identity) -> None:
    """Raise `Reject` for what *identity* may not do, whatever the room."""
    ruling = decide_on_server(act, Standing(role=identity.role, scopes=identity.scopes))
    if ruling.code is not None:
        raise Reject(ruling.code)


class Dispatcher:
    """The table: one handler for each event in *requests* and for those marked besides."""

    def __init__(
        self, node: Node, controllers: Sequence[Controller], requests: Iterable[type[Event]] = ()
    ) -> None:
        self._node = node
        self._table: dict[type[Event], Route] = {}
        types: dict[str, type[Event]] = {}
        self.hooks = Hooks(controllers)
        for controller in controllers:
            controller.hooks = self.hooks
            for name, method in _methods(controller):
                if hasattr(method, "handles"):
                    self._add(_route(controller, name, method), types)
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

    def route(self, event: Event) -> Route:
        return self._table[type(event)]

    def tried(self, connection: Connection, costs: Cost) -> None:
        """Note a request that was refused before its turn; raises `Disconnect` for a flood."""
        now = self._node.clock.monotonic()
        self._node.allowances.tried(costs, connection.user, now)

    async def handle(self, route: Route, request: Request) -> None:
        """Let *request* through the gate, handle it and answer it."""
        self._gate(route, request)
        if route.takes_request:
            answer = await route.method(request.connection, request.event, request)
        else:
            answer = await route.method(request.connection, request.event)
        request.finish(answer)

    def _gate(self, route: Route, request: Request) -> None:
        identity = request.connection.identity
        if route.needs is not Access.ANYONE and identity is None:
            raise Reject(Code.AUTH_REQUIRED)
        # Before all that asks the store, and before it is looked up whether it was stored.
        self._node.spend(request.connection, route.costs)
        if route.act is not None and identity is not None:
            check_act(route.act, identity)
        if route.needs is Access.ROOM:
            # That it has one was checked when the table was built.
            room: str = request.event.room  # type: ignore[attr-defined]
            if room not in request.connection.rooms:
                raise Reject(Code.NOT_IN_ROOM)
