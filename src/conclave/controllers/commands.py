"""
Slash commands: what bots and the application offer, who asks, and the one answer.

A request `command` is acknowledged with its answer, when that comes, or refused. Asked again
under the same id it is not asked twice: it waits for the same answer, or is told it once more.
"""

import asyncio
import secrets
from collections.abc import Awaitable, Callable
from typing import Final

import structlog
from msgspec import UNSET
from msgspec.structs import replace

from conclave.controllers.dispatch import Access, Controller, Request, on
from conclave.controllers.hooks import every, on_start
from conclave.controllers.node import Node
from conclave.controllers.sending import draft_of
from conclave.controllers.serving import ForAll, Said, offers_of
from conclave.controllers.telling import who
from conclave.core.commands import WITHIN, About, Call, Calls, Command, Key, Offers
from conclave.core.permissions import is_at_least
from conclave.core.ratelimit import Cost
from conclave.core.reaching import reaches
from conclave.core.text import clean_text
from conclave.core.turns import Turn
from conclave.model import SYSTEM, Act, CommandInfo, Draft, Identity, Role
from conclave.ports import Connection
from conclave.protocol.commanding import (
    AnswerCommand,
    Answered,
    AskCommand,
    Asked,
    CommandsOf,
    ListCommands,
    OfferCommands,
    Taken,
)
from conclave.protocol.errors import Code, Reject
from conclave.protocol.state import MESSAGE

log = structlog.get_logger(__name__)

_KEY_BYTES: Final = 8

Answer = Callable[[Asked], Awaitable[Said]]


