"""How many people, rooms and messages there are."""

from typing import Final

from sqlalchemy import Connection

from conclave.model.facts import Counts
from conclave.storage.driver import raw

_COUNTS: Final = """
    SELECT
        (SELECT count(*) FROM users WHERE active = 1),
        (SELECT count(*) FROM users WHERE active = 1 AND role = 'admin'),
        (SELECT count(*) FROM rooms WHERE deleted_at IS NULL),
        (SELECT coalesce(sum(last_count - purged_count), 0) FROM rooms WHERE deleted_at IS NULL),
        (SELECT count(*) FROM reports WHERE closed_at IS NULL)
"""


def count_all(connection: Connection) -> Counts:
    users, admins, rooms, messages, open_reports = raw(connection).execute(_COUNTS).fetchone()
    return Counts(
        users=users, admins=admins, rooms=rooms, messages=messages, open_reports=open_reports
    )
