"""
The screen: rooms, one log, the message field, and a status line; what happens on it.

It draws what `log` knows in the `words` that are safe, and asks the Python client for the rest,
which comes back by itself when the connection breaks.
"""

from collections.abc import Callable, Coroutine
from contextlib import suppress
from typing import Any, ClassVar, Final

from textual.app import App, ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.screen import Screen
from textual.widgets import Footer, Input, OptionList, Static

from conclave.cli.chat.commands import field, write
from conclave.cli.chat.files import sent_file
from conclave.cli.chat.hearing import Hearing
from conclave.cli.chat.log import Log
from conclave.cli.chat.views import STYLES, Found, HelpCard, LogView, RoomsList, SearchCard
from conclave.cli.chat.words import head_line, latch, next_unread
from conclave.cli.printable import printable
from conclave.client import Client, ClientError, State, Stopped
from conclave.protocol.errors import Reject

_TICK_S: Final = 0.5
_MOST_HITS: Final = 50


class Chat(App[None]):
    """The chat of *client*; `problem` says why it ended, if it did by itself."""

    CSS = STYLES
    ENABLE_COMMAND_PALETTE = False
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f1", "help", "Keys", priority=True),
        Binding("ctrl+f", "search", "Search", priority=True),
        Binding("ctrl+n", "next", "Next new", priority=True),
        Binding("escape", "give_up", "Back", show=False),
        Binding("ctrl+q", "quit", "Leave", priority=True),
    ]

    def __init__(self, client: Client) -> None:
        super().__init__()
        self.client = client
        self.problem = ""
        self.hearing = Hearing(client, self.draw_rooms, self.draw_log, self.tell)
        self.room = ""
        # What the message field is for: a new message, or one to be edited or answered.
        self._edits: int | None = None
        self._answers: int | None = None
        # A page of long ago that a search led to, in place of the log's end.
        self._past: Log | None = None
        self._waiting = 0

    # ── what is there ──────────────────────────────────────────────────────────────────

    def compose(self) -> ComposeResult:
        with Horizontal():
            yield RoomsList()
            with Vertical():
                yield Static("", id="head", markup=False)
                yield LogView()
                yield Static("", id="doing", markup=False)
                yield field(lambda: self.client.room(self.room) if self.room else None)
        yield Static("", id="latch", markup=False)
        yield Footer()

    def on_mount(self) -> None:
        self.below.query_one(Input).focus()
        self.set_interval(_TICK_S, self.draw_latch)
        self._do(self._listen)

    async def _listen(self) -> None:
        try:
            async with self.client:
                await self.hearing.listen()
        except Stopped as end:
            self.problem = f"the server sent you away: {end}"
        self.draw_latch()

    @property
    def log_shown(self) -> Log | None:
        return self._past or self.hearing.logs.get(self.room)

    @property
    def below(self) -> Screen[Any]:
        """What lies below all cards: what is told meanwhile is drawn there."""
        return self.screen_stack[0]

    # ── drawing ────────────────────────────────────────────────────────────────────────

    def draw_rooms(self) -> None:
        rooms = self.hearing.listed
        self.below.query_one(RoomsList).show(rooms, self.room)
        if not self.room and rooms:
            self.open_room(rooms[0].room)
        elif self.room in self.hearing.rooms and self.room not in self.hearing.logs:
            # The connection broke before it was open.
            room = self.room
            self._do(lambda: self.hearing.open(room))
        self.draw_head()

    def draw_head(self) -> None:
        info, presence = self.hearing.rooms.get(self.room), self.hearing.present.get(self.room)
        count, users = (0, []) if presence is None else (presence.count, presence.users)
        if self.room:
            self.below.query_one("#head", Static).update(
                Content(head_line(info, self.room, count, users))
            )

    def draw_log(self, room: str, seqs: tuple[int, ...] | None, added: bool) -> None:
        """Draw what is another line now, or came; None: all of it."""
        view, log = self.below.query_one(LogView), self.hearing.logs.get(room)
        if room != self.room or log is None or self._past is not None:
            return
        if seqs is None:
            view.show(log.lines.values(), view.chosen if not view.at_end else None)
        for seq in seqs or ():
            view.draw(log.lines[seq])
        if added and log.lines:
            view.add(next(reversed(log.lines.values())))
        self._mark_read()
        self.draw_head()

    def draw_latch(self) -> None:
        me, reason = self.client.me if self.hearing.begun else None, self.hearing.reason
        state = self.client.state if self.hearing.begun else State.IDLE
        retry = self.client.retry_in if self.hearing.begun else None
        said = latch(state, "" if me is None else me.name, retry, reason, self._waiting)
        # It ticks: while the program ends there may be none any more.
        for line in self.below.query("#latch").results(Static):
            line.update(Content(said))

    def tell(self, what: str) -> None:
        """Say something above the message field; "" takes it away."""
        self.below.query_one("#doing", Static).update(Content(printable(what)))

    # ── rooms ──────────────────────────────────────────────────────────────────────────

    def open_room(self, room: str) -> None:
        self.room, self._past = room, None
        self._forget_what_was_begun()
        self.below.query_one(LogView).show((), None)
        self.draw_log(room, None, False)
        self.draw_head()
        self._do(lambda: self.hearing.open(room))

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        rooms = self.below.query_one(RoomsList)
        if event.option_list is rooms:
            self.open_room(rooms.names[event.option_index])
            self.below.query_one(Input).focus()

    def action_next(self) -> None:
        if (found := next_unread(self.hearing.listed, self.room)) is not None:
            self.open_room(found)

    def _mark_read(self) -> None:
        room, view = self.room, self.below.query_one(LogView)
        if self._past is None and view.at_end:
            self._do(lambda: self.hearing.mark_read(room))

    # ── what was before ────────────────────────────────────────────────────────────────

    def on_log_view_older(self) -> None:
        log = self.log_shown
        if log is not None and log.more:
            self._do(lambda: self._older(log))

    async def _older(self, log: Log) -> None:
        view, chosen = self.below.query_one(LogView), log.first
        page = await self.client.room(log.room).history(before=chosen)
        if log.take_older(page) and log is self.log_shown:
            view.show(log.lines.values(), chosen)

    def action_search(self) -> None:
        card = SearchCard(lambda words: self._do(lambda: self._search(card, words)))
        self.push_screen(card, self._go_to)

    async def _search(self, card: SearchCard, words: str) -> None:
        try:
            found = await self.client.search(words, limit=_MOST_HITS)
        except (Reject, ClientError) as no:
            card.tell([], printable(str(no)))
        else:
            card.tell(found.hits, more=found.more)

    def _go_to(self, found: Found | None) -> None:
        if found is not None:
            room, seq = found
            if room != self.room:
                self.open_room(room)
            self._do(lambda: self._show_past(room, seq))

    async def _show_past(self, room: str, seq: int) -> None:
        page = await self.client.room(room).history(around=seq)
        if room != self.room:
            return
        self._past = Log(room)
        self._past.begin(page)
        view = self.below.query_one(LogView)
        view.show(self._past.lines.values(), seq)
        view.focus()
        self.tell(f"Around number {seq}. Esc leads back to the newest.")

    # ── writing ────────────────────────────────────────────────────────────────────────

    def on_input_submitted(self, event: Input.Submitted) -> None:
        text, room = event.value.strip(), self.room
        if not text or not room:
            return
        edits, answers = self._edits, self._answers
        event.input.value = ""
        self._forget_what_was_begun()
        self._do(lambda: self._write(room, text, edits, answers))

    async def _write(self, name: str, text: str, edits: int | None, answers: int | None) -> None:
        room = self.client.room(name)
        self._waiting += 1
        try:
            if edits is None and (file := await sent_file(self.client, name, text)) is not None:
                await room.send("", reply_to=answers, attachments=[file])
            elif said := await write(room, text, edits, answers):
                self.tell(said)
        finally:
            self._waiting -= 1

    def action_reply(self) -> None:
        if (seq := self.below.query_one(LogView).chosen) is not None:
            self._begin(f"Replying to number {seq}. Esc: not at all.", "", answers=seq)

    def action_edit(self) -> None:
        if (shown := self._own()) is not None:
            seq, text = shown
            # The field has one line.
            one_line = " ".join(text.split("\n"))
            self._begin(f"Editing number {seq}. Esc: not at all.", one_line, edits=seq)

    def action_delete(self) -> None:
        if (shown := self._own()) is not None:
            seq, room = shown[0], self.client.room(self.room)
            self._do(lambda: room.delete(seq))

    def _own(self) -> tuple[int, str] | None:
        """Return the chosen message, if one may change it; else say why not."""
        seq, log, me = self.below.query_one(LogView).chosen, self.log_shown, self.client.me
        shown = None if seq is None or log is None else log.lines.get(seq)
        if shown is None or me is None or shown.deleted:
            return None
        if shown.line.type != "message" or shown.line.user_id != me.id:
            self.tell("That is not your message.")
            return None
        return shown.seq, shown.text

    def _begin(
        self, what: str, text: str, *, edits: int | None = None, answers: int | None = None
    ) -> None:
        self._edits, self._answers = edits, answers
        self.tell(what)
        field = self.below.query_one(Input)
        field.value = text
        field.cursor_position = len(text)
        field.focus()

    def _forget_what_was_begun(self) -> None:
        if self._edits is not None:
            self.below.query_one(Input).value = ""
        self._edits = self._answers = None
        self.tell("")

    # ── keys ───────────────────────────────────────────────────────────────────────────

    def action_help(self) -> None:
        self.push_screen(HelpCard())

    def action_give_up(self) -> None:
        """Leave what was begun, and the past."""
        self._forget_what_was_begun()
        if self._past is not None:
            self._past = None
            self.draw_log(self.room, None, False)
        self.below.query_one(Input).focus()

    def _do(self, work: Callable[[], Coroutine[Any, Any, Any]]) -> None:
        """Do *work* beside the screen; what the server says no to is said."""

        async def attempt() -> None:
            try:
                await work()
            except Reject as no:
                self.tell(f"Not done: {no.message}")
            except (ClientError, OSError) as error:
                with suppress(Exception):
                    self.tell(f"Not done: {error}")

        self.run_worker(attempt(), exit_on_error=True)
