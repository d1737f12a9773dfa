"""The page as an application: installed, opened where the server is not, and renewed."""

import asyncio
import json
import os
import shutil
import struct
from collections.abc import AsyncIterator
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser, expect
from tests.browser.house import KEPT, Person, Server

import conclave

APP = Path(conclave.__file__).parent / "web/app"
# The page leaves somebody who comes in alone for ten seconds; here it hurries.
HURRY = """new MutationObserver(() => {
    document.documentElement.dataset.quiet = "50";
}).observe(document, { childList: true });"""
# Everything that a worker keeps: cache, address, and the text of what is none too large.
CACHED = """async () => {
    const found = [];
    for (const name of await caches.keys()) {
        const cache = await caches.open(name);
        for (const request of await cache.keys()) {
            const answer = await cache.match(request);
            const url = new URL(request.url).pathname;
            found.push({ cache: name, url, text: await answer.text() });
        }
    }
    return found;
}"""


@pytest_asyncio.fixture(loop_scope="session")
async def john(browser: Browser, fresh: Server) -> AsyncIterator[Person]:
    """Somebody with a browser of their own, and a server that may die."""
    context = await browser.new_context(viewport={"width": 1280, "height": 800})
    await context.add_init_script(HURRY)
    yield Person(await context.new_page(), fresh.url)
    await context.close()


async def cached(person: Person) -> list[dict[str, str]]:
    found: list[dict[str, str]] = await person.page.evaluate(CACHED)
    return found


async def kept_by_worker(person: Person) -> str:
    """Wait until a worker rules the page; return the folder that it keeps."""
    for _ in range(200):
        if await person.page.evaluate("navigator.serviceWorker.controller !== null"):
            break
        await asyncio.sleep(0.1)
    (folder,) = await person.page.evaluate("caches.keys()")
    return str(folder).removeprefix("conclave ")


async def on_disk(person: Person, text: str) -> None:
    """Wait until the browser keeps *text*: what can be read again is written in its own time."""
    for _ in range(150):
        if text in json.dumps(await person.page.evaluate(KEPT)):
            return
        await asyncio.sleep(0.1)
    raise AssertionError(f"not kept: {text}")


def head(server: Server, path: str) -> dict[str, str]:
    connection = HTTPConnection("127.0.0.1", server.port, timeout=30)
    try:
        connection.request("HEAD", path)
        answer = connection.getresponse()
        assert answer.status == 200, path
        return {name.lower(): value for name, value in answer.getheaders()}
    finally:
        connection.close()


def test_each_icon_is_there_in_the_size_that_the_manifest_says():
    manifest = json.loads((APP / "manifest.webmanifest").read_text("utf-8"))
    purposes = set()
    for icon in manifest["icons"]:
        content = (APP / icon["src"]).read_bytes()
        purposes.add(icon.get("purpose", "any"))
        if icon["type"] == "image/png":
            assert content.startswith(b"\x89PNG\r\n\x1a\n")
            assert "{}x{}".format(*struct.unpack(">II", content[16:24])) == icon["sizes"]
    assert purposes == {"any", "maskable"}
    assert {"192x192", "512x512", "any"} == {icon["sizes"] for icon in manifest["icons"]}


def test_the_worker_is_asked_for_each_time_and_rules_the_whole_page(fresh: Server):
    headers = head(fresh, "/service-worker.js")
    assert headers["cache-control"] == "no-cache"
    assert headers["content-type"] == "text/javascript; charset=utf-8"
    assert "worker-src 'self'" in headers["content-security-policy"]


@pytest.mark.slow
async def test_the_browser_finds_nothing_that_keeps_it_from_being_installed(john: Person):
    await john.enter("john")
    await kept_by_worker(john)
    cdp = await john.page.context.new_cdp_session(john.page)
    manifest: dict[str, Any] = await cdp.send("Page.getAppManifest")
    assert manifest["errors"] == []
    assert manifest["url"].endswith("/app/manifest.webmanifest")
    found = await cdp.send("Page.getInstallabilityErrors")
    # The contexts of these tests are like private windows, which install nothing.
    wrong = {error["errorId"] for error in found["installabilityErrors"]}
    assert wrong <= {"in-incognito"}
    assert john.wrong == []


