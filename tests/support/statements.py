"""
Counts what is asked of SQLite, by SQLite's own trace: `--app tests.support.statements:APP`.

Only what is read: what is written goes another way, together with others.
"""

import re
from collections import Counter

from tests.support.people import Ends, app

from conclave import Controller, Event, on
from conclave.storage.driver import raw
from conclave.storage.readers import Readers

# Asked now and then for all who are there, whoever comes or goes.
FOR_ALL = re.compile(r"SELECT rooms\.name, rooms\.last_seq|SELECT name FROM rooms WHERE kind")


class Statements:
    """What has been read since it was cleared, in the order in which it was asked."""

    def __init__(self) -> None:
        self.all: list[str] = []
        find = Readers._connection

        def traced(readers: Readers):
            found = find(readers)
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
        return Counter(re.sub(r"'[^']*'|\d+|\(\?.*?\)", "?", one)[:120] for one in self.all)


SEEN = Statements()


class Asked(Event, type="test:statements"):
    """Asks how many statements there were since the last time, and of what kinds."""


class Counting(Controller):
    @on(Asked)
    async def asked(self, connection, event: Asked) -> dict[str, object]:
        kinds, SEEN.all = SEEN.kinds(), []
        return {"total": kinds.total(), "kinds": dict(kinds.most_common(20))}


def _app():
    SEEN.install(setattr)
    return app(Ends, Counting)


def __getattr__(name: str) -> object:
    # Made when a server asks for it, as it changes how that reads.
    if name == "APP":
        return _app()
    raise AttributeError(name)
