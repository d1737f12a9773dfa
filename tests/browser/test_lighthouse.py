"""What Lighthouse says of the door and of the signed-in chat, as on a desktop."""

import asyncio
import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import async_playwright, expect
from tests.browser.house import ARGUMENTS, PASSWORD, Person, chromium
from tests.browser.household import Household
from tests.support.ports import free_port

LIGHTHOUSE = Path(__file__).parent.parent.parent / "node_modules/lighthouse/cli/index.js"
LEAST = {"accessibility": 1.0, "best-practices": 1.0, "performance": 0.95}
# What is measured is measured again where others had the machine meanwhile; the rest is as it is.
TURNS = 3


async def judged(url: str, port: int, folder: Path) -> dict[str, Any]:
    """Return the report on *url* by the browser at *port*, with what that browser keeps."""
    report = folder / "report.json"
    command = ["node", str(LIGHTHOUSE), url, f"--port={port}", "--preset=desktop", "--quiet"]
    command += ["--output=json", f"--output-path={report}", "--disable-storage-reset"]
    command += [f"--only-categories={','.join(LEAST)}", "--no-enable-error-reporting"]
    process = await asyncio.create_subprocess_exec(*command, cwd=folder)
    assert await process.wait() == 0
    found: dict[str, Any] = json.loads(report.read_text("utf-8"))
    return found


def faults(report: dict[str, Any]) -> dict[str, str]:
    """Return what costs points, in words, by category."""
    found = {}
    for name, category in report["categories"].items():
        for part in category["auditRefs"]:
            audit = report["audits"][part["id"]]
            if part["weight"] > 0 and audit["score"] is not None and audit["score"] < 1:
                said = audit.get("displayValue") or audit["title"]
                found[f"{name}: {part['id']}"] = f"{audit['score']} {said}"
    return found


async def at_its_best(url: str, port: int, folder: Path) -> None:
    for _ in range(TURNS):
        report = await judged(url, port, folder)
        scores = {name: category["score"] for name, category in report["categories"].items()}
        print(f"\n{url}: {scores} {faults(report)}")
        if scores["performance"] >= LEAST["performance"]:
            break
    assert scores.keys() == LEAST.keys()
    assert {name: scores[name] for name in LEAST if scores[name] < LEAST[name]} == {}, faults(
        report
    )


@pytest.mark.slow
@pytest.mark.alone
@pytest.mark.timeout(600)
async def test_lighthouse_has_nothing_to_say_of_the_door_and_the_chat(tmp_path: Path):
    if not LIGHTHOUSE.exists() or shutil.which("node") is None:
        pytest.skip("Lighthouse is not installed: npm ci")
    household, port = Household(tmp_path, "--rate", "0"), free_port()
    household.start()
    try:
        household.settle("ada")
        async with async_playwright() as playwright:
            # Lighthouse opens tabs of its own: beside one who is signed in, so is it.
            context = await playwright.chromium.launch_persistent_context(
                tmp_path / "browser",
                executable_path=chromium(),
                args=[*ARGUMENTS, f"--remote-debugging-port={port}"],
            )
            await at_its_best(household.url, port, tmp_path)
            ada = Person(await context.new_page(), household.url)
            await ada.open()
            await ada.sign_in("ada", PASSWORD)
            await ada.connected("ada")
            await ada.create("plans", "What we build next, and why")
            await ada.in_room("plans")
            for n in range(30):
                await ada.say(
                    f"**{n}.** What was said, with `code` and a [link](https://a.example)"
                )
            await ada.stored()
            await expect(ada.page.locator(".line")).to_have_count(30)
            await ada.page.close()
            await at_its_best(f"{household.url}/#plans", port, tmp_path)
            assert ada.wrong == []
            await context.close()
    finally:
        household.close()