async def test_without_the_server_the_page_opens_with_what_was_kept(john: Person, fresh: Server):
    await john.in_new_room("kept", "before the silence")
    await kept_by_worker(john)
    await on_disk(john, "before the silence")
    fresh.kill()
    await john.page.reload()
    await john.sees("before the silence")
    await expect(john.page.locator(".stage h1")).to_have_text("kept")
    # A part that was never shown is there too.
    await john.page.get_by_role("button", name="Your account").click()
    await expect(john.page.get_by_role("dialog", name="Your account")).to_be_visible()
    await john.page.keyboard.press("Escape")
    await john.say("into the silence")
    await expect(john.page.locator(".line[data-state]")).to_have_count(1)
    fresh.start()
    await john.connected("john", within=30)
    await john.stored()
    await john.sees("into the silence")


@pytest.mark.slow
async def test_what_is_kept_for_everybody_has_nothing_of_anybody(john: Person):
    await john.in_new_room("private-room", "words of john's")
    folder = await kept_by_worker(john)
    await john.page.reload()
    await john.sees("words of john's")
    files = await cached(john)
    assert len(files) > 100
    for file in files:
        assert file["cache"] == f"conclave {folder}"
        assert file["url"] == "/" or file["url"].startswith(f"{folder}/"), file["url"]
        assert "words of john's" not in file["text"], file["url"]
        assert "private-room" not in file["text"], file["url"]
    await john.sign_out()
    await expect(john.page.get_by_role("button", name="Enter as john")).to_be_visible()
    await john.page.reload()
    await expect(john.page.get_by_role("button", name="Enter as john")).to_be_visible()
    left = json.dumps(await john.page.evaluate(KEPT))
    left += await john.page.evaluate("JSON.stringify({ ...localStorage, ...sessionStorage })")
    assert "words of john's" not in left
    assert "private-room" not in left
    assert [file["url"] for file in await cached(john)] == [file["url"] for file in files]


@pytest.mark.slow
async def test_signed_out_and_offline_there_is_the_door_and_nobody(john: Person, fresh: Server):
    await john.in_new_room("gone", "words of john's")
    await kept_by_worker(john)
    await john.sign_out()
    await expect(john.page.get_by_role("button", name="Enter as john")).to_be_visible()
    fresh.kill()
    await john.page.reload()
    await expect(john.page.get_by_role("button", name="Enter as john")).to_be_visible()
    assert "words of john's" not in await john.page.content()


@pytest.fixture
def newer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Let servers that start from now on be of another version, which says its name anew."""

    def renew() -> None:
        folder = tmp_path / "newer"
        shutil.copytree(
            Path(conclave.__file__).parent,
            folder / "conclave",
            ignore=shutil.ignore_patterns("__pycache__"),
        )
        page = folder / "conclave/web/app/index.html"
        text = page.read_text("utf-8")
        assert "every room is a log." in text
        page.write_text(text.replace("every room is a log.", "a newer log."), "utf-8")
        monkeypatch.setenv(
            "PYTHONPATH", str(folder) + os.pathsep + os.environ.get("PYTHONPATH", "")
        )

    return renew


async def version_of(person: Person) -> str:
    described = person.page.locator("meta[name=description]")
    return str(await described.get_attribute("content"))


@pytest.mark.slow
async def test_a_new_version_is_told_taken_when_wanted_and_replaces_the_old(
    john: Person, fresh: Server, newer
):
    await john.in_new_room("renewed", "before")
    old = await kept_by_worker(john)
    await on_disk(john, "before")
    fresh.kill()
    newer()
    fresh.start()
    await john.connected("john", within=30)
    bar = john.page.get_by_role("status").filter(has_text="A new version is here.")
    await expect(bar).to_be_visible()
    # Nothing changes under somebody's hands.
    assert "every room is a log." in await version_of(john)
    await bar.get_by_role("button", name="Reload").click()
    await john.connected("john", within=30)
    assert "a newer log." in await version_of(john)
    await expect(bar).to_have_count(0)
    for _ in range(150):
        names = await john.page.evaluate("caches.keys()")
        if names and f"conclave {old}" not in names:
            break
        await asyncio.sleep(0.1)
    assert len(names) == 1
    fresh.kill()
    await john.page.reload()
    await john.sees("before")
    assert "a newer log." in await version_of(john)


@pytest.mark.slow
async def test_a_tab_that_comes_anew_is_never_an_old_one(john: Person, fresh: Server, newer):
    await john.enter("john")
    await kept_by_worker(john)
    fresh.kill()
    newer()
    fresh.start()
    await john.page.reload()
    assert "a newer log." in await version_of(john)
    await john.connected("john")
