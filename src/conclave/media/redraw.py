"""
Draw one picture anew, in a process of its own that may use little and not for long.

It is run as a file and imports nothing of the server: what a hostile picture does to a decoder
stays in here. What comes out was written by us from pixels alone: places, cameras, comments,
and whatever stood behind the end of the picture are not in it.
"""

import contextlib
import io
import json
import os
import resource
import sys
import warnings
from pathlib import Path
from typing import Any

MOST_SIDE = 16_384
MOST_PIXELS = 50_000_000
# Of all frames of one that moves.
MOST_MOVING_PIXELS = 60_000_000
MOST_FRAMES = 400
THUMB = (640, 480)
MEMORY_BYTES = 1_200_000_000
CPU_S = 20
_QUALITY = 88
_THUMB_QUALITY = 78


class UnfitError(Exception):
    """The picture is not drawn; the word says why."""


def bound(most_bytes: int) -> None:
    """Let this process use so much and no more; what it writes is at most *most_bytes* a file."""
    for kind, most in (
        (resource.RLIMIT_AS, MEMORY_BYTES),
        (resource.RLIMIT_CPU, CPU_S),
        (resource.RLIMIT_FSIZE, most_bytes),
        (resource.RLIMIT_CORE, 0),
    ):
        _, hard = resource.getrlimit(kind)
        # Who started us may have bound us more tightly.
        least = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(kind, (least, least))
    os.nice(10)


def redraw(source: str, format_: str, whole: str, small: str) -> dict[str, Any]:
    """
    Write the picture *source* to *whole*, and a small one to *small* if that is worth it.

    Return its width and height, and whether there is a small one. Raises `UnfitError`.
    """
    from PIL import Image, ImageFile

    Image.MAX_IMAGE_PIXELS = MOST_PIXELS
    # What is cut is damaged, and not made up.
    ImageFile.LOAD_TRUNCATED_IMAGES = False
    # Only what was seen in its first bytes: none of the many other decoders is ever called.
    with Image.open(source, formats=[format_]) as picture:
        _check(picture)
        frames = getattr(picture, "n_frames", 1) if format_ in ("GIF", "WEBP") else 1
        if frames > 1:
            _check_moving(picture, frames)
            size = _save_moving(picture, whole, format_)
            picture.seek(0)
            first = picture.convert("RGBA")
        else:
            first = _upright(picture)
            _save(first, whole, format_)
            size = first.size
        thumb = frames > 1 or _is_worth_a_thumb(size, whole)
        if thumb:
            _save_small(first, small)
    return {"width": size[0], "height": size[1], "thumb": thumb}


def _check(picture: Any) -> None:
    width, height = picture.size
    if max(width, height) > MOST_SIDE or width * height > MOST_PIXELS:
        raise UnfitError("too large")
    if min(width, height) < 1:
        raise UnfitError("empty")


def _check_moving(picture: Any, frames: int) -> None:
    width, height = picture.size
    if frames > MOST_FRAMES or frames * width * height > MOST_MOVING_PIXELS:
        raise UnfitError("too large")


def _upright(picture: Any) -> Any:
    """Return the pixels as they are to be seen, in colours that need no profile."""
    from PIL import ImageOps

    picture.load()
    profile = picture.info.get("icc_profile")
    upright = ImageOps.exif_transpose(picture)
    upright = _in_srgb(upright, profile)
    if upright.mode not in ("1", "L", "LA", "P", "RGB", "RGBA", "I;16"):
        upright = upright.convert("RGB")
    return upright


def _in_srgb(picture: Any, profile: bytes | None) -> Any:
    from PIL import ImageCms

    if not profile or picture.mode not in ("RGB", "RGBA", "CMYK"):
        return picture
    # One that cannot be read leaves the colours as they are.
    with contextlib.suppress(ImageCms.PyCMSError, OSError, ValueError):
        mode = "RGB" if picture.mode == "CMYK" else picture.mode
        given = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        return ImageCms.profileToProfile(
            picture, given, ImageCms.createProfile("sRGB"), outputMode=mode
        )
    return picture


def _save(picture: Any, target: str, format_: str) -> None:
    # Of its `info` nothing is written that is not named here.
    kept = {"transparency": picture.info["transparency"]} if _is_see_through(picture) else {}
    picture.info = dict(kept)
    if format_ == "JPEG":
        shown = picture if picture.mode in ("L", "RGB") else picture.convert("RGB")
        shown.info = {}
        shown.save(target, "JPEG", quality=_QUALITY, optimize=True)
    elif format_ == "WEBP":
        picture.save(target, "WEBP", quality=_QUALITY, method=4, exif=b"", xmp=b"")
    else:
        picture.save(target, format_, **kept)


def _is_see_through(picture: Any) -> bool:
    return picture.mode in ("1", "L", "P", "RGB") and "transparency" in picture.info


def _save_moving(picture: Any, target: str, format_: str) -> Any:
    loop = picture.info.get("loop", 0)
    more: dict[str, Any] = {"loop": loop if isinstance(loop, int) and 0 <= loop < 65_536 else 0}
    picture.info.pop("comment", None)
    if format_ == "WEBP":
        more |= {"quality": _QUALITY, "exif": b"", "xmp": b"", "icc_profile": b""}
    else:
        more |= {"comment": b""}
    picture.save(target, format_, save_all=True, **more)
    return picture.size


def _is_worth_a_thumb(size: tuple[int, int], whole: str) -> bool:
    fits = size[0] <= THUMB[0] and size[1] <= THUMB[1]
    return not fits or Path(whole).stat().st_size > 100_000


def _save_small(picture: Any, target: str) -> None:
    clear = "A" in picture.mode or "transparency" in picture.info
    small = picture.convert("RGBA" if clear else "RGB")
    small.thumbnail(THUMB)
    small.info = {}
    small.save(target, "WEBP", quality=_THUMB_QUALITY, method=4)


def main() -> int:
    """Do what the arguments say; the answer is one line of JSON."""
    source, format_, whole, small, most_bytes = sys.argv[1:]
    bound(int(most_bytes))
    warnings.simplefilter("ignore")
    try:
        answer = redraw(source, format_, whole, small)
    except UnfitError as why:
        answer = {"unfit": str(why)}
    except MemoryError:
        answer = {"unfit": "too large"}
    except Exception as why:  # noqa: BLE001 - whatever a decoder says, the picture is none
        large = type(why).__name__ == "DecompressionBombError"
        answer = {"unfit": "too large" if large else "damaged"}
    print(json.dumps(answer))  # noqa: T201 - this is how it answers
    return 0


if __name__ == "__main__":
    sys.exit(main())
