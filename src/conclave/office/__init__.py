"""
What admins and the operator do with people, rooms, links, reports and webhooks.

The same for HTTP, the control socket and commands where no server runs. Whether somebody
may is asked before, by who calls this; acts upon people in rooms are judged by the store.
"""

from conclave.office.bots import Bots
from conclave.office.hooks import HookParts, Hooks
from conclave.office.invites import Invites
from conclave.office.live import AtRest, Live, OnNode
from conclave.office.people import People
from conclave.office.posting import Incoming
from conclave.office.reports import Reports
from conclave.office.rooms import Rooms
from conclave.office.whole import Office

__all__ = [
    "AtRest",
    "Bots",
    "HookParts",
    "Hooks",
    "Incoming",
    "Invites",
    "Live",
    "Office",
    "OnNode",
    "People",
    "Reports",
    "Rooms",
]
