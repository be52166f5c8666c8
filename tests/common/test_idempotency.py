"""One effect a key, however often and at whatever moment the request is sent again."""

import datetime as dt
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.db import connection
from django.http import HttpResponse
from django.urls import path
from rest_framework.request import Request
from rest_framework.views import APIView

from common import clock, services, tasks
from common.api.answers import answer
from common.api.exceptions import problem
from common.api.idempotency import once
from common.api.views import Writing
from common.errors import Conflict, Malformed
from common.models import IdempotencyKey
from common.recording import recording
from projects.models import Tag
from tests import world

PATH = "/tags/"
pytestmark = [pytest.mark.urls(__name__), pytest.mark.django_db(transaction=True)]


class TagsView(Writing, APIView):
    """A deed that could be done twice: every effect makes a tag of its own, of the batch that the body names."""

    before_commit: Callable[[], None] = staticmethod(lambda: None)

    def post(self, request: Request) -> HttpResponse:
        self.media()
        return once(request, self._create)

    def _create(self) -> HttpResponse:
        batch = self.request.data.get("batch")
        if not batch:
            raise Malformed.at("batch", "必填。", "required")
        with recording(self.request.user):
            tag = Tag.objects.create(kind="once", label=str(uuid.uuid4()), batch=batch)
        self.before_commit()
        if batch == "conflict":
            raise Conflict
        if batch == "answered":
            return problem("in_use")
        return answer(self.request, {"id": tag.pk, "标签": tag.label}, version=1, status=201, headers={"Location": f"{PATH}{tag.pk}/"})


urlpatterns = [path("tags/", TagsView.as_view()), path("other/", TagsView.as_view())]


@pytest.fixture
def people(transactional_db: None) -> world.People:
    return world.people()


@pytest.fixture
def send(people: world.People) -> Callable[..., Any]:
    """`send(key, batch)` posts as the editor, or whoever is named."""

    def post(key: str | None, batch: str = "一", *, person: str = "editor", to: str = PATH, **more: Any) -> Any:
        client = people.client(person)
        client.raise_request_exception = False
        headers = {} if key is None else {"idempotency-key": key}
        return client._json("POST", to, {"batch": batch} | more, **headers)

    return post


@pytest.fixture
def before_commit(monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[], None]], None]:
    """Put something between the effect and its commit."""
    return lambda deed: monkeypatch.setattr(TagsView, "before_commit", staticmethod(deed))


@pytest.fixture
def running() -> Iterator[Callable[[Callable[[], Any]], threading.Thread]]:
    """Start a deed in a thread with a connection of its own."""
    threads = []

    def start(deed: Callable[[], Any]) -> threading.Thread:
        def run() -> None:
            try:
                deed()
            finally:
                connection.close()

        threads.append(threading.Thread(target=run))
        threads[-1].start()
        return threads[-1]

    yield start
    for thread in threads:
        thread.join()


def effects(batch: str = "一") -> int:
    return Tag.objects.filter(batch=batch).count()


def code(response: Any) -> tuple[int, str]:
    return response.status_code, response.json()["code"]


def test_same_request_again_gets_the_kept_answer_byte_for_byte(send: Callable[..., Any]) -> None:
    first, second = send("k-1"), send("k-1")
    assert (first.status_code, second.status_code) == (201, 201)
    assert second.content == first.content
    for name in ("Location", "ETag", "Content-Type", "Vary", "Cache-Control"):
        assert second[name] == first[name]
    assert ("Idempotent-Replayed" in first, second["Idempotent-Replayed"]) == (False, "true")
    assert effects() == 1


