"""One thing that was looked at, and what to do about it."""

from enum import StrEnum

from msgspec import Struct


class State(StrEnum):
    GOOD = "good"
    # It works, and may not for long, or not as one would like.
    WARNING = "warning"
    PROBLEM = "problem"


class Finding(Struct, frozen=True, kw_only=True):
    check: str
    state: State
    says: str
    # What to do; empty where nothing is to be done.
    advice: str = ""


def good(check: str, says: str) -> Finding:
    return Finding(check=check, state=State.GOOD, says=says)


def warning(check: str, says: str, advice: str) -> Finding:
    return Finding(check=check, state=State.WARNING, says=says, advice=advice)


def problem(check: str, says: str, advice: str) -> Finding:
    return Finding(check=check, state=State.PROBLEM, says=says, advice=advice)
