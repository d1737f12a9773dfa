"""One's data as a file: from the press to what lies in the browser's folder."""

import json

from playwright.async_api import Route, expect
from tests.browser.conftest import NewAccount
from tests.browser.house import PASSWORD
from tests.browser.household import Guests

ASKED = "**/api/v1/me/export"


async def test_one_takes_ones_data_along_and_reads_what_stands_in_the_way(
    guest: Guests, account: NewAccount
):
    account("tia")
    person = await guest()
    await person.open()
    await person.sign_in("tia")
    await person.connected("tia")
    await person.create("attic")
    await person.in_room("attic")
    await person.say("kept for ever")
    await person.stored()
    dialog = await person.account("Your data")
    async with person.page.expect_download() as coming:
        await dialog.get_by_role("button", name="Download").click()
    download = await coming.value
    assert download.suggested_filename == "conclave-data.jsonl"
    path = await download.path()
    lines = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    assert (lines[0]["of"], lines[-1]["line"]) == ("tia", "end")
    said = [line for line in lines if line["line"] == "entry" and line["text"]]
    assert [(line["room"], line["text"]) for line in said] == [("attic", "kept for ever")]
    await expect(dialog.get_by_role("status")).to_contain_text("saves it as conclave-data.jsonl")

    async def refuse(route: Route) -> None:
        body = json.loads(route.request.post_data or "{}")
        if body == {"password": PASSWORD}:
            await route.fulfill(status=200, body='{"line":"export"}\n')
        else:
            code = {"code": "password_required", "detail": "Say your password once more"}
            await route.fulfill(status=403, json=code)

    await person.page.route(ASKED, refuse)
    await dialog.get_by_role("button", name="Download").click()
    asked = person.page.get_by_role("dialog", name="Your password, once more")
    await expect(asked).to_contain_text("for you alone")
    await asked.get_by_label("Password", exact=True).fill("not this")
    await asked.get_by_role("button", name="Go on").click()
    await expect(asked.get_by_role("alert")).to_contain_text("not your password")
    await asked.get_by_label("Password", exact=True).fill(PASSWORD)
    await asked.get_by_role("button", name="Go on").click()
    await expect(dialog.get_by_role("alert")).to_contain_text("cut off, and nothing was saved")

    async def too_often(route: Route) -> None:
        told = {"code": "rate_limited", "retry_after_ms": 590_000}
        await route.fulfill(status=429, json=told)

    await person.page.unroute(ASKED)
    await person.page.route(ASKED, too_often)
    await dialog.get_by_role("button", name="Download").click()
    await expect(dialog.get_by_role("alert")).to_contain_text("590 seconds")
