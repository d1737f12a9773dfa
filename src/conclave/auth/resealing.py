"""
After the server's secret was changed: what is encrypted under the old one is encrypted anew.

Only then may the old secret go. Whoever signs in meanwhile is asked for nothing twice.
"""

from typing import NamedTuple

from conclave.auth.sealing import CannotUnseal, Seal
from conclave.ports import Accounts


class Resealed(NamedTuple):
    """How many secrets were encrypted anew, and how many no secret of the server opens."""

    anew: int
    lost: int


async def reseal(accounts: Accounts, seal: Seal) -> Resealed:
    """Encrypt the secrets of all second factors under the secret of now, where they are not."""
    anew = lost = 0
    for user, sealed in await accounts.sealed_totps():
        try:
            renewed = seal.reseal(user, sealed)
        except CannotUnseal:
            lost += 1
            continue
        # Where its owner used it in between, it was sealed anew by that.
        if renewed is not None and await accounts.reseal_totp(user, sealed, renewed):
            anew += 1
    return Resealed(anew, lost)
