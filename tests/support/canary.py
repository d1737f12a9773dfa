"""
A well-behaved client in a room of its own while a server is attacked, and what must hold for it.

Run as a module it is that client, in a process of its own: an attack in the test's own process
would slow it down, and be blamed on the server. `Canary` is the other end of it, and holds the
bound of all attacks: nobody who behaves is disconnected, nothing is lost, acknowledgements and
the event loop stay quick, and memory comes back.
"""

import json
import re
import select
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Self

from tests.support.node_process import NodeProcess
from tests.support.raw import CLOSE, PONG, TEXT, Raw, frame

MIB = 1024 * 1024
EVERY = 0.1
LEAST_S = 1.5
# It comes from an address of its own: those of attackers are limited.
ADDRESS = "127.0.0.99"
NAME = "canary"

ACK_P99_MS = 250.0
LAG_P99_MS = 100.0
# What is not the server's doing is measured and taken into account: how late processes and
# threads are woken up (on the way of each: the loop, the one that writes, the loop again, the
# canary), and how long the server waits for a processor that others have. On a quiet machine
# both are nothing.
ACK_WAKES = 4
LAG_WAKES = 2
GROWTH_MIB = 64.0
KEPT_MIB = 16.0
BACK_WITHIN = 30.0

# What an exception that nobody expected leaves in a log.
_UNHANDLED = re.compile(r'"exception"|Traceback|never retrieved|handler_failed|hook_failed')


@dataclass(frozen=True)
class Report:
    """What became of the canary, and of the server's memory; times in milliseconds."""

    sent: int
    lost: int
    disconnects: int
    ack_p99: float
    lag_p99: float
    # How late the canary itself was woken up: what the machine is busy with besides.
    late_p99: float
    # How many times longer the server took for want of a processor.
    slowed: float
    grown_mib: float
    kept_mib: float
    unhandled: int

    def wrong(self, *, ack_p99: float, lag_p99: float, growth: float, kept: float) -> list[str]:
        """Return what does not hold."""
        bounds = {
            "disconnects": (self.disconnects, 0),
            "lost": (self.lost, 0),
            "unhandled": (self.unhandled, 0),
            "ack_p99": (self.ack_p99, ack_p99 * self.slowed + ACK_WAKES * self.late_p99),
            "lag_p99": (self.lag_p99, lag_p99 * self.slowed + LAG_WAKES * self.late_p99),
            "grown_mib": (self.grown_mib, growth),
            "kept_mib": (self.kept_mib, kept),
        }
        found = [f"{name} {is_} > {most}" for name, (is_, most) in bounds.items() if is_ > most]
        return found + ([] if self.sent >= 5 else [f"only {self.sent} sent: nothing was measured"])


