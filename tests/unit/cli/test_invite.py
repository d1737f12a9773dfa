"""`conclave invite --room`: who accepts it is a member there at once."""

import asyncio
import json

from conclave.auth.tokens import digest
from conclave.cli import main
from conclave.model import Identity, RoomKind, User
from conclave.storage.accounts import SqlAccounts
from conclave.storage.governing import SqlModeration
from conclave.storage.sqlite import SqliteStore

FOUNDER = Identity(user="founder", name="Founder")


def test_the_operator_invites_into_any_room_but_direct_ones(tmp_path, capsys) -> None:
    async def furnish() -> str:
        store = await SqliteStore.open(tmp_path)
        await store.create_room("den", FOUNDER, kind=RoomKind.PRIVATE)
        for name in ("ann", "bob"):
            await store.put_user(User(id=name, name=name, display_name=name))
        ann = Identity(user="ann", name="ann")
        direct, _ = await SqlModeration(store).open_direct(ann, ["bob"])
        await store.close()
        return direct

    async def come(url: str) -> list[str]:
        store = await SqliteStore.open(tmp_path)
        accounts = SqlAccounts(store)
        eve = User(id="eve", name="eve", display_name="Eve")
        await accounts.accept_account(digest(url.split("=")[1]), eve, "hash")
        rooms = [one.room for one in await store.rooms_of("eve") if one.role is not None]
        await accounts.close()
        await store.close()
        return rooms

    direct = asyncio.run(furnish())
    where = ["--json", "--data", str(tmp_path)]
    assert main(["invite", "create", "--room", "den", *where]) == 0
    made = json.loads(capsys.readouterr().out)
    assert main(["invite", "list", *where]) == 0
    assert json.loads(capsys.readouterr().out)["room"] == "den"
    for room in ("nowhere", direct):
        assert main(["invite", "create", "--room", room, *where]) == 1
        assert capsys.readouterr().err.startswith("conclave: ")
    assert asyncio.run(come(made["url"])) == ["den"]
