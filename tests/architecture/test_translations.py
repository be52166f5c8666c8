"""Every text of the product is also English, and each app's catalog holds its own texts, as `make messages` leaves it."""

import pathlib
import re
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from babel.messages import Catalog, Message
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.frontend import parse_keywords, parse_mapping_cfg
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from django.utils import translation

from common.api.problems import PROBLEMS
from tests import world

ROOT = pathlib.Path(__file__).resolve().parents[2]
APPS = ["common", "accounts", "projects", "reminders", "milestones", "funding", "portfolio", "portal"]
ALSO = {"portal": ["history"]}  # has no catalog of its own
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|%[sd]|\{\{|\}\}|\{\w*\}|</?(?:b|span)\b[^>]*>")
HAN = re.compile(r"[\u4e00-\u9fff]")
ENGLISH = {"accept-language": "en"}


def settings_of_make() -> dict[str, Any]:
    """Return what `make messages` tells pybabel to collect."""
    recipe = (ROOT / "Makefile").read_text().partition("\nmessages:")[2].partition("\n\n")[0]
    mapping = re.search(r"-F (\S+)", recipe)
    assert mapping is not None
    with (ROOT / mapping[1]).open() as file:
        methods, options = parse_mapping_cfg(file)
    keywords = DEFAULT_KEYWORDS | parse_keywords(re.findall(r"-k (\S+)", recipe))
    return {"method_map": methods, "options_map": options, "keywords": keywords}


def texts(app: str) -> set[Any]:
    """Return the texts of an app: a string, a pair of singular and plural, or either with its context."""
    found = (extract_from_dir(ROOT / folder, **settings_of_make()) for folder in [app, *ALSO.get(app, [])])
    return {(context, text) for texts in found for _file, _line, text, _comments, context in texts}


def catalog(app: str) -> Catalog:
    with (ROOT / app / "locale/en/LC_MESSAGES/django.po").open("rb") as file:
        return read_po(file, locale="en")


def entries(app: str) -> Iterator[Message]:
    return (entry for entry in catalog(app) if entry.id)


def both(entry: Message) -> Iterator[tuple[str, str]]:
    """Pair each form with its source: the English singular with the first, every other with the last."""
    sources = [entry.id] if isinstance(entry.id, str) else list(entry.id)
    forms = [entry.string] if isinstance(entry.string, str) else list(entry.string)
    yield from zip(sources, forms, strict=True)


def test_every_app_with_texts_has_a_catalog() -> None:
    assert sorted(APPS) == sorted(path.parts[-5] for path in ROOT.glob("*/locale/en/LC_MESSAGES/django.po"))
    listed = {*APPS, *(folder for folders in ALSO.values() for folder in folders)}
    assert listed == {path.parent.name for path in ROOT.glob("*/apps.py")}


@pytest.mark.parametrize("app", APPS)
def test_the_catalog_holds_exactly_the_texts_of_its_app(app: str) -> None:
    held = {(entry.context, entry.id) for entry in entries(app)}
    wanted = texts(app)
    assert not wanted - held, "run `make messages` and translate"
    assert not held - wanted, "run `make messages`"
    assert not catalog(app).obsolete
    assert not catalog(app).fuzzy, "without its head pybabel compiles nothing"


@pytest.mark.parametrize("app", APPS)
def test_every_text_is_english_with_the_same_placeholders(app: str) -> None:
    for entry in entries(app):
        assert not entry.fuzzy, entry.id
        for source, english in both(entry):
            assert english, source
            assert not HAN.search(english), source
            assert Counter(PLACEHOLDER.findall(source)) == Counter(PLACEHOLDER.findall(english)), source


def test_no_text_is_translated_in_two_ways() -> None:
    """Django merges the catalogs: of two translations one would win by the order of the apps."""
    chosen: dict[Any, tuple[str, Any]] = {}
    for app in APPS:
        for entry in entries(app):
            other, english = chosen.setdefault((entry.context, entry.id), (app, entry.string))
            assert english == entry.string, f"{entry.id}: {other} and {app}"


@pytest.fixture
def compiled(tmp_path: pathlib.Path, settings: Any) -> Iterator[None]:
    """Let Django read what stands in the sources now, not what was compiled last; leave this thread's language as it was."""
    whole = Catalog(locale="en")
    for app in APPS:
        for entry in entries(app):
            whole[entry.id] = entry
    folder = tmp_path / "en" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    with (folder / "django.mo").open("wb") as file:
        write_mo(file, whole)
    settings.LOCALE_PATHS = [tmp_path]
    with translation.override(settings.LANGUAGE_CODE):
        yield


@pytest.mark.usefixtures("compiled")
def test_every_problem_speaks_both_languages() -> None:
    for problem in PROBLEMS.values():
        for text in (problem.title, problem.remedy):
            assert HAN.search(str(text)) or str(text).isascii()
            with translation.override("en"):
                assert not HAN.search(str(text))


@pytest.mark.usefixtures("compiled")
@pytest.mark.parametrize(
    ("path", "status", "chinese", "english"),
    [
        ("nowhere/", 404, "无此内容", "Not found"),
        ("projects/00000000-0000-7000-8000-000000000000/", 404, "无此内容", "Not found"),
        ("projects/?what=1", 400, "未知的查询参数", "Unknown query parameter"),
        ("projects/?page_size=0", 400, "输入有误", "Invalid input"),
    ],
)
def test_problems_follow_the_language_asked_for(api: Callable[..., Any], path: str, status: int, chinese: str, english: str) -> None:
    for headers, title in [({}, chinese), (ENGLISH, english), ({}, chinese)]:
        answer = api("reader").get(f"/api/v1/{path}", headers=headers)
        assert (answer.status_code, answer.json()["title"]) == (status, title)
        assert bool(HAN.search(answer.content.decode())) == (not headers), answer.json()


@pytest.mark.usefixtures("compiled")
def test_labels_follow_the_language_asked_for(api: Callable[..., Any]) -> None:
    place = f"/api/v1/projects/{world.project().id}/"
    for headers, label in [({}, "谋划储备"), (ENGLISH, "Reserve"), ({}, "谋划储备")]:
        assert api("admin").get(place, headers=headers).json()["stage_display"] == label
