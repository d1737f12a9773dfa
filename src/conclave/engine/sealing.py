"""
Messages between nodes: JSON, encrypted with the cluster's key.

AES-256-GCM: a packet is the nonce and what was encrypted. Who hears the bus without the key learns
nothing, since what nobody keeps, such as a notice, has what somebody said. What is not of this
cluster is told from the rest before anything of it is decoded.
"""

import secrets
from collections.abc import Callable, Sequence
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

    def close(self, message: Message) -> bytes:
        return self._sealed(encode(message))

    def _sealed(self, body: bytes) -> bytes:
        nonce = secrets.token_bytes(_NONCE_BYTES)
        return nonce + AESGCM(self._keys()[0]).encrypt(nonce, body, self._channel)

    def open(self, packet: bytes) -> Message:
        """Return what *packet* says; raises `Refused`."""
        if len(packet) > MOST_BYTES:
            raise Refused("oversize")
        for key in self._keys():
            if (body := self._opened(key, packet)) is not None:
                return self._decode(body)
        raise Refused("forged")

    def _opened(self, key: bytes, packet: bytes) -> bytes | None:
        nonce, body = packet[:_NONCE_BYTES], packet[_NONCE_BYTES:]
        try:
            return AESGCM(key).decrypt(nonce, body, self._channel)
        except (InvalidTag, ValueError):
            # ValueError: too short to be anything.
            return None

    def _decode(self, body: bytes) -> Message:
        try:
            message = self._decoder.decode(body)
        except (DecodeError, RecursionError) as error:
            raise Refused("unreadable") from error
        if message.v != VERSION:
            raise Refused("version")
        return message
