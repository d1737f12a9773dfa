"""The metrics of outgoing webhooks: what they took, what waits for them, what was given up."""

from typing import Final

from conclave.app.metrics.rows import Metric, by, one
from conclave.telemetry.exposition import COUNTER, GAUGE

WEBHOOKS: Final = (
    Metric(
        "conclave_webhooks",
        GAUGE,
        "Outgoing webhooks that are told what is said.",
        lambda w, _: one(w.courier.told),
    ),
    Metric(
        "conclave_webhooks_failing",
        GAUGE,
        "Those among them that took nothing when they were told last.",
        lambda w, _: one(w.courier.failing),
    ),
    Metric(
        "conclave_webhook_posts_total",
        COUNTER,
        "Posts to webhooks by what became of them: taken, later (tried again), refused, gone.",
        lambda w, _: by("outcome", w.meters.hooks.posts),
        "outcome",
    ),
    Metric(
        "conclave_webhook_retries_total",
        COUNTER,
        "Posts of what had been posted before, those that somebody asked for included.",
        lambda w, _: one(w.meters.hooks.retries),
    ),
    Metric(
        "conclave_webhook_dead_letters_total",
        COUNTER,
        "Entries that were given up: refused, or tried too often.",
        lambda w, _: one(w.meters.hooks.given_up),
    ),
    Metric(
        "conclave_webhook_dead_letters",
        GAUGE,
        "Entries that were given up and can be sent again.",
        lambda _, now: one(now.hooks.dead),
    ),
    Metric(
        "conclave_webhook_waiting_entries",
        GAUGE,
        "Entries that webhooks are still to be told, up to 1,000 counted for each.",
        lambda _, now: one(now.hooks.waiting),
    ),
    Metric(
        "conclave_webhook_behind_seconds",
        GAUGE,
        "How long ago that was said which waits longest; 0: nothing waits.",
        lambda w, _: one(w.courier.behind_s),
    ),
    Metric(
        "conclave_webhooks_off_total",
        COUNTER,
        "Webhooks that the server turned off, by why: failing, gone, maker.",
        lambda w, _: by("why", w.meters.hooks.off),
        "why",
    ),
)
