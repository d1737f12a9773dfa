"""Whether the database of PostgreSQL can be reached, and suits this version."""

from conclave.cli.checks.finding import Finding, good, problem, warning
from conclave.storage.schema import newest_revision


def check_postgres(url: str) -> list[Finding]:
    """Look at the database *url* without changing it."""
    try:
        # Its driver is not for everybody to install, nor to load.
        from conclave.storage.postgres.looking import look
    except ImportError as missing:
        advice = "pip install 'conclave-chat[postgres]'"
        return [problem("database", f"PostgreSQL needs {missing.name}", advice)]
    seen = look(url)
    if seen.fault:
        advice = "no server starts before it can be reached: see --database"
        return [problem("database", f"{seen.name}: {seen.fault}", advice)]
    says = f"{seen.name} is PostgreSQL {seen.version}"
    if seen.schema is None:
        return [warning("database", f"{says}, without tables", "the next start makes them")]
    if seen.schema != newest_revision():
        says = f"{says}, with the schema {seen.schema} and not {newest_revision()}"
        return [warning("database", says, "the next start of the newest version upgrades it")]
    return [good("database", says)]
