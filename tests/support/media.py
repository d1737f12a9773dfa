"""Pictures and other files for tests, good and hostile ones."""

import io
import struct
import zlib
from typing import Any

from PIL import Image

SVG = (
    b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
)
HTML = b"<!doctype html><script>alert(1)</script>"
PLACE = "52.5200 N"


def picture(format_: str = "PNG", size: tuple[int, int] = (800, 600), **more: Any) -> bytes:
    """Return a picture with a red top and a blue rest, so that one sees which way up it is."""
    image = Image.new("RGB", size, (0, 0, 255))
    image.paste((255, 0, 0), (0, 0, size[0], size[1] // 4))
    out = io.BytesIO()
    image.save(out, format_, **more)
    return out.getvalue()


def placed(format_: str = "JPEG", **more: Any) -> bytes:
    """Return a picture that says where it was taken, by what, and that it is to be turned."""
    exif = Image.Exif()
    exif[0x010F] = "Camera of ada"
    exif[0x0112] = 6
    exif[0x8825] = {1: "N", 2: (52.0, 31.0, 12.0)}
    exif[0x010E] = PLACE
    return picture(format_, exif=exif.tobytes(), **more)


def moving(frames: int = 3, size: tuple[int, int] = (40, 30), format_: str = "GIF") -> bytes:
    images = [Image.new("RGB", size, (7 * n % 256, n % 256, 99)) for n in range(frames)]
    out = io.BytesIO()
    images[0].save(out, format_, save_all=True, append_images=images[1:], duration=50, loop=0)
    return out.getvalue()


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def huge(width: int = 50_000, height: int = 50_000) -> bytes:
    """Return a PNG of some kilobytes that would take gigabytes when it is opened."""
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0))
    rows = zlib.compress(b"\0" * 1_000_000, 9)
    return b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def text_bomb() -> bytes:
    """Return a small PNG with a comment that is a gigabyte long once it is unpacked."""
    packer = zlib.compressobj(9)
    packed = b"".join(packer.compress(b"\0" * (1 << 20)) for _ in range(200)) + packer.flush()
    whole = picture(size=(4, 4))
    return whole[:33] + chunk(b"zTXt", b"Comment\0\0" + packed) + whole[33:]


def zip_bomb(size: int = 100_000_000) -> bytes:
    """Return an archive of some kilobytes with a file of *size* in it, a hundred megabytes."""
    import zipfile

    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("zeros", b"\0" * size)
    return out.getvalue()


def polyglot() -> bytes:
    """Return a picture that is a page and an archive, too, to who reads it as such."""
    return picture("GIF", (8, 8)) + HTML + zip_bomb(1_000_000)[:2_000]


def opened(data: bytes) -> Image.Image:
    image = Image.open(io.BytesIO(data))
    image.load()
    return image
