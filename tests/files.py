"""Files for tests: photos as cameras make them, and bytes that only pretend."""

import datetime as dt
import io
import struct
import zlib
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import ExifTags, Image

PDF = b"%PDF-1.7\n1 0 obj\n<< >>\nendobj\ntrailer\n<< >>\nstartxref\n9\n%%EOF\n"


def photo(
    form: str = "JPEG",
    *,
    size: tuple[int, int] = (64, 48),
    color: str = "red",
    taken: str | None = None,
    offset: str | None = None,
    place: tuple[float, float] | None = None,
    orientation: int | None = None,
) -> bytes:
    """A picture with what a camera writes: `taken` as `2025:06-01 08:30:00`, `place` as longitude and latitude."""
    exif = Image.Exif()
    exif[ExifTags.Base.Make] = "Camera"  # without a tag of its own Pillow writes none of the rest
    if orientation:
        exif[ExifTags.Base.Orientation] = orientation
    if taken:
        exif.get_ifd(ExifTags.IFD.Exif)[ExifTags.Base.DateTimeOriginal] = taken
    if offset:
        exif.get_ifd(ExifTags.IFD.Exif)[ExifTags.Base.OffsetTimeOriginal] = offset
    if place:
        lon, lat = place
        exif.get_ifd(ExifTags.IFD.GPSInfo).update(
            {
                ExifTags.GPS.GPSLongitudeRef: "E" if lon >= 0 else "W",
                ExifTags.GPS.GPSLongitude: (abs(lon), 0.0, 0.0),
                ExifTags.GPS.GPSLatitudeRef: "N" if lat >= 0 else "S",
                ExifTags.GPS.GPSLatitude: (abs(lat), 0.0, 0.0),
            }
        )
    out = io.BytesIO()
    Image.new("RGB", size, color).save(out, form, exif=exif)
    return out.getvalue()


def bomb(width: int = 30_000, height: int = 30_000) -> bytes:
    """A PNG of a few kilobytes that says it has 900 million pixels."""

    def chunk(name: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    head = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(bytes(10_000))) + chunk(b"IEND", b"")


def upload(content: bytes, name: str = "现场.jpg", media_type: str = "image/jpeg") -> Any:
    return SimpleUploadedFile(name, content, media_type)


def local(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(f"{text}+08:00")
