"""A server with accounts, and people who have one: for what a demo does not show."""

import json
import re
import time
import urllib.request
from pathlib import Path
from typing import Any

from playwright.async_api import Browser, BrowserContext
from tests.browser.house import PASSWORD, Person, Server


class Household(Server):
    """A server with accounts, and no demo: its first admin is made by `settle`."""

    def __init__(self, data: Path, *options: str) -> None:
        super().__init__(data, *options, demo=False)

    def setup_link(self) -> str:
        """Return what follows the address of the page in the link that a first start prints."""
        deadline = time.monotonic() + 10
        while time.monotonic() < deadline:
            if found := re.search(r"/(#setup=\S+)", self.log):
                return found[1]
            time.sleep(0.05)
        raise AssertionError(self.log)

    def settle(self, name: str = "ada") -> "Account":
        """Make the first admin without a browser."""
        return Account(self, {"token": self.setup_link().split("=")[1]}, name)


class Account:
    """Somebody with an account, who speaks HTTP as a page does: quicker than typing."""

    def __init__(self, server: Server, link: dict[str, str], name: str) -> None:
        self.server = server
        self.name = name
        self.csrf = ""
        self.opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor())
        account = {**link, "name": name, "password": PASSWORD}
        self.csrf = self.ask("POST", "links/accept", account)["csrf"]

    def ask(self, method: str, path: str, body: object = None) -> Any:
        """Ask the API as this person; what is refused is an `HTTPError`."""
        data = None if body is None else json.dumps(body).encode()
        headers = {"origin": self.server.url, "x-csrf-token": self.csrf}
        if data is not None:
            headers["content-type"] = "application/json"
        request = urllib.request.Request(
            f"{self.server.url}/api/v1/{path}", data, headers, method=method
        )
        with self.opener.open(request, timeout=20) as answer:
            text = answer.read()
        return json.loads(text) if text else {}


class Guests:
    """Browsers of their own, each with one tab; what went wrong in them is told at the end."""

    def __init__(self, browser: Browser, url: str) -> None:
        self.browser = browser
        self.url = url
        self.people: list[Person] = []

    async def __call__(self, context: BrowserContext | None = None) -> Person:
        context = context or await self.browser.new_context(viewport={"width": 1280, "height": 800})
        person = Person(await context.new_page(), self.url)
        self.people.append(person)
        return person


async def with_authenticator(person: Person) -> None:
    """Give the tab an authenticator that says yes."""
    session = await person.page.context.new_cdp_session(person.page)
    await session.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    await session.send("WebAuthn.addVirtualAuthenticator", {"options": options})
