"""What a node does again and again without anybody asking: how often, and what."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from typing import Final

from conclave.app.chores import Chores
from conclave.app.upkeep import (
    COMPACT_EVERY,
    EPOCH_EVERY,
    GUESTS_EVERY,
    LOCK_EVERY,
    PURGE_EVERY,
    Upkeep,
)
from conclave.controllers.doubts import Doubts, Judge
from conclave.controllers.node import Node
from conclave.model.meters import Histogram
from conclave.ports import Engine
from conclave.protocol.codec import Packet
from conclave.push.pusher import INTERVAL as PUSH_EVERY
from conclave.push.pusher import PRUNE_EVERY as PRUNE_PUSH_EVERY
from conclave.relay.halls import POLL as POLL_EVERY
from conclave.relay.halls import Halls
from conclave.relay.moods import INTERVAL as MOODS_EVERY
from conclave.relay.news import INTERVAL as NEWS_EVERY
from conclave.relay.notices import INTERVAL as NOTICES_EVERY
from conclave.relay.receipts import INTERVAL as RECEIPTS_EVERY
from conclave.relay.seating import KEEP_EVERY
from conclave.relay.typists import INTERVAL as TYPISTS_EVERY
from conclave.server import memory
from conclave.server.background import Background, in_loop
from conclave.storage.audit_log import FORGET_EVERY as FORGET_AUDIT_EVERY
from conclave.storage.audit_log import WRITE_EVERY as AUDIT_EVERY
from conclave.storage.audit_log import AuditLog
from conclave.storage.deleting import Deletions
from conclave.storage.sqlstore import SqlStore

# Seconds between two looks at graces, and at rooms that may be behind.
_ATTENDANCE_EVERY: Final = 0.25
# A last hint that was lost is made good within five, and that takes a moment itself.
_SWEEP_EVERY: Final = 4.5
# How soon what was written can be found.
_INDEX_EVERY: Final = 0.25
# How soon it is looked whom other nodes doubt.
_DOUBTS_EVERY: Final = 0.25
_DOUBTS_AT_MOST: Final = 0.5
# How soon the log of a deleted room begins to go.
_DELETE_EVERY: Final = 2.0
# How soon what somebody spends on one node counts on the others.
_SHARE_EVERY: Final = 0.5
# How often it is looked how late the event loop is, and by a timer of how long.
_LAG_EVERY: Final = 0.5
_LAG_OF: Final = 0.01


async def begin_routine(
    background: Background,
    node: Node,
    halls: Halls,
    store: SqlStore,
    upkeep: Upkeep,
    audit: AuditLog,
    judge: Judge,
    engine: Engine,
    repeated: Iterable[tuple[str, float, Callable[[], Awaitable[None]]]],
) -> None:
    """Begin all of it, and what an application has *repeated*; *background* ends it."""
    background.every(_ATTENDANCE_EVERY, "attendance", in_loop(node.attendance.tick))
    background.every(NEWS_EVERY, "news", node.news.tell)
    background.every(NOTICES_EVERY, "notices", node.notices.tell)
    await node.pushes.prune()
    background.every(PUSH_EVERY, "push", node.pushes.tick)
    background.every(PRUNE_PUSH_EVERY, "push prune", node.pushes.prune)
    background.every(RECEIPTS_EVERY, "receipts", node.receipts.tell)
    background.every(MOODS_EVERY, "moods", node.moods.tell)
    background.every(TYPISTS_EVERY, "typists", node.typists.tell)
    background.every(_ATTENDANCE_EVERY, "tasks", in_loop(node.tasks.sweep))
    for name, seconds, repeat in repeated:
        background.every(seconds, name, repeat)
    # Also after half an hour without a store: what others wrote meanwhile is told soon after.
    background.every(_SWEEP_EVERY, "sweep", halls.sweep, at_most=_SWEEP_EVERY)
    background.every(POLL_EVERY, "poll", halls.poll, at_most=_SWEEP_EVERY)
    if halls.seating is not None:
        background.every(KEEP_EVERY, "places", halls.seating.keep, at_most=KEEP_EVERY)
    doubts = Doubts(node, judge)
    node.relay.on_doubted, node.relay.on_renewed = doubts.doubted, doubts.renewed
    node.relay.on_said, node.relay.on_unkept = node.moods.said, node.moods.unkept
    node.hub.on_missed = doubts.look_at
    node.attendance.roll.on_renamed = doubts.renamed
    halls.on_missed = doubts.doubt_all
    # Whoever is revoked while the store is away shall be out soon after.
    background.every(_DOUBTS_EVERY, "doubts", doubts.tick, at_most=_DOUBTS_AT_MOST)
    begin_sharing(background, node, engine)
    if store.is_shared:
        background.every(EPOCH_EVERY, "epoch", upkeep.follow_epoch)
    background.every(LOCK_EVERY, "lock of the database", store.hold)
    background.every(AUDIT_EVERY, "audit", audit.write)
    await begin_chores(background, node, store, upkeep, audit)
    background.every(memory.INTERVAL, "memory", memory.give_back)
    background.every(_LAG_EVERY, "loop lag", lambda: measure_lag(node.meters.loop_lag))


async def begin_chores(
    background: Background, node: Node, store: SqlStore, upkeep: Upkeep, audit: AuditLog
) -> None:
    """Begin what one node does for all."""
    chores, hinted = Chores(background, store), node.relay.on_hinted

    def stir(room: str) -> None:
        hinted(room)
        store.stir()

    node.relay.on_hinted = stir
    await chores.begin()
    chores.every(_INDEX_EVERY, "index", store.index)
    chores.every(PURGE_EVERY, "purge", upkeep.purge.run)
    chores.every(GUESTS_EVERY, "guests", upkeep.remove_guests)
    chores.every(FORGET_AUDIT_EVERY, "audit retention", audit.forget)
    chores.every(_DELETE_EVERY, "deletions", Deletions(store).run)
    chores.every(COMPACT_EVERY, "compact", upkeep.compact)


def begin_sharing(background: Background, node: Node, engine: Engine) -> None:
    """Let what somebody spends on one node count on all."""

    def owe(cost: int, user: str, tokens: int) -> None:
        node.allowances.owe(cost, user, tokens, node.clock.monotonic())

    def share() -> None:
        # Alone there is nobody to tell, and what was spent is told to who comes.
        if engine.nodes:
            for spent in node.allowances.spent(node.clock.monotonic()):
                engine.spend(*spent)

    def offer(user: str, room: str, packet: Packet) -> None:
        node.offer_user(user, room or None, packet)

    node.relay.on_spent, node.relay.on_whisper = owe, offer
    background.every(_SHARE_EVERY, "allowances", in_loop(share))


async def measure_lag(late: Histogram) -> None:
    """Add to *late* by how much the event loop was late once."""
    loop = asyncio.get_running_loop()
    due = loop.time() + _LAG_OF
    await asyncio.sleep(_LAG_OF)
    late.add(max(0.0, loop.time() - due))
