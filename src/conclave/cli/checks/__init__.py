"""
What `conclave doctor` looks at: one module a subject, each a function that returns findings.

They read and never change anything, also where no server runs.
"""

from conclave.cli.checks.data import check_data
from conclave.cli.checks.database import check_database
from conclave.cli.checks.finding import Finding, State
from conclave.cli.checks.hooks import check_hooks
from conclave.cli.checks.postgres import check_postgres
from conclave.cli.checks.public import check_public
from conclave.cli.checks.redis import check_redis
from conclave.cli.checks.running import check_running
from conclave.cli.checks.settings import check_settings
from conclave.cli.checks.tls import check_tls

__all__ = [
    "Finding",
    "State",
    "check_data",
    "check_database",
    "check_hooks",
    "check_postgres",
    "check_public",
    "check_redis",
    "check_running",
    "check_settings",
    "check_tls",
]
