"""
What a ticket says for nodes that did not give it: whose it is, where it is good, and until when.

It is under a key that all nodes derive from their common secret. It says nothing that its
owner may not read.
"""

import base64
import binascii
import hmac
from collections.abc import Callable
from hashlib import sha256
from typing import Final, NamedTuple

import msgspec

from conclave.auth.secret import Secret
from conclave.model import Identity

PURPOSE: Final = "tickets"


class Letter(msgspec.Struct, frozen=True):
    """*ends* is wall time in milliseconds."""

    identity: Identity
    network: str
    ends: int


class Read(NamedTuple):
    identity: Identity
    network: str
    # Seconds for which it is still good; not above zero: not any more.
    left: float


class Letters:
    """Writes behind tickets what other nodes must know, and reads it; *wall* is in ms."""

    def __init__(self, secret: Secret, wall: Callable[[], int]) -> None:
        self._secret = secret
        self._wall = wall

    def write(self, ticket: str, identity: Identity, network: str, good_for: float) -> str:
        """Return *ticket* with its letter."""
        letter = Letter(identity, network, self._wall() + round(good_for * 1000))
        said = f"{ticket}.{_packed(msgspec.json.encode(letter))}"
        return f"{said}.{_packed(_mac(self._secret.derive(PURPOSE), said))}"

    def read(self, ticket: str) -> Read | None:
        """Return what a node wrote behind *ticket*; None: it is not of any."""
        said, _, mac = ticket.rpartition(".")
        try:
            given = _unpacked(mac)
            if not any(
                hmac.compare_digest(given, _mac(key, said))
                for key in self._secret.derive_each(PURPOSE)
            ):
                return None
            letter = msgspec.json.decode(_unpacked(said.rpartition(".")[2]), type=Letter)
        except (binascii.Error, ValueError):
            return None
        left = (letter.ends - self._wall()) / 1000
        return Read(letter.identity, letter.network, left)


def _mac(key: bytes, said: str) -> bytes:
    return hmac.digest(key, said.encode(), sha256)


def _packed(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def _unpacked(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
