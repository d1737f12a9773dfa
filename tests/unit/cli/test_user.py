"""`conclave user` and `conclave invite`, beside a running server and without one."""

import re
import time

import pytest

LINK = re.compile(r"http://localhost:\d+/#(reset|invite)=cvl_[A-Za-z0-9_-]{43}\n")


async def test_people_are_listed_and_shown(asked, told) -> None:
    people = {one["id"]: one for one in await told("user", "list")}
    assert list(people) == ["ann", "bob", "root"]
    assert people["ann"]["tokens"] == 1
    assert people["ann"]["rooms"] == 2
    assert people["root"]["role"] == "admin"
    assert [one["id"] for one in await told("user", "list", "BO")] == ["bob"]
    code, said, _ = await asked("user", "list")
    assert said.splitlines()[0].split()[:3] == ["USER", "NAME", "ROLE"]
    code, said, _ = await asked("user", "show", "ANN")
    assert code == 0
    assert re.search(r"^active +yes$", said, re.MULTILINE)
    code, said, complaint = await asked("user", "show", "nobody")
    assert (code, said, complaint) == (1, "", "conclave: There is no such user\n")


async def test_an_account_is_made_with_a_link_for_its_password(asked, told) -> None:
    code, said, _ = await asked("user", "create", "Carl", "--name", "Carl Öst")
    assert code == 0
    assert LINK.fullmatch(said)
    (carl,) = await told("user", "show", "carl")
    assert (carl["id"], carl["display_name"], carl["has_password"]) == ("carl", "Carl Öst", False)
    code, _, complaint = await asked("user", "create", "carl")
    assert (code, complaint) == (1, "conclave: Another user has this name\n")
    code, _, complaint = await asked("user", "create", "с@rl")
    assert (code, "2 to 32 of a-z" in complaint) == (1, True)
    code, said, _ = await asked("user", "create", "hal", "--role", "bot")
    assert (code, said) == (0, "hal is made\n")


async def test_people_are_changed_and_it_is_written_down(asked, told) -> None:
    for words, said in (
        (["role", "bob", "admin"], "bob is admin\n"),
        (["rename", "bob", "Robert"], "bob is shown as Robert\n"),
        (["deactivate", "bob"], "bob is deactivated\n"),
        (["activate", "bob"], "bob is active\n"),
        (["activate", "bob"], "bob is active\n"),
    ):
        assert (await asked("user", *words))[:2] == (0, said)
    (bob,) = await told("user", "show", "bob")
    assert (bob["role"], bob["display_name"], bob["active"]) == ("admin", "Robert", True)
    lines = await told("audit", "--target", "bob")
    assert [(one["actor"], one["action"], one["details"]) for one in lines] == [
        ("@operator", "user.role", {"before": "user", "role": "admin"}),
        ("@operator", "user.renamed", {"before": "Bob", "name": "Robert"}),
        ("@operator", "user.deactivated", {}),
        ("@operator", "user.activated", {}),
    ]


async def test_the_last_admin_stays_one(asked, told) -> None:
    for words in (["deactivate", "root"], ["role", "root", "user"]):
        code, said, complaint = await asked("user", *words)
        assert (code, said) == (1, "")
        assert "the last admin" in complaint
    (root,) = await told("user", "show", "root")
    assert (root["role"], root["active"]) == ("admin", True)
    assert await told("audit", "--target", "root") == []


async def test_who_is_deactivated_has_nothing_left_that_lets_them_in(asked, told) -> None:
    assert (await asked("user", "reset-password", "ann"))[0] == 0
    assert (await asked("user", "deactivate", "ann"))[0] == 0
    (ann,) = await told("user", "show", "ann")
    assert (ann["active"], ann["tokens"], ann["sessions"]) == (False, 0, 0)
    assert await told("invite", "list") == []
    code, _, complaint = await asked("user", "reset-password", "ann")
    assert (code, "activate them first" in complaint) == (1, True)
    # Of what they owned alone somebody else is the owner, where there is somebody.
    owners = {one["room"]: one["owners"] for one in await told("room", "list")}
    assert owners == {"hall": ["ann", "bob"], "Grüße": ["bob"], "cellar": ["ann"]}


