"""Reporting a message, and looking after what was reported in a room."""

from typing import Final

from conclave.controllers.dispatch import Controller, on
from conclave.controllers.telling import tell_changed, who
from conclave.core.ratelimit import Cost
from conclave.core.text import clean_line
from conclave.core.turns import Turn
from conclave.model import Act, Action, Details, Outcome
from conclave.ports import Connection
from conclave.protocol.governing import CloseReport, ListReports, ReportMessage
from conclave.protocol.governing import Reports as ReportList

# A report holds a whole message: a page of them fits into any queue.
_PAGE: Final = 20


class Reports(Controller):
    @on(ReportMessage, act=Act.REPORT)
    async def report(self, connection: Connection, event: ReportMessage) -> None:
        await self.node.relay.guarded(self._report(connection, event))

    async def _report(self, connection: Connection, event: ReportMessage) -> None:
        fresh = await self.node.moderation.report(
            event.room, who(connection), event.target, clean_line(event.reason)
        )
        if fresh:
            room, seq = event.room, event.target
            self.node.audit(connection, Action.MESSAGE_REPORTED, room=room, seq=seq)
            await self._tell_keepers(room)

    @on(ListReports, turn=Turn.READ, costs=Cost.READ, act=Act.SEE_REPORTS)
    async def list(self, connection: Connection, event: ListReports) -> ReportList:
        found = await self.node.moderation.reports(
            event.room,
            who(connection),
            closed=event.closed,
            after=event.after or "",
            limit=_PAGE + 1,
        )
        return ReportList(event.room, found[:_PAGE], more=len(found) > _PAGE)

    @on(CloseReport, act=Act.SEE_REPORTS)
    async def close(self, connection: Connection, event: CloseReport) -> None:
        await self.node.relay.guarded(self._close(connection, event))

    async def _close(self, connection: Connection, event: CloseReport) -> None:
        outcome = Outcome(event.outcome)
        room, done = await self.node.moderation.close_report(event.report, who(connection), outcome)
        if done:
            said = Details(id=event.report, outcome=event.outcome)
            self.node.audit(connection, Action.REPORT_CLOSED, room=room, **said)
            await self._tell_keepers(room)

    async def _tell_keepers(self, room: str) -> None:
        """Tell who looks after the room how many reports are open."""
        for user in await self.node.moderation.keepers(room):
            await tell_changed(self.node, user, room)
