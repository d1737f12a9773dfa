"""
One packet to many sockets.

Each member of a room costs one `send` here for each message, and what the interpreter does
between two of them costs an eighth of that. So there is the same loop in C besides
(`_fanout.c`), which is built where there is a compiler: decision 0038.
"""

import os
from collections.abc import Callable
from typing import Final

try:
    from conclave.server import _fanout
except ImportError:
    _fanout = None  # type: ignore[assignment]  # not built here


def send_each_in_python(descriptors: list[int], data: bytes) -> dict[int, int]:
    """See `send_each`."""
    size, write = len(data), os.write
    less: dict[int, int] = {}
    # Flat: each object that is looked at has been pushed out of the processor's caches by
    # the system call before.
    for at, descriptor in enumerate(descriptors):
        try:
            took = write(descriptor, data)
        except OSError:
            took = 0
        if took != size:
            less[at] = took
    return less


# Write *data* to each of these sockets as far as it takes it at once, and return how many
# bytes those took that took less than all, by their place among *descriptors*. Whose write
# failed took none, nor did -1: who owns the socket writes again and finds out why. Other
# threads go on meanwhile.
send_each: Final[Callable[[list[int], bytes], dict[int, int]]] = getattr(
    _fanout, "send_each", send_each_in_python
)

# Whether it is the loop in C.
IS_NATIVE: Final = send_each is not send_each_in_python
