"""All people and rooms, as admins see them: pages without a gap, and rules that no race breaks."""

import asyncio
import random
import time

import pytest

from conclave.model import (
    BY_OPERATOR,
    AuditQuery,
    By,
    Draft,
    Identity,
    LinkKind,
    PersonChange,
    Role,
    RoomKind,
    User,
)
from conclave.protocol.errors import Reject
from conclave.storage.accounts import SqlAccounts
from conclave.storage.audit import find_lines
from conclave.storage.lines import ulid
from conclave.storage.registry import SqlRegistry


@pytest.fixture
def registry(store) -> SqlRegistry:
    return SqlRegistry(store)


def by(user: str) -> By:
    return By(actor=user, identity=Identity(user=user, name=user, role=Role.ADMIN))


async def test_of_two_admins_who_deactivate_each_other_one_stays(store, registry) -> None:
    for n in range(20):
        one, two = f"one{n}", f"two{n}"
        for name in (one, two):
            await registry.create(name, BY_OPERATOR, role=Role.ADMIN)
        asked = (
            registry.change(two, PersonChange(active=False), by(one)),
            registry.change(one, PersonChange(role=Role.USER), by(two)),
        )
        answers = await asyncio.gather(*asked, return_exceptions=True)
        assert sum(isinstance(answer, Reject) for answer in answers) == 1
        left = [who for who in (one, two) if (await registry.person(who)).role is Role.ADMIN]
        active = [who for who in left if (await registry.person(who)).active]
        assert len(active) == 1
        # The next round begins without admins.
        await registry.create(f"next{n}", BY_OPERATOR, role=Role.ADMIN)
        await registry.change(active[0], PersonChange(active=False), BY_OPERATOR)
        await store.write(
            lambda c, _: c.exec_driver_sql("UPDATE users SET role = 'user' WHERE id LIKE 'next%'")
        )


async def test_links_of_who_is_admin_no_longer_are_good_for_nothing(store, registry) -> None:
    accounts = SqlAccounts(store)
    for name in ("ada", "bob"):
        await registry.create(name, BY_OPERATOR, role=Role.ADMIN)
    made = {
        "back": (LinkKind.INVITE, "ada", {"role": Role.ADMIN}),
        "over": (LinkKind.RESET, "ada", {"user": "bob"}),
        "other": (LinkKind.INVITE, "bob", {}),
    }
    for secret, (kind, maker, terms) in made.items():
        await accounts.add_link(kind, secret.encode(), created_by=maker, **terms)
    await registry.change("ada", PersonChange(display_name="Ada L."), by("bob"))
    assert len(await accounts.links(LinkKind)) == 3
    await registry.change("ada", PersonChange(role=Role.USER), by("bob"))
    with pytest.raises(Reject):
        await accounts.accept_account(b"back", User(id="eve", name="eve", display_name="Eve"), "h")
    with pytest.raises(Reject):
        await accounts.accept_reset(b"over", "hash")
    assert [link.created_by for link in await accounts.links(LinkKind)] == ["bob"]
    await accounts.close()


async def test_of_many_who_want_one_name_one_gets_it(registry) -> None:
    asked = [registry.create("ada", BY_OPERATOR) for _ in range(50)]
    answers = await asyncio.gather(*asked, return_exceptions=True)
    assert sum(isinstance(answer, User) for answer in answers) == 1


async def test_a_change_that_is_refused_is_not_written_down(store, registry) -> None:
    await registry.create("ada", BY_OPERATOR, role=Role.ADMIN)
    with pytest.raises(Reject):
        await registry.change("ada", PersonChange(active=False, display_name="Eve"), BY_OPERATOR)
    assert (await registry.person("ada")).display_name == "ada"
    lines = await store.read(lambda c: find_lines(c, AuditQuery(target="ada")))
    assert [str(line.action) for line in lines] == ["user.created"]


async def test_what_another_system_says_is_not_changed_here(store, registry) -> None:
    await store.create_room("hall", Identity(user="auth0|ada", name="Ada"))
    assert not (await registry.person("auth0|ada")).account
    with pytest.raises(Reject, match="vouches"):
        await registry.change("auth0|ada", PersonChange(role=Role.ADMIN), BY_OPERATOR)
    changed = await registry.change("auth0|ada", PersonChange(active=False), BY_OPERATOR)
    assert not changed.user.active


async def test_pages_have_everybody_once_in_whatever_order_they_came(registry) -> None:
    seed = random.randrange(2**32)
    print(f"seed {seed}")
    names = [f"user{n:03}" for n in range(120)]
    random.Random(seed).shuffle(names)
    for name in names:
        await registry.create(name, BY_OPERATOR, display_name=f"Ädä {name[4:]}")
    seen: list[str] = []
    while page := await registry.people(after=seen[-1] if seen else "", limit=17):
        seen += [one.id for one in page]
    assert seen == sorted(names)
    assert [one.id for one in await registry.people("Ädä 07")] == [f"user07{n}" for n in range(10)]
    assert await registry.people("%") == []
    assert await registry.people("_ser") == []


async def test_rooms_of_two_are_listed_only_where_they_are_asked_for(store, registry) -> None:
    for name, kind in (("a", RoomKind.PUBLIC), ("b", RoomKind.PRIVATE), ("c", RoomKind.DIRECT)):
        await store.create_room(name, Identity(user="ada", name="Ada"), kind=kind)
    await store.append(Draft(room="b", user="ada", name="Ada", text="words"))
    assert [one.room for one in await registry.rooms()] == ["a", "b"]
    everything = await registry.rooms(kinds=frozenset(RoomKind))
    assert [(one.room, one.messages) for one in everything] == [("a", 0), ("b", 1), ("c", 0)]
    assert "words" not in str(everything)


async def test_ten_thousand_people_are_listed_in_a_moment(store, registry, sql) -> None:
    rows = [
        (f"user{n:05}", f"user{n:05}", f"user{n:05}", f"Person {n}", "user", 1, n)
        for n in range(10_000)
    ]

    def fill(connection, _log) -> None:
        for row in rows:
            connection.exec_driver_sql(
                "INSERT INTO users (id, name, canonical, display_name, role, active, created_at)"
                " VALUES (?, ?, ?, ?, ?, ?, ?)",
                row,
            )
            connection.exec_driver_sql(
                "INSERT INTO tokens (id, user, digest, name, created_at) VALUES (?, ?, ?, '', 1)",
                (ulid(row[6]), row[0], row[0].encode()),
            )

    await store.write(fill)
    took = []
    for after, query in (("", ""), ("user05000", ""), ("", "Person 9999"), ("", "nobody")):
        # Of this process: its threads may wait for a core where others run.
        began = time.process_time()
        await registry.people(query, after=after)
        took.append(time.process_time() - began)
    print("ms: " + ", ".join(f"{one * 1000:.1f}" for one in took))
    assert max(took) < 0.5
