"""The lists of the screen, rooms and messages, and the two cards above it: search and help."""

from collections.abc import Callable, Iterable
from typing import ClassVar, Final

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.message import Message
from textual.screen import ModalScreen
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from conclave.cli.chat.log import Shown
from conclave.cli.chat.words import HELP, begins, room_line, said, who
from conclave.cli.printable import printable
from conclave.model import Hit, RoomInfo

STYLES: Final = """
#rooms { width: 26; border: none; border-right: solid $foreground 30%; }
#log { border: none; height: 1fr; }
#head { height: 2; padding: 0 1; text-style: bold; }
#doing { height: auto; padding: 0 1; color: $text-muted; }
#latch { height: 1; padding: 0 1; }
.card { width: 76; max-width: 95%; height: auto; max-height: 80%; padding: 1 2;
    border: round $primary; background: $surface; }
#hits { height: auto; max-height: 16; }
Card { align: center middle; }
"""

Found = tuple[str, int]
Search = Callable[[str], object]


class RoomsList(OptionList):
    """The rooms; their places are kept by `names`, so that a name may be any text."""

    def __init__(self) -> None:
        super().__init__(id="rooms", markup=False)
        self.names: list[str] = []

    def show(self, rooms: Iterable[RoomInfo], now: str) -> None:
        known = list(rooms)
        self.names = [one.room for one in known]
        chosen = self.highlighted
        self.set_options([Option(Content(room_line(one))) for one in known])
        if chosen is not None and chosen < len(known) and self.has_focus:
            self.highlighted = chosen
        elif now in self.names:
            self.highlighted = self.names.index(now)


class LogView(OptionList):
    """The messages of one room; where the log begins, going up asks for older ones."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("r", "app.reply", "Reply"),
        Binding("e", "app.edit", "Edit"),
        Binding("d", "app.delete", "Delete"),
    ]

    class Older(Message):
        """Somebody is at the first message, and wants what was before it."""

    def __init__(self) -> None:
        super().__init__(id="log", markup=False)
        self.seqs: list[int] = []

    @property
    def chosen(self) -> int | None:
        """The number of the chosen message."""
        at = self.highlighted
        return self.seqs[at] if at is not None and at < len(self.seqs) else None

    @property
    def at_end(self) -> bool:
        return self.highlighted is None or self.highlighted >= len(self.seqs) - 1

    def show(self, lines: Iterable[Shown], choose: int | None) -> None:
        """Show *lines* and choose the one of this number, or the last."""
        known = list(lines)
        self.seqs = [one.seq for one in known]
        self.set_options([Option(drawn(one), id=str(one.seq)) for one in known])
        if known:
            self.highlighted = self.seqs.index(choose) if choose in self.seqs else len(known) - 1

    def add(self, shown: Shown) -> None:
        """Show one more; the view moves along only if its end was in sight."""
        follow = self.at_end
        self.seqs.append(shown.seq)
        self.add_option(Option(drawn(shown), id=str(shown.seq)))
        if follow:
            self.highlighted = len(self.seqs) - 1

    def draw(self, shown: Shown) -> None:
        if shown.seq in self.seqs:
            self.replace_option_prompt(str(shown.seq), drawn(shown))

    def action_cursor_up(self) -> None:
        # At the first it would go round to the last.
        if not self._asks_for_older():
            super().action_cursor_up()

    def action_page_up(self) -> None:
        if not self._asks_for_older():
            super().action_page_up()  # type: ignore[no-untyped-call]

    def action_first(self) -> None:
        if not self._asks_for_older():
            super().action_first()

    def action_cursor_down(self) -> None:
        if not self.at_end:
            super().action_cursor_down()

    def _asks_for_older(self) -> bool:
        at_first = self.highlighted in (None, 0)
        if at_first:
            self.post_message(self.Older())
        return at_first


def drawn(shown: Shown) -> Content:
    """Return a line as it is drawn; nothing in it is read as markup."""
    return Content.assemble(
        (begins(shown), "dim"), " ", (who(shown.line), "bold"), ": ", said(shown)
    )


class Card(ModalScreen[Found | None]):
    """Something above the screen that Esc takes away."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "close", "Back")]

    def action_close(self) -> None:
        self.dismiss(None)


class HelpCard(Card):
    def compose(self) -> ComposeResult:
        with Vertical(classes="card"):
            yield Static(HELP, markup=False)


class SearchCard(Card):
    """Asks for words and shows what they find; what is chosen is where it leads."""

    def __init__(self, search: Search) -> None:
        super().__init__()
        self._search = search
        self._hits: list[Hit] = []

    def compose(self) -> ComposeResult:
        with Vertical(classes="card"):
            yield Input(placeholder="Words, from:ann, in:general", id="words")
            yield OptionList(id="hits", markup=False)
            yield Static("", id="found", markup=False)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        event.stop()
        if words := event.value.strip():
            self._search(words)

    def tell(self, hits: list[Hit], problem: str = "", *, more: bool = False) -> None:
        """Show what was found, or why nothing was."""
        self._hits = hits
        shown = self.query_one("#hits", OptionList)
        shown.set_options([Option(_hit(one)) for one in hits])
        nothing = "" if hits else "No message has these words."
        many = "There is more: ask for more words." if more else ""
        self.query_one("#found", Static).update(Content(problem or nothing or many))
        if hits:
            shown.highlighted = 0
            shown.focus()

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        hit = self._hits[event.option_index]
        self.dismiss((hit.room, hit.seq))


_HIT: Final = "bold"


def _hit(hit: Hit) -> Content:
    pieces = [(printable(one.text), _HIT if one.hit else "") for one in hit.snippet]
    where = f"{printable(hit.room)} {hit.seq} {printable(hit.name)}: "
    return Content.assemble((where, "dim"), *pieces)
