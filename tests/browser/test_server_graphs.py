"""The page «Server» of the office: live graphs, which can be paused and are said in words."""

import re

import pytest
from playwright.async_api import expect
from tests.browser.conftest import Tab
from tests.browser.house import Server, speaking
from tests.browser.test_for_everybody import overflow


@pytest.mark.slow
@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.timeout(120)
async def test_graphs_go_on_and_can_be_paused(tab: Tab, fresh: Server, width: int):
    admin = await tab(fresh.url)
    page = admin.page
    await admin.enter("admin")
    await page.set_viewport_size({"width": width, "height": 800})
    await page.evaluate("location.hash = '#/office/server'")
    graph = page.get_by_role("img", name="Connections. Now 1, between 1 and 1.")
    await expect(graph).to_be_visible()
    async with speaking(fresh, "john") as john:
        await expect(page.get_by_role("img", name="Connections. Now 2")).to_be_visible()
        await john.ask("heartbeat", {"timestamp": 1})
        points = await page.locator(".graph polyline").first.get_attribute("points")
        assert points is not None
        assert len(points.split(" ")) >= 2
        pause = page.get_by_role("button", name="Pause")
        await pause.click()
        await expect(pause).to_have_attribute("aria-pressed", "true")
    assert await overflow(admin) == 0
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    await page.wait_for_timeout(4_000)
    assert [url for url in asked if url.endswith("/admin/server")] == []
    await page.reload()
    await expect(page.get_by_role("button", name="Pause")).to_have_attribute("aria-pressed", "true")
    await page.get_by_role("button", name="Pause").click()
    await expect(
        page.get_by_role("img", name=re.compile("Milliseconds to an answer"))
    ).to_be_visible()
