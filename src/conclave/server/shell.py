"""What all connections of a node share: the parts they are driven with, and their limits."""

from dataclasses import dataclass, field

from conclave.controllers.dispatch import Dispatcher
from conclave.core.hub import Hub
from conclave.core.session import Rules
from conclave.model.meters import Meters
from conclave.ports import Clock
from conclave.protocol.codec import Codec
from conclave.server.farewells import Farewells
from conclave.server.heart import Pulse
from conclave.server.round import Round


@dataclass(frozen=True, slots=True, kw_only=True)
class Shell:
    """Made once, by whoever builds the node."""

    codec: Codec
    dispatcher: Dispatcher
    hub: Hub
    rules: Rules
    clock: Clock
    pulse: Pulse
    round: Round
    max_queue_bytes: int
    # Requests per second of one connection, and at once; a rate of 0: no limit.
    rate: float
    burst: float
    meters: Meters = field(default_factory=Meters)
    # Farewells under way: whoever stops the node waits for them.
    farewells: Farewells = field(default_factory=Farewells)
