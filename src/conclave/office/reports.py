"""Messages that people reported, of all rooms."""

from conclave.model import Action, By, Outcome, Report
from conclave.office.live import Live
from conclave.ports import Audit, Moderation


class Reports:
    def __init__(self, moderation: Moderation, audit: Audit, live: Live) -> None:
        self._moderation = moderation
        self._audit = audit
        self._live = live

    async def listed(self, *, closed: bool, after: str, limit: int) -> list[Report]:
        """Return reports, the oldest first, with what the messages say now."""
        return await self._moderation.all_reports(closed=closed, after=after, limit=limit)

    async def close(self, id: str, outcome: Outcome, by: By) -> None:  # noqa: A002 - a report's id
        """Say what came of a report; closing it again does nothing. Raises `not_found`."""
        await self._live.guarded(self._close(id, outcome, by))

    async def _close(self, id: str, outcome: Outcome, by: By) -> None:  # noqa: A002
        room, done = await self._moderation.close_report(id, by.identity, outcome)
        if not done:
            return
        note = by.note(Action.REPORT_CLOSED, room=room, id=id, outcome=str(outcome))
        self._audit.note(note)
        await self._live.refresh(room, await self._moderation.keepers(room))
