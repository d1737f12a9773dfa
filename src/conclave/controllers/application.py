"""What an application adds to the chat: one object, named on the command line."""

from collections.abc import Iterable

from conclave.controllers.dispatch import Controller
from conclave.controllers.providing import Provide
from conclave.ports import Authenticator
from conclave.protocol.durable import Durable
from conclave.protocol.event import Event


class App:
    """
    Controllers and ways to authenticate, to be served with the chat's own.

    *controllers* are classes; each is made once a node, with the node and with what
    *provide* makes for the types its constructor asks for: a thing, an awaitable or a
    context manager, which is closed when the node stops. *authenticators* are asked in
    order, before the built-in ones. *requests* are events that must have a handler: naming
    them lets the start find a missing one.
    """

    def __init__(
        self,
        *controllers: type[Controller],
        authenticators: Iterable[Authenticator] = (),
        requests: Iterable[type[Event]] = (),
        provide: Provide | None = None,
    ) -> None:
        self.controllers = controllers
        self.authenticators = tuple(authenticators)
        self.requests = tuple(requests)
        self.provide: Provide = {} if provide is None else dict(provide)

    @property
    def entries(self) -> tuple[type[Durable], ...]:
        """The kinds of entries that its controllers publish."""
        return tuple(kind for one in self.controllers for kind in one.entries)

    @property
    def tells(self) -> tuple[type[Event], ...]:
        """The events that its controllers tell."""
        return tuple(event for one in self.controllers for event in one.tells)
