"""Coming in: sign-in by password, second factor and passkey, links, and guests."""

from typing import Any

from litestar import Request, Response, post
from litestar.handlers import HTTPRouteHandler
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import JSONBody

from conclave.http.callers import place_of
from conclave.http.cookies import Cookies
from conclave.http.services import Entered, Services
from conclave.ports import Clock
from conclave.protocol.account import (
    AcceptLink,
    EnterAsGuest,
    FactorWanted,
    LinkInfo,
    LookAtLink,
    PasskeyAnswer,
    PasskeyQuestion,
    SecondFactor,
    SignedIn,
    SignIn,
)
from conclave.protocol.events import Me

Asked = Request[Any, Any, Any]
# What a route needs: see `callers`.
PUBLIC = {"public": True}
# What the description of the API says of answers that have two shapes.
_EITHER: Any = SignedIn | FactorWanted
_IN_OR_ASKED = {200: ResponseSpec(_EITHER, False, "In, or asked for more")}
_IN_OR_NOT = {
    200: ResponseSpec(SignedIn, False, "In"),
    204: ResponseSpec(None, False, "Sign in now, with the second factor"),
}


class Welcome:
    """Makes the answer to who has come in: the body, and the cookies."""

    def __init__(self, services: Services, cookies: Cookies, clock: Clock) -> None:
        self._services = services
        self._cookies = cookies
        self._clock = clock

    def device_of(self, request: Asked) -> str:
        return request.cookies.get(self._cookies.device, "")

    def answer(self, entered: Entered) -> Response[SignedIn]:
        info, user = entered.session.info, entered.user
        ends = info.expires_at or 0
        body = SignedIn(
            user=Me(user.id, user.display_name, user.role),
            csrf=self._services.gate.csrf_of(info),
            expires_at=ends,
            must=entered.must,
        )
        life_s = max(0, (ends - self._clock.wall()) // 1000)
        cookies = self._cookies.entered(entered.session.secret, life_s, entered.device)
        return Response(body, cookies=cookies)


def entering_routes(services: Services, welcome: Welcome) -> list[HTTPRouteHandler]:
    """Return the routes for who is not signed in yet."""
    return [*_sign_in_routes(services, welcome), *_link_routes(services, welcome)]


def _sign_in_routes(services: Services, welcome: Welcome) -> list[HTTPRouteHandler]:
    @post("/sessions", status_code=200, opt=PUBLIC, responses=_IN_OR_ASKED)
    async def sign_in(data: JSONBody[SignIn], request: Asked) -> Response[Any]:
        device = welcome.device_of(request)
        found = await services.signing_in.with_password(data, place_of(request), device)
        return Response(found) if isinstance(found, FactorWanted) else welcome.answer(found)

    @post("/sessions/factor", status_code=200, opt=PUBLIC)
    async def second_factor(data: JSONBody[SecondFactor], request: Asked) -> Response[SignedIn]:
        place, device = place_of(request), welcome.device_of(request)
        return welcome.answer(await services.signing_in.with_factor(data, place, device))

    @post("/sessions/passkey/challenge", status_code=200, opt=PUBLIC)
    async def challenge() -> PasskeyQuestion:
        return PasskeyQuestion(await services.factors.ask_passkey())

    @post("/sessions/passkey", status_code=200, opt=PUBLIC)
    async def sign_in_with_passkey(
        data: JSONBody[PasskeyAnswer], request: Asked
    ) -> Response[SignedIn]:
        place = place_of(request)
        return welcome.answer(await services.signing_in.with_passkey(data.passkey, place))

    return [sign_in, second_factor, challenge, sign_in_with_passkey]


def _link_routes(services: Services, welcome: Welcome) -> list[HTTPRouteHandler]:
    # The secret of a link is in the body: URLs end up in logs and histories.
    @post("/links/look", status_code=200, opt=PUBLIC)
    async def look(data: JSONBody[LookAtLink]) -> LinkInfo:
        link = await services.links.look(data.token)
        return LinkInfo(str(link.kind), link.expires_at, link.role, link.user, link.room)

    @post("/links/accept", status_code=200, opt=PUBLIC, responses=_IN_OR_NOT)
    async def accept(data: JSONBody[AcceptLink], request: Asked) -> Response[Any]:
        entered = await services.links.accept(data, place_of(request))
        return Response(None, status_code=204) if entered is None else welcome.answer(entered)

    @post("/guests", status_code=200, opt=PUBLIC)
    async def enter_as_guest(data: JSONBody[EnterAsGuest], request: Asked) -> Response[SignedIn]:
        return welcome.answer(await services.guests.enter(data.display_name, place_of(request)))

    return [look, accept, enter_as_guest]
