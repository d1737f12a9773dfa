"""The audit log, as whoever does something that must be written down sees it."""

from typing import Protocol

from conclave.model import AuditLine, AuditQuery, Note


class Audit(Protocol):
    """Who did what to whom, from where; apart from the chat."""

    def note(self, note: Note) -> None:
        """
        Take *note* to be written soon; never waits, never raises.

        A crash loses what was noted less than a second ago. Many sign-ins that fail
        become one line.
        """

    async def lines(self, query: AuditQuery) -> list[AuditLine]:
        """Return what *query* asks for; what was noted before is among it."""
