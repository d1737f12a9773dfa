"""Connections as the rules see them: who they are, and what was offered to them."""

from conclave.model import Identity
from conclave.protocol.codec import Packet


class Somebody:
    """A `ports.Connection` as far as rooms, presence and the hub look at one."""

    def __init__(self, user: str = "", address: str = "127.0.0.1") -> None:
        self.user = user
        self.address = address
        self.rooms: frozenset[str] = frozenset()
        self.identity = who(user) if user else None
        self.got: list[str] = []
        self.lost = 0
        # Whether it owes no sign of life.
        self.lives = True

    def offer(self, packet: Packet) -> None:
        self.got.append(packet.text.decode())

    @property
    def ear(self) -> "Somebody":
        return self

    def lose(self) -> None:
        self.lost += 1


def who(user: str) -> Identity:
    return Identity(user=user, name=user.title())
