"""
A key with which another system signs its tokens, wherever it was read.

Those that read keys load a large library; who only holds one does not.
"""

from typing import Any, NamedTuple, Protocol


class Algorithm(Protocol):
    """One way to sign, as `jwt.algorithms` has them."""

    def verify(self, msg: bytes, key: Any, sig: bytes) -> bool: ...


class JwtKey(NamedTuple):
    """A key and the one algorithm it is for."""

    name: str
    algorithm: Algorithm
    key: Any
    # What a key set calls it; a file has one key, without a name.
    kid: str | None = None

    def signed(self, message: bytes, signature: bytes) -> bool:
        return self.algorithm.verify(message, self.key, signature)

    def may_be(self, kid: str | None) -> bool:
        """Return whether it may be the key that a token calls *kid*."""
        return kid is None or self.kid is None or self.kid == kid
