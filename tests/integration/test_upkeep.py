"""What clients of a running server notice when its operator erases and purges."""

import asyncio
from pathlib import Path

import pytest

from conclave.cli.control import Refused, ask
from conclave.cli.errand import Meter, run_there
from conclave.model import Action, AuditQuery, Note
from conclave.protocol.errors import Close
from conclave.storage.errors import CannotDo
from conclave.storage.verify import verify
from conclave.testing import serve


async def erase(data: Path, user: str) -> None:
    def work() -> None:
        with Meter("erase") as meter:
            run_there(data, "erase", meter, user=user)

    await asyncio.to_thread(work)


async def test_an_erased_user_is_shut_out_and_all_others_begin_anew(tmp_path) -> None:
    async with serve(data=tmp_path) as server:
        ann, bob = [await server.token(name) for name in ("ann", "bob")]
        async with server.client(ann) as leaving, server.client(bob) as staying:
            for client in (leaving, staying):
                await client.ask("join:room", room="general")
            said = await leaving.ask("chat", room="general", text="my secret")
            await staying.ask("chat", room="general", text="hello ann")
            page = await staying.ask("get:history", room="general")
            known = {"epoch": page["epoch"], "seq": page["upto"]}
            await erase(tmp_path / "demo", "ann")
            assert (await leaving.ended())[0] == Close.BANNED
            assert (await staying.ended())[0] == Close.STATE_LOST
        async with server.client(bob) as back:
            page = await back.ask("join:room", room="general", since=known)
            assert page["reset"]
            assert page["epoch"] != known["epoch"]
            texts = {line["seq"]: line["text"] for line in page["messages"]}
            assert texts[said["seq"]] == ""
            assert "hello ann" in texts.values()
            assert "ann" not in {line["user_id"] for line in page["messages"]}
            again = await back.ask("chat", id="on", room="general", text="on we go")
            assert again["seq"] == page["last_seq"] + 1
    assert await asyncio.to_thread(lambda: list(verify(tmp_path / "demo" / "conclave.db"))) == []


async def test_what_was_noted_and_not_yet_written_names_an_erased_user_no_more(
    tmp_path, monkeypatch
) -> None:
    monkeypatch.setattr("conclave.app.routine.AUDIT_EVERY", 3_600.0)
    async with serve(data=tmp_path) as server:
        async with server.client(await server.token("ann")):
            log = server.node.audit_log
            for actor, target in (("ann", "bob"), ("@stranger", "ann")):
                note = Note(action=Action.SESSION_FAILED, actor=actor, target=target, address="::1")
                log.note(note)
            await erase(tmp_path / "demo", "ann")
        assert await log.lines(AuditQuery(user="ann")) == []
        (erased,) = await log.lines(AuditQuery(action=Action.USER_ERASED))
        left = await log.lines(AuditQuery(user=erased.target, action=Action.SESSION_FAILED))
        assert [(one.actor, one.target, one.address) for one in left] == [
            ("@stranger", erased.target, None),
            (erased.target, "bob", None),
        ]


async def test_all_begin_anew_also_when_the_rest_of_an_erasure_fails(tmp_path, monkeypatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise CannotDo("enough")

    monkeypatch.setattr("conclave.storage.erase._end", fail)
    async with serve(data=tmp_path) as server:
        ann, bob = [await server.token(name) for name in ("ann", "bob")]
        async with server.client(ann) as leaving, server.client(bob) as staying:
            await staying.ask("join:room", room="general")
            await leaving.ask("join:room", room="general")
            with pytest.raises(Refused, match="enough"):
                await erase(tmp_path / "demo", "ann")
            assert (await staying.ended())[0] == Close.STATE_LOST


async def test_what_a_room_need_not_keep_is_gone_soon(tmp_path) -> None:
    async with serve(data=tmp_path) as server, server.client() as john:
        await john.ask("join:room", room="random")
        for n in range(20):
            last = await john.ask("chat", room="random", text=f"number {n}")
        await asyncio.to_thread(
            ask, tmp_path / "demo", "room retention", room="random", messages=5, change=True
        )
        async with asyncio.timeout(20):
            while (page := await john.ask("get:history", room="random"))["first_seq"] == 1:
                await asyncio.sleep(0.02)
        texts = [line["text"] for line in page["messages"]]
        assert texts == [f"number {n}" for n in range(15, 20)]
        assert (page["last_seq"], page["first_seq"]) == (last["seq"], last["seq"] - 4)
