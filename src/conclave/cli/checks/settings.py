"""Do the settings hold together, as `conclave serve` would read them here?"""

import stat
from collections.abc import Mapping

from conclave.auth.metrics_token import read_metrics_token
from conclave.cli.checks.finding import Finding, good, problem, warning
from conclave.cli.sources import strange_variables
from conclave.settings import CannotStart, Settings, warnings


def check_settings(settings: Settings, environ: Mapping[str, str]) -> list[Finding]:
    """Return what is unwise; what is wrong was told when they were read."""
    found = [warning("settings", line, "") for line in warnings(settings)]
    found += [
        warning("settings", line, "rename it, or take it out of the environment")
        for line in strange_variables(environ)
    ]
    found += _metrics_token(settings)
    if settings.demo:
        found.append(
            warning("settings", "this is a demo: its tokens are public", "leave --demo away")
        )
    return found or [good("settings", f"they hold together; data in {settings.home}")]


def _metrics_token(settings: Settings) -> list[Finding]:
    """Return what is wrong with the token of who reads metrics, if there is one."""
    path = settings.metrics_token
    if path is None:
        return []
    try:
        read_metrics_token(path)
    except CannotStart as wrong:
        return [problem("metrics", str(wrong), "no server starts with it")]
    mode = stat.S_IMODE(path.stat().st_mode)
    if mode & stat.S_IRWXO:
        says = f"{path} has the mode {mode:o}: everybody on this machine may read it"
        return [warning("metrics", says, f"chmod 640 {path}, or 600")]
    return []
