"""Which project a typed name means: by name, alias or code among those the actor may see, else the nearest by spelling or pinyin."""

import unicodedata
import uuid
from collections.abc import Iterable
from difflib import SequenceMatcher
from typing import NamedTuple

from django.contrib.postgres.fields import ArrayField
from django.db.models import BooleanField, F, Func, Q, TextField, Value

from accounts.roles import Principal
from projects.models import Bigrams, Project, Status
from projects.pinyin import initials

ASKED = 20  # names for which the nearest is looked for, at once
LONGEST = 300  # characters of a name: a project has no longer one, and comparing takes as long as both are long
READ = 500  # rows compared by spelling
NEAR = 0.5  # of 1: half of the characters in the same order
SOUNDS_ALIKE = 0.3  # what the same pinyin initials add
BEGINS_ALIKE = 0.55  # what typed initials add that a name begins with
WIDE = str.maketrans("()", "（）")


class Match(NamedTuple):
    """`project` when exactly one bears the name; `several` when more do; `nearest` names one to ask about, "" for none."""

    project: Project | None = None
    several: int = 0
    nearest: str = ""


def match(names: Iterable[str], actor: Principal) -> dict[str, Match]:
    """Each name with what it means. Two statements, however many names."""
    wanted = {name for name in names if name.strip()}
    short = {name for name in wanted if len(name) <= LONGEST}
    bearers = _bearers(short, actor) if short else {}
    found: dict[str, Match] = {}
    for name in wanted:
        projects = bearers.get(_key(name), [])
        found[name] = Match(projects[0] if len(projects) == 1 else None, several=len(projects) if len(projects) > 1 else 0)
    unknown = sorted(name for name in short if not (found[name].project or found[name].several))
    return found | _nearest(unknown[:ASKED], actor)


def _key(name: str) -> str:
    """A name whatever the width of its signs and its spaces."""
    return "".join(unicodedata.normalize("NFKC", name).lower().split())


def _bearers(names: set[str], actor: Principal) -> dict[str, list[Project]]:
    """Projects by every key they go by."""
    bare = {"".join(unicodedata.normalize("NFKC", name).split()) for name in names}
    spelt = [*names, *bare, *(name.translate(WIDE) for name in bare)]
    found: dict[str, dict[uuid.UUID, Project]] = {}
    for project in Project.objects.visible_to(actor).filter(Q(name__in=spelt) | Q(code__in=spelt) | Q(aliases__overlap=spelt)):
        for word in (project.name, project.code or "", *project.aliases):
            found.setdefault(_key(word), {})[project.pk] = project
    return {key: list(projects.values()) for key, projects in found.items()}


def _nearest(names: list[str], actor: Principal) -> dict[str, Match]:
    """For each name the project whose name or alias is nearest, or whose pinyin begins with the same letters.

    The index over two-character tokens finds the rows that share any with a name; Python compares their spelling.
    """
    asked = {name: (_key(name), initials(name)) for name in names}
    tokens = sorted({token for key, letters in asked.values() for text in (key, letters) for token in _tokens(text)})
    if not tokens:
        return {}
    shared = Func(
        Bigrams(F("search_text")),
        Value(tokens, output_field=ArrayField(TextField())),
        template="(%(expressions)s)",
        arg_joiner=" && ",
        output_field=BooleanField(),
    )
    rows = Status.objects.visible_to(actor).filter(shared).order_by("name_pinyin", "pk")
    columns = list(rows.values_list("name", "project__aliases", "project__initials")[:READ])
    return {name: Match(nearest=_best(key, letters, columns)) for name, (key, letters) in asked.items()}


def _best(key: str, letters: str, rows: list[tuple[str, list[str], str]]) -> str:
    best, score = "", NEAR
    for name, aliases, spoken in rows:
        alike = max(SequenceMatcher(None, key, _key(word)).ratio() for word in (name, *aliases))
        if len(key) > 1 and any(word.startswith(key) for word in spoken.split()):
            alike += BEGINS_ALIKE
        elif len(letters) > 1 and letters in spoken.split():
            alike += SOUNDS_ALIKE
        if alike > score:
            best, score = name, alike
    return best


def _tokens(text: str) -> set[str]:
    return {text[at : at + 2] for at in range(len(text) - 1)}
