"""
Have pictures drawn anew by processes that are bounded in number, memory and time.

What they may use is set by `redraw`, which they run. Here it is seen to that there are few,
that they end, and that what they answer is what one may expect.
"""

import asyncio
import json
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any, Final, NamedTuple

from conclave.protocol.errors import Code, Reject

_SCRIPT: Final = Path(__file__).with_name("redraw.py")
_FORMATS: Final = {
    "image/png": "PNG",
    "image/jpeg": "JPEG",
    "image/gif": "GIF",
    "image/webp": "WEBP",
}
AT_ONCE: Final = 2
_WITHIN_S: Final = 30.0
# Beyond it one is told to come back.
_MOST_WAITING: Final = 32
_ANSWER_BYTES: Final = 1_000
_SAID: Final = {
    "too large": Reject(Code.TOO_LARGE, "The picture has too many pixels"),
    "damaged": Reject(Code.BAD_FILE, "The picture is damaged, and cannot be shown"),
}


class Drawn(NamedTuple):
    """A picture that was drawn anew, in the files that were named for it."""

    width: int
    height: int
    has_thumb: bool


class Pictures:
    """Draws; *at_once* at a time, the others wait."""

    def __init__(self, at_once: int = AT_ONCE, within: float = _WITHIN_S) -> None:
        self._turns = asyncio.Semaphore(at_once)
        self._within = within
        self._waiting = 0

    async def redraw(
        self, source: Path, type_: str, whole: Path, small: Path, most_bytes: int
    ) -> Drawn:
        """
        Draw *source*, which is of *type_*, into the files *whole* and *small*.

        Raises `too_large` and `bad_file` for what is none, `busy` where too many wait.
        """
        if self._waiting >= _MOST_WAITING:
            raise Reject(Code.BUSY)
        self._waiting += 1
        try:
            async with self._turns:
                said = await self._run(
                    str(source), _FORMATS[type_], str(whole), str(small), str(most_bytes)
                )
        finally:
            self._waiting -= 1
        return _read(said)

    async def _run(self, *arguments: str) -> bytes:
        process = await asyncio.create_subprocess_exec(
            # Isolated: neither the environment nor the directory it is run in says what it loads.
            *(sys.executable, "-I", str(_SCRIPT), *arguments),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
            env={},
        )
        assert process.stdout is not None
        try:
            async with asyncio.timeout(self._within):
                said = await process.stdout.read(_ANSWER_BYTES)
                await process.wait()
        except TimeoutError:
            said = b""
        finally:
            if process.returncode is None:
                with suppress(ProcessLookupError):
                    process.kill()
                await process.wait()
        return said


def _read(said: bytes) -> Drawn:
    """Return what the process has *said*; one that was ended for what it used says nothing."""
    try:
        answer: dict[str, Any] = json.loads(said)
        if "unfit" in answer:
            raise _SAID.get(answer["unfit"], _SAID["damaged"])
        return Drawn(int(answer["width"]), int(answer["height"]), bool(answer["thumb"]))
    except (ValueError, KeyError, TypeError):
        raise _SAID["damaged"] from None
