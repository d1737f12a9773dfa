"""Dice for the chat: `conclave serve --demo --app examples.dice:Dice`, then send `dice:roll`."""

from secrets import randbelow

from conclave import Access, Connection, Controller, Event, Reject, on


class Roll(Event, type="dice:roll"):
    room: str
    sides: int = 6


class Rolled(Event, type="dice:rolled"):
    room: str
    user: str
    result: int


class Dice(Controller):
    @on(Roll, needs=Access.ROOM)
    async def roll(self, connection: Connection, roll: Roll) -> dict[str, int]:
        if roll.sides < 2:
            raise Reject("bad_request", "A die has at least two sides")
        result = 1 + randbelow(roll.sides)
        self.node.tell_room(roll.room, Rolled(roll.room, connection.user, result))
        return {"result": result}
