"""Of what people are notified, and how: in the room's menu, the title, the tab and the browser."""

import asyncio
import re

import pytest
from playwright.async_api import expect
from tests.browser.conftest import Tab
from tests.browser.house import Person, Server, speaking

DESK = {"width": 1280, "height": 800}
PHONE = {"width": 390, "height": 780}


async def be_quiet(person: Person, choice: str) -> None:
    await person.choose("Notifications")
    dialog = person.page.get_by_role("dialog")
    await dialog.get_by_label(choice).check()
    await person.page.keyboard.press("Escape")


@pytest.mark.parametrize(
    "size", [pytest.param(DESK, id="desk"), pytest.param(PHONE, id="phone", marks=pytest.mark.slow)]
)
async def test_a_room_is_silenced_in_its_menu_and_on_all_devices(tab: Tab, fresh: Server, size):
    john, other = await tab(fresh.url), await tab(fresh.url)
    await john.page.set_viewport_size(size)
    await other.enter("john")
    await john.enter("john")
    async with speaking(fresh, "admin") as admin:
        await admin.ask("room:create", {"room": "plans"})
        await john.join("plans")
        await john.page.get_by_label("Room menu").click()
        item = john.page.locator(".room-head .menu-item", has_text="Notifications")
        await expect(item).to_contain_text("Mentions")
        await john.page.get_by_label("Room menu").click()
        await be_quiet(john, "Nothing")
        link = other.page.locator(".room-link", has_text="plans")
        await expect(link.get_by_text("no notifications")).to_have_count(1)
        for tab_ in (john, other):
            await tab_.page.goto(f"{fresh.url}/#support")
        # What is said there is counted on the list, and not in the title.
        await admin.ask("join:room", {"room": "plans"})
        await admin.ask("chat", {"room": "plans", "text": "hello"})
        await expect(link.locator(".unread")).to_contain_text("1")
        await expect(other.page).to_have_title("support · Conclave")
        await other.page.goto(f"{fresh.url}/#plans")
        await be_quiet(other, "All messages")
        await john.page.goto(f"{fresh.url}/#plans")
        await john.page.get_by_label("Room menu").click()
        await expect(item).to_contain_text("All messages")


@pytest.mark.slow
async def test_who_is_silenced_by_a_kick_meanwhile_reads_why(tab: Tab, fresh: Server):
    john = await tab(fresh.url)
    await john.enter("john")
    async with speaking(fresh, "admin") as admin:
        await admin.ask("room:create", {"room": "plans"})
        await john.join("plans")
        await john.choose("Notifications")
        dialog = john.page.get_by_role("dialog")
        await expect(dialog.get_by_label("Mentions")).to_be_checked()
        await admin.ask("room:kick", {"room": "plans", "user": "user1"})
    await expect(dialog).to_have_count(0)


# What the system would show: the browser under test has no desktop to show it on.
RECORDED = """() => {
    window.shown = [];
    window.asked = 0;
    window.Notification = class {
        static permission = localStorage.getItem("test.permission") ?? "default";
        static async requestPermission() {
            window.asked += 1;
            localStorage.setItem("test.permission", "granted");
            return (this.permission = "granted");
        }
        constructor(title, options) {
            Object.assign(this, options, { title, open: true });
            window.shown.push(this);
        }
        close() {
            this.open = false;
        }
    };
    window.tones = 0;
    const start = OscillatorNode.prototype.start;
    OscillatorNode.prototype.start = function (...at) {
        window.tones += 1;
        return start.apply(this, at);
    };
}"""
OPEN = "shown.filter((one) => one.open).map((one) => `${one.title}: ${one.body}`)"


async def notified(*people: Person) -> list[str]:
    """Return what all tabs of a browser show together."""
    return [one for person in people for one in await person.page.evaluate(OPEN)]


async def until_notified(wanted: list[str], *people: Person) -> None:
    for _ in range(100):
        if (found := await notified(*people)) == wanted:
            return
        await asyncio.sleep(0.1)
    assert found == wanted


async def recorded(tab: Tab, server: Server) -> Person:
    person = await tab(server.url)
    await person.page.add_init_script(f"({RECORDED})()")
    return person


async def turn_on(person: Person) -> None:
    dialog = await person.account("Notifications")
    await dialog.get_by_role("button", name="Turn on").click()
    await expect(dialog.get_by_text("This browser notifies you.")).to_be_visible()
    await person.page.keyboard.press("Escape")


