"""Evidence: judged by content, kept by hash, never without its file, never shown to those who may not see the project."""

import datetime as dt
import hashlib
import io
import os
import threading
import uuid
from pathlib import Path
from typing import IO, Any

import pytest
from django.db import connection
from django.test import Client
from PIL import Image

from common import clock, storage
from common.errors import RuleBroken, TooLarge
from common.recording import recording
from common.uploads import CappedUploadHandler
from history.models import Change
from milestones.models import Milestone, MilestoneEvidence
from portfolio.selectors import audit
from projects.models import Evidence, Project
from projects.selectors import evidence as selectors
from projects.services import evidence, uploads
from tests import files, world

API = "/api/v1"
TAKEN = "2025:06:01 08:30:00"


@pytest.fixture
def store(settings: Any, tmp_path: Path) -> Path:
    """A store of this test alone."""
    settings.MEDIA_ROOT = tmp_path / "files"
    return tmp_path / "files"


def add(project: Project, content: bytes, name: str = "现场.jpg", *, now: dt.datetime | None = None) -> Evidence:
    return evidence.add_evidence(project.pk, files.upload(content, name), actor=world.TESTER, now=now or clock.now())


def send(client: Client, project: Project, content: bytes, name: str = "现场.jpg", media_type: str = "image/jpeg") -> Any:
    return client.post(f"{API}/evidence/", {"project": str(project.pk), "file": files.upload(content, name, media_type)})


def kept(store: Path) -> list[str]:
    return sorted(path.name for path in store.glob("??/*"))


def whole(file: IO[bytes]) -> bytes:
    with file:
        return file.read()


def read(answer: Any) -> bytes:
    return b"".join(answer.streaming_content) if answer.streaming else answer.content


# --- what is kept -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("form", "name", "media_type"), [("JPEG", "a.JPG", "image/jpeg"), ("PNG", "a.png", "image/png"), ("WEBP", "a.webp", "image/webp")]
)
def test_photo_is_kept_unchanged_with_a_small_picture_that_says_nothing_of_time_and_place(
    people: world.People, store: Path, form: str, name: str, media_type: str
) -> None:
    content = files.photo(form, size=(1200, 900), taken=TAKEN, place=(113.79, 35.46))
    row = add(world.project(), content, name)
    assert (row.kind, row.media_type, row.size, row.sha256) == ("photo", media_type, len(content), hashlib.sha256(content).hexdigest())
    assert (row.width, row.height, row.taken_at, row.uploaded_by_name) == (1200, 900, files.local("2025-06-01T08:30:00"), "tests")
    assert (float(row.lon or 0), float(row.lat or 0)) == (113.79, 35.46)
    assert whole(storage.open_file(row.sha256)) == content
    small = Image.open(io.BytesIO(whole(storage.open_thumbnail(row.sha256))))
    assert small.format == "JPEG" and max(small.size) == 480 and not small.getexif()
    assert kept(store) == [row.sha256, f"{row.sha256}.thumbnail"] and not list((store / "staged").iterdir())


def test_photo_held_upright_is_shown_upright(people: world.People) -> None:
    row = add(world.project(), files.photo(size=(900, 600), orientation=6))
    assert (row.width, row.height) == (600, 900)
    assert Image.open(io.BytesIO(whole(storage.open_thumbnail(row.sha256)))).size == (320, 480)


def test_document_is_kept_without_a_small_picture(people: world.People, store: Path) -> None:
    row = add(world.project(), files.PDF, "批复.pdf")
    assert (row.kind, row.media_type, row.width, row.taken_at) == ("document", "application/pdf", None, None)
    assert kept(store) == [row.sha256]


