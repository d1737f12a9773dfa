"""
Settings that change while a server runs: all that may change, or nothing.

What is wrong with them was found when they were read. Who is in stays, whatever the new
limits are; they bound who comes next.
"""

from collections.abc import Callable
from dataclasses import replace

import structlog

from conclave.app.facts import Facts
from conclave.app.parts import make_caps, make_terms
from conclave.app.upkeep import Upkeep
from conclave.core.hub import Hub
from conclave.server.listener import Listener
from conclave.settings import Settings
from conclave.settings.live import changed
from conclave.storage.audit_log import AuditLog
from conclave.telemetry import start_logging

log = structlog.get_logger(__name__)


class Renewing:
    """Knows the settings that count now; `take` others."""

    def __init__(
        self,
        settings: Settings,
        hub: Hub,
        listener: Listener,
        upkeep: Upkeep,
        audit: AuditLog,
        facts: Facts,
        log_at: Callable[[str], None] = start_logging,
    ) -> None:
        self.settings = settings
        self._hub = hub
        self._listener = listener
        self._upkeep = upkeep
        self._audit = audit
        self._facts = facts
        self._log_at = log_at

    def take(self, new: Settings) -> None:
        """Let what may change be as *new* says; the log has what changed, and what did not."""
        old = self.settings
        live, fixed = changed(old, new)
        if fixed:
            log.warning("restart_needed", settings=fixed)
        if not live:
            return
        now = replace(old, **{name: getattr(new, name) for name in live})
        if "log_level" in live:
            self._log_at(now.log_level)
        self._hub.renew(make_caps(now))
        self._listener.renew_limits(make_terms(now))
        self._upkeep.renew(now)
        self._audit.keep(now.audit_days)
        self._facts.renew(now)
        self.settings = now
        said = {name: f"{getattr(old, name)} → {getattr(now, name)}" for name in live}
        log.info("settings_changed", changed=said)
