"""
What reading a long room costs: 10,000 messages loaded, 50 more a second, somebody who scrolls.

The figures are printed; `pytest -s` shows them.
"""

import asyncio
import statistics
import time
from collections.abc import AsyncIterator, Awaitable, Iterator
from contextlib import asynccontextmanager

import pytest
from playwright.async_api import Browser, CDPSession, Page, expect
from tests.browser import tracing
from tests.browser.conftest import Tab
from tests.browser.house import Person, Server, speaking
from tests.browser.long_room import EMPTY, fill_long, load, scroll, still, text

LOADED = 10_000
PER_SECOND = 50
MOST_FRAME_MS = 8
MOST_TASK_MS = 100


@asynccontextmanager
async def full_room(
    john: Person, server: Server, room: str, loaded: int = LOADED
) -> AsyncIterator[None]:
    """Be john in *room* with all of it loaded, while somebody says PER_SECOND more a second."""
    await fill_long(server, room, loaded)
    async with speaking(server, "john", room) as wire:
        last = (await wire.ask("get:history", {"room": room}))["last_seq"]
        await wire.ask("read", {"room": room, "seq": last})
    await john.enter("john")
    await john.open(f"/#{room}")
    await john.sees(f"line {loaded}.")
    await load(john, 1)
    # In the middle: what is above may go meanwhile, and the reader's own lines do not.
    whole = await john.page.evaluate("document.querySelector('.stage .log').scrollHeight")
    await scroll(john.page, whole / 2)
    await still(john.page)
    said = asyncio.create_task(go_on(server, room))
    try:
        await asyncio.sleep(1)
        yield
        assert not said.done(), said
    finally:
        said.cancel()
        await asyncio.gather(said, return_exceptions=True)


async def go_on(server: Server, room: str) -> None:
    """Say what is as long as what was said: else the room's own growth would be measured."""
    async with speaking(server, "admin", room) as wire:
        begun, n = time.monotonic(), 0
        while True:
            due = int((time.monotonic() - begun) * PER_SECOND)
            texts = [text(LOADED + n) for n in range(n, due)]
            ids = {await wire.send("chat", {"room": room, "text": said}) for said in texts}
            n = max(n, due)
            await wire.answers(ids)
            await asyncio.sleep(1 / PER_SECOND)


def to_and_fro() -> Iterator[int]:
    """Yield how far to turn the wheel in each frame: up, and down again, four screens a second."""
    while True:
        yield from [-60] * 120
        yield from [60] * 120


async def wheel(john: Person, seconds: float, steps: Iterator[int] | None = None) -> int:
    """Scroll by *steps*; return how often a frame had empty space."""
    page = john.page
    await page.mouse.move(640, 400)
    steps = steps or to_and_fro()
    empty, end = 0, time.monotonic() + seconds
    n = 0
    while time.monotonic() < end:
        n += 1
        await page.mouse.wheel(0, next(steps))
        await asyncio.sleep(1 / 60)
        if n % 20 == 0:
            empty += await page.evaluate(EMPTY_IN_A_FRAME)
    return empty


# As the frame is painted: after all that is done before that.
EMPTY_IN_A_FRAME = f"""() => new Promise((done) => {{
    const {{ port1, port2 }} = new MessageChannel();
    // One that stays open is kept, and what it calls: three a second, a leak of the test's own.
    port1.onmessage = () => {{ port1.close(); done(({EMPTY})()); }};
    requestAnimationFrame(() => port2.postMessage(null));
}})"""


async def measured(browser: Browser, page: Page, what: Awaitable[object]) -> tracing.Work:
    await tracing.begin(browser, page)
    await what
    return await tracing.end(browser)


