"""`python -m conclave` is the `conclave` command."""

import sys

from conclave.cli import main

if __name__ == "__main__":
    sys.exit(main())
