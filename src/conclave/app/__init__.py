"""
The composition root: builds a whole node, owns its start and its stop.

The only place where adapters are chosen. It has no behaviour of its own: what happens in
between is the business of the parts.
"""

from conclave.app.lifecycle import Running, running
from conclave.app.loading import load_app
from conclave.app.service import Announce, serve
from conclave.workers.stop import Stop

__all__ = ["Announce", "Running", "Stop", "load_app", "running", "serve"]
