"""The README's example, over the wire."""

import pytest
from examples.dice import Dice, Roll, Rolled

from conclave import App, Reject, testing


async def test_a_roll_is_acknowledged_and_told_to_the_room():
    async with (
        testing.serve(App(Dice)) as server,
        server.client("user-token-123") as john,
        server.client("admin-token-456") as admin,
    ):
        await john.ask("join:room", room="general")
        await admin.ask("join:room", room="general")

        answer = await john.ask(Roll("general", sides=20))

        assert 1 <= answer["result"] <= 20
        told = await admin.expect(Rolled, user="user1")
        assert told == Rolled("general", "user1", answer["result"])


async def test_who_is_not_in_the_room_does_not_roll():
    async with testing.serve(App(Dice)) as server, server.client() as john:
        with pytest.raises(Reject, match="not_in_room"):
            await john.ask("dice:roll", room="general")


async def test_a_die_of_one_side_is_refused_with_words_of_the_example():
    async with testing.serve(App(Dice)) as server, server.client() as john:
        await john.ask("join:room", room="general")
        with pytest.raises(Reject, match="at least two sides"):
            await john.ask("dice:roll", room="general", sides=1)
