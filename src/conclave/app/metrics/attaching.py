"""The metrics of attachments: what comes in, what does not and why, what lies there."""

from typing import Final

from conclave.app.metrics.rows import Metric, by, one, spread
from conclave.telemetry.exposition import COUNTER, GAUGE, HISTOGRAM

ATTACHING: Final = (
    Metric(
        "conclave_attachments_total",
        COUNTER,
        "Attachments that were taken in and kept, by kind.",
        lambda w, _: by("kind", w.meters.attached),
        "kind",
    ),
    Metric(
        "conclave_attachment_bytes_total",
        COUNTER,
        "Bytes of those, as they are kept, without small pictures.",
        lambda w, _: one(w.meters.attached_bytes),
    ),
    Metric(
        "conclave_attachments_refused_total",
        COUNTER,
        "Attachments that were not taken in, by code; broken_off: it ended before its end, or was "
        "longer than any may be.",
        lambda w, _: by("code", w.meters.not_attached),
        "code",
    ),
    Metric(
        "conclave_attachment_blobs",
        GAUGE,
        "Different files that lie there for attachments, small pictures too.",
        lambda _, now: one(now.blobs),
    ),
    Metric(
        "conclave_attachment_blobs_bytes",
        GAUGE,
        "Their bytes.",
        lambda _, now: one(now.blobs_bytes),
    ),
    Metric(
        "conclave_picture_seconds",
        HISTOGRAM,
        "From a picture that has come in until it and its small one are drawn, waiting included.",
        lambda w, _: spread(w.meters.drawn),
    ),
)
