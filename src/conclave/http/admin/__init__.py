"""
The office of an admin under `/api/v1/admin`: a module for each subject.

Every route names the act of the table of rights that it is; the guard of the API asks for it.
"""

from litestar.handlers import HTTPRouteHandler

from conclave.http.admin.asking import Require
from conclave.http.admin.audit import audit_routes
from conclave.http.admin.bots import TellOffered, bot_routes
from conclave.http.admin.connections import Connections, connection_routes
from conclave.http.admin.erasing import Erasing, erasing_routes
from conclave.http.admin.links import link_routes
from conclave.http.admin.people import people_routes
from conclave.http.admin.reports import report_routes
from conclave.http.admin.rooms import room_routes
from conclave.http.admin.server import TellFacts, server_routes
from conclave.office import Office


def admin_routes(
    office: Office,
    facts: TellFacts,
    require: Require,
    erasing: Erasing,
    connections: Connections,
    offered: TellOffered,
) -> list[HTTPRouteHandler]:
    """
    Return all of them; *facts* says how the server is doing, *offered* what commands there are.

    *require* is asked before what lets somebody in for good, or cannot be undone.
    """
    return [
        *people_routes(office.people, require),
        *bot_routes(office.bots, require, offered),
        *erasing_routes(office.people, erasing, require),
        *link_routes(office.invites, require),
        *room_routes(office.rooms),
        *report_routes(office.reports),
        *audit_routes(office.audit),
        *server_routes(facts),
        *connection_routes(connections),
    ]


__all__ = ["admin_routes"]
