"""What is promised of Conclave, and whether results keep it; a miss is shown with its number."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

OTHERS = ("ws", "socket.io", "websockets", "fastapi", "channels")


@dataclass(frozen=True)
class Promise:
    """*figure* of a scenario is at most, or at least, *bound*; `beside` makes it a ratio."""

    scenario: str
    figure: str
    bound: float
    at_least: bool = False
    beside: str = ""


def _all() -> Iterator[Promise]:
    yield Promise("S1", "conclaves_ratio", 1.10, beside="bun")
    yield Promise("S1", "conclaves_ratio", 0.70, beside="ws")
    yield Promise("S2", "conclaves_ratio", 1.0, at_least=True, beside="bun")
    yield Promise("S2", "conclaves_ratio", 8.0, at_least=True, beside="socket.io")
    yield Promise("S3", "conclaves_ratio", 0.8, at_least=True, beside="bun")
    for other in OTHERS:
        yield Promise("S3", "conclaves_ratio", 4.0, at_least=True, beside=other)
    yield Promise("S4", "conclaves_ratio", 0.5, at_least=True, beside="bun")
    yield Promise("S4", "conclaves_ratio", 1.0, at_least=True, beside="ws")
    yield Promise("S5", "bytes_at_1000", 11_000)
    yield Promise("S5", "bytes_at_15000", 11_000)
    yield Promise("S6", "setups_per_second", 2_000, at_least=True)
    yield Promise("S6", "conclaves_ratio", 1.0, at_least=True, beside="ws")
    yield Promise("S7", "conclaves_ratio", 1.2, beside="bun")
    yield Promise("S8", "seconds_until_all_are_back", 10)
    yield Promise("S9", "page, ms p99", 5)
    for who in ("one small room", "the great room", "100 rooms", "300 rooms"):
        yield Promise("S9", f"search in {who}, ms p99", 50)
    yield Promise("ingest", "messages_per_second", 30_000, at_least=True)
    yield Promise("paced", "ack_us_p99", 50_000)
    yield Promise("start", "seconds_until_it_serves", 1.5)
    yield Promise("start", "mb_at_start", 110)


PROMISES = tuple(_all())


@dataclass(frozen=True)
class Verdict:
    promise: Promise
    value: float
    kept: bool


def judge(summary: dict[str, Any]) -> list[Verdict]:
    """Return a verdict on each promise that *summary* has a figure for."""
    verdicts = []
    for promise in PROMISES:
        of = summary.get(promise.scenario, {}).get(promise.beside or "conclave", {})
        if promise.figure in of:
            value = of[promise.figure]["median"]
            kept = value >= promise.bound if promise.at_least else value <= promise.bound
            verdicts.append(Verdict(promise, value, kept))
    return verdicts + _crowd(summary)


def _crowd(summary: dict[str, Any]) -> list[Verdict]:
    """Return whether a delivery costs the same in a room of 10,000 as in one of 1,000."""
    name = "cpu_us_per_delivery"
    few, many = (summary.get(one, {}).get("conclave", {}).get(name) for one in ("S1", "crowd"))
    if few is None or many is None:
        return []
    ratio = many["median"] / few["median"]
    return [Verdict(Promise("crowd", f"{name}, to that of S1", 1.15), ratio, ratio <= 1.15)]