class Commands(Controller):
    def __init__(self, node: Node) -> None:
        super().__init__(node)
        self._offers: Offers = node.commands
        self._calls: Calls[Request] = Calls()

    @on_start
    async def offer_own(self) -> None:
        self._offers.offer(None, [one.command for one in self.commands.values()], _never)

    # ── what there is ──────────────────────────────────────────────────────────────────

    @on(OfferCommands, costs=Cost.READ, act=Act.ANSWER)
    async def offer(self, connection: Connection, event: OfferCommands) -> None:
        by = who(connection)
        offers = offers_of(by, event.commands)
        self._offers.offer(by.user, offers, self._is_here)

    @on(ListCommands, needs=Access.ROOM, turn=Turn.READ, costs=Cost.READ, act=Act.READ)
    async def list(self, connection: Connection, event: ListCommands) -> CommandsOf:
        found: dict[str, CommandInfo] = {}
        role = await self.node.store.member(event.room, connection.user)
        for one in self._offers.in_room(event.room):
            if one.name in found or not is_at_least(role, one.least):
                continue
            if await self._is_in(one, event.room):
                found[one.name] = self._info(one, event.room)
        return CommandsOf(event.room, list(found.values()))

    async def _is_in(self, offered: Command, room: str) -> bool:
        """Return whether who offers it is of *room*: a bot hears nothing of other rooms."""
        return offered.bot is None or await self.node.store.member(room, offered.bot) is not None

    def _info(self, one: Command, room: str) -> CommandInfo:
        answering = one.bot is None or one.bot in self._offers.answering
        here = answering or self._ear(one.bot or "", room) is not None
        return info_of(one, here=here)

    def _is_here(self, bot: str) -> bool:
        return bot in self._offers.answering or bool(self.node.hub.of(bot))

    def _ear(self, bot: str, room: str) -> Connection | None:
        """Return the connection by which *bot* hears what is asked in *room*."""
        here = [one for one in self.node.hearing(bot, room) if room in one.rooms]
        return here[-1] if here else None

    # ── asking ─────────────────────────────────────────────────────────────────────────

    @on(AskCommand, needs=Access.ROOM, act=Act.WRITE, answers=Answered)
    async def ask(self, connection: Connection, event: AskCommand, request: Request) -> None:
        if request.id is None:
            raise Reject(Code.BAD_REQUEST, "A command has an id: its answer goes by it")
        text = clean_text(event.text, self.node.limits, may_be_empty=True)
        key, about = (connection.user, request.id), (event.room, event.name, text)
        call = self._calls.repeated(key, about)
        if call is None:
            offered = await self._offered(connection, event)
            # Asked twice at once it is the same asking.
            call = self._calls.repeated(key, about) or self._begin(offered, key, about, connection)
        if call.outcome is not None:
            self._tell(request, call)
        else:
            request.defer()
            call.waiting.append(request)

    async def _offered(self, connection: Connection, event: AskCommand) -> Command:
        """Return the command that is asked, if who asks may; raises `no_such_command`."""
        by = who(connection)
        await self.node.moderation.check(Act.WRITE, event.room, by)
        role = await self.node.store.member(event.room, by.user)
        for one in self._offers.in_room(event.room):
            if one.name == event.name and await self._is_in(one, event.room):
                if not is_at_least(role, one.least):
                    raise Reject(Code.FORBIDDEN, f"/{one.name} takes {one.least} of the room")
                return one
        raise Reject(Code.NO_SUCH_COMMAND)

    def _begin(
        self,
        offered: Command,
        key: Key,
        about: About,
        connection: Connection,
    ) -> Call[Request]:
        room, name, text = about
        answering = self._answering(offered)
        ear = None if answering is not None else self._ear(offered.bot or "", room)
        if answering is None and ear is None:
            raise Reject(Code.AWAY)
        call: Call[Request] = Call(secrets.token_hex(_KEY_BYTES), key, about, offered.bot)
        self._calls.begin(call, self.node.clock.monotonic())
        by = who(connection)
        asked = Asked(call.id, room, name, text, by.user, by.name)
        if ear is not None:
            ear.tell(asked)
        elif answering is not None:
            work = self._answer_own(answering, _speaker(offered), call, asked)
            self.node.tasks.start(work, of=room)
        return call

    def _answering(self, offered: Command) -> Answer | None:
        """Return who answers here, in the place of a bot that has a connection."""
        if offered.bot is None:
            return self.commands[offered.name].answer
        ask = self._offers.answering.get(offered.bot)
        if ask is None:
            return None

        async def answer(asked: Asked) -> Said:
            text, for_all = await ask(asked)
            return ForAll(text) if for_all else text

        return answer

    # ── answering ──────────────────────────────────────────────────────────────────────

    @on(AnswerCommand, act=Act.ANSWER)
    async def answer(self, connection: Connection, event: AnswerCommand) -> Taken:
        by = who(connection)
        call = self._calls.of_bot(event.command, by.user)
        if not reaches(by, call.about[0]):
            raise Reject(Code.NOT_FOUND)
        text = clean_text(event.text, self.node.limits)
        room, name, _ = call.about
        if isinstance(call.outcome, Answered):
            # Its ack was lost: it is not said twice.
            return Taken(call.id, call.outcome.seq)
        done = Answered(command=call.id, name=name, user_name=by.name, user=by.user)
        if event.to == "asker":
            done = replace(done, text=text)
        else:
            if room not in connection.rooms:
                raise Reject(Code.NOT_IN_ROOM)
            draft = draft_of(
                by, room, MESSAGE, text=text, extra={"bot": True}, client_id=f"command.{call.id}"
            )
            done = replace(done, seq=await self._store(call, draft))
        self._end(call, done)
        return Taken(call.id, done.seq)

    async def _store(self, call: Call[Request], draft: Draft) -> int:
        """Say it to the room, once however often it comes; return its number."""
        call.storing = True
        try:
            return (await self.node.relay.send(draft)).seq
        finally:
            call.storing = False

    async def _answer_own(
        self, answer: Answer, by: Identity, call: Call[Request], asked: Asked
    ) -> None:
        """Let the application or an address answer, and whatever comes of it be the outcome."""
        outcome: object = Reject(Code.UNANSWERED)
        try:
            async with asyncio.timeout(WITHIN):
                said = await answer(asked)
            # What is being stored does not come too late: it will be read.
            outcome = await self._said(call, by, asked, said)
        except TimeoutError:
            log.warning("command_too_slow", command=asked.name)
        except Reject as no:
            outcome = no
        except Exception:
            log.exception("command_failed", command=asked.name)
            outcome = Reject(Code.INTERNAL)
        finally:
            self._end(call, outcome)

    async def _said(self, call: Call[Request], by: Identity, asked: Asked, said: Said) -> Answered:
        bot = by is not SYSTEM
        user = by.user if bot else UNSET
        done = Answered(command=call.id, name=asked.name, user_name=by.name, user=user)
        if not isinstance(said, ForAll):
            return replace(done, text=clean_text(said, self.node.limits, may_be_empty=True))
        text, extra = clean_text(said.text, self.node.limits), {"bot": True} if bot else {}
        key = f"command.{call.id}"
        draft = draft_of(by, asked.room, MESSAGE, text=text, extra=extra, client_id=key)
        return replace(done, seq=await self._store(call, draft))

    @every(0.5)
    async def give_up(self) -> None:
        """Tell those who were not answered in time."""
        for call in self._calls.late(self.node.clock.monotonic()):
            self._end(call, Reject(Code.UNANSWERED))

    def _end(self, call: Call[Request], outcome: object) -> None:
        for request in self._calls.end(call, outcome, self.node.clock.monotonic()):
            self._tell(request, call)

    def _tell(self, request: Request, call: Call[Request]) -> None:
        """Tell who asked what came of it, if they are there still."""
        outcome = call.outcome
        if call.about[0] not in request.connection.rooms:
            outcome = Reject(Code.NOT_IN_ROOM)
        if isinstance(outcome, Reject):
            self.node.meters.refused.add(outcome.code)
            request.refuse(outcome)
        else:
            request.ack(outcome)


def _speaker(offered: Command) -> Identity:
    """Return who says to the room what is answered here."""
    if offered.bot is None:
        return SYSTEM
    return Identity(user=offered.bot, name=offered.bot_name, role=Role.BOT)


def _never(_bot: str) -> bool:
    return False


def offered_of(node: Node) -> list[CommandInfo]:
    """Return all that is offered, for who looks after bots; *here*: connected at all."""
    offering = {one.bot for one in node.commands if one.bot is not None}
    here: set[str | None] = {bot for bot in offering if node.hub.of(bot)}
    here |= {None, *node.commands.answering}
    found = [info_of(one, here=one.bot in here) for one in node.commands]
    return sorted(found, key=lambda one: (one.name, one.room or ""))


def info_of(one: Command, *, here: bool) -> CommandInfo:
    return CommandInfo(
        name=one.name,
        about=one.about,
        hint=one.hint,
        user=one.bot,
        user_name=one.bot_name,
        here=here,
        room=one.room,
    )
