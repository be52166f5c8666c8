"""Signing in: what is said, where it leads, and how long the door stays shut."""

from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from tests.portal.conftest import PASSWORD, City

SIGN_IN = "/sign-in/"


def attempt(client: Client, password: str, login: str = "leader", **more: str) -> Any:
    return client.post(SIGN_IN, {"login": login, "password": password} | more)


def test_pages_lead_to_sign_in_and_back(city: City) -> None:
    client = Client()
    asked: Any = client.get("/projects/?q=%E4%B9%9D%E5%B3%B0%E5%B1%B1")
    assert asked.status_code == 302
    answer: Any = client.post(asked.url, {"login": "leader", "password": PASSWORD, "next": "/projects/?q=九峰山"})
    assert answer.status_code == 302
    assert client.get(answer.url).status_code == 200


@pytest.mark.parametrize("target", ["https://evil.example/", "//evil.example/", "javascript:alert(1)"])
def test_sign_in_leads_nowhere_else(city: City, target: str) -> None:
    answer = attempt(Client(), PASSWORD, next=target)
    assert answer.status_code == 302
    assert answer.url == settings.LOGIN_REDIRECT_URL


def test_a_wrong_password_says_how_many_tries_are_left_then_locks(city: City) -> None:
    client = Client()
    for left in (4, 3, 2, 1):
        answer = attempt(client, "wrong")
        assert answer.status_code == 422
        assert f"还可以试 {left} 次" in answer.content.decode()
    assert attempt(client, "wrong").status_code == 429
    locked = attempt(client, PASSWORD)
    assert locked.status_code == 429
    assert int(locked["Retry-After"]) <= 15 * 60
    assert "以后可以再试" in locked.content.decode()
    assert attempt(Client(), PASSWORD, login="county").status_code == 302


def test_an_unknown_name_is_answered_like_a_wrong_password(city: City) -> None:
    known, unknown = attempt(Client(), "wrong"), attempt(Client(), "wrong", login="someone")
    assert known.status_code == unknown.status_code == 422
    assert "用户名或密码不正确" in unknown.content.decode()


def test_signing_out_needs_a_post_and_ends_the_session(city: City) -> None:
    client: Any = city.signed_in("leader")
    assert client.get("/sign-out/").status_code == 405
    assert client.post("/sign-out/").url == SIGN_IN
    assert client.get("/board/").status_code == 302


def test_theme_is_kept_and_leads_back_only_home(city: City) -> None:
    client: Any = city.signed_in("leader")
    assert client.post("/appearance/", {"theme": "dark", "next": "/projects/"}).url == "/projects/"
    assert 'data-theme="dark"' in client.get("/board/").content.decode()
    assert client.post("/appearance/", {"theme": "dark", "next": "//evil.example/"}).url == "/"