class Canary:
    """
    Is there for as long as the context lasts; *node* is what is attacked meanwhile.

    The context raises when the bound did not hold; `report` has the numbers afterwards.
    *growth* and *kept*: MiB of the server's memory in the attack, and half a minute later.
    """

    report: Report

    def __init__(
        self,
        node: NodeProcess,
        name: str,
        *,
        ack_p99: float = ACK_P99_MS,
        lag_p99: float = LAG_P99_MS,
        growth: float = GROWTH_MIB,
        kept: float = KEPT_MIB,
    ) -> None:
        self._node = node
        self._name = name
        self._bounds = {"ack_p99": ack_p99, "lag_p99": lag_p99, "growth": growth, "kept": kept}
        self._most_rss = 0
        self._done = threading.Event()

    def __enter__(self) -> Self:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.support.canary", str(self._node.port)],
            cwd=Path(__file__).parents[2],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self._process.stdout is not None
        assert self._process.stdout.readline() == "singing\n"
        self._rss = self._most_rss = self._node.rss
        self._logged = len(self._node.log.read_text())
        self._began = time.monotonic()
        self._ran, self._waited = scheduled(self._node.pid)
        self._watching = threading.Thread(target=self._watch)
        self._watching.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        seconds = time.monotonic() - self._began
        ran, waited = scheduled(self._node.pid)
        ran, waited = ran - self._ran, waited - self._waited
        # An attack that is over in no time must not leave nothing measured.
        time.sleep(max(0.0, LEAST_S - seconds))
        try:
            said = self._ask_to_stop()
            self._done.set()
            kept = self._wait_for_memory()
        finally:
            self._done.set()
            self._watching.join()
            self._process.kill()
            self._process.communicate()
        log = self._node.log.read_text()[self._logged :]
        self.report = Report(
            **said,
            slowed=round((ran + waited) / ran, 1),
            grown_mib=round((self._most_rss - self._rss) / MIB, 1),
            kept_mib=round(kept / MIB, 1),
            unhandled=len(_UNHANDLED.findall(log)),
        )
        print(json.dumps({"attack": self._name, "s": round(seconds, 1), **asdict(self.report)}))
        if kind is None:
            assert not (wrong := self.report.wrong(**self._bounds)), (wrong, log[-2_000:])

    def _watch(self) -> None:
        while not self._done.wait(0.05):
            self._most_rss = max(self._most_rss, self._node.rss)

    def _ask_to_stop(self) -> dict[str, Any]:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write("stop\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        assert line, "the canary has died"
        return dict(json.loads(line))

    def _wait_for_memory(self) -> int:
        """Return how much more the server holds than before, given time to give it back."""
        until = time.monotonic() + BACK_WITHIN
        while (kept := self._node.rss - self._rss) > self._bounds["kept"] * MIB:
            if time.monotonic() > until:
                break
            time.sleep(0.25)
        return kept


def scheduled(pid: int) -> tuple[float, float]:
    """Return the seconds that the first thread of a process ran, and waited for a processor."""
    ran, waited, _ = Path(f"/proc/{pid}/schedstat").read_text().split()
    return int(ran) / 1e9, int(waited) / 1e9


class _Singer:
    """Says something ten times a second, asks for a sign of life in between, and takes the time."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._count = 0
        self._sent: dict[str, float] = {}
        self._untold: set[str] = set()
        self._acks: list[float] = []
        self._lags: list[float] = []
        self._lates: list[float] = []
        self.disconnects = 0
        self._connect()

    def _connect(self) -> None:
        self._raw = Raw.opened(self._port, source=ADDRESS)
        # Ten a second is what one may send: each time another one, with a whole allowance.
        self._send("auth", token=f"i-am-{NAME}-{time.monotonic_ns()}")
        self._send("join:room", "join", room=NAME)
        while (event := self._read()) is None or event.get("id") != "join":
            pass

    def _send(self, type_: str, id_: str | None = None, **data: Any) -> None:
        event = {"type": type_, "data": data} | ({} if id_ is None else {"id": id_})
        self._raw.send(frame(TEXT, json.dumps(event).encode()))

    def _read(self) -> dict[str, Any] | None:
        """Return the next event; None for a ping, which is answered."""
        found = self._raw.read_frame()
        if found is None or found.opcode == CLOSE:
            raise ConnectionError(found)
        if found.opcode == TEXT:
            return dict(json.loads(found.payload))
        self._raw.send(frame(PONG, found.payload))
        return None

    def sing(self) -> None:
        """Go on until a line comes in, then wait for what is still to come, and report."""
        due = time.monotonic()
        while not self._listen(due, sys.stdin):
            if (now := time.monotonic()) >= due:
                self._lates.append(now - due)
                due += EVERY
                self._try(self._say)
        until = time.monotonic() + 10.0
        while self._waits() and time.monotonic() < until:
            self._listen(time.monotonic() + 0.1)
        self._report()

    def _listen(self, until: float, *commands: Any) -> bool:
        """Hear what there is, or wait for it; return whether a command has come."""
        if self._raw.buffered:
            self._try(self._hear)
            return False
        wait = max(0.0, until - time.monotonic())
        ready, _, _ = select.select([self._raw.socket, *commands], [], [], wait)
        if self._raw.socket in ready:
            self._try(self._hear)
        return any(command in ready for command in commands)

    def _try(self, step: Callable[[], None]) -> None:
        try:
            step()
        except OSError:
            self.disconnects += 1
            self._connect()

    def _waits(self) -> bool:
        return bool(self._sent or self._untold)

    def _say(self) -> None:
        self._count += 1
        for id_, type_ in ((f"say-{self._count}", "chat"), (f"beat-{self._count}", "heartbeat")):
            self._sent[id_] = time.monotonic()
            if type_ == "chat":
                self._untold.add(id_)
                self._send(type_, id_, room=NAME, text=f"tweet {self._count}")
            else:
                self._send(type_, id_, timestamp=self._count)

    def _hear(self) -> None:
        if (event := self._read()) is None:
            return
        if event["type"] == "chat":
            self._untold.discard(event["data"].get("client_id", ""))
        elif event["type"] in ("ack", "heartbeat") and event.get("id") in self._sent:
            took = time.monotonic() - self._sent.pop(event["id"])
            (self._acks if event["type"] == "ack" else self._lags).append(took)

    def _report(self) -> None:
        lost = len(self._untold | {id_ for id_ in self._sent if id_.startswith("say")})
        print(
            json.dumps(
                {
                    "sent": self._count,
                    "lost": lost,
                    "disconnects": self.disconnects,
                    "ack_p99": _p99(self._acks),
                    "lag_p99": _p99(self._lags),
                    "late_p99": _p99(self._lates),
                }
            ),
            flush=True,
        )


def _p99(seconds: list[float]) -> float:
    """Return milliseconds; of few measurements the longest."""
    if not seconds:
        return float("inf")
    if len(seconds) < 100:
        return round(max(seconds) * 1000, 1)
    return round(statistics.quantiles(seconds, n=100)[98] * 1000, 1)


if __name__ == "__main__":
    singer = _Singer(int(sys.argv[1]))
    print("singing", flush=True)
    singer.sing()
