"""
People erased: what they said, and who they were, is forgotten. It takes its time.

The request begins it and is answered at once; whoever asked looks how far it is.
"""

from typing import Any, Protocol

from litestar import delete, get
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath

from conclave.http.admin.asking import Asked, Require, by
from conclave.http.callers import caller_of
from conclave.model import Act, By
from conclave.office import People
from conclave.protocol.office import Errand, ErrandBegun

_PEOPLE = {"act": Act.MANAGE_PEOPLE}


class Erasing(Protocol):
    """Who erases beside everything else."""

    async def begin(self, user: str, by: By) -> str:
        """Begin to erase *user*, an id; return the name of the errand. Raises `rate_limited`."""

    async def state(self, errand: str) -> dict[str, Any]:
        """Return how far it is: see `protocol.office.Errand`. Raises `bad_request`."""


def erasing_routes(people: People, erasing: Erasing, require: Require) -> list[HTTPRouteHandler]:
    @delete("/admin/users/{user:str}", status_code=202, opt=_PEOPLE)
    async def erase(user: FromPath[str], request: Asked) -> ErrandBegun:
        await require(caller_of(request))
        asking = by(request)
        return ErrandBegun(await erasing.begin(await people.to_erase(user, asking), asking))

    @get("/admin/erasures/{errand:str}", opt=_PEOPLE)
    async def state(errand: FromPath[str]) -> Errand:
        return Errand(**await erasing.state(errand))

    return [erase, state]
