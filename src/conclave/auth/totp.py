"""
Time-based one-time passwords (RFC 6238), as authenticator apps make them.

Six digits, thirty seconds, SHA-1: what every app understands. Where secrets lie, and how
often somebody may guess, is not decided here.
"""

import hmac
import re
from typing import Final

import pyotp

_STEP_MS: Final = 30_000
# Clocks of phones differ: the code before and the one after are good too.
_DRIFT_STEPS: Final = 1
_CODE: Final = re.compile(r"[0-9]{6}", re.ASCII)


def new_secret() -> str:
    """Return 160 random bits in the spelling that apps take by hand (RFC 4226 section 4, R6)."""
    return pyotp.random_base32()


def link(secret: str, user: str, server: str) -> str:
    """Return the `otpauth:` link for *user*; apps list it under the name of *server*."""
    return pyotp.TOTP(secret).provisioning_uri(name=user, issuer_name=server)


def step_of(secret: str, code: str, wall: int, used: int) -> int | None:
    """
    Return the time step whose code *code* is, or None.

    Keep it and give it as *used* the next time: no code is good twice, nor one before it
    (RFC 6238 section 5.2).
    """
    given = "".join(code.split())
    if not _CODE.fullmatch(given):
        return None
    now, found = wall // _STEP_MS, None
    for step in range(now - _DRIFT_STEPS, now + _DRIFT_STEPS + 1):
        # All are compared, each in constant time.
        if hmac.compare_digest(pyotp.TOTP(secret).generate_otp(step), given) and step > used:
            found = step
    return found
