"""
Slash commands as rules: who offers what, and who was asked and has not answered yet.

Nothing of it is stored: a bot offers its commands on each connection, and who asks hears within
seconds. One that has gone keeps its names, so that people read that it is away, until another
bot wants them.
"""

from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping
from typing import Any, Final, Generic, TypeVar

from msgspec import Struct

from conclave.model import RoomRole
from conclave.protocol.errors import Code, Reject

# Seconds that a bot may take, and that an answer is kept for who asks the same once more.
WITHIN: Final = 10.0
KEPT: Final = 60.0
# Askings of one user, and of all, that wait or are kept.
_MOST_OF_ONE: Final = 50
_MOST: Final = 2_000

W = TypeVar("W")

# Called with what is asked; returns a text, and whether it is for all.
Answering = Callable[[Any], Awaitable[tuple[str, bool]]]

Key = tuple[str, str]
About = tuple[str, str, str]


class Command(Struct, frozen=True, kw_only=True):
    """One command that is offered; *bot* None: by the application on this server."""

    name: str
    about: str = ""
    hint: str = ""
    room: str | None = None
    least: RoomRole = RoomRole.MEMBER
    # Where what offers it is good; None: in all rooms of the bot.
    rooms: frozenset[str] | None = None
    bot: str | None = None
    bot_name: str = ""


class Offers:
    """What is offered; names are looked up per room, what is of one room alone first."""

    def __init__(self) -> None:
        self._of: dict[str | None, list[Command]] = {}
        # Who answers in the place of a bot without a connection.
        self.answering: dict[str, Answering] = {}

    def serve(self, served: Mapping[str, tuple[Command, Answering]]) -> None:
        """Let addresses answer for these bots, and for no others any more."""
        for bot in self.answering.keys() - served.keys():
            self._of.pop(bot, None)
        for bot, (command, _) in served.items():
            self._of[bot] = [command]
        self.answering = {bot: answer for bot, (_, answer) in served.items()}

    def __iter__(self) -> Iterator[Command]:
        return (one for offered in self._of.values() for one in offered)

    def offer(
        self, bot: str | None, commands: Iterable[Command], here: Callable[[str], bool]
    ) -> None:
        """
        Let *bot* offer *commands* and nothing else; raises `name_taken`, and changes nothing.

        A name is another's while that is *here*, and the application's always.
        """
        wanted = list(commands)
        taken = {(one.room, one.name): one.bot for one in self if one.bot != bot}
        for one in wanted:
            holder = taken.get((one.room, one.name), "")
            if holder is None or (holder and here(holder)):
                raise Reject(Code.NAME_TAKEN, f"Another answers /{one.name} there")
        mine = {(one.room, one.name) for one in wanted}
        for other, offered in self._of.items():
            if other != bot:
                offered[:] = [one for one in offered if (one.room, one.name) not in mine]
        self._of[bot] = wanted
        if not wanted:
            del self._of[bot]

    def in_room(self, room: str) -> list[Command]:
        """
        Return what is offered in *room*, by name; the first of a name goes before others.

        The application's own names are nobody else's: people trust them in every room.
        """
        found = [
            one
            for one in self
            if one.room in (None, room) and (one.rooms is None or room in one.rooms)
        ]
        return sorted(found, key=lambda one: (one.name, one.bot is not None, one.room is None))


class Call(Generic[W]):
    """One asking. *waiting* are those who wait for its outcome."""

    __slots__ = ("about", "bot", "due", "id", "key", "outcome", "storing", "waiting")

    def __init__(self, id_: str, key: Key, about: About, bot: str | None) -> None:
        self.id = id_
        # Who asked, and the id of their request.
        self.key = key
        # The room, the name and what stands behind it: the same key with another is no repetition.
        self.about = about
        self.bot = bot
        self.due = 0.0
        # What became of it; None: not answered yet.
        self.outcome: object | None = None
        # While its answer is being stored it does not come too late.
        self.storing = False
        self.waiting: list[W] = []


class Calls(Generic[W]):
    """Askings that wait, and those whose outcome is kept for who asks once more."""

    def __init__(self) -> None:
        self._by_id: dict[str, Call[W]] = {}
        self._by_key: dict[Key, Call[W]] = {}

    def __len__(self) -> int:
        return len(self._by_id)

    def begin(self, call: Call[W], now: float) -> None:
        """Note *call*; raises `busy` for who asks too much at a time."""
        user = call.key[0]
        if len(self) >= _MOST or sum(key[0] == user for key in self._by_key) >= _MOST_OF_ONE:
            raise Reject(Code.BUSY, "Too many commands wait for their answer")
        call.due = now + WITHIN
        self._by_id[call.id] = self._by_key[call.key] = call

    def repeated(self, key: Key, about: About) -> Call[W] | None:
        """Return the asking that this one repeats; raises `id_reused` for another one."""
        call = self._by_key.get(key)
        if call is not None and call.about != about:
            raise Reject(Code.ID_REUSED)
        return call

    def of_bot(self, id_: str, bot: str) -> Call[W]:
        """Return what *bot* was asked; raises `not_found`, also where it is too late."""
        call = self._by_id.get(id_)
        if call is None or call.bot != bot or isinstance(call.outcome, Reject):
            raise Reject(Code.NOT_FOUND)
        return call

    def end(self, call: Call[W], outcome: object, now: float) -> list[W]:
        """Say what became of *call*, once; return those who are to be told."""
        if call.outcome is not None:
            return []
        call.outcome, call.due = outcome, now + KEPT
        waiting, call.waiting = call.waiting, []
        return waiting

    def late(self, now: float) -> list[Call[W]]:
        """Forget what was kept long enough; return those that have not been answered in time."""
        over = [call for call in self._by_id.values() if call.due <= now and not call.storing]
        for call in over:
            if call.outcome is not None:
                del self._by_id[call.id], self._by_key[call.key]
        return [call for call in over if call.outcome is None]
