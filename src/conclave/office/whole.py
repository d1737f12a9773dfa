"""The office, put together."""

from collections.abc import Callable
from dataclasses import dataclass

from conclave.office.bots import Bots, Grant
from conclave.office.hooks import HookParts, Hooks
from conclave.office.invites import Invites
from conclave.office.linking import LacksFactor, MakeLink, nobody_lacks
from conclave.office.live import Live
from conclave.office.people import People
from conclave.office.reports import Reports
from conclave.office.rooms import Rooms
from conclave.ports import Accounts, Audit, Moderation, Registry, Store


@dataclass(frozen=True, slots=True)
class Office:
    """What is looked after, by subject; `open` makes one."""

    people: People
    bots: Bots
    invites: Invites
    rooms: Rooms
    reports: Reports
    hooks: Hooks
    audit: Audit

    @classmethod
    def open(
        cls,
        store: Store,
        registry: Registry,
        accounts: Accounts,
        make_link: MakeLink,
        moderation: Moderation,
        hooks: HookParts,
        grant: Grant,
        audit: Audit,
        live: Live,
        wall: Callable[[], int],
        lacks_factor: LacksFactor = nobody_lacks,
    ) -> "Office":
        people = People(registry, make_link, store.people, audit, live, wall, lacks_factor)
        return cls(
            people=people,
            bots=Bots(people, grant, audit),
            invites=Invites(accounts, make_link, audit, wall),
            rooms=Rooms(registry, store, moderation, audit, live),
            reports=Reports(moderation, audit, live),
            hooks=Hooks(hooks, live),
            audit=audit,
        )
