"""Who one is, the ticket for a socket, and the devices one is signed in on."""

from typing import Any

from litestar import Request, Response, delete, get, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath

from conclave.http.callers import caller_of
from conclave.http.cookies import Cookies
from conclave.http.services import Services
from conclave.model import Act, Caller, TokenInfo
from conclave.protocol.account import (
    Account,
    Device,
    Devices,
    FactorsInfo,
    GoThere,
    Revoked,
    Ticket,
)
from conclave.protocol.errors import Code, Reject
from conclave.protocol.events import Me

Asked = Request[Any, Any, Any]
# What a route needs: see `callers`.
SIGNED_IN = {"act": None}
_SESSIONS = {"act": Act.MANAGE_SESSIONS}


def session_routes(services: Services, cookies: Cookies) -> list[HTTPRouteHandler]:
    """Return the routes for whoever is signed in."""
    return [*_own_routes(services, cookies), *_device_routes(services)]


def _own_routes(services: Services, cookies: Cookies) -> list[HTTPRouteHandler]:
    @get("/me", opt={**SIGNED_IN, "anywhere": True})
    async def me(request: Asked) -> Account:
        return await _account(services, caller_of(request))

    @post("/tickets", status_code=200, opt=SIGNED_IN)
    async def ticket(request: Asked) -> Ticket:
        return Ticket(await services.gate.ticket(caller_of(request)))

    # 204, but where there is something to say.
    @delete("/sessions/current", status_code=200, opt=SIGNED_IN)
    async def sign_out(request: Asked) -> Response[Any]:
        caller = caller_of(request)
        if caller.session is None:
            raise Reject(Code.FORBIDDEN, "A token is no session: revoke it instead")
        user, place = caller.identity.user, caller.place
        await services.sessions.end(user, caller.session.id, place, own=True)
        there = await _there(services, caller.session, request)
        if there:
            return Response(GoThere(there), status_code=200, cookies=cookies.left())
        return Response(None, status_code=204, cookies=cookies.left())

    return [me, ticket, sign_out]


async def _there(services: Services, session: TokenInfo, request: Asked) -> str:
    """Return where the browser signs out as well, if a provider has let it in."""
    origin = request.headers.get("origin")
    return await services.by_provider.end_address(session, origin) if origin else ""


async def _account(services: Services, caller: Caller) -> Account:
    identity = caller.identity
    have = await services.own.factors(caller)
    return Account(
        user=Me(identity.user, identity.name, identity.role),
        expires_at=identity.expires_at,
        scopes=None if identity.scopes is None else sorted(identity.scopes),
        csrf=None if caller.session is None else services.gate.csrf_of(caller.session),
        has_password=await services.own.has_password(caller),
        factors=FactorsInfo(have.totp, have.passkeys, have.recovery_codes),
        must=await services.own.must(caller),
    )


def _device_routes(services: Services) -> list[HTTPRouteHandler]:
    @get("/sessions", opt=_SESSIONS)
    async def devices(request: Asked) -> Devices:
        caller = caller_of(request)
        found = await services.sessions.listed(caller.identity.user)
        return Devices([_device(one, caller.session) for one in found])

    @delete("/sessions/{session:str}", status_code=204, opt=_SESSIONS)
    async def end_session(session: FromPath[str], request: Asked) -> None:
        caller = caller_of(request)
        await services.sessions.end(caller.identity.user, session, caller.place, own=False)

    @delete("/sessions", status_code=200, opt=_SESSIONS)
    async def end_other_sessions(request: Asked) -> Revoked:
        caller = caller_of(request)
        mine = None if caller.session is None else caller.session.id
        user = caller.identity.user
        return Revoked(await services.sessions.end_others(user, mine, caller.place))

    return [devices, end_session, end_other_sessions]


def _device(session: TokenInfo, current: TokenInfo | None) -> Device:
    return Device(
        id=session.id,
        created_at=session.created_at,
        last_used_at=session.last_used_at,
        expires_at=session.expires_at,
        address=session.address,
        agent=session.agent,
        current=current is not None and current.id == session.id,
    )
