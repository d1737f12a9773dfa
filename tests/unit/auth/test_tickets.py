"""Tickets of sockets: good once, soon, at one address, while the session behind them stands."""

import asyncio
import re

import pytest

from conclave.auth.letters import Letters
from conclave.auth.secret import Secret
from conclave.auth.tickets import GOOD_FOR_S, MOST_OF_USER, Tickets
from conclave.model import Identity
from conclave.protocol.errors import Code, Reject

ADA, BOB = Identity(user="ada", name="Ada"), Identity(user="bob", name="Bob")
HERE = "192.0.2.7"


class World:
    def __init__(self):
        self.now = 50.0
        self.gone = set()
        self.asked = []
        self.tickets = Tickets(self.still, lambda: self.now)

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
    ticket = world.tickets.give(ADA, HERE)
    assert re.fullmatch(r"cvk_[A-Za-z0-9_-]{43}", ticket)
    assert await world.tickets.redeem(ticket, HERE) == ADA
    assert await refused(world, ticket)
    assert len(world.tickets) == 0


async def test_of_50_uses_at_once_one_wins(world):
    ticket = world.tickets.give(ADA, HERE)
    uses = [world.tickets.redeem(ticket, HERE) for _ in range(50)]
    results = await asyncio.gather(*uses, return_exceptions=True)
    assert results.count(ADA) == 1
    assert sum(isinstance(one, Reject) for one in results) == 49
    print({"C13": {"uses": 50, "won": results.count(ADA)}})


async def test_a_ticket_is_good_for_30_seconds(world):
    early, late = world.tickets.give(ADA, HERE), world.tickets.give(ADA, HERE)
    world.now += GOOD_FOR_S - 0.01
    assert await world.tickets.redeem(early, HERE) == ADA
    world.now += 0.01
    assert await refused(world, late)
    assert GOOD_FOR_S == 30


async def test_at_another_address_it_is_refused_and_used_up(world):
    ticket = world.tickets.give(ADA, HERE)
    assert await refused(world, ticket, "192.0.2.8")
    assert await refused(world, ticket)


async def test_an_ipv6_host_is_its_network(world):
    ticket = world.tickets.give(ADA, "2001:db8:1:2::7")
    assert await world.tickets.redeem(ticket, "2001:db8:1:2:aaaa::1") == ADA
    ticket = world.tickets.give(ADA, "2001:db8:1:2::7")
    assert await refused(world, ticket, "2001:db8:1:3::7")


async def test_who_has_lost_the_session_meanwhile_is_refused(world):
    ticket = world.tickets.give(ADA, HERE)
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
    others = world.tickets.give(BOB, HERE)
    given = [world.tickets.give(ADA, HERE) for _ in range(MOST_OF_USER + 1)]
    assert len(world.tickets) == MOST_OF_USER + 1
    assert await refused(world, given[0])
    assert await world.tickets.redeem(given[1], HERE) == ADA
    assert await world.tickets.redeem(others, HERE) == BOB


async def test_all_of_a_user_are_forgotten_at_once_and_nobody_elses(world):
    hers = [world.tickets.give(ADA, HERE) for _ in range(3)]
    his = world.tickets.give(BOB, HERE)
    world.tickets.forget("ada")
    world.tickets.forget("nobody")
    assert [await refused(world, ticket) for ticket in hers] == [True] * 3
    assert await world.tickets.redeem(his, HERE) == BOB


async def test_nothing_is_left_of_one_that_was_used(world):
    first, second = (world.tickets.give(ADA, HERE) for _ in range(2))
    await world.tickets.redeem(first, HERE)
    world.tickets.forget("ada")
    assert await refused(world, second)
    assert not world.tickets._of
    await world.tickets.redeem(world.tickets.give(ADA, HERE), HERE)
    assert not world.tickets._of


async def test_what_has_ended_is_not_kept(world):
    for round_ in range(40):
        for user in range(50):
            world.tickets.give(Identity(user=f"u{round_}-{user}", name="x"), HERE)
        world.now += GOOD_FOR_S / 2
    assert len(world.tickets) <= 100


async def test_the_ticket_itself_is_not_kept(world):
    ticket = world.tickets.give(ADA, HERE)
    assert ticket not in str(vars(world.tickets))


class Nodes(World):
    """Two nodes with one secret: what one gives the other takes."""

    def __init__(self, folder, *, other_secret=False):
        super().__init__()
        self.wall = 1_000_000
        made = [folder / name for name in ("one", "two" if other_secret else "one")]
        for folder_ in made:
            folder_.mkdir(exist_ok=True)
        letters = [Letters(Secret.load(folder_), lambda: self.wall) for folder_ in made]
        self.giving, self.tickets = (
            Tickets(self.still, lambda: self.now, letter) for letter in letters
        )

    def pass_by(self, seconds):
        self.now += seconds
        self.wall += round(seconds * 1000)


async def test_another_node_takes_a_ticket_once_as_long_as_it_is_good(tmp_path):
    world = Nodes(tmp_path)
    ticket = world.giving.give(ADA, HERE)
    assert await world.tickets.redeem(ticket, HERE) == ADA
    assert await refused(world, ticket)
    late = world.giving.give(BOB, HERE)
    world.pass_by(GOOD_FOR_S)
    assert await refused(world, late)
    world.pass_by(2 * GOOD_FOR_S)
    assert await refused(world, ticket)


async def test_what_was_used_or_forgotten_where_it_was_given_is_not_good_there_again(tmp_path):
    world = Nodes(tmp_path)
    used, forgotten = world.giving.give(ADA, HERE), world.giving.give(BOB, HERE)
    assert await world.giving.redeem(used, HERE) == ADA
    world.giving.forget("bob")
    world.tickets = world.giving
    assert await refused(world, used)
    assert await refused(world, forgotten)


async def test_another_node_asks_for_the_address_and_whether_the_session_stands(tmp_path):
    world = Nodes(tmp_path)
    assert await refused(world, world.giving.give(ADA, HERE), "192.0.2.8")
    world.gone.add("ada")
    assert await refused(world, world.giving.give(ADA, HERE))


async def test_a_letter_that_no_node_wrote_or_of_a_clock_far_ahead_is_worth_nothing(tmp_path):
    stranger = Nodes(tmp_path, other_secret=True)
    assert await refused(stranger, stranger.giving.give(ADA, HERE))
    world = Nodes(tmp_path)
    ticket = world.giving.give(ADA, HERE)
    nonce, letter, mac = ticket.split(".")
    for forged in (
        nonce,
        f"{nonce}.{letter}",
        f"{nonce}.{letter}.{mac[:-2]}AA",
        f"{nonce}.A.{mac}",
    ):
        assert await refused(world, forged)
    world.wall -= round(2 * GOOD_FOR_S * 1000)
    assert await refused(world, ticket)
