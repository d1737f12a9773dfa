"""What each kind of event may cost a user and an address, an application's own included."""

from tests.support.people import app

from conclave import Access, Controller, Cost, Event, Reject, on, testing
from conclave.model import SYSTEM


class Shout(Event, type="test:shout"):
    room: str


class Look(Event, type="test:look"):
    pass


class Nod(Event, type="test:nod"):
    pass


class Ask(Event, type="test:ask"):
    pass


class Noises(Controller):
    handled = 0

    @on(Shout, needs=Access.ROOM)
    async def shout(self, connection, event: Shout) -> None:
        Noises.handled += 1

    @on(Look, costs=Cost.READ)
    async def look(self, connection, event: Look) -> None: ...

    @on(Nod, costs=Cost.FREE)
    async def nod(self, connection, event: Nod) -> None: ...

    @on(Ask, needs=Access.ANYONE)
    async def ask(self, connection, event: Ask) -> None: ...


async def passed(client: testing.Client, times: int, request: str, **data) -> int:
    """Return how many of so many requests were not `rate_limited`."""
    refused = []
    for _ in range(times):
        try:
            await client.ask(request, **data)
        except Reject as no:
            refused += [no.retry_after_ms] if no.code == "rate_limited" else []
    assert all(refused), "each says when to try again"
    return times - len(refused)


async def test_what_says_nothing_costs_as_a_message_does():
    async with testing.serve(app(Noises), rate=0.01, burst=3) as server:
        async with server.client() as john:
            await john.ask("join:room", room="general")
            Noises.handled = 0
            assert await passed(john, 5, "test:shout", room="general") == 2, "one made a member"
            assert Noises.handled == 2, "no handler is called for what is refused"
            assert await passed(john, 1, "chat", room="general", text="me too") == 0
        # Each kind has its own.
        async with server.client() as again:
            assert await passed(again, 13, "test:look") == 12
        async with server.client() as again:
            assert await passed(again, 10, "test:nod") == 10


async def test_what_is_refused_for_another_reason_costs_all_the_same():
    async with testing.serve(app(Noises), rate=0.01, burst=3) as server, server.client() as john:
        assert await passed(john, 5, "test:shout", room="general") == 3


async def test_a_user_has_one_allowance_on_all_devices():
    async with (
        testing.serve(app(Noises), rate=0.01, burst=1) as server,
        server.client() as page,
        server.client() as phone,
    ):
        assert await passed(page, 3, "test:look") + await passed(phone, 3, "test:look") == 4


async def test_an_address_has_one_allowance_whoever_comes_from_it():
    async with (
        testing.serve(app(Noises), rate=0.01, burst=2, users_per_address=2) as server,
        server.client("i-am-ada") as ada,
        server.client("i-am-bob") as bob,
        server.client("i-am-eve") as eve,
        server.client(None) as stranger,
    ):
        assert await passed(ada, 2, "search", query="x") == 1
        assert await passed(bob, 2, "search", query="x") == 1
        assert await passed(eve, 1, "search", query="x") == 0
        # Who has not said who it is can only be counted by address.
        assert await passed(stranger, 6, "test:ask") == 4


async def test_joining_many_rooms_at_once_is_as_many_joins():
    async with testing.serve(app(), rate=1, burst=3) as server, server.client("i-am-ada") as ada:
        for n in range(20):
            await server.node.store.create_room(f"r{n}", SYSTEM)
        rooms = [{"room": f"r{n}"} for n in range(20)]
        answer = await ada.ask("join:rooms", rooms=rooms)
        refused = {one["room"]: one for one in answer["refused"]}
        # Three become memberships, which cost as messages; fifteen are joins.
        assert set(refused) == {f"r{n}" for n in range(3, 20)}
        for one in refused.values():
            assert one["code"] == "rate_limited"
            assert 0 < one["retry_after_ms"] <= 1_000
