"""
Every setting once, in `declared`; what follows from them, in `derived`; what can be wrong
with them, in `problems`.

Nothing here reads a file, a variable or a clock.
"""

from conclave.settings.addresses import canonical_origin, is_loopback, place_of
from conclave.settings.derived import Settings
from conclave.settings.problems import problems, warnings
from conclave.settings.setting import CannotStart, flag
from conclave.settings.workers import of_worker

__all__ = [
    "CannotStart",
    "Settings",
    "canonical_origin",
    "flag",
    "is_loopback",
    "of_worker",
    "place_of",
    "problems",
    "warnings",
]
