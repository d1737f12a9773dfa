"""`conclave doctor`: what is wrong is found and said; decisions are explained as they are made."""

import asyncio
import json
import time
from contextlib import closing
from datetime import UTC, datetime, timedelta

import pytest
import trustme

from conclave import app
from conclave.cli.checks import State, check_tls, running
from conclave.core.permissions import RULES, decide
from conclave.model import Act
from conclave.settings import Settings
from conclave.storage.driver import driver
from conclave.storage.why import Wanted, explain_act


def findings(said: str) -> dict[str, tuple[str, str]]:
    """Return the state and words of each check; of several the worst."""
    worst = {"problem": 0, "warning": 1, "good": 2}
    lines = sorted(map(json.loads, said.splitlines()), key=lambda one: -worst[one["state"]])
    return {one["check"]: (one["state"], one["says"]) for one in lines}


async def test_what_is_in_order_is_said_so(asked, data) -> None:
    await asked("token", "create", "ann")  # a start, or this, makes the secret
    code, said, _ = await asked("doctor", "--json")
    found = findings(said)
    assert code == 0
    states = {check: state for check, (state, _) in found.items()}
    assert states.pop("disk") in ("good", "warning")
    assert states.pop("secret") in ("good", "warning")
    assert set(states) == {
        "settings",
        "permissions",
        "sqlite",
        "database",
        "structure",
        "admins",
        "clock",
        "server",
    }
    assert set(states.values()) == {"good"}
    assert "the newest" in found["database"][1]
    code, said, _ = await asked("doctor")
    assert code == 0
    assert all(line.startswith(("ok ", "warning", " ")) for line in said.splitlines())


def change(data, statement: str, *values: object) -> None:
    with closing(driver().connect(data / "conclave.db", isolation_level=None)) as connection:
        connection.execute(statement, values)


def spoil_mode(data) -> None:
    (data / "conclave.db").chmod(0o644)


def spoil_directory(data) -> None:
    data.chmod(0o755)


def spoil_secret(data) -> None:
    (data / "secret.key").write_bytes(b"too short")
    (data / "secret.key").chmod(0o600)


def spoil_link(data) -> None:
    (data / "secret.key.old").symlink_to("/etc/hostname")


