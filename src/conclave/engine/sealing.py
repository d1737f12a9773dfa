"""
Messages between nodes: JSON, encrypted with the cluster's key.

AES-256-GCM under a key of each process's own, made of the cluster's and of a salt: a packet is the
salt, a nonce and what was encrypted. A process counts its nonces, so that none comes twice under
one key, however much is said; drawn at random they were to be trusted for 2³² packets of all.
Who hears the bus without the key learns nothing, since what nobody keeps, such as a notice, has
what somebody said. What is not of this cluster is told from the rest before it is decoded.
"""

import secrets
from collections.abc import Callable, Sequence
from hmac import digest
from typing import Annotated, Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from msgspec import DecodeError, Meta, Struct
from msgspec.json import Decoder, encode

from conclave.model.seen import Seen

VERSION: Final = 1
# Longer packets are nobody's: a whole message has less.
MOST_BYTES: Final = 524_288
_NONCE_BYTES: Final = 12
SALT_BYTES: Final = 16
_BODY_AT: Final = SALT_BYTES + _NONCE_BYTES
_LABEL: Final = b"one process of the cluster "
# Of so many processes the keys are remembered: those of nodes, and of some that are no more.
MOST_CIPHERS: Final = 256

Number = Annotated[int, Meta(ge=0, le=2**53)]
Name = Annotated[str, Meta(max_length=512)]


class Row(Struct, frozen=True, array_like=True):
    """One of many of a kind, as a list; what a newer version has behind it is ignored."""


class Hint(Row, frozen=True, array_like=True):
    """So far goes what was stored of a room."""

    epoch: Name
    room: Name
    seq: Number


class Anew(Row, frozen=True, array_like=True):
    """A room is another thing to a user, "": to all, or nothing any more."""

    user: Name
    room: Name


class Spent(Row, frozen=True, array_like=True):
    """A user spent so much of a cost."""

    cost: Number
    user: Name
    tokens: Number


class Whisper(Row, frozen=True, array_like=True):
    """The JSON of an event that nobody keeps, for a user alone, or for a room but them."""

    room: Name
    user: Name
    text: str
    alone: bool


class Presence(Row, frozen=True, array_like=True):
    """How a user looks in a room; None: they are there no more."""

    room: Name
    user: Name
    seen: Seen | None


class Message(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What one node says to all; see `Row`. Fields that a newer version has are ignored."""

    v: int = VERSION
    # The process, how often it has connected, and how much it has said since.
    node: Annotated[str, Meta(min_length=1, max_length=64)]
    life: Number
    n: Number
    hints: list[Hint] = []
    # Users of whom it must be asked again what they may, and whether they may come in.
    doubts: list[Name] = []
    anew: list[Anew] = []
    spent: list[Spent] = []
    say: list[Whisper] = []
    # What changed of who is where, or in a new edition, until it is whole, all of it.
    edition: Number = 0
    here: list[Presence] = []
    whole: bool = False
    # Nodes that shall tell all of it.
    ask: list[Name] = []
    # Hints were left away, since there were too many.
    lost: bool = False
    # It says nothing more.
    bye: bool = False


class Refused(Exception):
    """A packet is not of this cluster; says in a word why."""


class Seal:
    """
    Seals with the first of *keys*, and opens what was sealed with any of them.

    They are asked for at each use: they may change. Each has 32 bytes.
    """

    def __init__(self, keys: Callable[[], Sequence[bytes]], channel: str) -> None:
        self._keys = keys
        # What was said in one channel is nothing in another.
        self._channel = channel.encode()
        self._decoder = Decoder(Message)
        self._salt = secrets.token_bytes(SALT_BYTES)
        self._sealed_so_far = 0
        self._ciphers: dict[tuple[bytes, bytes], AESGCM] = {}

    def close(self, message: Message) -> bytes:
        return self._sealed(encode(message))

    def _sealed(self, body: bytes) -> bytes:
        self._sealed_so_far += 1
        nonce, key = self._sealed_so_far.to_bytes(_NONCE_BYTES), self._keys()[0]
        cipher = self._cipher(key, self._salt)
        self._remember(key, self._salt, cipher)
        return self._salt + nonce + cipher.encrypt(nonce, body, self._channel)

    def open(self, packet: bytes) -> Message:
        """Return what *packet* says; raises `Refused`."""
        if len(packet) > MOST_BYTES:
            raise Refused("oversize")
        for key in self._keys():
            if (body := self._opened(key, packet)) is not None:
                return self._decode(body)
        raise Refused("forged")

    def _opened(self, key: bytes, packet: bytes) -> bytes | None:
        salt, nonce = packet[:SALT_BYTES], packet[SALT_BYTES:_BODY_AT]
        cipher = self._cipher(key, salt)
        try:
            body = cipher.decrypt(nonce, packet[_BODY_AT:], self._channel)
        except (InvalidTag, ValueError):
            # ValueError: too short to be anything.
            return None
        # A stranger's salts are not worth it.
        self._remember(key, salt, cipher)
        return body

    def _cipher(self, key: bytes, salt: bytes) -> AESGCM:
        found = self._ciphers.get((key, salt))
        return AESGCM(digest(key, _LABEL + salt, "sha256")) if found is None else found

    def _remember(self, key: bytes, salt: bytes, cipher: AESGCM) -> None:
        if (key, salt) in self._ciphers:
            return
        if len(self._ciphers) >= MOST_CIPHERS:
            del self._ciphers[next(iter(self._ciphers))]
        self._ciphers[key, salt] = cipher

    def _decode(self, body: bytes) -> Message:
        try:
            message = self._decoder.decode(body)
        except (DecodeError, RecursionError) as error:
            raise Refused("unreadable") from error
        if message.v != VERSION:
            raise Refused("version")
        return message
