"""Signing in by a provider: begun, finished, linked with one's account, and ended from there."""

from typing import Any
from urllib.parse import parse_qs

from litestar import Request, Response, delete, get, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, JSONBody

from conclave.http.callers import caller_of, place_of
from conclave.http.cookies import Cookies
from conclave.http.entering import PUBLIC, Welcome
from conclave.http.services import Begins, ByProvider, Services
from conclave.model import Act
from conclave.protocol.account import (
    BroughtBack,
    FactorWanted,
    GoThere,
    ProviderInfo,
    Providers,
)
from conclave.protocol.errors import Code, Reject

Asked = Request[Any, Any, Any]
_CREDENTIALS = {"act": Act.MANAGE_CREDENTIALS}
_LOGOUT_TOKEN = "logout_token"  # noqa: S105 - a field's name


def provider_routes(
    services: Services, cookies: Cookies, welcome: Welcome
) -> list[HTTPRouteHandler]:
    """Return the routes of providers; without any, nobody is found behind them."""
    by = services.by_provider
    return [*_entering(by, cookies, welcome), *_linking(services, by, cookies), _ended_there(by)]


def _entering(by: ByProvider, cookies: Cookies, welcome: Welcome) -> list[HTTPRouteHandler]:
    @post("/oidc/{provider:str}/begin", status_code=200, opt=PUBLIC)
    async def begin(provider: FromPath[str], request: Asked) -> Response[GoThere]:
        return _sent(await by.begin(provider, origin_of(request)), cookies)

    @post("/oidc/{provider:str}/finish", status_code=200, opt=PUBLIC)
    async def finish(
        provider: FromPath[str], data: JSONBody[BroughtBack], request: Asked
    ) -> Response[Any]:
        cookie = request.cookies.get(cookies.begun, "")
        found = await by.finish(provider, cookie, data, place_of(request))
        answer = Response(found) if isinstance(found, FactorWanted) else welcome.answer(found)
        answer.cookies.append(cookies.taken())
        return answer

    return [begin, finish]


def _linking(services: Services, by: ByProvider, cookies: Cookies) -> list[HTTPRouteHandler]:
    @get("/oidc", opt=_CREDENTIALS)
    async def providers(request: Asked) -> Providers:
        found = await by.linked(caller_of(request))
        return Providers(
            [
                ProviderInfo(id_, name, None if one is None else one.created_at)
                for id_, name, one in found
            ]
        )

    @post("/oidc/{provider:str}/link", status_code=200, opt=_CREDENTIALS)
    async def begin_link(provider: FromPath[str], request: Asked) -> Response[GoThere]:
        caller = caller_of(request)
        # It lets somebody in for good.
        await services.confirming.require(caller)
        return _sent(await by.begin(provider, origin_of(request), caller), cookies)

    @post("/oidc/{provider:str}/link/finish", status_code=204, opt=_CREDENTIALS)
    async def finish_link(
        provider: FromPath[str], data: JSONBody[BroughtBack], request: Asked
    ) -> Response[None]:
        cookie = request.cookies.get(cookies.begun, "")
        await by.link(provider, cookie, data, caller_of(request))
        return Response(None, status_code=204, cookies=[cookies.taken()])

    @delete("/oidc/{provider:str}/link", status_code=204, opt=_CREDENTIALS)
    async def unlink(provider: FromPath[str], request: Asked) -> None:
        await by.unlink(provider, caller_of(request))

    return [providers, begin_link, finish_link, unlink]


def _ended_there(by: ByProvider) -> HTTPRouteHandler:
    @post("/oidc/{provider:str}/logout", status_code=200, opt={**PUBLIC, "body": "any"})
    async def logged_out(provider: FromPath[str], request: Asked) -> None:
        await by.logged_out(provider, _logout_token(await request.body()), place_of(request))

    return logged_out


def _logout_token(body: bytes) -> str:
    """Return the one field of a form (Back-Channel Logout 2.5): it is of the one kind alone."""
    try:
        found = parse_qs(body.decode("ascii"), max_num_fields=10).get(_LOGOUT_TOKEN, [])
    except ValueError:
        found = []
    if len(found) != 1:
        raise Reject(Code.BAD_REQUEST)
    return found[0]


def origin_of(request: Asked) -> str:
    """Return the origin of the page that asks, which is one of this server's own by now."""
    said = request.headers.get("origin")
    if not said:
        raise Reject(Code.BAD_REQUEST, "Begin on a page of this server: its origin is not said")
    return said


def _sent(begins: Begins, cookies: Cookies) -> Response[GoThere]:
    return Response(GoThere(begins.url), cookies=[cookies.sent(begins.cookie)])