def test_fifty_identical_calls_at_once_have_one_effect_and_one_answer(
    people: world.People, send: Callable[..., Any], running: Callable[..., threading.Thread]
) -> None:
    answers: list[Any] = []
    start = threading.Barrier(50)

    def call() -> None:
        connection.ensure_connection()
        start.wait()
        answers.append(send("k-50"))

    for thread in [running(call) for _number in range(50)]:
        thread.join()
    assert [response.status_code for response in answers] == [201] * 50
    assert len({response.content for response in answers}) == 1
    assert sum("Idempotent-Replayed" not in response for response in answers) == 1
    assert effects() == 1


def test_order_of_keys_and_white_space_make_no_other_request(people: world.People) -> None:
    client = people.client("editor")
    bodies = ('{"batch":"一","a":{"x":1,"y":2}}', '{ "a": {"y": 2, "x": 1},\n "batch": "一" }')
    first, second = (
        client.generic("POST", PATH, body, content_type="application/json", headers={"idempotency-key": "k"}) for body in bodies
    )
    assert second["Idempotent-Replayed"] == "true"
    assert second.content == first.content


def test_same_key_for_another_request_is_refused(send: Callable[..., Any]) -> None:
    first = send("k")
    for other in ({"batch": "二"}, {"note": "more"}, {"to": f"{PATH}?x=1"}):
        refused = send("k", **other)
        assert code(refused) == (422, "idempotency_mismatch")
        assert refused.json()["errors"][0]["pointer"] == "#"
        assert Tag.objects.filter(kind="once").count() == 1
    assert send("k").content == first.content  # the first one stands as it was


def test_another_path_has_keys_of_its_own(send: Callable[..., Any]) -> None:
    assert send("k").content != send("k", to="/other/").content
    assert effects() == 2


def test_two_principals_may_use_the_same_key(send: Callable[..., Any]) -> None:
    assert send("k").content != send("k", person="approver").content
    assert effects() == 2


def test_key_that_is_missing_or_malformed_is_refused(send: Callable[..., Any]) -> None:
    for key in (None, "", "   ", "k" * 256, "schlüssel", "a\tb", "a\x7fb"):
        refused = send(key)
        assert code(refused) == (400, "idempotency_key_required"), key
        assert refused.json()["errors"]
        assert effects() == 0


def test_any_printable_key_will_do(send: Callable[..., Any]) -> None:
    for key in ("k" * 255, '"8e03978e-40d5-43dd-bc93-6894a57f9324"', "~ !"):
        assert send(key).status_code == 201, key
        assert send(key)["Idempotent-Replayed"] == "true", key


def test_refused_effect_leaves_no_key_and_no_effect(send: Callable[..., Any]) -> None:
    for batch, told in (("", (400, "validation")), ("conflict", (409, "conflict")), ("answered", (409, "in_use"))):
        assert code(send("k", batch)) == told
        assert not IdempotencyKey.objects.exists()
        assert not Tag.objects.filter(kind="once").exists()
    assert send("k", "一").status_code == 201  # corrected, with the same key
    assert effects() == 1


def test_fault_leaves_no_key_and_no_effect(send: Callable[..., Any], before_commit: Callable[..., None]) -> None:
    def stumble() -> None:
        raise ZeroDivisionError

    before_commit(stumble)
    assert send("k").status_code == 500
    assert (IdempotencyKey.objects.count(), effects()) == (0, 0)


def test_deadlock_is_tried_once_more_under_the_same_key(send: Callable[..., Any], before_commit: Callable[..., None]) -> None:
    tries: list[int] = []

    def meet() -> None:
        tries.append(1)
        if len(tries) == 1:
            with connection.cursor() as cursor:
                cursor.execute("DO $$ BEGIN RAISE EXCEPTION 'met another' USING ERRCODE = 'deadlock_detected'; END $$")

    before_commit(meet)
    first = send("k")
    assert (first.status_code, len(tries), effects()) == (201, 2, 1)
    assert send("k").content == first.content


