"""
What controllers need besides the node, given to their constructors by type.

An `App` says who makes what; each thing is made once a node, and closed with it if it can
be. Nothing is guessed: what is annotated and not provided is a `TypeError` at start.
"""

import asyncio
import inspect
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any, Final, get_type_hints

import structlog

from conclave.controllers.controller import Controller
from conclave.controllers.node import Node

log = structlog.get_logger(__name__)

# Seconds that closing all of it may take: the store waits for nobody else's.
CLOSE_WITHIN: Final = 1.0

# By the type that constructors ask for, what makes it: a thing, or an async context manager
# that is one for as long as the node runs.
Provide = Mapping[type, Callable[[], Any]]


@asynccontextmanager
async def opened(provide: Provide) -> AsyncIterator[Mapping[type, Any]]:
    """
    Make all that is provided, in order, and close it in the reverse order.

    What cannot be closed in time is logged: it holds up no stop.
    """
    stack = AsyncExitStack()
    try:
        yield await _open_all(provide, stack)
    finally:
        try:
            async with asyncio.timeout(CLOSE_WITHIN):
                await stack.aclose()
        except Exception:
            log.exception("provided_not_closed")


async def _open_all(provide: Provide, stack: AsyncExitStack) -> dict[type, Any]:
    made: dict[type, Any] = {}
    for kind, factory in provide.items():
        thing = factory()
        if hasattr(thing, "__aenter__"):
            thing = await stack.enter_async_context(thing)
        elif hasattr(thing, "__enter__"):
            thing = stack.enter_context(thing)
        elif inspect.isawaitable(thing):
            thing = await thing
        if not isinstance(thing, kind):
            raise TypeError(f"provide[{kind.__name__}] made {thing!r}, which is none")
        made[kind] = thing
    return made


def make_controller(kind: type[Controller], node: Node, provided: Mapping[type, Any]) -> Controller:
    """Return a controller of *kind*, with what its constructor asks for."""
    parameters = list(inspect.signature(kind.__init__).parameters.values())[2:]
    if not parameters:
        return kind(node)
    hints = get_type_hints(kind.__init__)
    given: dict[str, Any] = {}
    for one in parameters:
        wanted: Any = hints.get(one.name)
        if wanted in provided:
            given[one.name] = provided[wanted]
        elif one.default is inspect.Parameter.empty:
            called = getattr(wanted, "__name__", "something without a type")
            raise TypeError(
                f"{kind.__name__}.__init__ needs «{one.name}», {called}: "
                f"App(…, provide={{{called}: …}}) does not have it"
            )
    return kind(node, **given)