async def test_sessions_are_listed_and_ended(asked, told) -> None:
    (token,) = await told("user", "sessions", "ann")
    assert (token["kind"], token["name"]) == ("token", "laptop")
    assert (await asked("user", "log-out", "ann", "--session", "nothing"))[0] == 1
    assert (await asked("user", "log-out", "ann", "--session", token["id"]))[:2] == (0, "1 ended\n")
    assert (await asked("user", "sessions", "ann"))[:2] == (0, "")
    assert (await asked("user", "log-out", "ann"))[:2] == (0, "0 ended\n")
    (line,) = await told("audit", "--target", "ann")
    assert (line["action"], line["details"]) == ("token.revoked", {"id": token["id"]})


async def test_factors_that_are_lost_are_taken_away(asked) -> None:
    code, _, complaint = await asked("user", "drop-factors", "ann")
    assert (code, "There is no such thing" in complaint) == (1, True)


async def test_invitations_are_made_listed_and_revoked(asked, told) -> None:
    code, said, _ = await asked("invite", "create", "--name", "new team", "--uses", "5")
    assert code == 0
    assert LINK.fullmatch(said)
    (link,) = await told("invite", "list")
    assert (link["kind"], link["name"], link["uses_left"]) == ("invite", "new team", 5)
    left_days = (link["expires_at"] - time.time() * 1000) / 86_400_000
    assert 6.9 < left_days <= 7.1
    assert said.strip()[-43:] not in (await asked("invite", "list"))[1]
    assert (await asked("invite", "revoke", link["id"]))[0] == 0
    assert (await asked("invite", "revoke", link["id"]))[0] == 1
    assert (await asked("invite", "list"))[:2] == (0, "")
    actions = [one["action"] for one in await told("audit")]
    assert [one for one in actions if "link" in one] == ["link.created", "link.revoked"]
    # No secret stands in the log.
    assert said.strip()[-43:] not in (await asked("audit", "--json"))[1]


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (["--role", "admin", "--uses", "2"], "good once, and ends"),
        (["--role", "admin", "--days", "0"], "good once, and ends"),
        (["--uses", "-1"], "0 or more"),
        (["--days", "9999"], "1 to 365 days"),
    ],
)
def test_unwise_invitations_are_refused(run, words, complaint) -> None:
    code, said, complained = run("invite", "create", *words)
    assert (code, said) == (1, "")
    assert complaint in complained


def test_names_of_others_move_no_terminal(run, data) -> None:
    from contextlib import closing

    from conclave.storage.driver import driver

    with closing(driver().connect(data / "conclave.db", isolation_level=None)) as connection:
        connection.execute("UPDATE users SET display_name = ? WHERE id = 'bob'", ("\x1b[2Jbob",))
        connection.execute("UPDATE rooms SET title = ?", ("\x1b]0;mine\x07",))
    for words in (
        ["user", "list"],
        ["user", "show", "bob"],
        ["room", "list"],
        ["room", "show", "hall"],
    ):
        code, said, _ = run(*words)
        assert code == 0
        assert "\\x1b" in said
        assert "\x1b" not in said


async def test_each_command_answers_in_json_when_asked(told) -> None:
    (reset,) = await told("user", "reset-password", "ann")
    assert LINK.fullmatch(reset["link"] + "\n")
    for words, fact in (
        (["user", "role", "bob", "guest"], ("role", "guest")),
        (["user", "log-out", "ann"], ("ended", 1)),
        (["room", "mute", "hall", "bob"], ("until", None)),
        (["room", "unmute", "hall", "bob"], ("kind", "mute")),
        (["room", "role", "hall", "bob", "owner"], ("role", "owner")),
        (["room", "kick", "hall", "bob"], ("user", "bob")),
        (["room", "archive", "hall"], ("archived", True)),
        (["room", "retention", "hall", "--days", "5"], ("days", 5)),
        (["room", "delete", "hall", "--yes"], ("room", "hall")),
    ):
        (answer,) = await told(*words)
        assert (fact[0], answer[fact[0]]) == fact, words
