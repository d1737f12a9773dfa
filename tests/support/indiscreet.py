"""An application that writes into the log whatever strangers say: for `--app …:APP`."""

import structlog
from tests.support.people import Ends, app

from conclave import Access, Controller, Cost, Event, on

log = structlog.get_logger(__name__)


class Fail(Event, type="test:fail"):
    text: str


class Note(Event, type="test:note"):
    text: str


class Indiscreet(Controller):
    @on(Fail)
    async def fail(self, connection, event: Fail) -> None:
        raise ValueError(event.text)

    @on(Note, needs=Access.ANYONE, costs=Cost.FREE)
    async def note(self, connection, event: Note) -> None:
        log.warning("noted", text=event.text, by={event.text: connection.user})


APP = app(Ends, Indiscreet)
