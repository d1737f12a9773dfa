"""
What the main thread of a page does, as Chromium's own tracing says it.

A task is what runs without interruption; a frame is what runs between two of the display's
turns. Time is the thread's own, where the trace has it: a machine that others use as well
would else be measured, and not the page.
"""

import json
from collections import defaultdict
from dataclasses import dataclass
from typing import Any

from playwright.async_api import Browser, Page

FRAME_US = 1_000_000 / 60


@dataclass
class Work:
    """Milliseconds of work: of each frame in which there was some, and of each task."""

    frames: list[float]
    tasks: list[float]
    # How many elements were given a style: new ones, and what had to be looked at again.
    styled: int

    def __str__(self) -> str:
        return (
            f"{len(self.frames)} frames with work, p50 {quantile(self.frames, 0.5):.1f} ms, "
            f"p95 {quantile(self.frames, 0.95):.1f} ms, longest {max(self.frames):.1f} ms; "
            f"longest task {max(self.tasks):.1f} ms; {self.styled} elements styled"
        )


def quantile(values: list[float], part: float) -> float:
    return sorted(values)[min(len(values) - 1, int(len(values) * part))]


async def begin(browser: Browser, page: Page) -> None:
    categories = ["toplevel", "devtools.timeline", "disabled-by-default-devtools.timeline"]
    await browser.start_tracing(page=page, categories=categories)


async def end(browser: Browser) -> Work:
    """Stop tracing; return what the busiest page did."""
    events = json.loads(await browser.stop_tracing())["traceEvents"]
    return work_of(events)


def work_of(events: list[dict[str, Any]]) -> Work:
    main = {
        (event["pid"], event["tid"])
        for event in events
        if event.get("name") == "thread_name" and event["args"]["name"] == "CrRendererMain"
    }
    tasks: dict[tuple[int, int], list[dict[str, Any]]] = defaultdict(list)
    styled: dict[tuple[int, int], int] = defaultdict(int)
    for event in events:
        thread = event["pid"], event["tid"]
        if event.get("ph") == "X" and event["name"] == "RunTask":
            tasks[thread].append(event)
        elif event.get("ph") == "X" and event["name"] == "UpdateLayoutTree":
            styled[thread] += event["args"]["elementCount"]
    busiest = max(main, key=lambda thread: sum(map(took, tasks[thread])))
    of_page = tasks[busiest]
    frames: dict[int, float] = defaultdict(float)
    for task in of_page:
        frames[int(task["ts"] // FRAME_US)] += took(task) / 1000
    return Work(list(frames.values()), [took(task) / 1000 for task in of_page], styled[busiest])


def took(task: dict[str, Any]) -> float:
    """Return the microseconds that the thread ran."""
    return float(task.get("tdur", task.get("dur", 0)))
