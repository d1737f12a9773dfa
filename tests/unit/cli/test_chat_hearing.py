"""What the terminal keeps of what it hears: of another log nothing counts that was."""

from conclave.cli.chat.hearing import Hearing
from conclave.client import Reset
from conclave.protocol.events import History


class Asked:
    """A client as far as marks go: it notes what is told to be read."""

    def __init__(self) -> None:
        self.read_up_to: list[int] = []

    def room(self, _name: str) -> "Asked":
        return self

    async def join(self, _name: str) -> None:
        """Nothing: who asks is in."""

    async def history(self) -> History:
        return page(9)

    async def read(self, seq: int) -> None:
        self.read_up_to.append(seq)


def page(upto: int) -> History:
    return History("general", [], "e", 1, upto, upto, more=False, reset=False)


async def test_a_log_that_began_anew_is_marked_as_read_from_its_own_numbers():
    client = Asked()
    hearing = Hearing(client, lambda: None, lambda *_: None, lambda _: None)  # type: ignore[arg-type]
    await hearing.open("general")
    await hearing.mark_read("general")
    await hearing._hear(Reset("general", "f", 1, 4, 4, []))
    await hearing.mark_read("general")
    await hearing.mark_read("general")
    assert client.read_up_to == [9, 4]
