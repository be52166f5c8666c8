"""Contact points, brakes and resending over HTTP; and the page of deliveries."""

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from history.models import Change
from reminders.models import Brake, ContactPoint, Delivery
from reminders.services import resending
from tests import world
from tests.reminders.days import WEDNESDAY, deliver_at, late_project, moment, sweep_at

pytestmark = pytest.mark.django_db
Api = Callable[..., world.ApiClient]
POINTS = "/api/v1/contact-points/"
ROBOT = {
    "office": "410782",
    "channel": "dingtalk",
    "url": "https://oapi.dingtalk.com/robot/send?token=geheim",
    "secret": "SECgeheim",
}


def test_administrators_alone_keep_contact_points_and_nobody_reads_a_secret(api: Api) -> None:
    for name in ("editor", "supervisor", "auditor"):
        assert api(name).send(POINTS, ROBOT).status_code == 403
    answer = api("admin").send(POINTS, ROBOT)
    assert answer.status_code == 201, answer.content
    assert (answer.json()["has_secret"], answer.json()["office"]["code"]) == (True, "410782")
    assert b"SECgeheim" not in answer.content
    path = answer["Location"]
    assert api("supervisor").get(path).status_code == 404
    assert api("supervisor").get(POINTS).json()["results"] == []
    assert api("admin").change(path, {"is_active": False}).status_code == 428
    assert api("admin").change(path, {"is_active": False}, match=answer["ETag"]).status_code == 200
    assert ContactPoint.objects.get().secret == "SECgeheim"
    told = str(list(Change.objects.filter(table_name="reminders_contactpoint").values_list("before", "after")))
    assert "geheim" not in told


@pytest.mark.parametrize(
    ("wrong", "pointer"),
    [
        ({"url": "http://oapi.dingtalk.com/x"}, "#/url"),
        ({"url": "https://127.0.0.1/x"}, "#/url"),
        ({"url": "https://[::1/x"}, "#/url"),
        ({"url": "ftp://x"}, "#/url"),
        ({"channel": "webhook", "secret": ""}, "#/secret"),
        ({"office": None}, "#/user"),
    ],
)
def test_what_makes_no_sense_is_refused_at_its_field(api: Api, wrong: dict[str, Any], pointer: str) -> None:
    answer = api("admin").send(POINTS, ROBOT | wrong)
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, pointer)
    assert not ContactPoint.objects.exists()


def test_an_address_is_registered_once(api: Api) -> None:
    assert api("admin").send(POINTS, ROBOT).status_code == 201
    assert api("admin").send(POINTS, ROBOT).status_code == 409


@pytest.fixture
def dead(people: world.People, sink: Any) -> Delivery:
    late_project()
    sweep_at(WEDNESDAY)
    sink.refuse_person = "550 5.1.1 no such person"
    deliver_at(WEDNESDAY)
    sink.refuse_person = ""
    return Delivery.objects.get(recipient__username="editor")


def test_a_dead_letter_is_sent_again_by_supervision_once_an_hour(api: Api, dead: Delivery, sink: Any) -> None:
    path = f"/api/v1/deliveries/{dead.pk}/resend/"
    assert api("outsider").send(path).status_code == 404
    assert api("editor").send(path).status_code == 403
    answer = api("supervisor").send(path)
    assert answer.status_code == 201, answer.content
    assert (answer.json()["resends"], answer.json()["resent_by_name"]) == (str(dead.pk), "supervisor先生")
    assert answer.json()["items"] == [str(key) for key in dead.carried]
    assert api("supervisor").send(path).status_code == 409
    assert deliver_at(WEDNESDAY, 11) == 1
    assert len(sink.to("editor")) == 1
    assert Delivery.objects.get(pk=answer.json()["id"]).state == "sent"
    sweep_at(WEDNESDAY + dt.timedelta(days=1))
    deliver_at(WEDNESDAY + dt.timedelta(days=1))
    assert len(sink.to("editor")) == 1  # told once is told


def test_what_was_sent_is_told_again_but_not_what_is_done(people: world.People, sink: Any) -> None:
    project = late_project()
    sweep_at(WEDNESDAY)
    deliver_at(WEDNESDAY)
    sent = Delivery.objects.get(recipient__username="editor")
    resending.resend(sent.pk, actor=people.principal("supervisor"), now=moment(WEDNESDAY, 11))
    from milestones.services import milestones

    milestones.achieve(world.completion(project).pk, on=WEDNESDAY, actor=world.TESTER, today=WEDNESDAY)
    assert deliver_at(WEDNESDAY, 11) == 0
    assert Delivery.objects.get(resends=sent).state == "dead"


def test_a_brake_is_released_once_by_supervision(api: Api, people: world.People) -> None:
    from common.recording import recording

    with recording(world.TESTER):
        brake = Brake.objects.create(window=WEDNESDAY, message_count=9, limit=5)
    path = f"/api/v1/brakes/{brake.pk}/release/"
    assert api("editor").send(path).status_code == 404
    assert api("auditor").send(path).status_code == 403
    assert api("supervisor").send(path).json()["state"] == "released"
    assert api("supervisor").send(path).status_code == 409


def page(people: world.People, name: str) -> Client:
    client = Client()
    client.force_login(people.users[name], backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


def test_the_page_shows_the_dead_and_sends_again(people: world.People, dead: Delivery) -> None:
    from common.recording import recording

    with recording(world.TESTER):
        brake = Brake.objects.create(window=WEDNESDAY, message_count=9, limit=5)
    client = page(people, "supervisor")
    client.get("/deliveries/")
    with CaptureQueriesContext(
        connection,
    ) as queries:
        text = client.get("/deliveries/?state=dead").content.decode()
    assert len(queries) <= 10, [query["sql"][:90] for query in queries]
    assert "2 封未送达" in text
    assert "no such person" in text
    assert "放行" in text
    assert "竣工" in text
    assert client.post(f"/deliveries/{dead.pk}/resend/", {"state": "dead"})["Location"] == "/deliveries/?state=dead"
    assert client.post(f"/deliveries/{dead.pk}/resend/").status_code == 409
    assert client.post(f"/deliveries/brakes/{brake.pk}/release/").status_code == 302
    own = page(people, "editor").get("/deliveries/").content.decode()
    assert "approver先生" not in own
    assert "重发</button>" not in own
    assert page(people, "editor").post(f"/deliveries/{dead.pk}/resend/").status_code == 403
