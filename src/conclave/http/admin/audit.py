"""The audit log, a page at a time."""

from litestar import get
from litestar.handlers import HTTPRouteHandler

from conclave.http.admin.asking import PAGE, Limit, MaybeNumber, MaybeText
from conclave.model import Act, AuditQuery
from conclave.ports import Audit
from conclave.protocol.office import AuditPage

_AUDIT = {"act": Act.SEE_AUDIT}


def audit_routes(audit: Audit) -> list[HTTPRouteHandler]:
    @get("/admin/audit", opt=_AUDIT)
    async def lines(
        actor: MaybeText = None,
        target: MaybeText = None,
        user: MaybeText = None,
        action: MaybeText = None,
        room: MaybeText = None,
        since: MaybeNumber = None,
        until: MaybeNumber = None,
        before: MaybeNumber = None,
        limit: Limit = PAGE,
    ) -> AuditPage:
        asked = AuditQuery(
            actor=actor,
            target=target,
            user=user,
            action=action,
            room=room,
            since=since,
            until=until,
            before=before,
            limit=limit + 1,
        )
        found = await audit.lines(asked)
        return AuditPage(found[:limit], more=len(found) > limit)

    return [lines]
