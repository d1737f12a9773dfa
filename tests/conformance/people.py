"""The people of the store's tests, and what they do again and again."""

from typing import Any

from conclave.model import Draft, Identity, Receipt
from conclave.ports import Store

ANN = Identity(user="ann", name="Ann")
BOB = Identity(user="bob", name="Bob")
EVE = Identity(user="eve", name="Eve")


def said(text: str, by: Identity = ANN, room: str = "hall", **more: Any) -> Draft:
    return Draft(room=room, user=by.user, name=by.name, text=text, **more)


async def furnish(store: Store, *people: Identity, room: str = "hall") -> None:
    """Make *room*, with Ann as its owner and *people* as members."""
    await store.create_room(room, ANN)
    for identity in people:
        await store.ensure_member(room, identity)


async def say(store: Store, *texts: str, by: Identity = ANN, room: str = "hall") -> list[Receipt]:
    return [await store.append(said(text, by, room)) for text in texts]
