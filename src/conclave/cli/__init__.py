"""
The command line: one App, one module for each command.

`main` is what the `conclave` command runs. Its exit code is what the command returns.
"""

import sys
from collections.abc import Sequence

from conclave import __version__


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code; usage errors exit with 2."""
    words = sys.argv[1:] if argv is None else list(argv)
    if words == ["--version"]:
        # Programs ask for this: answer before anything large is imported.
        print(__version__)
        return 0
    from conclave.cli.commands import build

    return build()(words) or 0
