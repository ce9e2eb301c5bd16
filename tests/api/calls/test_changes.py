"""PATCH of a call: what a call that waits can still become, and that its queue follows."""

from datetime import timedelta
from typing import Any

import pytest

from policy.model.call import DecisionKind, WaitingFor
from storage.calls import calls
from tests.api.world import Json, World

CALLS = "/api/v1/calls"


async def patch(world: World, call_id: str, **body: Any) -> tuple[int, Json]:
    answer = await world.http.patch(f"{CALLS}/{call_id}", json=body)
    return answer.status_code, answer.json()


async def queued(world: World, **changes: Any) -> str:
    world.clock.now += timedelta(seconds=1)
    call_id = await world.call(allowDuplicate=True, **changes)
    await world.decide(call_id, DecisionKind.QUEUE, waiting_for=WaitingFor.SLOT)
    return call_id


async def position(world: World, call_id: str) -> int:
    return int((await world.view(call_id))["position"])


async def test_priority_and_deadline_move_a_call_in_the_queue_at_once(world: World):
    first, second, third = [await queued(world) for _ in range(3)]
    assert [await position(world, one) for one in (first, second, third)] == [1, 2, 3]
    status, call = await patch(world, third, priority=10)
    assert (status, call["priority"]) == (200, 10)
    assert await position(world, third) == 1
    soon = world.clock.now + timedelta(minutes=30)
    status, call = await patch(world, second, callDeadline=soon.isoformat())
    assert status == 200
    assert await position(world, second) < await position(world, first)
    assert world.gateway.replanned == [third, second]
    assert [one["type"] for one in (await world.view(second))["events"]][-1] == "call.rescheduled"


async def test_context_and_pathway_are_those_that_it_will_be_dialed_with(world: World):
    call_id = await queued(world, context={"name": "Ada"})
    status, call = await patch(world, call_id, context={"name": "Grace"})
    assert (status, call["context"]) == (200, {"name": "Grace"})
    pathway = (await world.view(call_id))["pathwayId"]
    assert (await patch(world, call_id, pathwayId=pathway))[0] == 200


async def test_a_deadline_can_be_taken_away(world: World):
    soon = (world.clock.now + timedelta(hours=3)).isoformat()
    call_id = await queued(world, callDeadline=soon)
    _, call = await patch(world, call_id, callDeadline=None)
    assert call["callDeadline"] is None


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"callDeadline": "2020-01-01T00:00:00Z"}, "deadline_past"),
        ({"pathwayId": "4a2f0000-7a53-4a2f-9d1c-0c9a4f8f2a10"}, "unknown_pathway"),
        ({"priority": None}, "wrong_type"),
        ({"priority": 11}, "out_of_range"),
        ({"endpoint": "+12125550123"}, "unknown_field"),
    ],
)
async def test_what_a_new_call_could_not_be_a_waiting_one_cannot_become(
    world: World, body: Json, code: str
):
    call_id = await queued(world)
    before = await world.view(call_id)
    status, problem = await patch(world, call_id, **body)
    assert (status, problem["errors"][0]["code"]) == (422, code)
    after = await world.view(call_id)
    assert (after["priority"], after["callDeadline"]) == (
        before["priority"],
        before["callDeadline"],
    )


async def test_a_call_that_is_dialed_or_over_is_not_changed(world: World):
    call_id = await world.call()
    attempt = await world.dial(call_id)
    assert (await patch(world, call_id, priority=9))[1]["code"] == "in_progress"
    await world.status(attempt.token, "busy")
    await world.settle(attempt)
    assert (await patch(world, call_id, priority=9))[1]["code"] == "already_final"


async def test_somebody_elses_call_is_not_found(world: World):
    assert (await patch(world, "nobody", priority=9))[0] == 404


async def test_the_rows_are_as_they_were_when_nothing_is_named(world: World):
    call_id = await queued(world)
    assert (await patch(world, call_id))[0] == 200
    async with world.db.read() as session:
        call = await calls.load(session, call_id)
    assert call is not None
    assert call.priority == 5
