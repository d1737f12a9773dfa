"""Pictures are drawn anew by processes that are bounded, and hostile ones are refused."""

import io
from pathlib import Path

import pytest
from PIL import Image
from tests.support.media import PLACE, huge, moving, opened, picture, placed, polyglot, text_bomb

from conclave.media import redraw
from conclave.media.pictures import Drawn, Pictures
from conclave.protocol.errors import Reject

MOST = 1 << 26


@pytest.fixture
def draw(tmp_path: Path):
    """Draw bytes of a type anew; return what came of it, and both files."""

    async def run(data: bytes, type_: str, **how) -> tuple[Drawn, bytes, bytes]:
        source, whole, small = (tmp_path / name for name in ("source", "whole", "small"))
        source.write_bytes(data)
        for file in (whole, small):
            file.touch()
        drawn = await Pictures(**how).redraw(source, type_, whole, small, MOST)
        return drawn, whole.read_bytes(), small.read_bytes()

    return run


@pytest.mark.parametrize(
    ("format_", "type_"), [("JPEG", "image/jpeg"), ("PNG", "image/png"), ("WEBP", "image/webp")]
)
async def test_where_and_by_what_it_was_taken_is_gone_and_it_stands_upright(draw, format_, type_):
    data = placed(format_)
    assert PLACE.encode() in data
    drawn, whole, small = await draw(data, type_)
    assert (drawn.width, drawn.height, drawn.has_thumb) == (600, 800, True)
    for made in (whole, small):
        assert PLACE.encode() not in made
        assert b"Camera of ada" not in made
        assert not opened(made).getexif()
    # What was the top is at the right now.
    assert opened(whole).convert("RGB").getpixel((595, 400))[0] > 200
    assert opened(small).size == (360, 480)


async def test_what_stands_behind_the_end_of_a_picture_is_gone(draw):
    drawn, whole, _ = await draw(polyglot(), "image/gif")
    assert (drawn.width, drawn.height) == (8, 8)
    assert b"<script" not in whole
    assert b"PK\x03\x04" not in whole


async def test_comments_and_profiles_of_each_format_are_gone(draw):
    for format_, type_ in (("GIF", "image/gif"), ("JPEG", "image/jpeg")):
        _, whole, _ = await draw(picture(format_, (9, 9), comment=b"SECRET"), type_)
        assert b"SECRET" not in whole
    _, whole, _ = await draw(picture("WEBP", (9, 9), xmp=b"<x>SECRET</x>"), "image/webp")
    assert b"SECRET" not in whole


async def test_one_that_moves_goes_on_moving_and_has_a_still_small_one(draw):
    for format_, type_ in (("GIF", "image/gif"), ("WEBP", "image/webp")):
        drawn, whole, small = await draw(moving(5, format_=format_), type_)
        assert drawn.has_thumb
        assert opened(whole).n_frames == 5
        assert opened(small).n_frames == 1


async def test_what_is_see_through_stays_so(draw):
    out = io.BytesIO()
    Image.new("RGBA", (900, 10), (1, 2, 3, 0)).save(out, "PNG")
    _, whole, small = await draw(out.getvalue(), "image/png")
    assert opened(whole).convert("RGBA").getpixel((0, 0))[3] == 0
    assert opened(small).convert("RGBA").getpixel((0, 0))[3] == 0


@pytest.mark.parametrize(
    ("make", "type_", "code"),
    [
        (huge, "image/png", "too_large"),
        (lambda: huge(50_000, 1), "image/png", "too_large"),
        (text_bomb, "image/png", "bad_file"),
        (lambda: moving(redraw.MOST_FRAMES + 1, (2, 2)), "image/gif", "too_large"),
        (lambda: picture()[:500], "image/png", "bad_file"),
        (lambda: picture("JPEG"), "image/png", "bad_file"),
        (lambda: b"\x89PNG\r\n\x1a\n" + b"\0" * 100, "image/png", "bad_file"),
        (lambda: b"\xff\xd8\xff", "image/jpeg", "bad_file"),
    ],
    ids=["50000", "50000 by 1", "text", "frames", "cut", "another", "no", "empty"],
)
async def test_hostile_and_damaged_ones_are_refused(draw, make, type_, code):
    with pytest.raises(Reject) as no:
        await draw(make(), type_)
    assert no.value.code == code


async def test_one_that_takes_too_long_is_ended(draw):
    with pytest.raises(Reject) as no:
        await draw(picture(), "image/png", within=0.001)
    assert no.value.code == "bad_file"


async def test_no_decoder_but_that_of_what_was_seen_is_ever_asked(tmp_path):
    # An EPS would be given to Ghostscript, if it were asked.
    source = tmp_path / "x"
    source.write_bytes(b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n")
    with pytest.raises(Reject) as no:
        await Pictures().redraw(source, "image/png", tmp_path / "w", tmp_path / "s", MOST)
    assert no.value.code == "bad_file"
