"""Do the settings hold together, as `conclave serve` would read them here?"""

from collections.abc import Mapping

from conclave.cli.checks.finding import Finding, good, warning
from conclave.cli.sources import strange_variables
from conclave.settings import Settings, warnings


def check_settings(settings: Settings, environ: Mapping[str, str]) -> list[Finding]:
    """Return what is unwise; what is wrong was told when they were read."""
    found = [warning("settings", line, "") for line in warnings(settings)]
    found += [
        warning("settings", line, "rename it, or take it out of the environment")
        for line in strange_variables(environ)
    ]
    if settings.demo:
        found.append(
            warning("settings", "this is a demo: its tokens are public", "leave --demo away")
        )
    return found or [good("settings", f"they hold together; data in {settings.home}")]
