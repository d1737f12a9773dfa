"""
Counts what is asked of SQLite, by SQLite's own trace: `--app tests.support.statements:APP`.

Only what is read: what is written goes another way, together with others. And how many
passwords were hashed, or compared, which is as dear.
"""

import re
from collections import Counter

from tests.support.people import Ends, app

from conclave import Controller, Event, on
from conclave.auth.passwords import Passwords
from conclave.client.wire import connect
from conclave.storage.driver import raw
from conclave.storage.readers import Readers

# Asked now and then for all who are there, whoever comes or goes.
FOR_ALL = re.compile(r"SELECT rooms\.name, rooms\.last_seq|SELECT name FROM rooms WHERE kind")


class Statements:
    """What has been read since it was cleared, in the order in which it was asked."""

    def __init__(self) -> None:
        self.all: list[str] = []
        self.hashes = 0
        find = Readers._connection

        def traced(readers: Readers):
            found = find(readers)
            if found.dialect.name == "sqlite":
                raw(found).set_trace_callback(self._asked)
            return found

        self._traced = traced

    def install(self, patch) -> None:
        patch(Readers, "_connection", self._traced)

    def _asked(self, statement: str) -> None:
        if not statement.startswith(("BEGIN", "COMMIT", "ROLLBACK", "PRAGMA", "--")):
            self.all.append(" ".join(statement.split()))

    def of_some(self) -> list[str]:
        """Return what was not asked for all."""
        return [one for one in self.all if not FOR_ALL.match(one)]

    def kinds(self) -> Counter[str]:
        return Counter(re.sub(r"'[^']*'|\b\d+", "?", one)[:160] for one in self.all)


SEEN = Statements()


class Asked(Event, type="test:statements"):
    """Asks how many statements there were since the last time, and of what kinds."""


class Counting(Controller):
    @on(Asked)
    async def asked(self, connection, event: Asked) -> dict[str, object]:
        kinds, SEEN.all = SEEN.kinds(), []
        return {"kinds": dict(kinds), "hashes": SEEN.hashes}


async def asked_since(url: str) -> tuple[Counter[str], int]:
    """Return what the server at *url* was asked since the last time, and its hashes ever."""
    async with connect(url) as wire:
        wire.send("auth", token="i-am-counting")
        wire.send("test:statements", id="asked")
        while (event := await wire.receive()).id != "asked":
            pass
    return Counter(event.data["kinds"]), event.data["hashes"]


def _count_hashes() -> None:
    run = Passwords._run

    def counted(passwords, work):
        SEEN.hashes += 1
        return run(passwords, work)

    Passwords._run = counted


def _app():
    SEEN.install(setattr)
    _count_hashes()
    return app(Ends, Counting)


def __getattr__(name: str) -> object:
    # Made when a server asks for it, as it changes how that reads.
    if name == "APP":
        return _app()
    raise AttributeError(name)
