"""`conclave webhook`, beside a running server and without one."""

import re

URL = re.compile(r"http://localhost:\d+/hooks/cvh_[A-Za-z0-9_-]{43}\n")
SECRET = re.compile(r"whsec_[A-Za-z0-9+/]{43}=\n")


async def test_webhooks_are_made_listed_turned_off_and_ended(asked, told) -> None:
    code, said, _ = await asked("webhook", "incoming", "hall", "--name", "CI")
    assert (code, bool(URL.fullmatch(said))) == (0, True)
    out = ["webhook", "outgoing", "https://hooks.example.org/in", "--name", "archive"]
    code, said, _ = await asked(*out, "--kind", "message")
    assert (code, bool(SECRET.fullmatch(said))) == (0, True)
    url = ["hall", "https://hooks.example.org/in"]
    made = await asked("webhook", "command", *url, "--command", "ship", "--name", "Ship")
    assert (made[0], bool(SECRET.fullmatch(made[1]))) == (0, True)
    incoming, command, outgoing = await told("webhook", "list")
    assert (command["way"], command["name"], command["room"]) == ("command", "/ship", "hall")
    assert (await asked("webhook", "revoke", command["id"]))[0] == 0
    made = await asked("webhook", "command", *url, "--command", "A b", "--name", "Ship")
    assert (made[0], "A command has 1 to 32" in made[2]) == (1, True)
    assert (incoming["way"], incoming["room"], incoming["by"]) == ("in", "hall", "@operator")
    assert (outgoing["way"], outgoing["room"], outgoing["state"]) == ("out", "*", "on")
    id_ = outgoing["id"]
    assert (await asked("webhook", "disable", id_))[:2] == (0, f"{id_} is off\n")
    assert (await told("webhook", "list"))[1]["state"] == "by hand"
    assert (await asked("webhook", "enable", id_))[:2] == (0, f"{id_} is on\n")
    assert await told("webhook", "dead", id_) == []
    for one in (incoming["id"], id_):
        assert (await asked("webhook", "revoke", one))[:2] == (0, f"{one} is revoked\n")
    assert await told("webhook", "list") == []
    code, _, complaint = await asked("webhook", "outgoing", "http://10.0.0.1/", "--name", "x")
    assert (code, complaint) == (1, "conclave: This is no address that a webhook may be sent to\n")