def test_backend_killed_between_effect_and_commit_leaves_nothing(
    send: Callable[..., Any], before_commit: Callable[..., None], running: Callable[..., threading.Thread]
) -> None:
    at_commit, killed = threading.Event(), threading.Event()
    backends: list[int] = []
    answers: list[Any] = []

    def pause() -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_backend_pid()")
            backends.append(cursor.fetchone()[0])
        at_commit.set()
        assert killed.wait(30)

    before_commit(pause)
    thread = running(lambda: answers.append(send("k")))
    assert at_commit.wait(30)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s, 10000)", backends)
        assert cursor.fetchone() == (True,)
    killed.set()
    thread.join()
    assert answers[0].status_code == 500
    assert (IdempotencyKey.objects.count(), effects()) == (0, 0)
    before_commit(lambda: None)
    assert send("k").status_code == 201
    assert effects() == 1


def test_second_call_while_the_first_runs_is_told_to_wait(
    send: Callable[..., Any], before_commit: Callable[..., None], running: Callable[..., threading.Thread]
) -> None:
    at_commit, go_on = threading.Event(), threading.Event()
    answers: list[Any] = []

    def pause() -> None:
        at_commit.set()
        assert go_on.wait(30)

    before_commit(pause)
    thread = running(lambda: answers.append(send("k")))
    assert at_commit.wait(30)
    began = time.monotonic()
    refused = send("k")
    waited = time.monotonic() - began
    go_on.set()
    thread.join()
    assert code(refused) == (409, "idempotency_in_flight")
    assert refused["Retry-After"] == "2"
    assert 1.9 < waited < 10
    assert send("k").content == answers[0].content
    assert effects() == 1


@pytest.mark.deep
def test_locks_of_the_effect_are_waited_for_longer_than_the_key(
    send: Callable[..., Any], before_commit: Callable[..., None], running: Callable[..., threading.Thread]
) -> None:
    """The two seconds are the key's alone: what another holds for three is still waited for."""
    held, answers = threading.Event(), []

    def hold() -> None:
        with connection.cursor() as cursor:
            cursor.execute("BEGIN; SELECT pg_advisory_xact_lock(7)")
            held.set()
            cursor.execute("SELECT pg_sleep(3); COMMIT")

    def want() -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(7)")

    before_commit(want)
    running(hold)
    assert held.wait(30)
    answers.append(send("k").status_code)
    assert answers == [201]


def aged(span: dt.timedelta) -> None:
    """As if the key had been used that long ago."""
    IdempotencyKey.objects.update(at=clock.now() - span)


def test_key_older_than_a_day_is_free_again(send: Callable[..., Any]) -> None:
    first = send("k")
    aged(services.KEPT - dt.timedelta(minutes=1))
    assert send("k").content == first.content
    aged(services.KEPT)
    second = send("k", note="another request")
    assert second.status_code == 201
    assert "Idempotent-Replayed" not in second
    assert second.content != first.content
    assert send("k", note="another request").content == second.content
    assert effects() == 2


def test_old_key_taken_by_many_at_once_has_one_new_effect(send: Callable[..., Any], running: Callable[..., threading.Thread]) -> None:
    send("k")
    aged(services.KEPT)
    answers: list[Any] = []
    start = threading.Barrier(10)

    def call() -> None:
        connection.ensure_connection()
        start.wait()
        answers.append(send("k"))

    for thread in [running(call) for _number in range(10)]:
        thread.join()
    assert len({response.content for response in answers}) == 1
    assert effects() == 2


def test_old_keys_are_forgotten_and_younger_ones_stay(send: Callable[..., Any]) -> None:
    send("old")
    aged(services.KEPT)
    send("young")
    assert tasks.forget_keys() == 1
    assert tasks.forget_keys() == 0
    assert list(IdempotencyKey.objects.values_list("key", flat=True)) == ["young"]


def test_beat_forgets_keys_every_hour() -> None:
    from config.celery import app

    entry = app.conf.beat_schedule["forget_keys"]
    assert (entry["task"], entry["schedule"]) == (tasks.forget_keys.name, 3600)
