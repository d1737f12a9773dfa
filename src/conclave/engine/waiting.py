"""
What a node has to say and has not said yet, melted: of a room or a person the newest alone.

So what waits for a slow bus is bounded by how many there are, and by a cap above which it is
only known that something was left away.
"""

from collections import deque
from collections.abc import Iterator
from typing import Final

from msgspec import Struct

from conclave.engine.presences import Said
from conclave.engine.sealing import Anew, Hint, Message, Spent, Whisper
from conclave.ports.engine import Ears
from conclave.protocol.codec import Packet

# Rooms or people of which something may wait, of each kind, and how many are said at once: with
# the longest names there are that is less than a packet may have.
MOST_WAITING: Final = 20_000
AT_ONCE: Final = 100


# Events that nobody keeps: how many may wait, and how many bytes of them go into one message.
MOST_WHISPERS: Final = 1_000
WHISPER_BYTES: Final = 32_768


class Taken(Struct, frozen=True):
    """What goes into one message."""

    hints: list[Hint]
    doubts: list[str]
    anew: list[Anew]
    spent: list[Spent]
    say: list[Whisper]
    lost: bool

    def message(
        self, node: str, life: int, n: int, own: Said, ask: list[str], bye: bool
    ) -> Message:
        """Return all of it, and what *own* says, as what *node* says next."""
        return Message(
            node=node,
            life=life,
            n=n,
            hints=self.hints,
            doubts=self.doubts,
            anew=self.anew,
            spent=self.spent,
            say=self.say,
            edition=own.edition,
            here=own.here,
            whole=own.whole,
            ask=ask,
            lost=self.lost,
            bye=bye,
        )


class Waiting:
    def __init__(self) -> None:
        self._hints: dict[tuple[str, str], int] = {}
        self._doubts: dict[str, None] = {}
        self._anew: dict[tuple[str, str], None] = {}
        self._spent: dict[tuple[int, str], int] = {}
        self._say: deque[Whisper] = deque()
        self._lost = False
        # How much was left away since the start.
        self.dropped = 0

    def __bool__(self) -> bool:
        kept = self._hints or self._doubts or self._anew or self._spent
        return bool(kept or self._say or self._lost)

    def __len__(self) -> int:
        people = max(len(self._doubts), len(self._anew), len(self._spent))
        return max(len(self._hints), people)

    def hint(self, epoch: str, room: str, seq: int) -> bool:
        """Keep it; return whether that is news."""
        key = epoch, room
        known = self._hints.get(key, -1)
        if seq <= known or (known < 0 and self._full(len(self._hints))):
            return False
        self._hints[key] = seq
        return True

    def doubt(self, user: str) -> bool:
        """Keep it; return whether that is news."""
        if user in self._doubts or self._full(len(self._doubts)):
            return False
        self._doubts[user] = None
        return True

    def renew(self, user: str, room: str) -> bool:
        """Keep it; return whether that is news."""
        if (user, room) in self._anew or self._full(len(self._anew)):
            return False
        self._anew[user, room] = None
        return True

    def spend(self, cost: int, user: str, tokens: int) -> bool:
        """Keep it, as far as there is room: who spends much spends again; return whether."""
        key = cost, user
        if key not in self._spent and len(self._spent) >= MOST_WAITING:
            return False
        self._spent[key] = self._spent.get(key, 0) + tokens
        return True

    def whisper(self, whisper: Whisper) -> bool:
        """Keep it, as far as there is room; return whether."""
        if len(self._say) >= MOST_WHISPERS or len(whisper.text.encode()) > WHISPER_BYTES:
            self.dropped += 1
            return False
        self._say.append(whisper)
        return True

    def _whispers(self) -> Iterator[Whisper]:
        room = WHISPER_BYTES
        while self._say and (room := room - len(self._say[0].text.encode())) >= 0:
            yield self._say.popleft()

    def _full(self, count: int) -> bool:
        if count < MOST_WAITING:
            return False
        self._lost = True
        self.dropped += 1
        return True

    def take(self) -> Taken:
        """Return the oldest of it, as much as one message may have; it waits no longer."""
        rooms, users = [*self._hints][:AT_ONCE], [*self._doubts][:AT_ONCE]
        hints = [Hint(*key, self._hints.pop(key)) for key in rooms]
        for user in users:
            del self._doubts[user]
        pairs = [*self._anew][:AT_ONCE]
        for pair in pairs:
            del self._anew[pair]
        anew = [Anew(*pair) for pair in pairs]
        keys = [*self._spent][:AT_ONCE]
        spent = [Spent(*key, self._spent.pop(key)) for key in keys]
        lost, self._lost = self._lost, False
        return Taken(hints, users, anew, spent, [*self._whispers()], lost)

    def give_back(self, taken: Taken) -> None:
        """It could not be said; what nobody keeps is not said late."""
        self._lost |= taken.lost
        for hint in taken.hints:
            self.hint(hint.epoch, hint.room, hint.seq)
        for user in taken.doubts:
            self.doubt(user)
        for pair in taken.anew:
            self.renew(pair.user, pair.room)
        for one in taken.spent:
            self.spend(one.cost, one.user, one.tokens)


def tell_news(message: Message, ears: Ears) -> None:
    """Tell *ears* what another node had to say, but for who is where."""
    for hint in message.hints:
        ears.hinted(hint.epoch, hint.room, hint.seq)
    for user in message.doubts:
        ears.doubted(user)
    for pair in message.anew:
        ears.renewed(pair.user, pair.room)
    for said in message.say:
        ears.whispered(said.room, said.user, Packet(said.text.encode()), said.alone)
    for one in message.spent:
        ears.spent(one.cost, one.user, one.tokens)
