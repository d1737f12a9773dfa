"""
Testing what is built on Conclave: a real server and its clients, in your own process.

    async def test_a_roll_is_told_to_the_room():
        async with testing.serve(App(Dice)) as server, server.client() as john:
            await john.ask("join:room", room="general")
            await john.ask("dice:roll", room="general")
            await john.expect("dice:rolled", user="user1")

Nothing is mocked: sockets, the database and the clock are real, but the clock can be
turned. What `python -m conclave.testing` does is in `echo`.
"""

from conclave.testing.client import Client
from conclave.testing.clock import TurnedClock
from conclave.testing.node import Server, serve

__all__ = ["Client", "Server", "TurnedClock", "serve"]
