"""Is a server running, is it this version, and does it say that all is well?"""

from pathlib import Path
from typing import Any, Final

from conclave import __version__
from conclave.cli.checks.finding import Finding, good, problem, warning
from conclave.cli.control import NotRunning, Refused, ask

# Besides its connections: the database, logs, the page.
_OTHER_FILES: Final = 64


def check_running(directory: Path) -> list[Finding]:
    """Ask the server of *directory*, if one runs."""
    try:
        facts = ask(directory, "server facts")
    except NotRunning:
        return [good("server", "none runs")]
    except Refused as why:
        return [problem("server", str(why), "see its log, or start it anew")]
    return [*_health(facts), *_version(facts), *_files(facts), *_pushes(facts)]


def _health(facts: dict[str, Any]) -> list[Finding]:
    if facts["problems"]:
        return [problem("server", "; ".join(facts["problems"]), "see its log")]
    return [good("server", f"it takes people; {facts['connections']} connections are open")]


def _version(facts: dict[str, Any]) -> list[Finding]:
    if facts["version"] == __version__:
        return []
    says = f"the server that runs is {facts['version']}, this program is {__version__}"
    return [warning("version", says, "restart the server to use the new one")]


def _files(facts: dict[str, Any]) -> list[Finding]:
    may, wanted = facts["max_files"], facts["limits"].get("max_connections", 0) + _OTHER_FILES
    if 0 <= may < wanted:
        says = f"the server may have {may} files open, and wants {wanted} for its connections"
        return [warning("files", says, "raise LimitNOFILE of its unit, or ulimit -n")]
    return []


def _pushes(facts: dict[str, Any]) -> list[Finding]:
    """Say what became of pushes, where there were any; a server of another version says nothing."""
    counts = facts.get("pushes", {})
    if not any(counts.values()):
        return []
    says = ", ".join(f"{number} {name}" for name, number in counts.items() if number)
    if counts["sent"]:
        return [good("push", says)]
    return [warning("push", f"none came through: {says}", "let the server reach push services")]
