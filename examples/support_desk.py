"""A support desk: who asks gets a room with the staff, and a word if nobody answers in time."""

import asyncio
from dataclasses import dataclass
from typing import Annotated

from msgspec import Meta

from conclave import App, Connection, Controller, Draft, Durable, Event, Node, Reject, Request, on


class Ask(Event, type="desk:ask"):
    question: Annotated[str, Meta(min_length=1, max_length=2_000)]


class Waiting(Durable, type="desk:waiting"):
    minutes: int

    def words(self) -> str:
        return f"Nobody is at the desk just now. We answer within {self.minutes} minutes."


@dataclass(frozen=True)
class Staff:
    """The ids of who answers, and how long one waits for them before one is told so."""

    users: tuple[str, ...]
    patience_s: float = 60.0


class Desk(Controller):
    entries = (Waiting,)

    def __init__(self, node: Node, staff: Staff) -> None:
        super().__init__(node)
        self.staff = staff

    @on(Ask)
    async def ask(self, connection: Connection, event: Ask, request: Request) -> dict[str, str]:
        asker = connection.identity
        if asker is None or asker.user in self.staff.users:
            raise Reject("desk:staff", "You answer here")
        room, entries = await self.node.moderation.open_direct(asker, list(self.staff.users))
        self.node.relay.tell(entries)
        asked = await self.node.relay.send(
            Draft(room=room, user=asker.user, name=asker.name, text=event.question,
                  client_id=request.id)
        )  # fmt: skip
        # Of the node: the asker may have gone to make tea.
        self.node.tasks.start(self.wait(room, asked.seq))
        return {"room": room}

    async def wait(self, room: str, seq: int) -> None:
        await asyncio.sleep(self.staff.patience_s)
        page = await self.node.store.after(room, seq)
        if not any(entry.user in self.staff.users for entry in page.entries):
            await self.publish(room, Waiting(minutes=30), id=f"waiting-{seq}")


app = App(Desk, provide={Staff: lambda: Staff(("admin1",))})
