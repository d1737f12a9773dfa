"""What bytes are, by the bytes themselves; what they are called; how they are given."""

import pytest
from tests.support.media import HTML, SVG, moving, picture, polyglot

from conclave.core.media import FILE, KINDS, MOST_NAME, answer, clean_file_name, kind_of, sniff
from conclave.settings.attachments import KINDS as SETTABLE

MP4 = b"\0\0\0\x20ftypisom\0\0\x02\0isomiso2avc1mp41"
WEBM = b"\x1a\x45\xdf\xa3\x9f\x42\x86\x81\x01\x42\xf7\x81\x01\x42\x82\x84webm"


@pytest.mark.parametrize(
    ("head", "type_"),
    [
        (picture("PNG", (1, 1)), "image/png"),
        (picture("JPEG", (1, 1)), "image/jpeg"),
        (picture("WEBP", (1, 1)), "image/webp"),
        (moving(2), "image/gif"),
        (MP4, "video/mp4"),
        (b"\0\0\0\x20ftypM4A \0\0\0\0", "audio/mp4"),
        (b"\0\0\0\x20ftypheic\0\0\0\0", FILE),
        (WEBM, "video/webm"),
        (WEBM.replace(b"webm", b"matr"), FILE),
        (b"OggS\0\x02" + b"\0" * 22 + b"\x01\x1eOpusHead", "audio/ogg"),
        (b"OggS\0\x02" + b"\0" * 22 + b"\x01\x2a\x80theora", "video/ogg"),
        (b"RIFF\x24\0\0\0WAVEfmt ", "audio/wav"),
        (b"RIFF\x24\0\0\0AVI LIST", FILE),
        (b"ID3\x04", "audio/mpeg"),
        (b"\xff\xfb\x90\x64" + b"\0" * 9, "audio/mpeg"),
        (b"\xff\xff\xff\xff", FILE),
        (b"fLaC\0", "audio/flac"),
        (b"%PDF-1.7", "application/pdf"),
        (b"PK\x03\x04", "application/zip"),
        (b"MZ\x90\0", FILE),
        ("Grüße, 世界\n".encode(), "text/plain"),
        (("ä" * 40_000).encode()[:65_536], "text/plain"),
        (("xä" * 40_000).encode()[:65_535] + b"\xc3", "text/plain"),
        (("x" + "ä" * 40_000).encode()[:65_536], "text/plain"),
        (b"x" * 40_000 + b"\xff" + b"x" * 25_535, FILE),
        (b"\xff\xfea\0", FILE),
        (b"bell\x07", FILE),
        (b"x" * 65_000 + b"\xff" + b"x" * 535, FILE),
        (b"", FILE),
        (SVG, FILE),
        (HTML, FILE),
        (b"  \n<SCRIPT>", FILE),
        (polyglot(), "image/gif"),
    ],
)
def test_what_it_is_stands_in_its_bytes(head, type_):
    assert sniff(head, "image/png") == type_


def test_its_sender_is_believed_only_where_a_container_holds_either():
    assert sniff(WEBM, "audio/webm; codecs=opus") == "audio/webm"
    assert sniff(MP4, "AUDIO/MP4") == "audio/mp4"
    assert sniff(MP4, "text/html") == "video/mp4"
    assert sniff(HTML, "video/webm") == FILE


def test_kinds_are_those_of_the_settings():
    assert KINDS == SETTABLE
    assert [kind_of(one) for one in ("image/png", "audio/ogg", "video/mp4", "text/plain")] == [
        *KINDS[:3],
        "file",
    ]


@pytest.mark.parametrize(
    ("given", "name"),
    [
        ("holiday.png", "holiday.png"),
        ("../../etc/passwd", "passwd"),
        ("..\\..\\boot.ini", "boot.ini"),
        ("C:\\fake\\photo.jpg", "photo.jpg"),
        ("/", "file"),
        ("..", "file"),
        ("", "file"),
        (" .bashrc ", "bashrc"),
        ("a\r\nSet-Cookie: x=1", "a Set-Cookie_ x=1"),
        ('x".html', "x_.html"),
        ("photo\u202egnp.exe", "photognp.exe"),
        ("zero\u200bwidth", "zerowidth"),
        ("CON", "file_CON"),
        ("nul.txt", "file_nul.txt"),
        ("Ünïcødé 世界.pdf", "Ünïcødé 世界.pdf"),
        ("a\0b", "ab"),
        ("x" * 400 + ".jpeg", "x" * (MOST_NAME - 5) + ".jpeg"),
        ("x" * 400, "x" * MOST_NAME),
        ("x." + "y" * 400, "x." + "y" * (MOST_NAME - 2)),
    ],
)
def test_a_name_leads_nowhere_and_is_what_it_seems(given, name):
    assert clean_file_name(given) == name


@pytest.mark.parametrize(
    ("type_", "sent", "way"),
    [
        ("image/png", "image/png", "inline"),
        ("video/mp4", "video/mp4", "inline"),
        ("audio/ogg", "audio/ogg", "inline"),
        ("application/pdf", "application/pdf", "attachment"),
        ("text/plain", FILE, "attachment"),
        ("text/html", FILE, "attachment"),
        ("image/svg+xml", FILE, "attachment"),
        (FILE, FILE, "attachment"),
    ],
)
def test_only_what_is_known_to_be_harmless_is_shown_all_else_is_saved(type_, sent, way):
    said = answer(type_, "a.b")
    assert said.type == sent
    assert said.disposition == f"{way}; filename=\"a.b\"; filename*=UTF-8''a.b"


def test_a_name_is_said_to_clients_old_and_new_and_breaks_no_header():
    name = 'Grüße "x"\r\n世界;.txt'
    said = answer(FILE, name).disposition
    assert said.isascii()
    assert "\r" not in said
    assert said == (
        'attachment; filename="Gru__e _x______.txt"; '
        "filename*=UTF-8''Gr%C3%BC%C3%9Fe%20%22x%22%0D%0A%E4%B8%96%E7%95%8C%3B.txt"
    )
