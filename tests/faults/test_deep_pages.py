"""
Pages from the depths of a long log: quick, bounded, and no means to stop the others (D9).

`tests/integration/test_history_numbers.py` has the numbers a page may be asked for by; here is
what it costs where there are many.
"""

import json
import random
import statistics
import time
from collections.abc import Iterator
from contextlib import ExitStack

import pytest
from tests.faults.test_purge import _make
from tests.support.canary import Canary
from tests.support.flooder import Flooder, request
from tests.support.node_process import NodeProcess

WORDS = ("--demo", "--app", "tests.support.people:APP")
ROWS = [
    pytest.param(3_000, id="3,000 rows"),
    pytest.param(1_000_000, id="1,000,000 rows", marks=pytest.mark.slow),
]
# Milliseconds, asked one after the other: what there is to do for one page.
WITHIN = 50.0
TRIES = 3


def questions(rows: int, count: int, seed: int) -> Iterator[bytes]:
    """Return so many requests for pages, from anywhere in the log and in every way."""
    picked = random.Random(seed)
    for n in range(count):
        seq = picked.randrange(1, rows)
        how = picked.choice([{"before": seq}, {"after": seq}, {"around": seq}, {"thread": seq},
                             {"at": 1_795_374_000_000 + seq}, {"pinned": True},
                             {"after": seq, "as": "entries"}])  # fmt: skip
        yield request("get:history", f"h-{n}", room="random", limit=20, **how)


@pytest.mark.alone
@pytest.mark.parametrize("rows", ROWS)
@pytest.mark.timeout(900)
async def test_a_thousand_deep_pages_at_once_are_quick_and_stop_nobody(tmp_path, rows):
    seed = random.randrange(2**32)
    print(f"seed {seed}")
    await _make(tmp_path / "demo", rows)
    with (
        NodeProcess(tmp_path, *WORDS, "--rate", "0", "--connection-rate", "0") as node,
        Canary(node, f"D9 {rows} rows") as canary,
        ExitStack() as stack,
    ):

        def come(user: str, **options: str) -> Flooder:
            one = Flooder(node.port, user, "random", **options)
            stack.callback(one.close)
            return one

        eve = come("eve")
        p99 = min(alone(eve, rows, seed + n) for n in range(TRIES))
        # Twenty connections, fifty questions each, all at once.
        crowd = [come(f"c{n}", source="127.0.0.4") for n in range(20)]
        began = time.monotonic()
        for n, one in enumerate(crowd):
            one.types.clear()
            one.only_counts = True
            one.send(b"".join(questions(rows, 50, seed + n)))
        while any(one.types["history"] + one.codes["busy"] < 50 for one in crowd):
            assert time.monotonic() - began < 60
            for one in crowd:
                one.read()
        took = time.monotonic() - began
        answered = sum(one.types["history"] for one in crowd)
        busy = sum(one.codes["busy"] for one in crowd)
    print(json.dumps({"rows": rows, "page_p99_ms": round(p99, 1), "pages": answered,
                      "busy": busy, "s": round(took, 1)}))  # fmt: skip
    assert answered + busy == 1_000
    assert answered >= 900
    assert p99 <= WITHIN * canary.report.slowed


def alone(eve: Flooder, rows: int, seed: int) -> float:
    """Return what one of a hundred pages takes longer than, asked one by one; milliseconds."""
    took = []
    for n, question in enumerate(questions(rows, 100, seed)):
        began = time.monotonic()
        eve.send(question)
        eve.await_answer(f"h-{n}")
        took.append((time.monotonic() - began) * 1_000)
    return statistics.quantiles(took, n=100)[98]


def page(number: int) -> bytes:
    return request("get:history", f"h-{number}", room="general")


def answered(eve: Flooder) -> int:
    """Return how many pages were sent or refused; one more came with the join."""
    return eve.types["history"] - 1 + eve.codes.total()


def test_who_leafs_too_fast_must_wait(tmp_path):
    """D9: pages are limited as all else is; and who waits as told gets the next one."""
    with NodeProcess(tmp_path, *WORDS) as node:
        eve = Flooder(node.port, "eve", "general")
        began, asked = time.monotonic(), 0
        while not eve.codes:
            # Some at a time: who asks one by one of a slow machine has twenty a second for ever.
            eve.send(b"".join(page(asked + n) for n in range(4)))
            asked += 4
            eve.read_until(lambda asked=asked: answered(eve) == asked, 30.0)
        took = time.monotonic() - began
        allowed = answered(eve) - eve.codes.total()
        print(json.dumps({"pages": allowed, "refused": eve.codes}))
        assert set(eve.codes) == {"rate_limited"}
        # 120 at once, and twenty a second.
        assert 120 <= allowed <= 120 + 20 * took + 1
        time.sleep(eve.waits[-1] / 1_000)
        eve.send(page(asked))
        eve.await_answer(f"h-{asked}")
        assert answered(eve) - eve.codes.total() == allowed + 1
        eve.close()
