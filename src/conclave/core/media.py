"""
What some bytes are, by the bytes themselves, and what a browser may do with them.

Nobody's word counts: neither the type that a sender gave nor the end of a name. What is none
of the few kinds below is a file like any other, which is saved and never shown.
"""

import re
import unicodedata
from typing import Final, NamedTuple
from urllib.parse import quote

from conclave.core.text import clean_line

# So much of the beginning tells what it is.
SNIFFED_BYTES: Final = 65_536
FILE: Final = "application/octet-stream"
MOST_NAME: Final = 160

# Of a container that may hold either, what its sender says is believed: both are played, and
# neither is more dangerous.
_EITHER: Final = {
    ("video/webm", "audio/webm"): "audio/webm",
    ("video/ogg", "audio/ogg"): "audio/ogg",
    ("video/mp4", "audio/mp4"): "audio/mp4",
}
_STARTS: Final[tuple[tuple[bytes, str], ...]] = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"fLaC", "audio/flac"),
    (b"ID3", "audio/mpeg"),
    (b"%PDF-", "application/pdf"),
    (b"PK\x03\x04", "application/zip"),
)
_IN_RIFF: Final = {b"WEBP": "image/webp", b"WAVE": "audio/wav"}
# ISO 14496-12: the first box of a file says what it is for.
_BRANDS: Final = {
    b"M4A ": "audio/mp4",
    b"M4B ": "audio/mp4",
    **dict.fromkeys(
        (b"isom", b"iso2", b"iso4", b"iso5", b"iso6", b"mp41", b"mp42", b"avc1", b"dash", b"M4V "),
        "video/mp4",
    ),
}
# MPEG audio without tags: eleven bits set, then a version, a layer III, a rate that is one.
_MPEG: Final = re.compile(rb"\xff[\xe2\xe3\xf2\xf3\xfa\xfb][\x10-\xef]")
# What begins a page of a browser is no text to anybody's eyes.
_MARKUP: Final = re.compile(
    rb"<(?:!doctype|!--|\?xml|html|svg|head|body|script|iframe)", re.IGNORECASE
)

# What a browser shows by itself; all else is saved.
_SHOWN: Final = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp"})
PICTURES: Final = _SHOWN
KINDS: Final = ("image", "audio", "video", "file")

# Slashes lead elsewhere, and the rest means something to one system or another.
_BAD_IN_NAMES: Final = re.compile(r'[\\/:*?"<>|]')
_WITHOUT_EXTENSION: Final = "file"
# Names of devices, on one system, with whatever follows a point (Microsoft, «Naming files»).
_DEVICE: Final = re.compile(r"(?:con|prn|aux|nul|com\d|lpt\d)(?:\..*)?", re.IGNORECASE)
_PLAIN: Final = re.compile(r"[^A-Za-z0-9 ._()+-]")


def sniff(head: bytes, claimed: str = "") -> str:
    """Return the type of what begins with *head*; *claimed* chooses only where either is right."""
    found = _sniffed(head)
    return _EITHER.get((found, claimed.partition(";")[0].strip().lower()), found)


def _sniffed(head: bytes) -> str:
    for start, type_ in _STARTS:
        if head.startswith(start):
            return type_
    if head.startswith(b"RIFF") and head[8:12] in _IN_RIFF:
        return _IN_RIFF[head[8:12]]
    if head[4:8] == b"ftyp":
        return _BRANDS.get(head[8:12], FILE)
    if head.startswith(b"\x1a\x45\xdf\xa3"):
        return "video/webm" if b"webm" in head[:64] else FILE
    if head.startswith(b"OggS"):
        return "video/ogg" if b"\x80theora" in head[:128] else "audio/ogg"
    if _MPEG.match(head):
        return "audio/mpeg"
    return "text/plain" if _is_text(head) else FILE


def _is_text(head: bytes) -> bool:
    if not head or b"\0" in head or _MARKUP.search(head):
        return False
    # The last character may be cut.
    cut = head if len(head) < SNIFFED_BYTES else head[:-4]
    try:
        text = cut.decode()
    except UnicodeDecodeError as error:
        if error.start < len(cut) - 4 or len(head) < SNIFFED_BYTES:
            return False
        text = cut[: error.start].decode()
    return not any(unicodedata.category(char) == "Cc" and char not in "\t\r\n\f" for char in text)


def kind_of(type_: str) -> str:
    """Return which of `KINDS` a *type_* is."""
    kind = type_.partition("/")[0]
    return kind if kind in KINDS else "file"


def clean_file_name(name: str) -> str:
    """Return *name* as one that leads nowhere and is what it seems to be, on any system."""
    # A path is not ours to know: browsers of old sent theirs.
    last = re.split(r"[\\/]", name[:4_096])[-1]
    last = "".join(char for char in clean_line(last) if unicodedata.category(char)[0] != "C")
    last = _BAD_IN_NAMES.sub("_", last).strip(" .")
    if not last or _DEVICE.fullmatch(last):
        last = f"{_WITHOUT_EXTENSION}_{last}".rstrip("_")
    return _shortened(last)


def _shortened(name: str) -> str:
    """Return *name* in at most `MOST_NAME` characters, with what it ends in."""
    if len(name) <= MOST_NAME:
        return name
    stem, point, end = name.rpartition(".")
    if not point or len(end) > 16:
        return name[:MOST_NAME]
    return f"{stem[: MOST_NAME - len(end) - 1]}.{end}"


class Answer(NamedTuple):
    """How something is given to a browser."""

    type: str
    disposition: str


def answer(type_: str, name: str) -> Answer:
    """Return under which type and for what *name* is sent: to be shown, played, or saved."""
    kind = kind_of(type_)
    shown = type_ in _SHOWN or kind in ("audio", "video")
    way = "inline" if shown else "attachment"
    return Answer(type_ if shown or type_ == "application/pdf" else FILE, f"{way}; {_named(name)}")


def _named(name: str) -> str:
    """Return the parameters that say *name* (RFC 6266 4.3, RFC 8187), for clients old and new."""
    plain = _PLAIN.sub("_", unicodedata.normalize("NFKD", name))
    return f"filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"
