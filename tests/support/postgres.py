"""
A real PostgreSQL for tests: a server of their own, on a socket that only they can reach.

It is started when it is first asked for and stopped at the end. Each test gets an empty
database of its own in it.
"""

import itertools
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import psutil
import psycopg

from conclave.storage.postgres.schema import prepare

# PostgreSQL refuses to run as root.
_NOBODY = "nobody"
_WITHIN_S = 30
# To truncate as many tables takes ten times as long.
_EMPTY = """
    DO $$ DECLARE name text; BEGIN
        SET LOCAL session_replication_role = replica;
        FOR name IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' LOOP
            CONTINUE WHEN name IN ('alembic_version', 'meta');
            EXECUTE format('DELETE FROM %I', name);
        END LOOP;
        DELETE FROM meta WHERE key <> 'epoch';
    END $$
"""


def program(name: str) -> Path | None:
    """Return where the server's program *name* is: Debian keeps them out of the path."""
    versions = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"), reverse=True)
    found = versions[0] if versions else shutil.which(name)
    return None if found is None else Path(found)


class Postgres:
    """A server in the directory *place*; `url` names a database of it."""

    def __init__(self, place: Path, *options: str) -> None:
        self.place = place
        self._options = options
        self._process: subprocess.Popen[bytes] | None = None
        self._user: dict[str, Any] = {}
        self._numbers = itertools.count()
        self._furnished = False
        if os.getuid() == 0:
            shutil.chown(place, _NOBODY)
            self._user = {"user": _NOBODY, "group": "nogroup"}

    def url(self, database: str) -> str:
        return f"postgresql://conclave@/{database}?host={self.place}"

    def init(self) -> None:
        command = [
            program("initdb"), "--pgdata", self.place / "data", "--username", "conclave",
            # Another collation than the tables': they must not depend on it.
            "--auth", "trust", "--encoding", "UTF8", "--locale", "C.UTF-8", "--no-sync",
        ]  # fmt: skip
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, cwd="/", **self._user)

    def start(self) -> None:
        command = [
            program("postgres"), "-D", self.place / "data", "-k", self.place, "-h", "",
            "-c", "max_connections=200", "-c", "shared_buffers=32MB", *self._options,
        ]  # fmt: skip
        log = (self.place / "log").open("ab")
        with log:
            self._process = subprocess.Popen(command, stdout=log, stderr=log, cwd="/", **self._user)
        until = time.monotonic() + _WITHIN_S
        while True:
            try:
                psycopg.connect(self.url("postgres")).close()
                return
            except psycopg.OperationalError:
                if time.monotonic() > until or self._process.poll() is not None:
                    raise
                time.sleep(0.02)

    def stop(self) -> None:
        """Stop it at once, as a crash would."""
        assert self._process is not None
        self._process.send_signal(3)
        self._process.wait()

    def kill(self) -> None:
        """Kill all its processes at once: none ends in order, or tells anybody."""
        assert self._process is not None
        first = psutil.Process(self._process.pid)
        others = first.children()
        for process in (first, *others):
            with suppress(psutil.NoSuchProcess):
                process.kill()
        self._process.wait()
        # None starts while the memory they shared is anybody's.
        psutil.wait_procs(others, timeout=_WITHIN_S)

    def empty(self) -> str:
        """Make a database without anything in it; return its address."""
        return self._make("template0")

    def furnished(self) -> str:
        """Return the address of one with tables and nothing in them: always the same one."""
        url = self.url("furnished")
        if self._furnished:
            with psycopg.connect(url) as connection:
                connection.execute(_EMPTY)
            return url
        self._furnished = True
        self._make("template0", "furnished")
        prepare(url)
        return url

    def _make(self, template: str, name: str = "") -> str:
        name = name or f"test{next(self._numbers)}"
        self.run(f"CREATE DATABASE {name} TEMPLATE {template}")
        return self.url(name)

    def run(self, statement: str) -> None:
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(statement)


@contextmanager
def running(*options: str) -> Iterator[Postgres]:
    # Not below pytest's own, which nobody else may enter.
    place = Path(tempfile.mkdtemp(prefix="conclave-pg-"))
    try:
        server = Postgres(place, *options)
        server.init()
        server.start()
        try:
            yield server
        finally:
            server.stop()
    finally:
        shutil.rmtree(place)
