"""What a photo says of itself: size, time and place; and the small picture made of it."""

import datetime as dt
import io
import math
import re
import struct
import zoneinfo
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import IO, Any

from PIL import ExifTags, Image, ImageOps

LARGEST_PIXELS = 50_000_000  # decoded, that is 200 MB: more is an attack rather than a photo
THUMBNAIL = (480, 480)
ZONE = zoneinfo.ZoneInfo("Asia/Shanghai")
EARLIEST = dt.datetime(2000, 1, 1, tzinfo=ZONE)  # before, cameras without a set clock say 1970 or 1980
CLOCKS_DIFFER = dt.timedelta(minutes=10)
OFFSET = re.compile(r"([+-])([0-9]{2}):([0-5][0-9])", re.ASCII)
LYING = (5, 6, 7, 8)  # orientations by which the camera was held upright
# all that Pillow's readers raise on bytes that are no picture
UNREADABLE = (OSError, SyntaxError, ValueError, TypeError, KeyError, IndexError, OverflowError, EOFError, MemoryError, AttributeError,
              ZeroDivisionError, struct.error)  # fmt: skip


class Broken(Exception):
    """The file ends too early, or is no picture of its type."""


class TooManyPixels(Exception):
    """It would need more memory than a photo does."""


@dataclass(frozen=True)
class Picture:
    """`width` and `height` as one looks at it; `taken_at` and the place are null where the camera says nothing believable."""

    width: int
    height: int
    taken_at: dt.datetime | None
    lon: Decimal | None
    lat: Decimal | None
    thumbnail: bytes


def read(file: IO[bytes], form: str, *, now: dt.datetime) -> Picture:
    """Decode a picture of the form JPEG, PNG or WEBP. Raises Broken or TooManyPixels."""
    try:
        with Image.open(file, formats=(form,)) as image:
            width, height = image.size
            if width * height > LARGEST_PIXELS:
                raise TooManyPixels
            exif = image.getexif()
            if exif.get(ExifTags.Base.Orientation) in LYING:
                width, height = height, width
            lon, lat = _place(exif.get_ifd(ExifTags.IFD.GPSInfo))
            return Picture(width, height, _time(exif.get_ifd(ExifTags.IFD.Exif), now), lon, lat, _thumbnail(image))
    except Image.DecompressionBombError as error:
        raise TooManyPixels from error
    except UNREADABLE as error:
        raise Broken from error


def _thumbnail(image: Image.Image) -> bytes:
    """A small JPEG that says nothing of time and place. Decodes the whole picture, so that one cut short is noticed."""
    image.draft("RGB", (THUMBNAIL[0] * 2, THUMBNAIL[1] * 2))  # a JPEG is decoded no larger than needed
    image.load()
    small = ImageOps.exif_transpose(image)
    small.thumbnail(THUMBNAIL)
    if small.mode not in ("RGB", "L"):
        clear = small.convert("RGBA")
        small = Image.new("RGB", clear.size, "white")
        small.paste(clear, mask=clear.getchannel("A"))
    out = io.BytesIO()
    small.save(out, "JPEG", quality=80, optimize=True)
    return out.getvalue()


def _time(exif: Mapping[int, Any], now: dt.datetime) -> dt.datetime | None:
    """When it was taken: local time, in Asia/Shanghai unless the camera names an offset."""
    said, offset = exif.get(ExifTags.Base.DateTimeOriginal), exif.get(ExifTags.Base.OffsetTimeOriginal)
    try:
        local = dt.datetime.strptime(str(said).strip(" \0"), "%Y:%m:%d %H:%M:%S").replace(tzinfo=ZONE)
    except ValueError:
        return None
    found = OFFSET.fullmatch(str(offset).strip(" \0"))
    if found and int(found[2]) < 24:
        away = dt.timedelta(hours=int(found[2]), minutes=int(found[3]))
        local = local.replace(tzinfo=dt.timezone(-away if found[1] == "-" else away))
    return local if EARLIEST <= local <= now + CLOCKS_DIFFER else None


def _place(gps: Mapping[int, Any]) -> tuple[Decimal | None, Decimal | None]:
    """Longitude and latitude in degrees; both or none. A receiver that found nothing says 0, 0."""
    lon = _degrees(gps.get(ExifTags.GPS.GPSLongitude), gps.get(ExifTags.GPS.GPSLongitudeRef), 180)
    lat = _degrees(gps.get(ExifTags.GPS.GPSLatitude), gps.get(ExifTags.GPS.GPSLatitudeRef), 90)
    return (lon, lat) if lon is not None and lat is not None and (lon, lat) != (0, 0) else (None, None)


def _degrees(parts: Any, side: Any, most: int) -> Decimal | None:
    try:
        degrees, minutes, seconds = (float(part) for part in parts)
        value = degrees + minutes / 60 + seconds / 3600
    except (TypeError, ValueError, ZeroDivisionError):
        return None
    if not math.isfinite(value) or not 0 <= value <= most or min(degrees, minutes, seconds) < 0:
        return None
    return round(Decimal(-value if side in ("S", "W") else value), 6)
