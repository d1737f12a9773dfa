"""
The metrics of the engine: which nodes there are, and how well this one hears them.

A node that is alone is one, and has heard nothing.
"""

from typing import Final

from conclave.app.metrics.rows import Metric, by, one
from conclave.telemetry.exposition import COUNTER, GAUGE

NODES: Final = (
    Metric(
        "conclave_nodes",
        GAUGE,
        "Nodes that there are, this one included.",
        lambda w, _: one(1 + len(w.engine.nodes)),
    ),
    Metric(
        "conclave_engine_degraded",
        GAUGE,
        "1 while hints of other nodes may not arrive, and the store is looked at each second.",
        lambda w, _: one(w.engine.degraded is not None),
    ),
    Metric(
        "conclave_engine_packets_total",
        COUNTER,
        "Packets from other nodes, or from strangers, by what became of them.",
        lambda w, _: by("result", w.engine.packets),
        "result",
    ),
    Metric(
        "conclave_engine_packets_lost_total",
        COUNTER,
        "Packets of other nodes that did not arrive.",
        lambda w, _: one(w.engine.lost),
    ),
)
