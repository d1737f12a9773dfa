"""Messages that people reported, of all rooms: read, and closed."""

from litestar import get, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, JSONBody

from conclave.http.admin.asking import PAGE, Asked, Flag, Limit, Text, by
from conclave.model import Act
from conclave.office import Reports
from conclave.protocol.office import ClosedReport, OfficeReports

_REPORTS = {"act": Act.SEE_ALL_REPORTS}


def report_routes(reports: Reports) -> list[HTTPRouteHandler]:
    @get("/admin/reports", opt=_REPORTS)
    async def list_reports(
        closed: Flag = False, after: Text = "", limit: Limit = PAGE
    ) -> OfficeReports:
        found = await reports.listed(closed=closed, after=after, limit=limit + 1)
        return OfficeReports(found[:limit], more=len(found) > limit)

    @post("/admin/reports/{report:str}/close", status_code=204, opt=_REPORTS)
    async def close_report(
        report: FromPath[str], data: JSONBody[ClosedReport], request: Asked
    ) -> None:
        await reports.close(report, data.outcome, by(request))

    return [list_reports, close_report]
