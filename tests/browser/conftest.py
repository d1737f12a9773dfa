"""
A real Chromium, a real server, people in tabs.

All tests here run in one event loop, since a browser belongs to the loop it was started in.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, BrowserContext, Page, async_playwright, expect
from tests.browser.house import Person, Server, chromium, launch
from tests.browser.household import Account, Guests, Household

HERE = Path(__file__).parent
# On a machine that others use hashing a password alone may take seconds.
expect.set_options(timeout=15_000)

Tab = Callable[..., Awaitable[Person]]
NewAccount = Callable[[str], Account]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    in_one_loop = pytest.mark.asyncio(loop_scope="session")
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.browser)
            if isinstance(item, pytest.Function) and pytest_asyncio.is_async_test(item):
                item.add_marker(in_one_loop, append=False)
                # Made last, ended first: a page must be gone before its server, or it says that
                # nobody answers any more.
                item.fixturenames.sort(key=lambda name: name in ("tab", "guest"))


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser() -> AsyncIterator[Browser]:
    if chromium() is None:
        pytest.skip("no Chromium here: apt install chromium")
    async with async_playwright() as playwright:
        browser = await launch(playwright)
        yield browser
        await browser.close()


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One server for all tests that do not harm it; rooms of their own keep them apart."""
    server = Server(
        tmp_path_factory.mktemp("house"),
        "--rate",
        "0",
        "--presence-grace",
        "0.5",
        "--max-rooms-per-user",
        "0",
    )
    server.start()
    yield server
    server.close()


@pytest.fixture
def fresh(tmp_path: Path) -> Iterator[Server]:
    """A server that nobody has been to."""
    server = Server(tmp_path)
    server.start()
    yield server
    server.close()


@pytest_asyncio.fixture(loop_scope="session")
async def context(browser: Browser) -> AsyncIterator[BrowserContext]:
    context = await browser.new_context(viewport={"width": 1280, "height": 800})
    yield context
    await context.close()


async def new_window(context: BrowserContext) -> Page:
    """Open a tab in a window of its own: behind another tab a page is drawn 3 times a second."""
    assert context.browser is not None
    session = await context.new_cdp_session(context.pages[0])
    about = await session.send("Target.getTargetInfo")
    whole = await context.browser.new_browser_cdp_session()
    wanted = {
        "url": "about:blank",
        "newWindow": True,
        "browserContextId": about["targetInfo"]["browserContextId"],
    }
    async with context.expect_page() as opened:
        await whole.send("Target.createTarget", wanted)
    return await opened.value


@pytest_asyncio.fixture(loop_scope="session")
async def tab(context: BrowserContext, server: Server) -> AsyncIterator[Tab]:
    """Open tabs of one browser; none of them may have asked elsewhere or said an error."""
    people: list[Person] = []

    async def open_tab(url: str = server.url) -> Person:
        page = await new_window(context) if people else await context.new_page()
        person = Person(page, url)
        people.append(person)
        return person

    yield open_tab
    assert [wrong for person in people for wrong in person.wrong] == []


@pytest.fixture(scope="session")
def household(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Household]:
    server = Household(
        tmp_path_factory.mktemp("household"), "--rate", "0", "--max-rooms-per-user", "0"
    )
    server.start()
    yield server
    server.close()


@pytest.fixture(scope="session")
def ada(household: Household) -> Account:
    """The first admin."""
    return household.settle("ada")


@pytest.fixture(scope="session")
def account(household: Household, ada: Account) -> NewAccount:
    """Make accounts by invitations of the admin's."""

    def make(name: str) -> Account:
        link = ada.ask("POST", "admin/links", {"role": "user", "uses": 1, "days": 1})
        return Account(household, {"token": link["token"]}, name)

    return make


@pytest_asyncio.fixture(loop_scope="session")
async def guest(browser: Browser, household: Household) -> AsyncIterator[Guests]:
    guests = Guests(browser, household.url)
    yield guests
    for person in guests.people:
        assert person.wrong == []
        await person.page.context.close()
