"""
The two people of the demo, whose tokens everybody knows.

Only a node started with `--demo` uses this; to any other they are unknown tokens.
"""

import hmac
from typing import Final

from conclave.model import Identity, Role

_PEOPLE: Final = {
    "user-token-123": Identity(user="user1", name="john", role=Role.USER),
    "admin-token-456": Identity(user="admin1", name="admin", role=Role.ADMIN),
}
# Token and name, to be shown to who starts a demo.
TOKENS: Final = tuple((token, identity.name) for token, identity in _PEOPLE.items())


class DemoAuthenticator:
    """An `Authenticator` for the two tokens of the demo; to all others it says None."""

    async def authenticate(self, token: str) -> Identity | None:
        given, found = token.encode("utf-8", "surrogatepass"), None
        for known, identity in _PEOPLE.items():
            # All are compared, each in constant time.
            if hmac.compare_digest(known.encode(), given):
                found = identity
        return found
