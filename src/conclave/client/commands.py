"""Slash commands from a client: asked once, whatever becomes of the connection, and offered."""

from conclave.client.desk import Desk
from conclave.client.errors import Lost
from conclave.protocol.commanding import AnswerCommand, Answered, AskCommand, Asked, Taken

# So often the connection may break while one waits.
_MOST_BREAKS = 3


async def ask_command(desk: Desk, room: str, name: str, text: str) -> Answered:
    """Ask under one id until there is an answer: the server asks the bot once."""
    id_ = desk.act(lambda talk, _now: talk.new_id())
    wanted = AskCommand(room, name, text)
    for _ in range(_MOST_BREAKS):
        try:
            found: Answered = await desk.ask(wanted, Answered, room, id_)
        except Lost:
            continue
        return found
    raise Lost(f"the connection broke before /{name} was answered")


async def answer_command(desk: Desk, asked: Asked, text: str, *, to_room: bool) -> Taken:
    wanted = AnswerCommand(asked.command, text, "room" if to_room else "asker")
    # Once in the room: there it is said, and a bot that is just coming back is in none.
    taken: Taken = await desk.ask(wanted, Taken, asked.room if to_room else None)
    return taken
