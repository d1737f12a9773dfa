"""What an application adds to the chat: one object, named on the command line."""

from collections.abc import Iterable

from conclave.controllers.dispatch import Controller
from conclave.ports import Authenticator
from conclave.protocol.event import Event


class App:
    """
    Controllers and ways to authenticate, to be served with the chat's own.

    *controllers* are classes; each is made once a node, with the node. *authenticators* are
    asked in order, before the built-in ones. *requests* are events that must have a
    handler: naming them lets the start find a missing one.
    """

    def __init__(
        self,
        *controllers: type[Controller],
        authenticators: Iterable[Authenticator] = (),
        requests: Iterable[type[Event]] = (),
    ) -> None:
        self.controllers = controllers
        self.authenticators = tuple(authenticators)
        self.requests = tuple(requests)
