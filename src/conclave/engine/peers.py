"""
The other nodes, as this one hears them: which are there, and what of theirs was heard.

A node is there for as long as its lease goes, and each message is a new one. Told the time by
the caller; knows no bus.
"""

from collections import OrderedDict
from dataclasses import dataclass
from math import inf
from typing import Final

# Seconds after which a node that says nothing is taken for dead …
LEASE: Final = 15.0
# … and after which something of it may have been lost.
SILENT: Final = 5.0
# A node that is taken for dead may be cut off alone, and go on: so often, and for so long, what it
# says to nobody may have been lost.
CUT_OFF_EVERY: Final = 15.0
CUT_OFF_FOR: Final = 3_600.0
# How far behind the newest a message may be that overtook others.
WINDOW: Final = 64
# Nodes that are remembered, the dead among them, whose messages nobody shall repeat.
MOST_KEPT: Final = 1_024


@dataclass(slots=True)
class Peer:
    life: int
    # The newest number, and which of the `WINDOW` before it were heard, as bits from it on.
    newest: int
    heard: int
    heard_at: float
    here: bool = True
    # When what it may have said is missed next; only of one that went without a word.
    missed_at: float = inf


class Peers:
    def __init__(self) -> None:
        self._peers: OrderedDict[str, Peer] = OrderedDict()

    def here(self) -> list[str]:
        """Return the nodes whose lease goes on."""
        return [node for node, peer in self._peers.items() if peer.here]

    def take(self, node: str, life: int, number: int, now: float) -> int | None:
        """
        Note message *number* of *node*; return how many before it are missing.

        None: it was heard before, or is older than anything that could come, and is nothing.
        """
        peer = self._peers.get(node)
        if peer is None or life > peer.life:
            self._remember(node, Peer(life, number, 1, now))
            # Who comes with the first it ever said has said nothing before.
            return 0 if (life, number) == (1, 1) else 1
        if life < peer.life:
            return None
        missing = _advance(peer, number)
        if missing is not None:
            peer.heard_at, peer.here, peer.missed_at = now, True, inf
            self._peers.move_to_end(node)
        return missing

    def newest(self, node: str) -> int:
        """Return the number of what *node* said last, as far as it was heard."""
        return self._peers[node].newest

    def _remember(self, node: str, peer: Peer) -> None:
        self._peers[node] = peer
        self._peers.move_to_end(node)
        if len(self._peers) > MOST_KEPT:
            self._peers.popitem(last=False)

    def part(self, node: str) -> None:
        """*node* has said that it goes."""
        if (peer := self._peers.get(node)) is not None:
            peer.here = False

    def silent(self, now: float) -> bool:
        """Return whether one that is there, or went without a word, may have said something."""
        # Of each, not of the first: else the others were due a second later.
        return sum(self._is_silent(peer, now) for peer in self._peers.values()) > 0

    @staticmethod
    def _is_silent(peer: Peer, now: float) -> bool:
        if peer.here:
            return now - peer.heard_at > SILENT
        if now < peer.missed_at:
            return False
        peer.missed_at = now + CUT_OFF_EVERY if now - peer.heard_at < CUT_OFF_FOR else inf
        return True

    def bury(self, now: float) -> list[str]:
        """Return whose lease has just ended."""
        dead = [n for n, peer in self._peers.items() if peer.here and now - peer.heard_at > LEASE]
        for node in dead:
            self._peers[node].here, self._peers[node].missed_at = False, now + CUT_OFF_EVERY
        return dead

    def renew(self, now: float) -> None:
        """Begin all leases anew: it was we who heard nothing."""
        for peer in self._peers.values():
            if peer.here:
                peer.heard_at = now


def _advance(peer: Peer, number: int) -> int | None:
    ahead = number - peer.newest
    if ahead > 0:
        # A shift by as much as somebody with the key likes would fill the memory.
        peer.heard = (peer.heard << min(ahead, WINDOW) | 1) & ((1 << WINDOW) - 1)
        peer.newest = number
        return ahead - 1
    bit = 1 << -ahead if -ahead < WINDOW else 0
    if not bit or peer.heard & bit:
        return None
    peer.heard |= bit
    return 0
