"""
Run migrations by Alembic: all that a database lacks, in one transaction.
"""

from pathlib import Path
from typing import Any

from alembic.config import Config
from alembic.runtime.environment import EnvironmentContext
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from conclave.storage.chain import refuse_unless_a_chain
from conclave.storage.driver import migrating_engine
from conclave.storage.errors import CannotOpen


class Chain:
    """The migrations of some folders, the first of them Conclave's own. Raises `CannotOpen`."""

    def __init__(self, migrations: tuple[Path, ...]) -> None:
        config = Config()
        config.set_main_option("script_location", str(migrations[0]))
        config.set_main_option("path_separator", "newline")
        config.set_main_option("version_locations", "\n".join(map(str, migrations)))
        self._script = ScriptDirectory.from_config(config)
        # Read by itself: Alembic's own map of them has one of two that are numbered alike.
        refuse_unless_a_chain(self._script._load_revisions())
        self.revisions = {known.revision for known in self._script.walk_revisions()}

    def run(self, path: Path) -> None:
        """Bring the database to the newest of them. Raises `CannotOpen`, and changes nothing."""
        with migrating_engine(path).connect() as connection, connection.begin():
            self.run_in(connection)
            _check_foreign_keys(connection, path)

    def run_in(self, connection: Connection) -> None:
        """Bring the database to the newest of them, in the transaction of *connection*."""
        with EnvironmentContext(Config(), self._script, fn=self._steps) as environment:
            # Alembic believes that SQLite cannot undo DDL: with a BEGIN of ours it can.
            environment.configure(connection=connection, transactional_ddl=True)
            environment.run_migrations()

    def _steps(self, revision: Any, _context: MigrationContext) -> Any:
        # Alembic's own word for «from here to the newest».
        return self._script._upgrade_revs("head", revision)


def _check_foreign_keys(connection: Connection, path: Path) -> None:
    if connection.exec_driver_sql("PRAGMA foreign_key_check").first() is not None:
        raise CannotOpen(f"upgrading {path} would leave rows that refer to nothing: not done")
