"""Words that are not for this server: refused before they are stored, whoever writes them."""

import re
from collections import Counter
from dataclasses import dataclass, field

from conclave import App, Controller, Draft, Node, Reject, Request, around, before_entry


@dataclass
class Words:
    """What is not said here; in earnest it is read from a file, or asked of a service."""

    unwanted: frozenset[str] = frozenset({"spam", "scam"})
    refused: Counter[str] = field(default_factory=Counter)

    def found_in(self, text: str) -> frozenset[str]:
        return self.unwanted & set(re.findall(r"\w+", text.casefold()))


class Moderation(Controller):
    def __init__(self, node: Node, words: Words) -> None:
        super().__init__(node)
        self.words = words

    @before_entry
    async def look(self, draft: Draft) -> None:
        if self.words.found_in(draft.text):
            self.words.refused[draft.user] += 1
            raise Reject("moderation:word", "That is not said here")

    @around
    async def cool_down(self, request: Request, proceed):  # type: ignore[no-untyped-def]
        """Who was refused three times makes no rooms today."""
        if request.event.type == "room:create" and self.words.refused[request.connection.user] >= 3:
            raise Reject("moderation:cool_down", "Take a break first")
        return await proceed()


app = App(Moderation, provide={Words: Words})
