"""
The composition root: builds a whole node, owns its start and its stop.

The only place where adapters are chosen. It has no behaviour of its own: what happens in
between is the business of the parts.
"""

from conclave.app.lifecycle import Announce, Running, Stop, running, serve
from conclave.app.loading import load_app

__all__ = ["Announce", "Running", "Stop", "load_app", "running", "serve"]
