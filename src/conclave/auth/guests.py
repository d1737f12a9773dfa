"""
Guests: who comes in with a name alone, where the operator allows it.

A guest's account lives as long as its one session, a day, has no password and cannot be
come back to.
"""

import secrets
from typing import Final

from conclave.auth.signing_in import Entered, SigningIn
from conclave.core.address import network_of
from conclave.core.names import clean_display_name
from conclave.core.throttle import Tallies, Terms
from conclave.model import Action, Note, Place, Role, User, details
from conclave.ports import Accounts, Audit, Clock
from conclave.protocol.errors import Code, Reject

DAYS: Final = 1
_RANDOM_BYTES: Final = 5
# Of one address: five, and then one more in each minute.
_ADDRESS: Final = Terms(tries=5, forget_one=60.0, first_rest=60.0, longest_rest=60.0)
_MOST_ADDRESSES: Final = 10_000


class Guests:
    """Lets guests in; every refusal is a `Reject`."""

    def __init__(
        self,
        accounts: Accounts,
        audit: Audit,
        clock: Clock,
        signing_in: SigningIn,
        *,
        allowed: bool,
    ) -> None:
        self._accounts = accounts
        self._audit = audit
        self._clock = clock
        self._signing_in = signing_in
        self._allowed = allowed
        self._addresses = Tallies(_ADDRESS, _MOST_ADDRESSES)

    @property
    def allowed(self) -> bool:
        return self._allowed

    async def enter(self, display_name: str, place: Place) -> Entered:
        """Make a guest and let it in; raises `forbidden` and `rate_limited`."""
        if not self._allowed:
            raise Reject(Code.FORBIDDEN, "This server takes no guests")
        name = clean_display_name(display_name)
        now = self._clock.monotonic()
        tally = self._addresses.of(network_of(place.address), now)
        if wait := tally.wait(now):
            raise Reject(Code.RATE_LIMITED, retry_after_ms=round(wait * 1000) + 1)
        tally.begin(now)
        id_ = f"guest-{secrets.token_hex(_RANDOM_BYTES)}"
        guest = User(id=id_, name=id_, display_name=name, role=Role.GUEST)
        made = await self._accounts.add_guest(guest)
        self._audit.note(
            Note(
                action=Action.USER_CREATED,
                actor=made.id,
                target=made.id,
                address=place.address,
                details=details({"how": "guest", "role": str(Role.GUEST)}),
            )
        )
        return await self._signing_in.enter(made, place, "guest", days=DAYS)
