"""Those who vouch for people, made from the settings: providers of OpenID Connect, and key sets."""

import asyncio
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path

from conclave.auth.fetching import Fetching, may_ask
from conclave.auth.jwks import FetchedKeys
from conclave.auth.oidc.begun import Beginnings
from conclave.auth.oidc.flow import Flow
from conclave.auth.oidc.people import People, SetRole
from conclave.auth.oidc.provider import Provider, read_providers
from conclave.auth.oidc.signing_in import ByProvider
from conclave.auth.sealing import Seal
from conclave.auth.secret import Secret
from conclave.auth.sessions import Gone
from conclave.auth.signing_in import SigningIn
from conclave.ports import Accounts, Audit, Clock, Identities, Store
from conclave.settings import Settings


class Vouching:
    """
    The *providers* of one node; `close` at the end.

    *set_role* gives somebody the role that their groups say.
    """

    def __init__(
        self,
        providers: Sequence[Provider],
        identities: Identities,
        clock: Clock,
        set_role: SetRole,
    ) -> None:
        self._flows = [Flow(one, clock.monotonic, clock.wall) for one in providers]
        self._identities = identities
        self._set_role = set_role

    @property
    def names(self) -> Mapping[str, str]:
        """What stands on their buttons, by their ids."""
        return {flow.provider.id: flow.provider.name for flow in self._flows}

    def open(
        self,
        store: Store,
        accounts: Accounts,
        audit: Audit,
        clock: Clock,
        secret: Secret,
        signing_in: SigningIn,
        gone: Gone,
    ) -> ByProvider:
        """Return what lets people in by them; *gone* hears whose sessions have ended."""
        people = People(store, accounts, self._identities, audit, self._set_role)
        beginnings = Beginnings(Seal(secret, "oidc"), clock.wall)
        return ByProvider(
            self._flows, beginnings, people, self._identities, signing_in, audit, gone
        )

    async def close(self) -> None:
        await asyncio.gather(*(flow.close() for flow in self._flows))


def read_vouching(settings: Settings) -> tuple[Provider, ...]:
    """Read what the operator wrote of providers; raises `CannotStart`. Call it in a thread."""
    return read_providers(map(Path, settings.oidc))


def fetched_jwks(settings: Settings, clock: Clock) -> FetchedKeys | None:
    """Return the keys of another system that it shows at an address, if it does."""
    url = settings.jwt_jwks
    if url is None:
        return None
    # The operator wrote this very address: that is leave enough for one on this machine.
    fetching = Fetching(partial(may_ask, loopback=True))
    return FetchedKeys(lambda: fetching.get(url), clock.monotonic, "jwt_jwks")
