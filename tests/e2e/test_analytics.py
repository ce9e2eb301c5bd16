"""The worker's counter keeps up with real calls, and the API shows what they came to."""

from typing import Any

import pytest

from tests.e2e.stack import Stack
from tests.wait import wait_until

pytestmark = pytest.mark.e2e


def test_calls_that_have_ended_come_into_the_numbers(stack: Stack) -> None:
    agent = stack.agent()
    stack.script("+12125550191", {"answer": {"after": 0.5, "by": "human", "digits": "1"}})
    stack.script("+12125550192", "busy", {"answer": {"after": 0.5, "by": "human", "digits": "1"}})
    for endpoint in ("+12125550191", "+12125550192"):
        stack.wait_for_end(stack.submit(agent, endpoint))

    def counted() -> Any:
        found = stack.api.get("/api/v1/analytics", params={"agentId": agent}).json()
        return found if found["totals"]["ended"] == 2 else None

    totals = wait_until(counted, "two calls in the numbers")["totals"]
    assert (totals["scheduled"], totals["answered"], totals["attempts"]) == (2, 2, 3)
    assert totals["outcomes"]["confirmed"]["calls"] == 2
