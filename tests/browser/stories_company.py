"""
A company at work, as the picture of the README has it: six people, five rooms, one conversation.

They speak without browsers; who looks on is the first admin. See stories_accounts.py.
"""

from contextlib import AsyncExitStack

from playwright.async_api import expect
from tests.browser.house import Person, Wire, let_in
from tests.browser.household import Account
from tests.browser.shooting import Shoot, on_phone, to_rooms

# Who they are: the name they sign in with, the one that is shown, and how they are.
PEOPLE = (
    ("noor", "Noor Haddad", "online"),
    ("tomas", "Tomás Silva", "online"),
    ("mei", "Mei Tanaka", "away"),
    ("kofi", "Kofi Mensah", "dnd"),
    ("ines", "Inês Duarte", ""),
)
ROOMS = (
    ("design", "How it looks, and why", "public"),
    ("on call", "Who is woken up", "private"),
    ("reading list", "Papers, and what they taught us", "public"),
    ("release", "What has to be true before 0.1", "public"),
)
RESTORED = """Restored last night's backup onto the new machine, *twice in a row*:

```sh
conclave restore /srv/backups/newest /srv/conclave
conclave verify --data /srv/conclave
```"""


async def hired(ada: Account, name: str, shown: str) -> Account:
    """Make an account for *name*, who comes by an invitation."""
    link = ada.ask("POST", "admin/links", {"role": "user", "uses": 1, "days": 1})
    account = Account(ada.server, {"token": link["token"]}, name)
    user = account.ask("GET", "me")["user"]["id"]
    ada.ask("PATCH", f"admin/users/{user}", {"display_name": shown})
    return account


async def at_work(stack: AsyncExitStack, ada: Account) -> dict[str, Wire]:
    """Let all of them be in «release», and return what each speaks by."""
    wires: dict[str, Wire] = {}

    async def comes(account: Account, *rooms: str) -> Wire:
        token = account.ask("POST", "tickets")["ticket"]
        wires[account.name] = await stack.enter_async_context(let_in(account.server, token, *rooms))
        return wires[account.name]

    boss = await comes(ada)
    await boss.ask("profile:set", {"display_name": "Ada Lindqvist"})
    for room, topic, kind in ROOMS:
        await boss.ask("room:create", {"room": room, "topic": topic, "kind": kind})
    for name, shown, status in PEOPLE:
        account = await hired(ada, name, shown)
        for room, _, _ in ROOMS:
            await boss.ask("room:invite", {"room": room, "user": name})
        if status:
            wire = await comes(account, "release")
            await wire.ask("presence:set", {"status": status})
    return wires


async def conversation(wires: dict[str, Wire], ada: str) -> None:
    """What was said in «release», and elsewhere meanwhile."""
    noor, tomas, mei, kofi = (wires[name] for name in ("noor", "tomas", "mei", "kofi"))
    at = {"room": "release"}
    restored = await noor.say("release", RESTORED)
    for wire, emoji in ((tomas, "🎉"), (mei, "🎉"), (kofi, "👏")):
        await wire.ask("reaction:add", {**at, "target": restored, "emoji": emoji})
    await mei.say("release", "Into which epoch? The clients have to begin anew.", reply_to=restored)
    await noor.say("release", "A new one each time. Nobody lost a message, and nobody saw two.")
    asked = await tomas.say("release", "@Ada Lindqvist, may I tag it?", mentions=[ada])
    await kofi.say("release", "The notes for who runs it are done.", thread=asked)
    await mei.say("release", "And the pictures are new.", thread=asked)
    await noor.ask("message:pin", {**at, "target": restored})
    for wire, room, text in (
        (mei, "design", "The numbers in the margin line up now, from right to left too."),
        (kofi, "design", "They do. It reads like a book."),
        (tomas, "on call", "All quiet."),
    ):
        await wire.ask("join:room", {"room": room})
        await wire.say(room, text)
    direct = await noor.ask("room:direct", {"users": ["ada"]})
    await noor.ask("join:room", {"room": direct["room"]})
    await noor.say(direct["room"], "Lunch at one?")


async def company(ada: Person, account: Account, shoot: Shoot) -> None:
    """*ada* is at the page, signed in to *account*."""
    page = ada.page
    user = account.ask("GET", "me")["user"]["id"]
    async with AsyncExitStack() as stack:
        wires = await at_work(stack, account)
        await conversation(wires, user)
        await page.evaluate("location.hash = '#release'")
        await ada.in_room("release")
        await ada.sees("may I tag it")
        await ada.say("Tag it. And somebody tell the reading list that we are late.")
        await ada.stored()
        await expect(page.locator(".jump")).to_have_count(0)
        await wires["noor"].ask("typing", {"room": "release", "active": True})
        await expect(page.locator(".typing")).to_contain_text("Noor Haddad")
        await shoot("a company")
        await ada.press("may I tag it", "t")
        await expect(page.locator(".thread-log .line")).to_have_count(3)
        await shoot("a company and a thread")
        await page.keyboard.press("Escape")
        if on_phone(ada):
            await to_rooms(ada)
            await shoot("a company's rooms")
