"""
Before a route is called: from where a request comes, who asks, and whether they may.

Each route says in its `opt` what it needs: `public`, or an `act` of the table of rights, or
`act=None` for whoever is signed in; and `body="any"` if its body is no JSON. A cookie counts only
from a page of this server that also sends its token; a program's token needs neither.
"""

from typing import Any, Final, Protocol

from litestar.connection import ASGIConnection
from litestar.exceptions import HTTPException, MethodNotAllowedException
from litestar.handlers import BaseRouteHandler
from litestar.status_codes import HTTP_415_UNSUPPORTED_MEDIA_TYPE

from conclave.controllers.rights import check_act, check_reach
from conclave.core.ratelimit import Allowances, Cost
from conclave.http.cookies import Cookies
from conclave.http.rates import note
from conclave.http.segments import PREFIXES, name_of
from conclave.http.services import Gate
from conclave.model import Act, Caller, Identity, Place
from conclave.ports import Clock
from conclave.protocol.errors import Code, Reject

CSRF_HEADER: Final = "x-csrf-token"
_SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS"})
_MOST_AGENT: Final = 256
_BEARER: Final = "bearer "


class NotJSON(HTTPException):
    """The body says that it is something else."""

    status_code = HTTP_415_UNSUPPORTED_MEDIA_TYPE


Asked = ASGIConnection[Any, Any, Any, Any]


class Origins(Protocol):
    """Which pages are this server's own."""

    def admits(self, values: list[str]) -> bool: ...


class Callers:
    """The guard of all routes of the API."""

    def __init__(
        self,
        gate: Gate,
        cookies: Cookies,
        origins: Origins,
        allowances: Allowances,
        clock: Clock,
    ) -> None:
        self._gate = gate
        self._cookies = cookies
        self._origins = origins
        self._allowances = allowances
        self._clock = clock

    async def admit(self, connection: Asked, handler: BaseRouteHandler) -> None:
        """Let a request through to its route; raises `Reject`, and `Disconnect` for a flood."""
        place = place_of(connection)
        self._check_origin(connection)
        if handler.opt.get("body") != "any":
            _check_media_type(connection)
        if connection.scope.get("method") == "OPTIONS":
            # Asked before another page's request: none is let in. The framework would answer.
            raise MethodNotAllowedException(headers={"allow": _methods(connection)})
        if handler.opt.get("public"):
            # All strangers at one address are one.
            self._spend(f"@{place.address}", place)
            return
        caller = await self._caller(connection, place)
        try:
            self._spend(caller.identity.user, place, handler.opt.get("cost", Cost.MESSAGE))
        finally:
            self._note_left(connection, caller.identity.user)
        if (act := handler.opt["act"]) is not None:
            check_act(act, caller.identity)
        if caller.identity.rooms is not None:
            _check_reach(connection, handler, caller.identity)
        connection.state.caller = caller

    def _spend(self, user: str, place: Place, cost: Cost = Cost.MESSAGE) -> None:
        self._allowances.spend(cost, user, place.address, self._clock.monotonic())

    def _note_left(self, connection: Asked, user: str) -> None:
        left = self._allowances.left(Cost.MESSAGE, user, self._clock.monotonic())
        note(connection.scope["state"], "requests", left)

    def _check_origin(self, connection: Asked) -> None:
        """Refuse a page of another origin: whoever is signed in there must not act for it."""
        foreign = not self._origins.admits(connection.headers.getall("origin", []))
        if foreign or connection.headers.get("sec-fetch-site") in ("cross-site", "same-site"):
            raise Reject(Code.FORBIDDEN, "This origin may not ask")

    async def _caller(self, connection: Asked, place: Place) -> Caller:
        authorization = connection.headers.get("authorization", "")
        if authorization[: len(_BEARER)].lower() == _BEARER:
            return await self._gate.by_token(authorization[len(_BEARER) :].strip(), place)
        cookie = connection.cookies.get(self._cookies.session)
        if not cookie:
            raise Reject(Code.AUTH_REQUIRED)
        caller = await self._gate.by_cookie(cookie, place)
        if str(connection.scope.get("method")) not in _SAFE:
            self._check_page(connection, caller)
        return caller

    def _check_page(self, connection: Asked, caller: Caller) -> None:
        # Browsers name the origin of whatever changes something; what does not is no page.
        if "origin" not in connection.headers:
            raise Reject(Code.FORBIDDEN, "A cookie counts only from a page of this server")
        if not self._gate.csrf_is_good(caller, connection.headers.get(CSRF_HEADER, "")):
            raise Reject(Code.FORBIDDEN, f"The header {CSRF_HEADER} is missing or wrong")


def _check_reach(connection: Asked, handler: BaseRouteHandler, identity: Identity) -> None:
    """Refuse what a token that is good in some rooms alone may reach others by."""
    rooms = _rooms_asked(connection) if _takes_a_room(handler) else []
    # Whoever only says who they are reaches nothing.
    if rooms or not handler.opt.get("anywhere"):
        act = handler.opt["act"]
        check_reach(Act.MANAGE_SESSIONS if act is None else act, identity, rooms)


def _takes_a_room(handler: BaseRouteHandler) -> bool:
    # What a route does not look at is not what it is asked about, whatever a query says.
    return "room" in handler.parsed_fn_signature.parameters


def _rooms_asked(connection: Asked) -> list[str]:
    queried = connection.query_params.getall("room", [])
    given = connection.path_params.get("room")
    if given is None:
        return queried
    if connection.scope["path"].startswith(PREFIXES):
        return [name_of(str(given)), *queried]
    return [str(given).removeprefix("/"), *queried]


def _check_media_type(connection: Asked) -> None:
    """Refuse a body that says it is no JSON (RFC 9110 15.5.16)."""
    said = connection.headers.get("content-type", "").partition(";")[0].strip().lower()
    if said and _has_body(connection) and said != "application/json" and not said.endswith("+json"):
        raise NotJSON


def _methods(connection: Asked) -> str:
    """Return which methods there are at the path that was asked for."""
    here = connection.scope.get("path_template")
    routes = [one for one in connection.app.routes if one.path_format == here]
    found = {name for one in routes for name in getattr(one, "methods", ())}
    return ", ".join(sorted(found - {"OPTIONS"}))


def _has_body(connection: Asked) -> bool:
    sent = connection.headers
    return "transfer-encoding" in sent or sent.get("content-length", "0") != "0"


def place_of(connection: Asked) -> Place:
    """Return where a request comes from."""
    client = connection.client
    agent = connection.headers.get("user-agent", "")[:_MOST_AGENT]
    return Place(address=client.host if client else "", agent=agent)


def caller_of(connection: Asked) -> Caller:
    """Return who asks, once the guard has let them through."""
    caller: Caller = connection.state.caller
    return caller