@pytest.mark.slow
@pytest.mark.parametrize(
    "size", [pytest.param(DESK, id="desk"), pytest.param(PHONE, id="phone", marks=pytest.mark.slow)]
)
async def test_nobody_is_asked_before_they_press_and_one_tab_of_two_shows_it(
    tab: Tab, fresh: Server, size
):
    john, other = await recorded(tab, fresh), await recorded(tab, fresh)
    for person in (john, other):
        await person.page.set_viewport_size(size)
        await person.enter("john")
    async with speaking(fresh, "john", "general", "support"):
        await expect(john.page.locator(".room-link")).to_have_count(2)
    async with speaking(fresh, "admin", "general", "support") as admin:
        await admin.say("general", "@john before you asked", mentions=["user1"])
        await asyncio.sleep(2)
        assert await notified(john, other) == []
        assert [await one.page.evaluate("asked") for one in (john, other)] == [0, 0]
        await john.page.goto(f"{fresh.url}/#")
        await turn_on(john)
        assert await john.page.evaluate("asked") == 1
        await other.page.reload()
        await other.connected("john")
        await other.page.goto(f"{fresh.url}/#support")
        await john.page.goto(f"{fresh.url}/#support")
        await admin.say("general", "for nobody in particular")
        await admin.say("general", "@john for you", mentions=["user1"])
        wanted = ["admin mentioned you in general: @john for you"]
        await until_notified(wanted, john, other)
        await asyncio.sleep(1)
        assert await notified(john, other) == wanted, "once, in however many tabs"
        # What is in sight needs no notification.
        await admin.say("support", "@john here", mentions=["user1"])
        await asyncio.sleep(2)
        assert await notified(john, other) == wanted
        # Read in the other tab it goes.
        leader = john if await john.page.evaluate("shown.length") else other
        follower = other if leader is john else john
        await follower.page.goto(f"{fresh.url}/#general")
        await until_notified([], john, other)
        await follower.page.goto(f"{fresh.url}/#support")
        await expect(follower.page.locator(".stage h1")).to_have_text("support")
        seq = await admin.say("general", "@john once **more**", mentions=["user1"])
        await until_notified(["admin mentioned you in general: @john once more"], leader)
        await leader.page.evaluate("shown.find((one) => one.open).onclick()")
        await expect(leader.page.locator(".stage h1")).to_have_text("general")
        await expect(leader.page).to_have_url(f"{fresh.url}/#general/{seq}")
        await until_notified([], john, other)
        # The tab that showed them is closed: the other one does it now.
        await leader.page.close()
        await admin.say("general", "@john are you there", mentions=["user1"])
        await until_notified(["admin mentioned you in general: @john are you there"], follower)


@pytest.mark.slow
async def test_direct_messages_notify_and_the_ignored_and_the_undisturbed_are_quiet(
    tab: Tab, fresh: Server
):
    john = await recorded(tab, fresh)
    await john.enter("john")
    await john.join("general")
    await turn_on(john)
    dialog = await john.account("Notifications")
    await dialog.get_by_label("With a sound").check()
    heard = await john.page.evaluate("tones")
    assert heard > 0, "one hears what one chooses"
    await john.page.keyboard.press("Escape")
    async with speaking(fresh, "admin") as admin:
        room = (await admin.ask("room:direct", {"users": ["user1"]}))["room"]
        await admin.ask("join:room", {"room": room})
        await admin.say(room, "psst")
        await until_notified(["admin: psst"], john)
        assert await john.page.evaluate("tones") > heard
        favicon = await john.page.locator('link[rel="icon"]').get_attribute("href")
        assert (favicon or "").startswith("data:image/png")
        async with speaking(fresh, "john") as phone:
            await phone.ask("presence:set", {"status": "dnd"})
            await admin.say(room, "do you hear")
            await asyncio.sleep(2)
            assert await notified(john) == ["admin: psst"]
            await phone.ask("presence:set", {"status": "online"})
            # It is read on another device: the notification goes, and so does the number.
            await phone.ask("read", {"room": room, "seq": 100})
            await until_notified([], john)
            plain = john.page.locator('link[rel="icon"]')
            await expect(plain).to_have_attribute("href", re.compile(r"icon\.svg$"))
            # Read elsewhere within a second or so, nothing is shown at all.
            await john.page.evaluate("shown.length = 0")
            seq = await admin.say(room, "read at once")
            await phone.ask("read", {"room": room, "seq": seq})
            await asyncio.sleep(2.5)
            assert await john.page.evaluate("shown.length") == 0
            await phone.ask("user:ignore", {"user": "admin1"})
            general = await admin.ask("join:room", {"room": "general"})
            assert general["room"] == "general"
            await john.page.goto(f"{fresh.url}/#{room}")
            await admin.say("general", "@john ignored", mentions=["user1"])
            await asyncio.sleep(2)
            assert await john.page.evaluate("shown.length") == 0


async def test_a_browser_that_refuses_says_how_to_change_that(tab: Tab, fresh: Server):
    john = await recorded(tab, fresh)
    await john.open()
    await john.page.evaluate("localStorage.setItem('test.permission', 'denied')")
    await john.enter("john")
    dialog = await john.account("Notifications")
    await expect(dialog).to_contain_text("Its settings for this site can change that.")
    await expect(dialog.get_by_role("button", name="Turn on")).to_have_count(0)