@pytest.mark.parametrize(
    ("taken", "offset", "expected"),
    [
        (TAKEN, None, "2025-06-01T08:30:00+08:00"),
        (TAKEN, "+00:00", "2025-06-01T16:30:00+08:00"),
        (TAKEN, "xx", "2025-06-01T08:30:00+08:00"),
        (TAKEN, "+99:00", "2025-06-01T08:30:00+08:00"),
        ("1980:01:01 00:00:00", None, None),  # a clock that was never set
        ("2099:01:01 00:00:00", None, None),
        ("0000:00:00 00:00:00", None, None),
        ("gestern", None, None),
    ],
)
def test_time_of_a_photo_is_believed_only_when_it_can_be(
    people: world.People, taken: str, offset: str | None, expected: str | None
) -> None:
    row = add(world.project(), files.photo(taken=taken, offset=offset), now=files.local("2025-09-01T00:00:00"))
    assert row.taken_at == (expected and dt.datetime.fromisoformat(expected))


@pytest.mark.parametrize("place", [(0.0, 0.0), (200.0, 35.0), (113.0, 95.0)])
def test_place_that_cannot_be_is_none(people: world.People, place: tuple[float, float]) -> None:
    row = add(world.project(), files.photo(place=place))
    assert (row.lon, row.lat) == (None, None)


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("..\\..\\etc/照片.jpg", "照片.jpg"),
        ("a\u202egpj.jpg", "agpj.jpg"),
        ("无扩展名", "无扩展名.jpg"),
        ("x" * 300 + ".jpg", "x" * 200 + ".jpg"),
    ],
)
def test_name_holds_no_folder_and_nothing_invisible(people: world.People, given: str, shown: str) -> None:
    prepared = uploads.prepare([files.upload(files.photo())], now=clock.now(), name=given)
    assert prepared[0].name == shown
    prepared[0].discard()


# --- what is refused ----------------------------------------------------------------------------------------------

