"""
One person in two tabs whose machine sleeps, loses its network and its sense of time: what
each tab shows is the log, every message once (K7).
"""

import asyncio
import random
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import CDPSession, expect
from tests.browser.conftest import Tab
from tests.browser.house import Person, Server, fill

ROOM = "shared"


@pytest_asyncio.fixture(loop_scope="session")
async def hasty(tmp_path: Path) -> AsyncIterator[Server]:
    beats = ("--heartbeat-interval", "1", "--heartbeat-timeout", "1")
    server = Server(tmp_path, "--rate", "0", *beats)
    server.start()
    yield server
    server.close()


class Machine:
    """What happens to the machine under one tab."""

    def __init__(self, person: Person, session: CDPSession) -> None:
        self.person = person
        self.session = session

    async def freeze(self) -> None:
        await self.session.send("Page.setWebLifecycleState", {"state": "frozen"})

    async def wake(self) -> None:
        await self.session.send("Page.setWebLifecycleState", {"state": "active"})

    async def network(self, *, offline: bool) -> None:
        conditions = {"offline": offline, "latency": 0, "downloadThroughput": -1}
        await self.session.send(
            "Network.emulateNetworkConditions", {**conditions, "uploadThroughput": -1}
        )
        # A socket on the loopback goes on where a browser only believes to be offline.
        word = "offline" if offline else "online"
        await self.person.page.evaluate(f"dispatchEvent(new Event('{word}'))")

    async def jump(self, hours: int) -> None:
        """Put the wall clock forward or back; the clock that never jumps goes on."""
        await self.person.page.evaluate(
            f"const right = Date.now.bind(Date); Date.now = () => right() + {hours * 3_600_000};"
        )


async def machine_of(person: Person) -> Machine:
    session = await person.page.context.new_cdp_session(person.page)
    await session.send("Network.enable")
    return Machine(person, session)


async def round_of(chance: random.Random, machines: list[Machine], server: Server, n: int) -> None:
    """Let one thing happen to one tab while both write and somebody else does."""
    machine = chance.choice(machines)
    other = next(one for one in machines if one is not machine)
    what = chance.choice(["sleep", "network", "clock", "reload"])
    if what == "sleep":
        await machine.freeze()
    elif what == "network":
        await machine.network(offline=True)
        await machine.person.say(f"{n:02} offline")
    elif what == "clock":
        await machine.jump(chance.choice([-5, 5]))
        await machine.person.say(f"{n:02} another time")
    else:
        await machine.person.say(f"{n:02} before it is loaded again")
        await machine.person.page.reload()
        await machine.person.in_room(ROOM)
    await other.person.say(f"{n:02} from the other tab")
    await fill(server, ROOM, [f"{n:02} from somebody else"])
    if what == "sleep":
        # Longer than the server waits for a sign of life.
        await asyncio.sleep(2.5)
        await machine.wake()
    elif what == "network":
        await machine.network(offline=False)
    await machine.person.say(f"{n:02} after {what}")


async def walk(tab: Tab, server: Server, rounds: int) -> None:
    seed = random.randrange(10_000)
    chance = random.Random(seed)
    one, two = await tab(server.url), await tab(server.url)
    await one.enter("john")
    await one.create(ROOM)
    await one.in_room(ROOM)
    await two.enter("john")
    await two.page.locator(".room-link", has_text=ROOM).click()
    await two.in_room(ROOM)
    machines = [await machine_of(one), await machine_of(two)]
    for n in range(rounds):
        await round_of(chance, machines, server, n)
    expected = None
    for person in (one, two):
        await person.connected("john", within=40)
        await person.stored()
        for n in range(rounds):
            for text in ("from the other tab", "from somebody else"):
                await person.sees(f"{n:02} {text}", within=20)
    for person in (one, two):
        texts = await person.texts()
        assert len(texts) == len(set(texts)), f"doubled, seed {seed}"
        # Two in each round, one more for the way it ended, and one where it could speak.
        assert rounds * 3 <= len(texts) <= rounds * 4, f"seed {seed}"
        expected = expected or texts
        assert texts == expected, f"seed {seed}"
        await expect(person.page).not_to_have_title("(")
        assert not (await person.page.title()).startswith("("), f"unread, seed {seed}"
        person.nobody_answered()


@pytest.mark.slow
async def test_two_tabs_of_one_person_show_the_same_whatever_happens_to_them(
    tab: Tab, hasty: Server
):
    await walk(tab, hasty, 3)


@pytest.mark.slow
@pytest.mark.timeout(600)
async def test_the_same_holds_for_twenty_rounds(tab: Tab, hasty: Server):
    await walk(tab, hasty, 20)


async def test_what_a_closed_tab_held_is_sent_by_the_other_once(tab: Tab, hasty: Server):
    admin = await tab(hasty.url)
    await admin.enter("admin")
    await admin.create(ROOM)
    await admin.in_room(ROOM)
    one, two = await tab(hasty.url), await tab(hasty.url)
    for person in (one, two):
        await person.enter("john")
    await one.join(ROOM)
    hasty.kill()
    await one.latch_says("Connection lost")
    for n in range(3):
        await one.say(f"held {n}")
    await expect(one.page.locator(".line[data-state]")).to_have_count(3)
    await one.page.wait_for_timeout(300)
    one.nobody_answered()
    await one.page.close()
    hasty.start()
    await admin.connected("admin", within=40)
    for n in range(3):
        await admin.sees(f"held {n}", within=30)
    assert await admin.texts() == [f"held {n}" for n in range(3)]
    for person in (admin, two):
        person.nobody_answered()


@pytest.mark.slow
async def test_in_a_demo_two_tabs_are_two_people_who_keep_apart(tab: Tab, hasty: Server):
    john, admin = await tab(hasty.url), await tab(hasty.url)
    await john.enter("john")
    await john.create("apart")
    await john.in_room("apart")
    await admin.enter("admin")
    hasty.kill()
    await john.latch_says("Connection lost")
    await john.say("mine alone")
    await expect(john.page.locator(".line[data-state]")).to_have_count(1)
    hasty.start()
    await admin.page.reload()
    await admin.connected("admin", within=40)
    await john.connected("john", within=40)
    await john.stored()
    assert await john.texts() == ["mine alone"]
    assert await admin.texts() == []
    for person in (john, admin):
        person.nobody_answered()
