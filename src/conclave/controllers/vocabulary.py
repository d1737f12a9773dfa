"""
What a node with an application says and understands, read off its controllers.

Requests are those that a handler takes, and a handler's annotation says what answers them.
What an application tells and keeps is what its controllers name, and what stands in their
modules besides.
"""

import sys
from collections.abc import Iterable, Iterator
from typing import Any, get_type_hints

from msgspec import Struct

from conclave.controllers import CHAT
from conclave.controllers.application import App
from conclave.controllers.dispatch import Access, Controller
from conclave.protocol.durable import Durable
from conclave.protocol.event import Event
from conclave.protocol.spec.vocabulary import Asked, Vocabulary
from conclave.protocol.told import TOLD


def vocabulary(app: App) -> Vocabulary:
    """Return what is said where *app* is served with the chat."""
    chat = tuple(_asked(CHAT))
    own = tuple(_asked(app.controllers))
    known = {one.event.type for one in (*chat, *own)} | TOLD.keys()
    events = [*app.tells, *_declared(app.controllers, Event)]
    told = {event.type: event for event in events if event in app.tells or event.type not in known}
    return Vocabulary(
        asked=(*chat, *own),
        told={**TOLD, **told},
        kept={kind.type: kind for kind in (*app.entries, *_declared(app.controllers, Durable))},
        own=frozenset({*told, *(one.event.type for one in own)}),
    )


def _asked(controllers: Iterable[type[Controller]]) -> Iterator[Asked]:
    for controller in controllers:
        for method in _methods(controller):
            if (handles := getattr(method, "handles", None)) is None:
                continue
            event, needs = handles[:2]
            answer = method.answers or get_type_hints(method).get("return")
            # Who says no more than that there is one, has said nothing.
            known = Any if answer in (Event, Struct) else answer
            yield Asked(event=event, answer=known, needs=Access(needs).name.lower())


def _methods(controller: type[Controller]) -> Iterable[Any]:
    """Return what *controller* has and has got from others, in the order of the source."""
    found: dict[str, Any] = {}
    for cls in reversed(controller.__mro__):
        found |= vars(cls)
    return found.values()


def _declared(controllers: Iterable[type[Controller]], base: type[Struct]) -> Iterator[Any]:
    """Yield the subclasses of *base* that stand in the modules of *controllers*."""
    for module in dict.fromkeys(controller.__module__ for controller in controllers):
        for found in vars(sys.modules[module]).values():
            if isinstance(found, type) and issubclass(found, base) and found is not base:
                yield found
