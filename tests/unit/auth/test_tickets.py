"""Tickets of sockets: good once, soon, at one address, while the session behind them stands."""

import asyncio
import re

import pytest

from conclave.auth.tickets import GOOD_FOR_S, MOST_OF_USER, Tickets
from conclave.core.passes import MemoryPasses
from conclave.model import Identity
from conclave.protocol.errors import Code, Reject

ADA, BOB = Identity(user="ada", name="Ada"), Identity(user="bob", name="Bob")
HERE = "192.0.2.7"


class World:
    def __init__(self):
        self.now = 50.0
        self.gone = set()
        self.asked = []
        self.passes = MemoryPasses(lambda: self.now)
        self.tickets = Tickets(self.still, self.passes)

    async def still(self, identity):
        self.asked.append(identity)
        await asyncio.sleep(0)
        return None if identity.user in self.gone else identity


@pytest.fixture
def world():
    return World()


async def refused(world, ticket, address=HERE):
    with pytest.raises(Reject) as no:
        await world.tickets.redeem(ticket, address)
    return no.value.code == Code.AUTH_FAILED


async def test_a_ticket_lets_its_user_in_once(world):
    ticket = await world.tickets.give(ADA, HERE)
    assert re.fullmatch(r"cvk_[A-Za-z0-9_-]{43}", ticket)
    assert await world.tickets.redeem(ticket, HERE) == ADA
    assert await refused(world, ticket)
    assert len(world.passes) == 0


async def test_of_50_uses_at_once_one_wins(world):
    ticket = await world.tickets.give(ADA, HERE)
    uses = [world.tickets.redeem(ticket, HERE) for _ in range(50)]
    results = await asyncio.gather(*uses, return_exceptions=True)
    assert results.count(ADA) == 1
    assert sum(isinstance(one, Reject) for one in results) == 49
    print({"C13": {"uses": 50, "won": results.count(ADA)}})


async def test_a_ticket_is_good_for_30_seconds(world):
    early, late = await world.tickets.give(ADA, HERE), await world.tickets.give(ADA, HERE)
    world.now += GOOD_FOR_S - 0.01
    assert await world.tickets.redeem(early, HERE) == ADA
    world.now += 0.01
    assert await refused(world, late)
    assert GOOD_FOR_S == 30


async def test_at_another_address_it_is_refused_and_used_up(world):
    ticket = await world.tickets.give(ADA, HERE)
    assert await refused(world, ticket, "192.0.2.8")
    assert await refused(world, ticket)


async def test_an_ipv6_host_is_its_network(world):
    ticket = await world.tickets.give(ADA, "2001:db8:1:2::7")
    assert await world.tickets.redeem(ticket, "2001:db8:1:2:aaaa::1") == ADA
    ticket = await world.tickets.give(ADA, "2001:db8:1:2::7")
    assert await refused(world, ticket, "2001:db8:1:3::7")


async def test_who_has_lost_the_session_meanwhile_is_refused(world):
    ticket = await world.tickets.give(ADA, HERE)
    world.gone.add("ada")
    assert await refused(world, ticket)
    assert world.asked == [ADA]


@pytest.mark.parametrize("ticket", ["", "cvt_x", "user-token-123", " cvk_x", "CVK_x", "a.b.c"])
async def test_what_is_no_ticket_is_left_to_others(world, ticket):
    assert await world.tickets.redeem(ticket, HERE) is None


@pytest.mark.parametrize(
    "ticket", ["cvk_", "cvk_" + "x" * 43, "cvk_" + "x" * 100_000, "cvk_" + "é" * 43, "cvk_\ud800"]
)
async def test_one_that_was_never_given_is_refused(world, ticket):
    assert await refused(world, ticket)


async def test_a_user_has_a_bounded_number_and_the_oldest_goes(world):
    others = await world.tickets.give(BOB, HERE)
    given = [await world.tickets.give(ADA, HERE) for _ in range(MOST_OF_USER + 1)]
    assert len(world.passes) == MOST_OF_USER + 1
    assert await refused(world, given[0])
    assert await world.tickets.redeem(given[1], HERE) == ADA
    assert await world.tickets.redeem(others, HERE) == BOB


async def test_nothing_is_left_of_one_that_was_used(world):
    await world.tickets.redeem(await world.tickets.give(ADA, HERE), HERE)
    assert not world.passes._of
    assert not any(world.passes._living.values())


async def test_what_has_ended_is_not_kept(world):
    for round_ in range(40):
        for user in range(50):
            await world.tickets.give(Identity(user=f"u{round_}-{user}", name="x"), HERE)
        world.now += GOOD_FOR_S / 2
    assert len(world.passes) <= 100


async def test_the_ticket_itself_is_not_kept(world):
    ticket = await world.tickets.give(ADA, HERE)
    assert ticket not in str(vars(world.passes))
