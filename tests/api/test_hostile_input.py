"""Whatever the schema allows, and much that it does not: never a server error."""

from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings

from tests import world

EXAMPLES = 20

pytestmark = [pytest.mark.deep, pytest.mark.django_db(transaction=True)]


@pytest.mark.filterwarnings("ignore")
def test_no_generated_call_is_a_server_error(live_server: Any) -> None:
    people = world.people()
    world.completion(world.project(at="construction"))
    schema = schemathesis.openapi.from_url(f"{live_server.url}/api/v1/schema/?format=json")
    headers = {"Authorization": f"Bearer {people.tokens['admin']}", "If-Match": '"1.0123456789abcdef"'}
    called = 0
    for result in schema.get_all_operations():
        operation = result.ok()

        @settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck), database=None, phases=[Phase.generate])
        @given(case=operation.as_strategy())
        def never_fails(case: Any) -> None:
            nonlocal called
            called += 1
            answer = case.call(headers=headers)
            assert answer.status_code < 500, case.as_curl_command()

        never_fails()
    assert called >= EXAMPLES
