"""
What happens to a connection, a node or a draft, to those who want to know.

A hook is a method marked with one of the marks below. `around` marks what stands around
every handler instead.
"""

import inspect
from collections.abc import Awaitable, Callable, Iterator, Sequence
from typing import Any, TypeVar

import structlog

from conclave.model import Draft
from conclave.ports import Connection
from conclave.protocol.errors import Disconnect, Reject

log = structlog.get_logger(__name__)

F = TypeVar("F", bound=Callable[..., Any])

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
    "before_entry",
    "start",
    "stop",
)  # fmt: skip


def _hook(name: str) -> Callable[[F], F]:
    def mark(method: F) -> F:
        method.hooks = name  # type: ignore[attr-defined]  # a mark on it
        return method

    return mark


# Each marks an async method. These take the connection first; what follows it is:
on_connect = _hook("connect")  # nothing
on_authenticated = _hook("authenticated")  # the identity
on_auth_failed = _hook("auth_failed")  # the Reject
on_join = _hook("join")  # the room's name
on_leave = _hook("leave")  # the room's name
on_heartbeat = _hook("heartbeat")  # the event
on_timeout = _hook("timeout")  # the Disconnect that ends it
on_disconnect = _hook("disconnect")  # the close code and reason
on_error = _hook("error")  # the exception
# These take no connection.
before_entry = _hook("before_entry")  # the Draft, which is stored unless it raises
on_start = _hook("start")  # nothing: before anybody is let in
on_stop = _hook("stop")  # nothing: after everybody has gone


def around(method: F) -> F:
    """
    Mark an async method that stands around every handler, the chat's own included.

    It is called with the `Request`, once the gate has let it through, and with what goes on:
    it returns what `await proceed()` returns, or something else, or raises `Reject`. The
    first one that was registered is the outermost.
    """
    method.around = True  # type: ignore[attr-defined]  # a mark on it
    return method


def every(seconds: float) -> Callable[[F], F]:
    """
    Mark an async method to be called every so many seconds while the node runs.

    Never twice at a time. One that fails is logged, tried again less and less often, and
    named by `/ready` until it has succeeded.
    """

    def mark(method: F) -> F:
        method.every = seconds  # type: ignore[attr-defined]  # a mark on it
        return method

    return mark


class Hooks:
    """The hooks of all controllers, run in the order in which they were registered."""

    def __init__(self, controllers: Sequence[object]) -> None:
        self._methods: dict[str, list[Callable[..., Awaitable[None]]]] = {h: [] for h in HOOKS}
        for controller in controllers:
            for name, method in methods(controller):
                if hook := getattr(method, "hooks", None):
                    must_be_async(controller, name, method)
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

    @property
    def judge_entries(self) -> bool:
        """Whether anybody wants to be asked before an entry is stored."""
        return bool(self._methods["before_entry"])

    async def judge(self, draft: Draft) -> None:
        """
        Ask all whether *draft* may be stored; raises what the first one raises that refuses.

        Any other failure refuses too: who judges nothing lets nothing pass.
        """
        for method in self._methods["before_entry"]:
            await method(draft)

    async def start(self) -> None:
        """Run what is to be done first; what one raises stops the start."""
        for method in self._methods["start"]:
            await method()

    async def stop(self) -> None:
        """Run what is to be done last, in the reverse order; one that fails is logged."""
        for method in reversed(self._methods["stop"]):
            try:
                await method()
            except Exception:
                log.exception("hook_failed", hook="stop")

    async def run_last(self, name: str, connection: Connection, *about: object) -> None:
        """Run all hooks of *name* for who is gone already: nothing is left to refuse."""
        try:
            await self.run(name, connection, *about)
        except (Reject, Disconnect):
            log.warning("too_late_to_refuse", hook=name, connection=connection.id)


def methods(controller: object) -> Iterator[tuple[str, Any]]:
    return ((name, method) for name, method in inspect.getmembers(controller, callable))


def must_be_async(controller: object, name: str, method: Any) -> None:
    if not inspect.iscoroutinefunction(method):
        where = f"{type(controller).__name__}.{name}"
        raise TypeError(f"{where}: expected «async def», got a plain function; add async")


def marked(controllers: Sequence[object], mark: str) -> Iterator[tuple[str, Any, Any]]:
    """Give name, mark and method of each async method of *controllers* that has this *mark*."""
    for name, found, method in marked_plain(controllers, mark):
        must_be_async(method.__self__, method.__name__, method)
        yield name, found, method


def marked_plain(controllers: Sequence[object], mark: str) -> Iterator[tuple[str, Any, Any]]:
    """As `marked`, of methods of any kind."""
    for controller in controllers:
        for name, method in methods(controller):
            if (found := getattr(method, mark, None)) is not None:
                yield f"{type(controller).__name__}.{name}", found, method
