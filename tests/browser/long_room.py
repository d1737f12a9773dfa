"""A room of many messages, and what the page does with it: where its reader is, what is drawn."""

import asyncio

from playwright.async_api import Page
from tests.browser.house import Person, Server, speaking

# What a tab does at the least: a page of a hundred messages that is a screen away.
DRAWN = "() => document.querySelectorAll('.stage .log .line').length"
FIRST_SEEN = """() => {
    const log = document.querySelector('.stage .log');
    const edge = log.getBoundingClientRect();
    const line = [...log.querySelectorAll('.line')].find(
        (line) => line.getBoundingClientRect().bottom > edge.top + 1
    );
    if (line === undefined) return null;
    return { text: line.querySelector('.text').innerText,
             top: line.getBoundingClientRect().top - edge.top };
}"""
EMPTY = """() => {
    const log = document.querySelector('.stage .log').getBoundingClientRect();
    const seen = (gap) =>
        gap.height > 0 && gap.bottom > log.top + 1 && gap.top < log.bottom - 1;
    return [...document.querySelectorAll('.stage .log .gap')].some(
        (gap) => seen(gap.getBoundingClientRect())
    );
}"""


async def fill_long(server: Server, room: str, count: int, *, name: str = "admin") -> None:
    """Say «line 1.» to «line COUNT.» in *room*, some of them over several lines."""
    async with speaking(server, name, room) as wire:
        for begin in range(1, count + 1, 500):
            texts = [text(n) for n in range(begin, min(begin + 500, count + 1))]
            ids = {await wire.send("chat", {"room": room, "text": text}) for text in texts}
            await wire.answers(ids)


def text(n: int) -> str:
    """Return what is said as the message *n*: heights that are hard to guess."""
    return f"line {n}." + "\nand more" * (n % 7 == 0) * 3 + " of words" * (n % 11 == 0) * 40


async def load(person: Person, count: int, within: float = 120) -> None:
    """Scroll up until *count* lines are loaded, as a person who looks for the beginning."""
    await person.page.evaluate(
        """async ({ first, within }) => {
            const log = document.querySelector('.stage .log');
            const began = performance.now();
            const there = () => [...log.querySelectorAll('.line .text')].some(
                ({ innerText }) => innerText.startsWith(first));
            while (!there()) {
                if (performance.now() - began > within) throw new Error('not loaded in time');
                log.scrollTop = 0;
                await new Promise((done) => setTimeout(done, 10));
            }
        }""",
        {"first": f"line {count}.", "within": within * 1000},
    )


async def scroll(page: Page, top: float) -> None:
    await page.evaluate("(top) => { document.querySelector('.stage .log').scrollTop = top; }", top)


async def still(page: Page) -> None:
    """Wait until nothing moves for a while: all that is near is drawn."""
    last = None
    for _ in range(100):
        now = await page.evaluate(FIRST_SEEN), await page.evaluate(DRAWN)
        if now == last and now[0] is not None:
            return
        last = now
        await asyncio.sleep(0.1)
    raise AssertionError(f"the log does not come to rest: {last}")
