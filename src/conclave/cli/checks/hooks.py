"""Are outgoing webhooks told what they are to be told?"""

from contextlib import closing
from pathlib import Path
from typing import Any, Final

from conclave.cli.checks.finding import Finding, good, warning
from conclave.storage.backup import reading
from conclave.storage.datadir import DATABASE
from conclave.storage.driver import driver

_STATE: Final = """
    SELECT h.id, h.name, h.last, h.disabled_why, h.failing_since,
        (SELECT count(*) FROM dead_letters WHERE hook = h.id)
    FROM outgoing_hooks h ORDER BY h.id
"""
# What somebody has turned off is as they want it.
_BY_HAND: Final = "by hand"


def check_hooks(directory: Path) -> list[Finding]:
    """Look at the webhooks in the database of *directory*, where it has some."""
    path = directory / DATABASE
    if not path.exists():
        return []
    try:
        with closing(reading(path)) as connection:
            rows = connection.execute(_STATE).fetchall()
    except (driver().Error, OSError):
        # Of an earlier version, or damaged: others say so.
        return []
    found = [finding for row in rows for finding in _of(*row)]
    if rows and not found:
        return [good("webhooks", "all are told what is said")]
    return found


def _of(hook: str, name: str, last: Any, off: Any, failing: Any, dead: int) -> list[Finding]:
    found = []
    if off is not None and off != _BY_HAND:
        advice = f"see to its receiver, then `conclave webhook enable {hook}`"
        found.append(warning("webhooks", f"«{name}» is turned off: {off}", advice))
    elif off is None and failing is not None:
        advice = "it is tried again by itself; see to its receiver"
        found.append(warning("webhooks", f"«{name}» takes nothing now: {last}", advice))
    if dead:
        says = f"of «{name}» {dead} deliveries were given up"
        advice = f"`conclave webhook dead {hook}` lists them, to resend or to drop"
        found.append(warning("webhooks", says, advice))
    return found
