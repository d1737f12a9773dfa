"""The ways in, made from the settings: what sockets and the HTTP API ask who somebody is."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

import structlog
from litestar import Router
from litestar.handlers import HTTPRouteHandler

from conclave import __version__
from conclave.app.vouching import Vouching, fetched_jwks
from conclave.auth.ceremonies import Ceremonies
from conclave.auth.confirming import Confirming
from conclave.auth.csrf import Csrf
from conclave.auth.demo import DemoAuthenticator
from conclave.auth.devices import Devices
from conclave.auth.factors import SecondFactors
from conclave.auth.gate import Gate
from conclave.auth.guests import Guests
from conclave.auth.jwks import FetchedKeys
from conclave.auth.jwt import JwtAuthenticator
from conclave.auth.jwt import Terms as JwtTerms
from conclave.auth.links import Links, Told, make_setup_link
from conclave.auth.own_account import OwnAccount
from conclave.auth.own_data import EVERY_S, Files, OwnData
from conclave.auth.passwords import Passwords
from conclave.auth.resealing import reseal
from conclave.auth.sealing import Seal
from conclave.auth.secret import Secret
from conclave.auth.sessions import Gone, Sessions
from conclave.auth.signing_in import SigningIn
from conclave.auth.tickets import Tickets
from conclave.auth.tokens import TokenAuthenticator
from conclave.auth.verifying import JwtKey
from conclave.core.names import clean_display_name
from conclave.core.ratelimit import Allowances
from conclave.core.throttle import Throttle
from conclave.http.api import account_routes, api
from conclave.http.callers import Callers
from conclave.http.cookies import Cookies
from conclave.http.services import Services
from conclave.model import Identity, Role, User
from conclave.ports import Accounts, Audit, Authenticator, Clock, Store
from conclave.server.origin import OriginRule
from conclave.settings import Settings
from conclave.settings.entry import claims_of
from conclave.storage.sqlstore import SqlStore

log = structlog.get_logger(__name__)

# Requests of one user, or of all strangers at one address: a page makes some at its start.
_REQUESTS_PER_SECOND: Final = 5.0
_REQUESTS_AT_ONCE: Final = 60
_USERS_PER_ADDRESS: Final = 10
_HERE: Final = "localhost"


class OwnPages:
    """
    The origins of this node's own pages; ask once it listens, as the port may be any.

    Only these may use cookies: who is allowed to connect from elsewhere brings a token.
    """

    def __init__(self, settings: Settings, port: Callable[[], int]) -> None:
        self._settings = settings
        self._port = port

    def admits(self, values: list[str]) -> bool:
        return OriginRule(self._settings.own_origins(self._port())).admits(values)

    def of_domain(self, domain: str) -> list[str]:
        """Return the origins whose pages may use passkeys of *domain*."""
        known = self._settings.own_origins(self._port())
        hosts = {origin: urlsplit(origin).hostname or "" for origin in known}
        below = f".{domain}"
        return [one for one, host in hosts.items() if host == domain or host.endswith(below)]


class WaysIn:
    """
    All of them for one node; `close` at the end.

    *gone* hears whose sessions or tokens are not good any more, *told* what was written to
    rooms.
    """

    def __init__(
        self,
        settings: Settings,
        store: SqlStore,
        accounts: Accounts,
        audit: Audit,
        clock: Clock,
        secret: Secret,
        keys: Sequence[JwtKey],
        vouching: Vouching,
        gone: Gone,
        told: Told,
    ) -> None:
        self._settings = settings
        self._parts = (store, accounts, audit, clock)
        self._secret = secret
        self._vouching = vouching
        self._gone = gone
        self._told = told
        self._passwords = Passwords()
        self.sessions = Sessions(
            *self._parts,
            gone,
            days=settings.session_days,
            factor_for=[Role(role) for role in settings.require_second_factor],
        )
        self._passes = store.passes(clock.monotonic)
        self.tickets = Tickets(self.sessions.good, self._passes)
        # Each throttle counts by itself: a stranger at the door must not keep the owner, who
        # is in, from changing the password.
        self.confirming = Confirming(
            accounts,
            audit,
            clock,
            self._passwords,
            Throttle(),
            self._passes,
            open_house=settings.demo,
        )
        self._jwks = fetched_jwks(settings, clock)
        self._jwt = _jwt(settings, keys, self._jwks, store, clock)
        self._seal = Seal(secret, "totp")
        self.authenticators: tuple[Authenticator, ...] = (
            *([DemoAuthenticator()] if settings.demo else []),
            TokenAuthenticator(store, clock.wall, self.sessions.lacks_factor),
            *self._jwt,
        )

    async def close(self) -> None:
        self._passwords.close()
        await self._vouching.close()
        if self._jwks is not None:
            await self._jwks.close()

    async def lacks_factor(self, user: User) -> bool:
        """Return whether the role of *user* asks for a second factor, and they have none."""
        return await self.sessions.lacks_factor(user)

    async def renew_secret(self) -> None:
        """
        Take the secret as its files are now, and seal anew what was sealed under the old one.

        Raises `CannotStart`; then nothing has changed.
        """
        await asyncio.to_thread(self._secret.reload)
        await self.reseal()

    async def reseal(self) -> None:
        """Seal anew what was sealed under the old secret, if there is one."""
        if not self._secret.is_changing:
            return
        done = await reseal(self._parts[1], self._seal)
        # From here on the old one is needed for nothing that is kept.
        log.info("resealed", anew=done.anew, lost=done.lost)

    async def renew_jwt_keys(self) -> None:
        """Take the keys of another system as their files are now; raises `CannotStart`."""
        keys = await asyncio.to_thread(read_jwt_keys, self._settings)
        for authenticator in self._jwt:
            authenticator.renew(keys)

    async def setup_link(self) -> str | None:
        """Return the secret by which the first admin is made; None: there is one, or a demo."""
        _, accounts, _, clock = self._parts
        return None if self._settings.demo else await make_setup_link(accounts, clock.wall())

    def api(
        self,
        identify: Callable[[str], Awaitable[Identity]],
        pages: OwnPages,
        files: Files,
        more: Sequence[HTTPRouteHandler] = (),
    ) -> Router:
        """
        Return the HTTP API with *more* routes.

        *identify* says whose a token is, *files* have what is kept of people.
        """
        clock = self._parts[3]
        services = self._services(identify, pages, files)
        cookies = Cookies(https=self._settings.is_https)
        # A node without limits has none here.
        rate = _REQUESTS_PER_SECOND if self._settings.rate else 0.0
        allowances = Allowances(rate, _REQUESTS_AT_ONCE, _USERS_PER_ADDRESS)
        callers = Callers(services.gate, cookies, pages, allowances, clock)
        routes = [*account_routes(services, cookies, clock), *more]
        return api(callers, routes, __version__)

    def _services(
        self, identify: Callable[[str], Awaitable[Identity]], pages: OwnPages, files: Files
    ) -> Services:
        _, accounts, audit, clock = self._parts
        passwords, sessions = self._passwords, self.sessions

        factors = self._factors(pages, Throttle())
        every = EVERY_S if self._settings.rate else 0.0
        signing_in = SigningIn(
            *self._parts,
            passwords,
            factors,
            sessions,
            Devices(self._secret),
            Throttle(),
            self._passes,
        )
        return Services(
            gate=Gate(identify, accounts, audit, sessions, Csrf(self._secret), self.tickets),
            signing_in=signing_in,
            sessions=sessions,
            own=OwnAccount(*self._parts, passwords, self.confirming, sessions, self._gone),
            confirming=self.confirming,
            data=OwnData(files, accounts, audit, clock, self.confirming, every=every),
            factors=factors,
            links=Links(*self._parts, passwords, signing_in, self._gone, self._told),
            guests=Guests(accounts, audit, clock, signing_in, allowed=self._settings.guests),
            by_provider=self._vouching.open(*self._parts, self._secret, signing_in, self._gone),
        )

    def _factors(self, pages: OwnPages, throttle: Throttle) -> SecondFactors:
        _, accounts, audit, clock = self._parts
        domain = _domain(self._settings)
        passkeys = Ceremonies(domain, lambda: pages.of_domain(domain), self._passes)
        return SecondFactors(
            accounts,
            audit,
            clock,
            self._seal,
            passkeys,
            throttle,
            server="Conclave" if domain == _HERE else domain,
            must_have=self.sessions.must_have_factor,
        )


def _domain(settings: Settings) -> str:
    """Return the name by which browsers know this node: passkeys are bound to it."""
    public = (urlsplit(url).hostname for url in settings.public_url)
    return next((host for host in public if host), _HERE)


def read_jwt_keys(settings: Settings) -> tuple[JwtKey, ...]:
    """Read the keys of another system; raises `CannotStart`. Call it in a thread."""
    if not settings.jwt_key:
        return ()
    # A large library; a server that has no such keys needs none of it.
    from conclave.auth.jwt_keys import read_keys

    return read_keys(Path(path) for path in settings.jwt_key)


def _jwt(
    settings: Settings,
    keys: Sequence[JwtKey],
    fetched: FetchedKeys | None,
    store: Store,
    clock: Clock,
) -> list[JwtAuthenticator]:
    """Return what knows the tokens of another system, if there is one."""
    if not keys and fetched is None:
        return []
    claims = claims_of(settings.jwt_claim)
    terms = JwtTerms(
        issuer=settings.jwt_issuer or "", audience=settings.jwt_audience or "", **claims
    )
    return [
        JwtAuthenticator(
            keys, terms, store, fetched=fetched, cleaned=clean_display_name, wall=clock.wall
        )
    ]
