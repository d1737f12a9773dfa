"""How a process is told to stop: once in good order, twice in a hurry."""

import asyncio


class Stop:
    def __init__(self) -> None:
        self.asked = asyncio.Event()
        # Do not wait for anybody but the store.
        self.hurry = asyncio.Event()
        # Others go on where this one was: whoever is sent away may come back to them at once.
        self.elsewhere = False

    def retire(self) -> None:
        """Stop in good order, as one of several, of whom the others stay."""
        self.elsewhere = True
        self.ask()

    def ask(self) -> None:
        if self.asked.is_set():
            self.hurry.set()
        self.asked.set()