@pytest.mark.parametrize(
    "loaded",
    [
        pytest.param(2_000, marks=[pytest.mark.slow, pytest.mark.timeout(300)]),
        pytest.param(LOADED, marks=[pytest.mark.slow, pytest.mark.timeout(600)]),
    ],
)
async def test_a_long_room_and_fifty_messages_a_second_leave_time_in_each_frame(
    tab: Tab, server: Server, browser: Browser, loaded: int
):
    john = await tab()
    async with full_room(john, server, f"frames-{loaded}", loaded):
        # What the machine does besides is in it: the best of three is nearest to the page's.
        above = [await measured(browser, john.page, wheel(john, 6)) for _ in range(3)]
        for work in above:
            print(f"\nscrolling among {loaded}: {work}")
        assert await wheel(john, 3) == 0
        await john.page.keyboard.press("Escape")
        await expect(john.page.locator(".jump")).to_have_count(0)
        at_end = [await measured(browser, john.page, asyncio.sleep(4)) for _ in range(3)]
        for work in at_end:
            print(f"following at the end: {work}")
    for works in (above, at_end):
        assert min(len(work.frames) for work in works) > 50
        assert min(tracing.quantile(work.frames, 0.95) for work in works) <= MOST_FRAME_MS
        assert min(max(work.tasks) for work in works) <= MOST_TASK_MS


SAID = 20
# What a line has, twice over; all those that are drawn have five hundred.
MOST_STYLED = 40


async def test_a_message_more_styles_no_line_but_its_own(
    tab: Tab, server: Server, browser: Browser
):
    john = await tab()
    async with speaking(server, "john", "styled") as wire:
        await fill_long(server, "styled", 80)
        await wire.ask("read", {"room": "styled", "seq": 80})
    await john.enter("john")
    await john.open("/#styled")
    await john.sees("line 80.")
    async with speaking(server, "admin", "styled") as admin:

        async def said() -> None:
            for n in range(SAID):
                await admin.say("styled", f"one more {n}.")
                await john.sees(f"one more {n}.")

        work = await measured(browser, john.page, said())
    assert work.styled / SAID <= MOST_STYLED


async def memory(session: CDPSession) -> tuple[float, float]:
    """Return the KiB in use after everything that can go has gone, and the number of nodes."""
    for _ in range(3):
        await session.send("HeapProfiler.collectGarbage")
    found = {
        m["name"]: m["value"] for m in (await session.send("Performance.getMetrics"))["metrics"]
    }
    return found["JSHeapUsedSize"] / 1024, found["Nodes"]


async def grows(john: Person, seconds: float, every: float) -> tuple[float, float]:
    """Return by how many KiB and nodes a minute memory grows."""
    session = await john.page.context.new_cdp_session(john.page)
    await session.send("Performance.enable")
    # Ten thousand and what comes before the log gives up its oldest lines.
    # One way of the wheel follows the other to the end: begun anew, it would read up for ever.
    steps = to_and_fro()
    await wheel(john, 12, steps)
    at, kib, nodes = [], [], []
    begun = time.monotonic()
    while time.monotonic() - begun < seconds:
        await wheel(john, every, steps)
        used, of = await memory(session)
        at.append((time.monotonic() - begun) / 60)
        kib.append(used)
        nodes.append(of)
    slope = statistics.linear_regression(at, kib).slope
    of_nodes = statistics.linear_regression(at, nodes).slope
    print(
        f"\nmemory over {seconds:.0f} s: {kib[0]:.0f} to {kib[-1]:.0f} KiB, {slope:+.0f} KiB a "
        f"minute; {nodes[0]:.0f} to {nodes[-1]:.0f} nodes, {of_nodes:+.0f} a minute"
    )
    return slope, of_nodes


@pytest.mark.parametrize(
    ("seconds", "most_kib_a_minute"),
    [
        # Of a short time most is what the log takes before it gives up its oldest lines.
        pytest.param(60, 1024, marks=[pytest.mark.slow, pytest.mark.timeout(400)]),
        pytest.param(600, 128, marks=[pytest.mark.slow, pytest.mark.timeout(1200)]),
    ],
)
async def test_memory_is_flat_while_the_room_goes_on(
    tab: Tab, server: Server, seconds: int, most_kib_a_minute: int
):
    john = await tab()
    async with full_room(john, server, f"memory-{seconds}"):
        kib, nodes = await grows(john, seconds, 5)
    assert kib <= most_kib_a_minute
    assert nodes <= 2_000
