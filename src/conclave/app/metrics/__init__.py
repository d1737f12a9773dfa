"""
What `/metrics` says of a node, in Prometheus' format.

Each metric is a row: a name, a kind, a sentence and how to read it. Nothing is measured
here: parts count while they work, and what they have is read when somebody asks. `chat`
has the rows of the chat, `attaching` those of attachments, `webhooks` those of outgoing
webhooks, `nodes` those of other nodes, `machine` those of the store, the process and the disk.
"""

from conclave.app.metrics.attaching import ATTACHING
from conclave.app.metrics.chat import CHAT
from conclave.app.metrics.machine import MACHINE
from conclave.app.metrics.nodes import NODES
from conclave.app.metrics.rows import Metric, Watched, scrape
from conclave.app.metrics.webhooks import WEBHOOKS

METRICS: tuple[Metric, ...] = (*CHAT, *ATTACHING, *WEBHOOKS, *NODES, *MACHINE)

__all__ = ["METRICS", "Metric", "Watched", "scrape"]
