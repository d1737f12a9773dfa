"""What a server asks of its database for one who comes back (F9)."""

from tests.support.statements import Statements

from conclave.auth.tokens import grant_token
from conclave.model import Identity
from conclave.testing import serve

ROOMS = [f"room{n}" for n in range(5)]
ANN, BOB = Identity(user="ann", name="ann"), Identity(user="bob", name="bob")


async def test_who_comes_back_to_five_rooms_costs_two_statements(monkeypatch):
    statements = Statements()
    statements.install(monkeypatch.setattr)
    async with serve(demo=False, rate=0.0) as server:
        store = server.node.store
        tokens = {name: await grant_token(store, name) for name in ("ann", "bob")}
        for room in ROOMS:
            await store.create_room(room, ANN)
            await store.ensure_member(room, BOB)
        async with server.client(tokens["ann"]) as ann, server.client(tokens["bob"]) as bob:
            for one in (ann, bob):
                assert not (await one.ask("join:rooms", rooms=wishes({})))["refused"]
            known = {one["room"]: position(one) for one in bob.told("history")}
            await bob.close()
            for n, room in enumerate(ROOMS[:3]):
                for m in range(n + 1):
                    await ann.ask("chat", room=room, text=f"missed {m}")
            # Whom these notify is asked now, and not while Bob comes back.
            await server.node.notices.tell()
            statements.all.clear()
            async with server.client(tokens["bob"]) as again:
                assert not (await again.ask("join:rooms", rooms=wishes(known)))["refused"]
                asked = statements.of_some()
                missed = {one["room"]: one["messages"] for one in again.told("history")}
                await ann.ask("chat", room=ROOMS[0], text="live")
                await again.expect("chat", text="live")
    assert [len(missed[room]) for room in ROOMS] == [1, 2, 3, 0, 0]
    # The token with its user and their rooms, and all that was missed.
    assert len(asked) == 2, asked


def wishes(known):
    return [{"room": room} | ({"since": known[room]} if known else {}) for room in ROOMS]


def position(page):
    return {"epoch": page["epoch"], "seq": page["upto"]}
