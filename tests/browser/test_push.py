"""The service worker of a real Chromium: it shows what is pushed, and opens the message."""

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import BrowserContext, CDPSession, async_playwright, expect
from tests.browser.conftest import Tab
from tests.browser.house import Person, Server, launch, speaking
from tests.support.push_service import Browser, PushService

# A browser under test has no push service: it is given one on loopback, and its keys.
SUBSCRIBED = """(subscription) => {
    let held = null;
    const made = (options) => ({
        endpoint: subscription.endpoint,
        options,
        toJSON: () => ({ endpoint: subscription.endpoint, keys: subscription }),
        unsubscribe: async () => ((held = null), true),
    });
    PushManager.prototype.subscribe = async (options) => (held = made({}));
    PushManager.prototype.getSubscription = async () => held;
}"""
SHOWN = """async () => {
    const registration = await navigator.serviceWorker.ready;
    const shown = await registration.getNotifications();
    return shown.map(({ title, body }) => `${title}: ${body}`);
}"""
PRESS = """async () => {
    const [notification] = await registration.getNotifications();
    dispatchEvent(new NotificationEvent("notificationclick", { notification }));
}"""


@pytest_asyncio.fixture(loop_scope="session")
async def service() -> AsyncIterator[PushService]:
    async with PushService() as service:
        yield service


@pytest_asyncio.fixture(loop_scope="session")
async def context() -> AsyncIterator[BrowserContext]:
    """In the whole browser: the one without a window denies notifications, whoever grants them."""
    async with async_playwright() as playwright:
        browser = await launch(playwright, whole=True)
        yield await browser.new_context(viewport={"width": 1280, "height": 800})
        await browser.close()


@pytest_asyncio.fixture(loop_scope="session")
async def pushing(tmp_path: Path, service: PushService) -> AsyncIterator[Server]:
    server = Server(tmp_path, "--push-service", service.origin, "--push-grace", "0", "--rate", "0")
    await asyncio.to_thread(server.start)
    yield server
    server.close()


async def registration_of(cdp: CDPSession) -> asyncio.Future[str]:
    """Return the id of the worker's registration, once there is one."""
    found: asyncio.Future[str] = asyncio.get_running_loop().create_future()

    def told(event: dict) -> None:
        for one in event["registrations"]:
            if not one["isDeleted"] and not found.done():
                found.set_result(one["registrationId"])

    cdp.on("ServiceWorker.workerRegistrationUpdated", told)
    await cdp.send("ServiceWorker.enable")
    return found


async def until(person: Person, wanted: list[str]) -> None:
    for _ in range(100):
        if (found := await person.page.evaluate(SHOWN)) == wanted:
            return
        await asyncio.sleep(0.1)
    assert found == wanted


@pytest.mark.slow
async def test_what_is_pushed_is_shown_and_opens_the_message(
    tab: Tab, pushing: Server, service: PushService
):
    john = await tab(pushing.url)
    browser = Browser(service)
    given = f"({SUBSCRIBED})({json.dumps(browser.subscription())})"
    await john.page.add_init_script(given)
    await john.page.context.grant_permissions(["notifications"], origin=pushing.url)
    await john.enter("john")
    await john.join("general")
    cdp = await john.page.context.new_cdp_session(john.page)
    registration = await registration_of(cdp)
    dialog = await john.account("Notifications")
    await john.page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    await dialog.get_by_label("Also while the page is closed").check()
    await dialog.get_by_label("With what was written").check()
    await expect(dialog.get_by_role("alert")).to_have_count(0)
    await john.page.keyboard.press("Escape")
    await john.page.goto(f"{pushing.url}/#support")
    async with speaking(pushing, "admin", "general") as admin:
        # The page is closed: the server pushes, and this is what the browser would be told.
        await john.page.goto("about:blank")
        await asyncio.sleep(0.5)
        seq = await admin.say("general", "@john <b>look</b>", mentions=["user1"])
        await service.until(1, within=10)
        (told,) = browser.told
        assert told == {
            "room": "general",
            "seq": seq,
            "user": "admin",
            "title": "general",
            "mention": True,
            "text": "@john <b>look</b>",
        }
        await john.page.goto(f"{pushing.url}/#support")
        await john.connected("john")
        wanted = {"origin": pushing.url, "registrationId": await registration}
        await cdp.send("ServiceWorker.deliverPushMessage", {**wanted, "data": json.dumps(told)})
        await until(john, ["@ admin · general: @john <b>look</b>"])
        (worker,) = john.page.context.service_workers
        await worker.evaluate(PRESS)
        await expect(john.page.locator(".stage h1")).to_have_text("general")
        await expect(john.page).to_have_url(f"{pushing.url}/#general/{seq}")
        await until(john, [])
        # Whatever comes is shown as something, and as text.
        for data in ("", "no json", '{"room": 1}', "[]", "null"):
            await cdp.send("ServiceWorker.deliverPushMessage", {**wanted, "data": data})
        await until(john, ["Conclave: "])
