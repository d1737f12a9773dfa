"""The page of docs/javascript.md works as it stands, on another origin."""

import functools
import re
import shutil
import threading
from collections.abc import Iterator
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from playwright.async_api import BrowserContext, expect
from tests.browser.house import Server, fill

ROOT = Path(__file__).parent.parent.parent


class Silent(SimpleHTTPRequestHandler):
    def log_message(self, *args: object) -> None:
        pass


@pytest.fixture
def site(tmp_path: Path) -> Iterator[str]:
    """Another site, with the example and the client's folder beside it."""
    docs = (ROOT / "docs/javascript.md").read_text("utf-8")
    (example,) = re.findall(r"```html\n(.*?)```", docs, re.DOTALL)
    folder = tmp_path / "site"
    shutil.copytree(ROOT / "src/conclave/web/client", folder / "client")
    (folder / "room.html").write_text(example, "utf-8")
    handler = functools.partial(Silent, directory=folder)
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as serving:
        threading.Thread(target=serving.serve_forever, daemon=True).start()
        yield f"http://localhost:{serving.server_port}"
        serving.shutdown()


async def test_the_example_reads_and_writes_a_room_from_another_origin(
    context: BrowserContext, site: str, tmp_path: Path
):
    server = Server(tmp_path, "--allow-origin", site)
    server.start()
    page = await context.new_page()
    wrong: list[str] = []
    page.on("pageerror", lambda error: wrong.append(str(error)))
    address = server.url.replace("http", "ws") + "/ws"
    await page.goto(f"{site}/room.html#given=user-token-123&given={address}")
    await expect(page.locator("#state")).to_have_text("ready")
    await fill(server, "general", ["hello from elsewhere"])
    await expect(page.locator("li", has_text="admin: hello from elsewhere")).to_have_count(1)
    await page.locator("#text").fill("and back")
    await page.locator("#text").press("Enter")
    await expect(page.locator("li").last).to_have_text("john: and back")
    await page.reload()
    await expect(page.locator("li").last).to_have_text("john: and back")
    assert wrong == []
    server.close()