def spoil_clock(data) -> None:
    change(data, "UPDATE rooms SET last_time = ?", time.time_ns() // 1_000_000 + 3_600_000)


def spoil_schema(data) -> None:
    change(data, "UPDATE alembic_version SET version_num = '9999'")


def spoil_database(data) -> None:
    (data / "conclave.db").write_bytes(b"\0" * 8_192)


@pytest.mark.parametrize(
    ("spoil", "check", "word", "advice"),
    [
        (spoil_mode, "permissions", "mode 644", "chmod 600"),
        (spoil_directory, "permissions", "mode 755", "chmod 700"),
        (spoil_secret, "secret", "secret.key", "no server"),
        (spoil_link, "permissions", "symbolic link", "put the file"),
        (spoil_clock, "clock", "60 minutes before", "set the clock"),
        (spoil_schema, "database", "9999", "newer Conclave"),
        (spoil_database, "database", "cannot be read", "conclave verify"),
    ],
)
def test_what_is_wrong_is_a_problem_with_advice(run, data, spoil, check, word, advice) -> None:
    spoil(data)
    code, said, complaint = run("doctor", "--json")
    assert (code, complaint) == (1, "")
    found = [json.loads(line) for line in said.splitlines()]
    (wrong,) = [one for one in found if one["state"] == "problem" and word in one["says"]]
    assert wrong["check"] == check
    assert advice in wrong["advice"]
    code, said, _ = run("doctor")
    assert code == 1
    assert f"PROBLEM  {check}: " in said


def test_nothing_is_changed_by_looking(run, data) -> None:
    before = {path.name: (path.stat().st_mtime_ns, path.stat().st_size) for path in data.iterdir()}
    run("doctor")
    after = {path.name: (path.stat().st_mtime_ns, path.stat().st_size) for path in data.iterdir()}
    assert {name for name in after if not name.endswith(("-wal", "-shm"))} == set(before)
    assert all(after[name] == before[name] for name in before if name.endswith(".db"))


def test_a_server_without_admins_is_warned_of(run, data) -> None:
    change(data, "UPDATE users SET role = 'user'")
    code, said, _ = run("doctor", "--json")
    assert (code, findings(said)["admins"][0]) == (0, "warning")


async def test_a_webhook_that_was_told_in_vain_or_is_off_is_warned_of(asked, told, data) -> None:
    out = ["webhook", "outgoing", "https://hooks.example.org/in", "--name", "archive"]
    await asked(*out)
    assert findings((await asked("doctor", "--json"))[1])["webhooks"][0] == "good"
    (hook,) = await told("webhook", "list")
    id_ = hook["id"]
    given_up = "INSERT INTO dead_letters SELECT 'L', ?, id, 1, 1, 12, '500' FROM rooms LIMIT 1"
    change(data, given_up, id_)
    state, says = findings((await asked("doctor", "--json"))[1])["webhooks"]
    assert (state, says) == ("warning", "of «archive» 1 deliveries were given up")
    assert (await asked("webhook", "drop", id_, "L"))[:2] == (0, "L is dropped\n")
    assert (await asked("webhook", "drop", id_, "L"))[0] == 1
    change(data, "UPDATE outgoing_hooks SET disabled_at = 1, disabled_why = 'gone'")
    says = findings((await asked("doctor", "--json"))[1])["webhooks"][1]
    assert says == "«archive» is turned off: gone"


def test_settings_that_are_wrong_are_told_by_their_names(run, monkeypatch) -> None:
    monkeypatch.setenv("CONCLAVE_PORT", "99999")
    monkeypatch.setenv("CONCLAVE_RATE", "fast")
    code, said, _ = run("doctor", "--json")
    assert code == 1
    lines = [json.loads(line)["says"] for line in said.splitlines()]
    assert [line.split(" ")[0] for line in sorted(lines)] == ["CONCLAVE_PORT", "CONCLAVE_RATE"]


def test_where_there_is_no_data_that_is_a_warning(tmp_path, run, monkeypatch, capsys) -> None:
    from conclave.cli import main

    assert main(["doctor", "--json", "--data", str(tmp_path / "none")]) == 0
    assert findings(capsys.readouterr().out)["data"][0] == "warning"
    assert not (tmp_path / "none").exists()


async def test_a_server_that_takes_nobody_is_a_problem(run, data, monkeypatch) -> None:
    async with app.running(Settings(data=data, port=0)) as server:
        server.node.store._writer._broken = OSError("the disk is gone")  # type: ignore[attr-defined]
        code, said, _ = await asyncio.to_thread(run, "doctor", "--json")
        server.node.store._writer._broken = None  # type: ignore[attr-defined]
    assert code == 1
    state, says = findings(said)["server"]
    assert (state, "sync failed" in says) == ("problem", True)


async def test_an_old_server_and_few_files_are_warned_of(run, data, monkeypatch) -> None:
    monkeypatch.setattr(running, "__version__", "99.0")
    monkeypatch.setattr(running, "_OTHER_FILES", 10**12)
    async with app.running(Settings(data=data, port=0)):
        code, said, _ = await asyncio.to_thread(run, "doctor", "--json")
    found = findings(said)
    assert code == 0
    assert found["version"][0] == found["files"][0] == "warning"


async def test_what_became_of_pushes_is_told_and_none_that_came_through_is_a_warning(run, data):
    async with app.running(Settings(data=data, port=0)) as server:
        said = []
        counts = server.node.pushes.counts
        for name in ("none", "dropped", "sent"):
            if name != "none":
                setattr(counts, name, 3)
            said.append(findings((await asyncio.to_thread(run, "doctor", "--json"))[1]))
    assert "push" not in said[0]
    assert said[1]["push"] == ("warning", "none came through: 3 dropped")
    assert said[2]["push"] == ("good", "3 sent, 3 dropped")


def certificate(folder, *names: str, ends: datetime | None = None) -> Settings:
    authority = trustme.CA()
    issued = authority.issue_cert(*names, not_after=ends)
    cert, key = folder / "cert.pem", folder / "key.pem"
    cert.write_bytes(b"".join(blob.bytes() for blob in issued.cert_chain_pems))
    key.write_bytes(issued.private_key_pem.bytes())
    key.chmod(0o600)
    return Settings(tls_cert=cert, tls_key=key, public_url=("https://chat.example.org",))


def wrong(settings: Settings) -> list[str]:
    found = check_tls(settings)
    assert found
    return [one.says for one in found if one.state is not State.GOOD]


def test_a_good_certificate_is_good(tmp_path) -> None:
    assert wrong(certificate(tmp_path, "chat.example.org")) == []
    assert wrong(certificate(tmp_path, "*.example.org")) == []
    assert check_tls(Settings()) == []


def test_a_certificate_that_ends_is_told_before(tmp_path) -> None:
    now = datetime.now(UTC)
    soon = certificate(tmp_path, "chat.example.org", ends=now + timedelta(days=7, hours=1))
    assert ["7 days from now" in one for one in wrong(soon)] == [True]
    over = certificate(tmp_path, "chat.example.org", ends=now - timedelta(days=1))
    assert ["ended on" in one for one in wrong(over)] == [True]


def test_a_certificate_for_another_name_or_key_is_told(tmp_path) -> None:
    other = certificate(tmp_path, "www.example.com")
    assert wrong(other) == ["the certificate is not for chat.example.org"]
    assert other.tls_key is not None
    other.tls_key.write_bytes(trustme.CA().issue_cert("x.example").private_key_pem.bytes())
    other.tls_key.chmod(0o644)
    assert [one.split(" ", 1)[1] for one in wrong(other)][:2] == [
        "has the mode 644: everybody on this machine may read it",
        "is no key of the certificate",
    ]
    other.tls_key.write_bytes(b"no key at all")
    assert "cannot be read" in wrong(other)[0]


# ── why ────────────────────────────────────────────────────────────────────────────────


async def test_a_decision_is_explained_step_by_step(asked) -> None:
    code, said, _ = await asked("doctor", "why", "bob", "write", "HALL")
    assert code == 0
    assert said.splitlines() == [
        "May bob write in hall?",
        "  yes  the account is active, and its role is user",
        "  yes  the room is public",
        "  yes  they are member of the room",
        "They may.",
    ]
    code, said, _ = await asked("doctor", "why", "bob", "read", "cellar")
    assert code == 1
    assert said.splitlines()[-2:] == [
        "  no   the room is private, and they are no member",
        "They may not: no_such_room.",
    ]
    code, said, _ = await asked("doctor", "why", "bob", "kick", "hall", "--to", "ann", "--json")
    answer = json.loads(said)
    assert (code, answer["allowed"], answer["code"]) == (1, False, "forbidden")
    code, said, _ = await asked("doctor", "why", "root", "see-the-audit-log")
    assert (code, said.splitlines()[-1]) == (0, "They may.")


async def test_bans_and_mutes_are_shown(run, data) -> None:
    change(
        data,
        "INSERT INTO sanctions SELECT id, 'bob', 'mute', 'ann', 1, ?, ? FROM rooms"
        " WHERE name = 'hall'",
        time.time_ns() // 1_000_000 + 3_600_000,
        "\x1b[31mloud",
    )
    code, said, _ = await asyncio.to_thread(run, "doctor", "why", "bob", "write", "hall")
    assert code == 1
    assert "a mute by ann, until 20" in said
    assert "\\x1b[31mloud" in said
    assert said.splitlines()[-1] == "They may not: muted."


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (["nobody", "write", "hall"], "There is no such user"),
        (["bob", "write", "nowhere"], "There is no such room"),
        (["bob", "write"], "To write is about a room: say which"),
        (["bob", "wirte", "hall"], "'wirte' is no action: did you mean write?"),
    ],
)
def test_what_is_not_there_is_said_so(run, words, complaint) -> None:
    code, said, complained = run("doctor", "why", *words)
    assert (code, said, complained) == (1, "", f"conclave: {complaint}\n")


async def test_every_act_is_explained_as_it_is_decided(store_of_all) -> None:
    store, users, rooms = store_of_all
    asked = 0
    for act in RULES:
        for user in users:
            for room in rooms:
                wanted = Wanted(user=user, act=act, room=room, other="ann")
                answer = await store.read(lambda c, w=wanted: explain_act(c, w, 1))
                ruling = decide(act, answer.standing)
                assert (answer.allowed, answer.code) == (ruling.allowed, ruling.code)
                if answer.room is not None:
                    assert answer.standing.kind is not None
                asked += 1
    assert asked == len(Act) * len(users) * len(rooms)


@pytest.fixture
async def store_of_all(data):
    from conclave.storage import SqliteStore

    store = await SqliteStore.open(data)
    yield store, ["ann", "bob", "root"], ["hall", "cellar"]
    await store.close()
