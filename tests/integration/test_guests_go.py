"""A guest's account goes when its day is over, and nothing else does."""

import asyncio

import pytest
from tests.support.page import GOOD, Page, invited

from conclave.app.upkeep import Upkeep
from conclave.model import Identity, Role, Subscription
from conclave.protocol.errors import Close
from conclave.storage.verify import verify
from conclave.testing import serve

pytestmark = pytest.mark.usefixtures("cheap_passwords")

DAY = 86_400.0


class Looks:
    """Counts how often the upkeep has looked for guests whose time is over."""

    done = 0

    @classmethod
    async def look(cls, upkeep: Upkeep) -> None:
        await LOOK(upkeep)
        cls.done += 1


LOOK = Upkeep.remove_guests


@pytest.fixture
async def server(tmp_path, monkeypatch):
    monkeypatch.setattr("conclave.app.routine.GUESTS_EVERY", 0.05)
    monkeypatch.setattr(Upkeep, "remove_guests", lambda upkeep: Looks.look(upkeep))
    async with serve(demo=False, rate=0.0, guests=True, data=tmp_path) as server:
        yield server


@pytest.fixture
async def root(server):
    root = await invited(server, "root", Role.ADMIN)
    async with server.client(await root.ticket()) as client:
        await client.ask("room:create", room="hall")
    return root


async def guest(server, name: str = "Zoe") -> tuple[Page, str]:
    page = Page(server)
    entered = await page.ask("POST", "/guests", {"display_name": name})
    assert entered.status == 200, entered
    return page, entered.json["user"]["id"]


async def gone(server, user: str) -> bool:
    """Wait until the upkeep has looked twice: the first look may have begun before."""
    seen = Looks.done
    while Looks.done < seen + 2:
        await asyncio.sleep(0.01)
    return await server.node.store.user(user) is None


async def test_who_was_a_guest_is_no_member_and_no_account_and_what_they_wrote_stays(
    server, root, tmp_path
) -> None:
    page, zoe = await guest(server)
    async with server.client(await page.ticket()) as client:
        await client.ask("join:room", room="hall")
        said = await client.ask("chat", room="hall", text="hello from afar")
        await client.ask("reaction:add", room="hall", target=said["seq"], emoji="👍")
    async with server.client(await root.ticket()) as here:
        await here.ask("join:room", room="hall")
        text = f"back to you @{zoe}"
        await here.ask("chat", room="hall", text=text, mentions=[zoe])
        assert not await gone(server, zoe)
        await server.turn(DAY + 1)
        assert (await here.expect("entry", type="member:removed"))["member"] == zoe
        assert await gone(server, zoe)
        page = await here.ask("get:history", room="hall")
        (line,) = [one for one in page["messages"] if one["seq"] == said["seq"]]
        assert (line["text"], line["user"], line["user_id"]) == ("hello from afar", "Zoe", zoe)
        assert line["reactions"][0]["users"] == [zoe]
        members = await here.ask("room:members", room="hall")
        assert [one["id"] for one in members["members"]] == ["root"]
    lines = (await root.ask("GET", f"/admin/audit?target={zoe}")).json["lines"]
    # In its transaction; of the guest's own doings some lines may be written after it.
    assert ("@server", "user.removed") in [(one["actor"], one["action"]) for one in lines]
    problems = await asyncio.to_thread(lambda: list(verify(tmp_path / "conclave.db")))
    assert problems == []


async def test_who_leaves_before_goes_soon_after(server, root) -> None:
    page, zoe = await guest(server)
    async with server.client(await page.ticket()) as client:
        assert (await page.ask("DELETE", "/sessions/current")).status == 204
        assert (await client.ended())[0] == Close.SESSION_REVOKED
    assert not await gone(server, zoe)
    await server.turn(601)
    assert await gone(server, zoe)


async def test_many_go_and_those_whose_day_is_not_over_stay(server, root, monkeypatch) -> None:
    monkeypatch.setattr("conclave.app.upkeep._GUESTS", 2)
    old = []
    for _ in range(5):
        old.append((await guest(server))[1])
        await server.turn(61)
    await server.turn(DAY - 200)
    _, late = await guest(server)
    await server.turn(300)
    async with asyncio.timeout(10):
        while not all([await server.node.store.user(one) is None for one in old]):
            await asyncio.sleep(0.05)
    assert not await gone(server, late)


async def test_a_browser_that_was_to_be_pushed_to_keeps_nobody_where_nothing_is_pushed_now(
    server, root
) -> None:
    # Nobody prunes here: the server pushed when it was asked for.
    page, zoe = await guest(server)
    token = (await page.ask("GET", "/sessions")).json["sessions"][0]["id"]
    browser = Subscription("", zoe, "https://push.example.net/x", b"p", b"a", with_text=False)
    who = Identity(user=zoe, name="Zoe", role=Role.GUEST, session=token)
    await server.node.attention.subscribe(who, browser)
    await server.turn(DAY + 1)
    assert await gone(server, zoe)


async def test_accounts_with_the_role_of_a_guest_stay(server, root) -> None:
    kept = await invited(server, "gus", Role.GUEST)
    await root.ask("POST", "/admin/users", {"name": "guest-ann", "role": "guest"})
    await server.token("eve")
    await server.turn(400 * DAY)
    for user in ("gus", "guest-ann", "eve", "root"):
        assert not await gone(server, user)
    assert kept


async def test_who_has_reported_something_stays_until_that_is_closed(server, root) -> None:
    page, zoe = await guest(server)
    async with server.client(await root.ticket()) as here:
        await here.ask("join:room", room="hall")
        said = await here.ask("chat", room="hall", text="not nice")
        async with server.client(await page.ticket()) as client:
            await client.ask("join:room", room="hall")
            await client.ask("message:report", room="hall", target=said["seq"], reason="look")
    await server.turn(DAY + 1)
    assert not await gone(server, zoe)
    fresh = Page(server)
    await fresh.sign_in("root", GOOD)
    (report,) = (await fresh.ask("GET", "/admin/reports")).json["reports"]
    closed = await fresh.ask(
        "POST", f"/admin/reports/{report['id']}/close", {"outcome": "resolved"}
    )
    assert closed.status == 204
    assert await gone(server, zoe)


async def test_no_clock_that_jumps_takes_a_guest_who_is_connected(server, monkeypatch) -> None:
    page, zoe = await guest(server)
    _, yan = await guest(server, "Yan")
    async with server.client(await page.ticket()) as client:
        wall = server.clock.wall
        monkeypatch.setattr(server.clock, "wall", lambda: wall() + round(2 * DAY * 1000))
        while await server.node.store.user(yan) is not None:
            await asyncio.sleep(0.02)
        assert not await gone(server, zoe)
        await client.ask("heartbeat", timestamp=1)
    while await server.node.store.user(zoe) is not None:
        await asyncio.sleep(0.02)