HTML = b"<!DOCTYPE html><script>alert(1)</script>"
SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
REFUSED = {
    "empty": (b"", "a.jpg", "是空的"),
    "html": (HTML, "a.jpg", "网页"),
    "html with a mark": (b"\xef\xbb\xbf \n<html>", "a.pdf", "网页"),
    "svg": (SVG, "a.png", "SVG"),
    "zip": (b"PK\x03\x04" + bytes(50), "a.pdf", "压缩包"),
    "gif": (b"GIF89a" + bytes(50), "a.jpg", "GIF"),
    "heic": (b"\0\0\0\x18ftypheic" + bytes(50), "IMG_1.HEIC", "兼容性最佳"),
    "text": ("只是文字".encode(), "a.jpg", "无法识别"),
    "png named jpg": (files.photo("PNG"), "a.jpg", "PNG 图片，与扩展名 .jpg 不符"),
    "jpeg named html": (files.photo(), "a.html", "与扩展名 .html 不符"),
    "pdf named jpg": (files.PDF, "a.jpg", "PDF 文件，与扩展名 .jpg 不符"),
    "page before a pdf": (HTML + files.PDF, "a.pdf", "网页"),
    "page that begins as a pdf": (b"%PDF-1.7\n" + HTML, "a.pdf", "PDF 文件不完整"),
    "jpeg cut short": (files.photo(size=(800, 600))[:-2000], "a.jpg", "打不开"),
    "jpeg of three bytes": (b"\xff\xd8\xff", "a.jpg", "打不开"),
    "png cut short": (files.photo("PNG")[:60], "a.png", "打不开"),
    "bomb": (files.bomb(), "a.png", "5000 万像素"),
    "just too many pixels": (files.bomb(10_000, 5_001), "a.png", "5000 万像素"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_no_photo_and_no_pdf_is_refused_in_words_and_leaves_nothing(people: world.People, store: Path, case: str) -> None:
    content, name, words = REFUSED[case]
    answer = send(people.client("editor"), world.project(), content, name)
    body = answer.json()
    assert (answer.status_code, body["code"], body["errors"][0]["pointer"]) == (422, "unprocessable", "#/file"), body
    assert words in body["errors"][0]["detail"]
    assert not Evidence.objects.exists() and not kept(store) and not list(store.glob("staged/*"))


def test_photo_of_forty_megabytes_is_refused_before_it_is_read(people: world.People, store: Path) -> None:
    class Unread(io.BytesIO):
        def read(self, *args: Any) -> bytes:
            raise AssertionError("read")

    project = world.project()
    client = people.client("editor")
    request = {
        "REQUEST_METHOD": "POST",
        "PATH_INFO": f"{API}/evidence/",
        "CONTENT_TYPE": "multipart/form-data; boundary=x",
        "CONTENT_LENGTH": str(40 << 20),
        "wsgi.input": Unread(),
        "HTTP_AUTHORIZATION": f"Bearer {people.tokens['editor']}",
    }
    answer = client.request(**request)
    assert (answer.status_code, answer.json()["code"]) == (413, "too_large")
    assert "30 MB" in answer.json()["detail"]
    assert not kept(store) and project


def test_photo_over_its_own_limit_is_refused_with_both_sizes_and_a_document_of_that_size_is_not(people: world.People) -> None:
    client, project = people.client("editor"), world.project()
    padding = bytes(16 << 20)
    answer = send(client, project, files.photo() + padding)
    assert (answer.status_code, answer.json()["code"]) == (413, "too_large")
    assert "最大 15 MB" in answer.json()["detail"] and "16.0 MB" in answer.json()["detail"]
    assert send(client, project, files.PDF[:9] + padding + files.PDF, "a.pdf").status_code == 201


def test_file_past_the_largest_is_read_past_not_kept(people: world.People, settings: Any) -> None:
    settings.LARGEST_FILE = 100
    handler = CappedUploadHandler()
    handler.new_file("file", "a.jpg", "image/jpeg", None)
    for start in range(0, 1000, 50):
        handler.receive_data_chunk(bytes(50), start)
    upload = handler.file_complete(1000)
    assert upload.size == 1000 and Path(upload.temporary_file_path()).stat().st_size == 100
    with pytest.raises(TooLarge):
        uploads.prepare([_with_head(upload)], now=clock.now())


def _with_head(upload: Any) -> Any:
    upload.file.seek(0)
    upload.file.write(b"\xff\xd8\xff")
    upload.size = 16 << 20
    return upload


def test_ten_files_at_once_are_too_many_and_one_bad_one_refuses_all(people: world.People, store: Path) -> None:
    project = world.project()
    colors = ["red", "green", "blue", "gray", "white", "black", "pink", "gold", "navy", "lime"]
    many = [files.upload(files.photo(color=color)) for color in colors]
    with pytest.raises(RuleBroken, match="9 个"):
        evidence.add_many(project.pk, many, actor=world.TESTER, now=clock.now())
    with pytest.raises(RuleBroken):
        evidence.add_many(project.pk, [*many[:3], files.upload(HTML)], actor=world.TESTER, now=clock.now())
    assert not Evidence.objects.exists() and not list(store.glob("*/*"))
    rows = evidence.add_many(project.pk, [*many[:9][::-1]], actor=world.TESTER, now=clock.now())
    assert len({row.sha256 for row in rows}) == 9


# --- one content, one file ----------------------------------------------------------------------------------------


def test_same_file_is_one_row_a_project_and_one_file_for_all(people: world.People, store: Path) -> None:
    one, other, content = world.project("甲"), world.project("乙"), files.photo()
    first = add(one, content, "甲.jpg")
    again = add(one, content, "改名.jpg")
    assert (again.pk, again.name) == (first.pk, "甲.jpg")
    both = evidence.add_many(one.pk, [files.upload(content)] * 2, actor=world.TESTER, now=clock.now())
    assert {row.pk for row in both} == {first.pk}
    assert add(other, content).pk != first.pk
    assert len(kept(store)) == 2 and Evidence.objects.count() == 2
    assert Change.objects.filter(table_name="projects_evidence").count() == 2


@pytest.mark.django_db(transaction=True)
def test_same_file_sent_twice_at_once_is_one_row(people: world.People) -> None:
    project, content, found = world.project(), files.photo(), []

    def work() -> None:
        try:
            found.append(add(project, content).pk)
        finally:
            connection.close()

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 4 and len(set(found)) == 1 == Evidence.objects.count()


# --- a crash between file and row ---------------------------------------------------------------------------------


def test_crash_before_the_row_leaves_a_file_that_is_taken_away_after_a_day(
    people: world.People, store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    project, content = world.project(), files.photo()

    def crash(*args: Any, **options: Any) -> None:
        raise SystemExit

    with monkeypatch.context() as broken:
        broken.setattr(type(Evidence.objects.all()), "bulk_create", crash)
        with pytest.raises(SystemExit):
            add(project, content)
    sha256 = hashlib.sha256(content).hexdigest()
    assert not Evidence.objects.exists() and sha256 in kept(store)
    now = clock.now()
    assert evidence.forget_orphans(now=now + dt.timedelta(hours=23)) == 0
    assert evidence.forget_orphans(now=now + dt.timedelta(hours=25)) == 1
    assert kept(store) == []


def test_file_with_a_row_is_never_taken_away_and_one_put_anew_lives_another_day(people: world.People, store: Path) -> None:
    project, later = world.project(), clock.now() + dt.timedelta(days=9)
    row = add(project, files.photo())
    assert evidence.forget_orphans(now=later) == 0
    evidence.delete_evidence(row.pk, version=row.version, actor=world.TESTER)
    old = (clock.now() - dt.timedelta(days=9)).timestamp()
    os.utime(store / row.sha256[:2] / row.sha256, (old, old))
    again = add(project, files.photo())  # the same content, just before the broom
    assert evidence.forget_orphans(now=clock.now()) == 0 and storage.is_whole(again.sha256)


def test_what_a_crash_left_unplaced_is_taken_away(people: world.People, store: Path) -> None:
    staged = storage.stage([b"x"])
    evidence.forget_orphans(now=clock.now())
    assert staged.path.exists()
    evidence.forget_orphans(now=clock.now() + dt.timedelta(days=2))
    assert not staged.path.exists()


def test_audit_names_the_row_whose_file_is_gone_or_altered(people: world.People, store: Path) -> None:
    project = world.project()
    whole, altered, gone = (add(project, files.photo(color=color)) for color in ("red", "blue", "green"))
    (store / altered.sha256[:2] / altered.sha256).write_bytes(b"x")
    storage.remove(gone.sha256)
    assert {key: wrong for key, _name, wrong in selectors.unsound()} == {altered.pk: "文件与哈希不符", gone.pk: "文件不在"}
    (found,) = (one for one in audit.findings(now=clock.now(), today=clock.today()) if one.name.startswith("佐证"))
    assert found.count == 2 and not found.is_remark and whole.pk not in [row[0] for row in found.rows]


# --- over HTTP ----------------------------------------------------------------------------------------------------


def test_file_leaves_with_its_type_and_may_run_nothing(people: world.People) -> None:
    client, project = people.client("editor"), world.project()
    content = files.photo(size=(600, 400))
    row = send(client, project, content, "开工 现场.jpg").json()
    answer = client.get(row["content"])
    assert read(answer) == content
    headers = {
        "Content-Type": "image/jpeg",
        "X-Content-Type-Options": "nosniff",
        "Content-Security-Policy": "default-src 'none'; sandbox",
        "Content-Disposition": "inline; filename*=UTF-8''%E5%BC%80%E5%B7%A5%20%E7%8E%B0%E5%9C%BA.jpg",
        "ETag": f'"{row["sha256"]}"',
        "Cache-Control": "private, max-age=31536000, immutable",
    }
    assert {name: answer[name] for name in headers} == headers
    assert client.get(row["content"], headers={"if-none-match": answer["ETag"]}).status_code == 304
    small = client.get(row["thumbnail"], headers={"accept": "image/avif,image/webp"})
    assert small["Content-Type"] == "image/jpeg" and Image.open(io.BytesIO(read(small))).size == (480, 320)
    document = send(client, project, files.PDF, "批复.pdf").json()
    assert document["thumbnail"] is None and client.get(f"{API}/evidence/{document['id']}/thumbnail/").status_code == 404
    answer = client.get(document["content"])
    assert (read(answer), answer["Content-Type"]) == (files.PDF, "application/pdf")


def test_hidden_file_is_as_absent_as_one_that_never_was(people: world.People) -> None:
    row = add(world.project(), files.photo())
    stranger = people.client("outsider")
    for call in ("", "content/", "thumbnail/"):
        hidden, absent = (stranger.get(f"{API}/evidence/{key}/{call}") for key in (row.pk, uuid.uuid4()))
        assert hidden.status_code == absent.status_code == 404
        assert {**hidden.json(), "instance": ""} == {**absent.json(), "instance": ""}
        assert Client().get(f"{API}/evidence/{row.pk}/{call}").status_code == 401
    assert stranger.get(f"{API}/evidence/").json()["results"] == []
    assert read(people.client("reader").get(f"{API}/evidence/{row.pk}/content/"))


def test_session_of_the_portal_reads_files(people: world.People) -> None:
    row = add(world.project(), files.photo())
    browser = Client()
    browser.force_login(people.users["reader"], backend="allauth.account.auth_backends.AuthenticationBackend")
    assert read(browser.get(f"{API}/evidence/{row.pk}/thumbnail/"))


def test_writing_needs_the_act_a_form_and_a_project_in_reach(people: world.People) -> None:
    project = world.project()
    assert send(people.client("reader"), project, files.photo()).status_code == 403
    assert send(people.client("outsider"), project, files.photo()).json()["errors"][0]["pointer"] == "#/project"
    editor = people.client("editor")
    assert editor.send(f"{API}/evidence/", {"project": str(project.pk)}).status_code == 415
    answer = editor.post(f"{API}/evidence/", {"project": str(project.pk), "bogus": "1"})
    assert {error["pointer"] for error in answer.json()["errors"]} >= {"#/bogus"} and answer.status_code == 400
    assert editor.post(f"{API}/evidence/", {"project": str(project.pk), "file": "kein"}).status_code == 400
    made = send(editor, project, files.photo())
    assert made.status_code == 201 and made["Location"].endswith(f"/evidence/{made.json()['id']}/")


def test_file_that_proves_something_stays_and_another_goes(people: world.People) -> None:
    client, project = people.client("editor"), world.project()
    used, free = (send(client, project, files.photo(color=color)).json() for color in ("red", "blue"))
    milestone = Milestone.objects.filter(project=project).first()
    with recording(world.TESTER):
        MilestoneEvidence.objects.create(project=project, milestone=milestone, evidence_id=used["id"])
    urls = [f"{API}/evidence/{row['id']}/" for row in (used, free)]
    tags = [client.get(url)["ETag"] for url in urls]
    assert client.send(urls[1], method="DELETE").status_code == 428
    refused = client.send(urls[0], match=tags[0], method="DELETE")
    assert (refused.status_code, refused.json()["code"]) == (409, "in_use")
    assert client.send(urls[1], match=tags[1], method="DELETE").status_code == 204
    assert client.get(f"{urls[1]}content/").status_code == 404


def test_list_is_filtered_by_project_and_kind(people: world.People) -> None:
    client, one, other = people.client("editor"), world.project("甲"), world.project("乙")
    first, second, _third = add(one, files.photo()), add(one, files.PDF, "a.pdf"), add(other, files.photo())
    rows = lambda query: [row["id"] for row in client.get(f"{API}/evidence/?{query}").json()["results"]]  # noqa: E731
    assert rows(f"project={one.pk}") == [str(second.pk), str(first.pk)]
    assert rows(f"project={one.pk}&kind=photo") == [str(first.pk)]
    assert client.get(f"{API}/evidence/?kind=film").status_code == 400
