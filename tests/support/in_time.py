"""
What was promised in seconds, and what is asked of a machine that does other things.

Among other tests, on a busy machine, one judges that something comes at all, and before anything
else could have brought it. What was promised is asked where a test runs alone.
"""

import pytest


def in_time(promised: float, anywhere: float = 20.0) -> pytest.MarkDecorator:
    """Run a test with *within* as it is asked *anywhere*, and slow and alone as *promised*."""
    exactly = pytest.param(
        promised, id=f"{promised:g} s", marks=[pytest.mark.slow, pytest.mark.alone]
    )
    return pytest.mark.parametrize("within", [pytest.param(anywhere, id="in the end"), exactly])
