"""
The cookies of a page: its session, that this browser has signed in before, and for some
minutes what it must bring back from a provider.

No script reads them, no other site sends them along, and where TLS is spoken they travel
with it alone, under a name that no other host of the domain can set (RFC 6265bis 4.1.3.2).
"""

from typing import Final

from litestar.datastructures import Cookie

_YEAR_S: Final = 31_536_000
_PROVIDER_S: Final = 600

# Their names; over TLS with a prefix.
SESSION: Final = "conclave-session"
DEVICE: Final = "conclave-device"
BEGUN: Final = "conclave-oidc"


class Cookies:
    """Names and makes them; *https*: people reach this server through TLS."""

    def __init__(self, *, https: bool) -> None:
        prefix = "__Host-" if https else ""
        self._https = https
        self.session = f"{prefix}{SESSION}"
        self.device = f"{prefix}{DEVICE}"
        self.begun = f"{prefix}{BEGUN}"

    def entered(self, secret: str, life_s: int, device: str) -> list[Cookie]:
        """Return both, for who has just come in."""
        return [
            self._made(self.session, secret, life_s),
            self._made(self.device, device, _YEAR_S),
        ]

    def left(self) -> list[Cookie]:
        """Return what takes the session's away; the device stays known."""
        return [self._made(self.session, "", 0)]

    def sent(self, begun: str) -> Cookie:
        """Return the one of a sign-in that has begun and goes on elsewhere."""
        return self._made(self.begun, begun, _PROVIDER_S)

    def taken(self) -> Cookie:
        """Return what takes that away."""
        return self._made(self.begun, "", 0)

    def _made(self, name: str, value: str, life_s: int) -> Cookie:
        return Cookie(
            key=name,
            value=value,
            max_age=life_s,
            path="/",
            secure=self._https,
            httponly=True,
            samesite="strict",
        )
