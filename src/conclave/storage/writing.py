"""What a store writes by: it runs jobs and appends drafts, and answers once they last."""

from collections.abc import Callable
from typing import Protocol, TypeVar

from sqlalchemy import Connection

from conclave.model.meters import Histogram

T = TypeVar("T")
D_contra = TypeVar("D_contra", contravariant=True)
R_co = TypeVar("R_co", covariant=True)


class Writing(Protocol[D_contra, R_co]):
    """`writer` for the file of SQLite, `postgres.lanes` for PostgreSQL."""

    # Of each transaction: seconds until it was durable, and what waited together for it.
    commit_seconds: Histogram
    batch_sizes: Histogram

    @property
    def healthy(self) -> bool:
        """False while nothing can be written."""

    @property
    def commits(self) -> int: ...

    @property
    def waiting(self) -> int:
        """How many have asked and have no answer yet."""

    async def append(self, draft: D_contra) -> R_co:
        """Return what was made of *draft*, or raise what refused it."""

    async def run(self, job: Callable[[Connection], T], *, pages: int = 1) -> T:
        """
        Return what *job* returns, once it is durable; what it raises undoes it alone.

        It may be run again, from the beginning, where the transaction could not be ended.
        """

    async def close(self) -> None:
        """Finish what waits, then stop; what comes later is answered `unavailable`."""
