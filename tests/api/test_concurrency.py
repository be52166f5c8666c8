"""Of many who change one version, one wins."""

import threading
from collections import Counter
from typing import Any

import pytest
from django.db import connection

from tests import world


@pytest.mark.django_db(transaction=True)
def test_twenty_concurrent_patches_of_one_version_have_one_winner() -> None:
    people = world.people()
    project = world.project()
    path = f"/api/v1/projects/{project.pk}/"
    tag = people.client("editor").get(path)["ETag"]
    answers: list[int] = []
    start = threading.Barrier(20)

    def change(number: int) -> None:
        client: Any = people.client("editor")
        start.wait()
        answers.append(client.change(path, {"scale": f"第{number}个"}, match=tag).status_code)
        connection.close()

    threads = [threading.Thread(target=change, args=(number,)) for number in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert Counter(answers) == {200: 1, 412: 19}
