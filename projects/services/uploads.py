"""What an uploaded file really is: judged by its bytes, never by its name or by what the browser says."""

import datetime as dt
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import PurePosixPath
from typing import Any, NamedTuple

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from common import storage
from common.errors import RuleBroken, TooLarge
from common.storage import Staged
from projects.models import EvidenceKind
from projects.services import pictures

MEGABYTE = 1 << 20
MOST_FILES = 9  # an act; practice of other cities' systems
LONGEST_NAME = 200


class Form(NamedTuple):
    """A form of file that is taken. `reader` is Pillow's name of it; None for a document."""

    word: Any
    media_type: str
    extensions: tuple[str, ...]
    largest: int
    reader: str | None


JPEG = Form(gettext_lazy("JPEG 照片"), "image/jpeg", (".jpg", ".jpeg", ".jpe", ".jfif"), 15 * MEGABYTE, "JPEG")
PNG = Form(gettext_lazy("PNG 图片"), "image/png", (".png",), 15 * MEGABYTE, "PNG")
WEBP = Form(gettext_lazy("WebP 图片"), "image/webp", (".webp",), 15 * MEGABYTE, "WEBP")
PDF = Form(gettext_lazy("PDF 文件"), "application/pdf", (".pdf",), 30 * MEGABYTE, None)

TAKEN = ((re.compile(rb"\xff\xd8\xff"), JPEG), (re.compile(rb"\x89PNG\r\n\x1a\n"), PNG), (re.compile(rb"RIFF....WEBP", re.DOTALL), WEBP),
         (re.compile(rb"%PDF-[12]\.[0-9]"), PDF))  # fmt: skip
HEIC = re.compile(rb"....ftyp(heic|heix|hevc|hevx|heim|heis|mif1|msf1|avif|avis)", re.DOTALL)
# what is not taken, so that the sentence can name it
NAMED = (
    (re.compile(rb"GIF8[79]a"), gettext_lazy("GIF 动图")),
    (re.compile(rb"PK\x03\x04"), gettext_lazy("压缩包或 Office 文档")),
    (re.compile(rb"\xd0\xcf\x11\xe0"), gettext_lazy("旧版 Office 文档")),
    (re.compile(rb"BM"), gettext_lazy("BMP 图片")),
    (re.compile(rb"II\*\0|MM\0\*"), gettext_lazy("TIFF 图片")),
    (re.compile(rb"Rar!|7z\xbc\xaf"), gettext_lazy("压缩包")),
    (re.compile(rb"MZ|\x7fELF"), gettext_lazy("可执行程序")),
    (re.compile(rb"\s*<(\?xml|!doctype svg|svg)", re.IGNORECASE), gettext_lazy("SVG 图形或 XML")),
    (re.compile(rb"(\xef\xbb\xbf)?\s*<", re.DOTALL), gettext_lazy("网页")),
)  # fmt: skip


@dataclass(frozen=True)
class Prepared:
    """A judged file that lies staged, with the columns of its row."""

    name: str
    kind: str
    media_type: str
    original: Staged
    thumbnail: Staged | None = None
    width: int | None = None
    height: int | None = None
    taken_at: dt.datetime | None = None
    lon: Decimal | None = None
    lat: Decimal | None = None

    def discard(self) -> None:
        for staged in (self.original, self.thumbnail):
            if staged is not None:
                storage.discard(staged)


def prepare(uploads: Sequence[Any], *, now: dt.datetime, name: str | None = None) -> list[Prepared]:
    """Judge the files and stage them; all or none. Each has `name`, `size`, `read`, `seek` and `chunks`, as Django's uploads do.

    Raises RuleBroken at `file` (what it is, what to do), or TooLarge. Whoever calls it calls `discard` on each in the end.
    """
    if len(uploads) > MOST_FILES:
        raise _refused(_("一次最多 %(most)d 个文件，请分次上传。") % {"most": MOST_FILES})
    ready: list[Prepared] = []
    try:
        for upload in uploads:
            ready.append(_prepare(upload, name or upload.name or "", now))
    except BaseException:
        for one in ready:
            one.discard()
        raise
    return ready


def _prepare(upload: Any, name: str, now: dt.datetime) -> Prepared:
    form = _form(upload, name)
    picture = _picture(upload, form, now) if form.reader else None
    upload.seek(0)
    original = storage.stage(upload.chunks())
    if picture is None:
        return Prepared(_name(name, form), EvidenceKind.DOCUMENT, form.media_type, original)
    return Prepared(
        _name(name, form), EvidenceKind.PHOTO, form.media_type, original, storage.stage([picture.thumbnail]),
        picture.width, picture.height, picture.taken_at, picture.lon, picture.lat,
    )  # fmt: skip


def _form(upload: Any, name: str) -> Form:
    """What it is. Raises RuleBroken where it is nothing that is taken, or not what its name says."""
    if not upload.size:
        raise _refused(_("文件是空的，请重新选择。"))
    upload.seek(0)
    head = upload.read(1024)
    if HEIC.match(head):
        raise _refused(_("这是苹果手机的 HEIC 照片，暂不能接收。请在手机“设置 - 相机 - 格式”中选“兼容性最佳”后重拍，或导出为 JPEG。"))
    form = next((form for sign, form in TAKEN if sign.match(head)), None)
    if form is None:
        word = next((word for sign, word in NAMED if sign.match(head)), _("无法识别的文件"))
        raise _refused(_("文件内容是%(word)s，不能接收。请上传 JPEG、PNG、WebP 照片或 PDF。") % {"word": word})
    extension = PurePosixPath(name).suffix.lower()
    if extension and extension not in form.extensions:
        raise _refused(
            _("文件内容是 %(word)s，与扩展名 %(extension)s 不符。请核对是否选错文件。") % {"word": form.word, "extension": extension[:10]}
        )
    if upload.size > form.largest:
        raise TooLarge(
            _("文件过大：%(word)s最大 %(limit)d MB，此文件 %(size).1f MB。请压缩后再传。")
            % {"word": form.word, "limit": form.largest // MEGABYTE, "size": upload.size / MEGABYTE}
        )
    if form is PDF:
        upload.seek(max(upload.size - 2048, 0))
        if b"%%EOF" not in upload.read(2048):
            raise _refused(_("PDF 文件不完整，可能没有传完或已损坏。请重新导出后再传。"))
    return form


def _picture(upload: Any, form: Form, now: dt.datetime) -> pictures.Picture:
    upload.seek(0)
    try:
        return pictures.read(upload, str(form.reader), now=now)
    except pictures.TooManyPixels as error:
        limit = pictures.LARGEST_PIXELS // 10_000
        raise _refused(_("图片过大：最多 %(limit)d 万像素。请缩小后再传。") % {"limit": limit}) from error
    except pictures.Broken as error:
        raise _refused(_("图片打不开，可能没有传完或已损坏。请重新拍照或导出后再传。")) from error


def _name(given: str, form: Form) -> str:
    """The name as people know it: no folder, no invisible signs, with the extension of what it is."""
    last = unicodedata.normalize("NFC", given).replace("\\", "/").rsplit("/", 1)[-1]
    shown = "".join(sign for sign in last if unicodedata.category(sign)[0] != "C").strip()
    stem, extension = PurePosixPath(shown).stem, PurePosixPath(shown).suffix.lower()
    return (stem or _("未命名"))[:LONGEST_NAME] + (extension or form.extensions[0])


def _refused(sentence: str) -> RuleBroken:
    return RuleBroken.at("file", sentence)
