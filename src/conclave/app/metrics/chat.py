"""The metrics of the chat: who is here, what is said, what is refused."""

from typing import Final

from msgspec.structs import asdict

from conclave.app.metrics.rows import Metric, by, one, spread
from conclave.model.meters import Meters
from conclave.telemetry.exposition import COUNTER, GAUGE, HISTOGRAM


def _limits(meters: Meters) -> dict[str, int]:
    """Return how often each was met; two of them show in a close code alone."""
    closed = meters.closed
    seen = {"max_queue_bytes": closed["4003"], "max_message_bytes": closed["1009"]}
    return dict(meters.limits.items()) | seen


CHAT: Final = (
    Metric(
        "conclave_connections",
        GAUGE,
        "Connections that are open: WebSockets, and rooms heard over HTTP.",
        lambda w, _: one(len(w.node.hub)),
    ),
    Metric(
        "conclave_connections_limit",
        GAUGE,
        "Connections that there may be; 0: no limit.",
        lambda w, _: one(w.node.hub.places),
    ),
    Metric(
        "conclave_users_online",
        GAUGE,
        "Users with a connection.",
        lambda w, _: one(w.node.hub.users),
    ),
    Metric(
        "conclave_rooms_open",
        GAUGE,
        "Rooms that somebody is in.",
        lambda w, _: one(len(w.halls)),
    ),
    Metric(
        "conclave_connections_opened_total",
        COUNTER,
        "Connections of both kinds since the start.",
        lambda w, _: one(w.node.hub.parted + len(w.node.hub)),
    ),
    Metric(
        "conclave_connections_closed_total",
        COUNTER,
        "Connections that ended, by close code.",
        lambda w, _: by("code", w.meters.closed),
        "code",
    ),
    Metric(
        "conclave_slow_closes_total",
        COUNTER,
        "Connections that were closed as they did not take what waited for them (4003).",
        lambda w, _: one(w.meters.closed["4003"]),
    ),
    Metric(
        "conclave_pings_total",
        COUNTER,
        "Pings sent to connections that were silent or due.",
        lambda w, _: one(w.meters.pings),
    ),
    Metric(
        "conclave_room_joins_total",
        COUNTER,
        "How often a connection came into a room.",
        lambda w, _: one(w.meters.joins),
    ),
    Metric(
        "conclave_room_leaves_total",
        COUNTER,
        "How often a connection went out of a room, whatever took it out.",
        lambda w, _: one(w.meters.leaves),
    ),
    Metric(
        "conclave_requests_total",
        COUNTER,
        "Requests of connections that were understood, by type.",
        lambda w, _: by("type", w.meters.requests),
        "type",
    ),
    Metric(
        "conclave_refusals_total",
        COUNTER,
        "Requests that were refused, by code, each room of a join by itself.",
        lambda w, _: by("code", w.meters.refused),
        "code",
    ),
    Metric(
        "conclave_entries_total",
        COUNTER,
        "Entries of logs that were stored and told, by type; messages among them.",
        lambda w, _: by("type", w.meters.entries),
        "type",
    ),
    Metric(
        "conclave_deliveries_total",
        COUNTER,
        "How often an entry was handed to a connection in its room, histories not counted.",
        lambda w, _: one(w.meters.deliveries),
    ),
    Metric(
        "conclave_ack_seconds",
        HISTOGRAM,
        "From the arrival of a request that writes an entry until it is durable and acknowledged.",
        lambda w, _: spread(w.meters.acked),
    ),
    Metric(
        "conclave_tell_seconds",
        HISTOGRAM,
        "From the arrival of a request that writes an entry until all in the room are told.",
        lambda w, _: spread(w.meters.told),
    ),
    Metric(
        "conclave_outbox_bytes",
        GAUGE,
        "Bytes that wait for connections, in all.",
        lambda _, now: one(now.outbox_bytes),
    ),
    Metric(
        "conclave_outbox_most_bytes",
        GAUGE,
        "Bytes that wait for the connection that is furthest behind.",
        lambda _, now: one(now.outbox_most),
    ),
    Metric(
        "conclave_auth_failures_total",
        COUNTER,
        "Tries to come in that failed, by how: token, password, timeout and others.",
        lambda w, _: by("reason", w.meters.auth_failures),
        "reason",
    ),
    Metric(
        "conclave_limit_hits_total",
        COUNTER,
        "How often somebody met a limit, by the setting that was in the way.",
        lambda w, _: by("limit", _limits(w.meters)),
        "limit",
    ),
    Metric(
        "conclave_http_responses_total",
        COUNTER,
        "Answers over HTTP, by status; files of the page are not counted.",
        lambda w, _: by("status", w.meters.responses),
        "status",
    ),
    Metric(
        "conclave_pushes_total",
        COUNTER,
        "What became of pushes to browsers.",
        lambda w, _: by("outcome", asdict(w.node.pushes.counts)),
        "outcome",
    ),
)
