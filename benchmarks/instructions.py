"""
Instructions a message, counted: `python -m benchmarks.instructions [COMMIT]`.

Seconds move by half on a machine that others use; the number of instructions of a fixed workload
moves less: what timers gather depends on how many messages come to one turn. The server runs
under valgrind's callgrind; two runs that differ only in how many messages are sent differ by
what those cost, whatever coming in costs. With a commit, its server is measured too, and the
exit code is 1 when a message of today costs more than so many hundredths more.

What it does not see: the kernel's part, caches, and waiting.
"""

import argparse
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks import generator, hosts
from benchmarks.hosts import Host
from tests.support import node_process
from tests.support.node_process import UNBOUND, NodeProcess

ROOT = Path(__file__).parents[1]
# Seconds in which nobody speaks.
_IDLE = 5.0
_TOTALS = re.compile(r"^totals: (\d+)$", re.MULTILINE)


@dataclass(frozen=True)
class Workload:
    """Members who write one message at a time: *few* of them, then *many*."""

    options: Mapping[str, Any]
    few: int
    many: int


WORKLOADS = {
    "a room of 100": Workload({"members": 100, "senders": 1}, 20, 120),
    "rooms of one": Workload({"members": 4, "rooms": 4, "per_room": 1}, 100, 400),
    "coming in": Workload({"rooms": 1}, 20, 80),
}


@contextmanager
def counted(source: Path, folder: Path) -> Iterator["Counting"]:
    """Start the server of *source* under callgrind, counting nothing yet."""
    out = folder / "callgrind.out"
    before = ("valgrind", "-q", "--tool=callgrind", "--instr-atstart=no")
    node_process.ENVIRONMENT.update(PYTHONPATH=str(source / "src"), UV_USE_IO_URING="0")
    # Its own settings: an earlier server does not know those of today. All is slow here.
    own = ("--config", str(source / "benchmarks" / "server.toml"), "--auth-timeout", "60")
    words = (*own, *hosts.WORDS[len(UNBOUND) :])
    node = NodeProcess(folder / "data", *words, before=(*before, f"--callgrind-out-file={out}"))
    try:
        yield Counting(Host(hosts.CONCLAVE, node.port, node.pid, ""), out)
    finally:
        node.kill()
        del node_process.ENVIRONMENT["PYTHONPATH"]


class Counting:
    """A server whose instructions can be counted."""

    def __init__(self, host: Host, out: Path) -> None:
        self.host, self._out, self._dumps = host, out, 0

    def of(self, workload: Workload) -> float:
        """Return instructions a message, or a member who comes in."""
        self._do(workload, workload.few)
        self._control("-i", "on")
        idle = self._count(lambda: time.sleep(_IDLE)) / _IDLE
        few, many = (self._busy(workload, size, idle) for size in (workload.few, workload.many))
        self._control("-i", "off")
        return (many - few) / (workload.many - workload.few)

    def _busy(self, workload: Workload, size: int, idle: float) -> float:
        began = time.monotonic()
        count = self._count(lambda: self._do(workload, size))
        # What its timers do, whoever speaks: here a second has time for few messages.
        return count - idle * (time.monotonic() - began)

    def _count(self, do: Callable[[], None]) -> int:
        self._control("-z")
        do()
        self._control("-d")
        self._dumps += 1
        text = self._out.with_name(f"{self._out.name}.{self._dumps}").read_text()
        found = _TOTALS.findall(text)
        return int(found[-1])

    def _do(self, workload: Workload, size: int) -> None:
        common = {"drain": 60, "linger": 0.5, "core": hosts.GENERATORS_CORE, **workload.options}
        if "members" in workload.options:
            self.host.talk(messages=size, size=200, **common)
        else:
            self.host.come(members=size, connecting=1, **common)

    def _control(self, *words: str) -> None:
        command = ["callgrind_control", *words, str(self.host.pid)]
        subprocess.run(command, check=True, capture_output=True)


def measure(source: Path) -> dict[str, float]:
    """Return instructions for each workload, of the server whose tree is *source*."""
    with tempfile.TemporaryDirectory() as folder, counted(source, Path(folder)) as counting:
        return {name: counting.of(one) for name, one in WORKLOADS.items()}


@contextmanager
def tree_of(commit: str) -> Iterator[Path]:
    """Check *commit* out beside this tree, for as long as it is needed."""
    with tempfile.TemporaryDirectory(dir=generator.BUILD) as folder:
        add = ["git", "worktree", "add", "--quiet", "--detach", folder, commit]
        subprocess.run(add, cwd=ROOT, check=True)
        try:
            yield Path(folder)
        finally:
            remove = ["git", "worktree", "remove", "--force", folder]
            subprocess.run(remove, cwd=ROOT, check=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("commit", nargs="?", help="what to compare with, such as main")
    parser.add_argument("--most", type=float, default=10.0, help="hundredths it may cost more")
    given = parser.parse_args()
    generator.build()
    before = {}
    if given.commit:
        with tree_of(given.commit) as source:
            before = measure(source)
    worse = compare(before, measure(ROOT), given.most)
    sys.exit(f"costs more than {given.most:g} % more: {', '.join(worse)}" if worse else 0)


def compare(before: Mapping[str, float], now: Mapping[str, float], most: float) -> list[str]:
    """Print both, and return the names of what costs more than *most* hundredths more."""
    worse = []
    for name, count in now.items():
        change = (count / before[name] - 1) * 100 if name in before else 0.0
        was = f"  {before[name]:>12,.0f} before: {change:+.1f} %" if name in before else ""
        print(f"{name:<16} {count:>12,.0f} instructions{was}")
        if change > most:
            worse.append(name)
    return worse


if __name__ == "__main__":
    main()
