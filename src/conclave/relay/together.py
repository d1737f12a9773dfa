"""Places in many rooms, taken together: of those who come back, each wants many at once."""

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import ExitStack, asynccontextmanager, suppress

from conclave.model import Identity
from conclave.protocol.errors import Reject
from conclave.relay.attendance import Attendance


@asynccontextmanager
async def places_in(
    attendance: Attendance, names: Iterable[str], identity: Identity
) -> AsyncIterator[None]:
    """
    Hold a place in each room of *names* that has one, on all nodes, by one question.

    Of one that has none it is said when it is joined.
    """
    held: list[str] = []
    with ExitStack() as places:
        for name in names:
            with suppress(Reject):
                places.enter_context(attendance.place(name, identity))
                held.append(name)
        seats = (attendance.seat(name, identity.user) for name in held)
        await asyncio.gather(*seats, return_exceptions=True)
        yield
