"""Entries as readers see them: what is of the chat has its field, all else stands in `data`."""

import msgspec
import pytest
from msgspec.structs import replace

from conclave.model import Attachment, Entry
from conclave.protocol.attaching import attached
from conclave.protocol.lines import entry_packet, entry_packets, line


def shown(**extra):
    entry = Entry(
        room="hall",
        seq=1,
        id="a",
        type="message",
        name="Ada",
        user="ada",
        timestamp=1,
        text="hi",
        client_id="c-1",
        extra=extra,
    )
    return line(entry, "bob")


def test_fields_of_the_chat_stand_each_for_itself():
    got = shown(reply_to=7, mentions=["bob"])
    assert (got.reply_to, got.mentions) == (7, ["bob"])
    assert not got.data


def test_what_is_not_the_chat_s_stands_in_data_beside_them():
    got = shown(reply_to=7, mood="glad", colour="red")
    assert (got.reply_to, got.data) == (7, {"mood": "glad", "colour": "red"})


def test_of_a_declared_kind_the_data_alone_is_said():
    got = shown(data={"reply_to": "theirs"}, searchable=True)
    assert got.data == {"reply_to": "theirs"}
    assert not got.reply_to


def test_only_the_author_learns_the_id_of_the_request():
    entry = Entry(
        room="hall", seq=1, id="a", type="message", name="Ada", user="ada", timestamp=1,
        text="hi", client_id="c-1", extra={},
    )  # fmt: skip
    assert line(entry, "ada").client_id == "c-1"
    assert not line(entry, "bob").client_id


def test_of_an_attachment_only_what_is_known_of_it_is_told():
    file = Attachment(
        id="a", room="hall", user="ada", name="x.txt", type="text/plain", size=3, digest="d"
    )
    assert msgspec.to_builtins(attached(file)) == {
        "id": "a",
        "name": "x.txt",
        "type": "text/plain",
        "size": 3,
    }
    seen = msgspec.to_builtins(attached(replace(file, width=4, height=5, thumb_digest="t"), "a x"))
    assert {name: seen[name] for name in ("width", "height", "thumb", "alt")} == {
        "width": 4,
        "height": 5,
        "thumb": True,
        "alt": "a x",
    }


@pytest.mark.parametrize("client_id", [None, "c-1"])
@pytest.mark.parametrize("extra", [{}, {"mentions": ["bob"]}])
@pytest.mark.parametrize("type_", ["message", "room:updated"])
def test_what_all_are_told_and_its_author_is_what_each_would_be_told_alone(
    client_id: str | None, extra: dict[str, list[str]], type_: str
) -> None:
    entry = Entry(
        room="hall",
        seq=1,
        id="a",
        type=type_,
        name="Ada",
        user="ada",
        timestamp=1,
        text='«hi» "there"',
        client_id=client_id,
        extra=extra,
    )
    packet, own = entry_packets(entry)
    assert packet.framed == entry_packet(entry, "bob").framed
    assert own.framed == entry_packet(entry, "ada").framed
    assert (own is packet) == (client_id is None)
