"""Reminders of an appointment over HTTP: asked for, shown, moved, canceled."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from policy.model.call import CallStatus, DecisionKind, Outcome, WaitingFor
from storage.calls import calls
from tests.api.world import ENDPOINT, Json, World

CALLS = "/api/v1/calls"
#: Wednesday, 12:00 in New York; it is Monday, 10:00.
APPOINTMENT = "2026-11-25T12:00:00-05:00"
AT = datetime(2026, 11, 25, 17, 0, tzinfo=UTC)
REMIND = ["PT2H", "PT24H"]
DAY_BEFORE, TWO_HOURS = "2026-11-24T17:00:00Z", "2026-11-25T15:00:00Z"


async def reminded(world: World, **changes: Any) -> Json:
    """The sequence that a request made."""
    body = {"appointmentAt": APPOINTMENT, "remind": REMIND, **changes}
    made = await world.post(CALLS, await world.body(**body), 202)
    return await look(world, made["sequenceId"])


async def look(world: World, sequence_id: str) -> Json:
    answer = await world.http.get(f"{CALLS}/sequences/{sequence_id}")
    assert answer.status_code == 200, answer.text
    found: Json = answer.json()
    return found


async def patch(world: World, sequence_id: str, body: Json, status: int = 200) -> Json:
    answer = await world.http.patch(f"{CALLS}/sequences/{sequence_id}", json=body)
    assert answer.status_code == status, answer.text
    found: Json = answer.json()
    return found


async def cancel(world: World, sequence_id: str, status: int = 200) -> Json:
    answer = await world.http.delete(f"{CALLS}/sequences/{sequence_id}")
    assert answer.status_code == status, answer.text
    found: Json = answer.json()
    return found


def times(sequence: Json) -> list[tuple[str, str]]:
    return [(one["schedule"]["notBefore"], one["callDeadline"]) for one in sequence["calls"]]


def standing(sequence: Json) -> list[tuple[str | None, str | None]]:
    return [(one["outcome"], one["reason"]) for one in sequence["calls"]]


async def sleep(world: World, call_id: str) -> None:
    """The call's workflow has begun, and waits."""
    until = AT - timedelta(hours=2)
    wait = {"waiting_for": WaitingFor.WINDOW, "until": until}
    await world.decide(call_id, DecisionKind.WAIT, **wait)


# -- asking


async def test_a_request_becomes_a_call_for_each_reminder(world: World):
    sequence = await reminded(world)
    assert times(sequence) == [(DAY_BEFORE, TWO_HOURS), (TWO_HOURS, "2026-11-25T17:00:00Z")]
    assert [one["remindBefore"] for one in sequence["calls"]] == ["PT24H", "PT2H"]
    assert {one["sequenceId"] for one in sequence["calls"]} == {sequence["sequenceId"]}
    assert (sequence["appointmentAt"], sequence["remind"]) == ("2026-11-25T17:00:00Z", REMIND)
    assert (sequence["outcome"], len({one["callId"] for one in sequence["calls"]})) == (None, 2)


async def test_the_answer_is_the_first_reminder(world: World):
    body = await world.body(appointmentAt=APPOINTMENT, remind=REMIND)
    answer = await world.http.post(CALLS, json=body)
    made = answer.json()
    assert made["schedule"]["notBefore"] == DAY_BEFORE
    assert answer.headers["Location"] == f"{CALLS}/{made['callId']}"
    seen = await world.view(made["callId"])
    assert {name: seen[name] for name in made} == made


async def test_only_a_reminder_that_is_nearly_due_gets_its_workflow_at_once(world: World):
    sequence = await reminded(world)
    assert world.gateway.started == []
    assert [one["waitingFor"] for one in sequence["calls"]] == ["window", "window"]
    soon = await reminded(world, appointmentAt="2026-11-24T10:01:00-05:00", allowDuplicate=True)
    assert world.gateway.started == [soon["calls"][0]["callId"]]


async def test_reminders_that_would_have_been_due_are_left_out(world: World):
    sequence = await reminded(world, appointmentAt="2026-11-23T15:00:00-05:00")
    assert [one["remindBefore"] for one in sequence["calls"]] == ["PT2H"]
    assert sequence["remind"] == REMIND


async def test_a_request_made_twice_with_a_key_is_one_sequence(world: World):
    body = await world.body(appointmentAt=APPOINTMENT, remind=REMIND)
    first = await world.post(CALLS, body, 202, Idempotency_Key="k")
    again = await world.post(CALLS, body, 202, Idempotency_Key="k")
    assert again == first
    assert (await world.http.get(CALLS)).json()["total"] == 2


REFUSED = [
    ({"remind": None}, ("required", "remind")),
    ({"appointmentAt": None}, ("required", "appointmentAt")),
    ({"remind": []}, ("too_short", "remind")),
    ({"remind": ["PT1H"] * 6}, ("too_long", "remind")),
    ({"remind": ["PT24H", "PT2H", "P1D"]}, ("not_distinct", "remind.2")),
    ({"remind": ["1 hour"]}, ("malformed", "remind.0")),
    ({"remind": ["P60D"]}, ("out_of_range", "remind.0")),
    ({"appointmentAt": "2026-11-23T11:00:00-05:00"}, ("reminders_past", "remind")),
    ({"appointmentAt": "2026-11-20T11:00:00-05:00"}, ("reminders_past", "remind")),
    ({"appointmentAt": "2036-11-20T11:00:00-05:00"}, ("out_of_range", "appointmentAt")),
    ({"appointmentAt": "2026-11-25T12:00:00"}, ("malformed", "appointmentAt")),
    ({"appointmentAt": 1795626000}, ("wrong_type", "appointmentAt")),
    ({"callDeadline": APPOINTMENT}, ("set_by_reminders", "callDeadline")),
    ({"schedule": {"notBefore": APPOINTMENT}}, ("set_by_reminders", "schedule.notBefore")),
    # Two hours before eight in the morning nobody may be called.
    ({"appointmentAt": "2026-11-25T08:00:00-05:00"}, ("deadline_unreachable", "remind.0")),
]


@pytest.mark.parametrize(("changes", "refusal"), REFUSED, ids=lambda value: str(value)[:40])
async def test_what_cannot_be_reminded_of_is_refused_with_its_field(
    world: World, changes: Json, refusal: tuple[str, str]
):
    said = {"appointmentAt": APPOINTMENT, "remind": REMIND, **changes}
    assert await world.refusal(**said) == refusal
    assert (await world.http.get(CALLS)).json()["total"] == 0


async def test_rows_of_a_bulk_request_have_reminders_too(world: World):
    agent_id = await world.agent()
    other = "+12125550124"
    body = {
        "agentId": agent_id,
        "defaults": {"remind": REMIND},
        "calls": [
            {"endpoint": ENDPOINT, "appointmentAt": APPOINTMENT, "clientToken": "C-1"},
            {"endpoint": other, "remind": None},
            {"endpoint": "+12125550125"},
            {"endpoint": "+12125550126", "appointmentAt": "2026-11-23T10:30:00-05:00"},
        ],
    }
    answer = await world.post(f"{CALLS}/bulk", body, 207)
    first, second, third, fourth = answer["results"]
    sequence = await look(world, first["call"]["sequenceId"])
    assert times(sequence) == [(DAY_BEFORE, TWO_HOURS), (TWO_HOURS, "2026-11-25T17:00:00Z")]
    assert first["call"]["callId"] == sequence["calls"][0]["callId"]
    tokens = [one["additionalData"] for one in sequence["calls"]]
    assert tokens == [{"clientToken": "C-1"}] * 2
    assert second["call"]["sequenceId"] is None
    assert (third["error"]["reason"], third["error"]["field"]) == ("required", "appointmentAt")
    assert (fourth["error"]["code"], fourth["error"]["reason"]) == (
        "deadline_unreachable",
        "reminders_past",
    )
    assert (await world.http.get(CALLS)).json()["total"] == 3


async def test_another_accounts_sequence_is_not_found(world: World):
    for verb in ("get", "delete"):
        answer = await getattr(world.http, verb)(f"{CALLS}/sequences/nothing")
        assert answer.status_code == 404
    await patch(world, "nothing", {"appointmentAt": APPOINTMENT}, 404)


# -- moving


async def test_moving_the_appointment_moves_every_reminder_that_waits(world: World):
    sequence = await reminded(world)
    first, second = [one["callId"] for one in sequence["calls"]]
    await sleep(world, first)
    moved = await patch(
        world,
        sequence["sequenceId"],
        {"appointmentAt": "2026-11-27T12:00:00-05:00", "context": {"when": "Friday"}},
    )
    assert times(moved) == [
        ("2026-11-26T17:00:00Z", "2026-11-27T15:00:00Z"),
        ("2026-11-27T15:00:00Z", "2026-11-27T17:00:00Z"),
    ]
    assert moved["appointmentAt"] == "2026-11-27T17:00:00Z"
    assert {one["context"]["when"] for one in moved["calls"]} == {"Friday"}
    assert all(one["context"]["name"] for one in moved["calls"])
    # The other one has no workflow yet, and needs none.
    assert (world.gateway.replanned, world.gateway.started) == ([first], [])
    assert (await world.view(second))["nextAttemptAt"] == "2026-11-27T15:00:00Z"
    types = [event["type"] for event in (await world.view(second))["events"]]
    assert types == ["call.created", "call.rescheduled"]


async def test_a_reminder_that_would_be_due_already_ends(world: World):
    sequence = await reminded(world)
    moved = await patch(
        world, sequence["sequenceId"], {"appointmentAt": "2026-11-23T18:00:00-05:00"}
    )
    assert standing(moved) == [("canceled", "reminder_past"), (None, "not_before")]
    assert moved["calls"][1]["callDeadline"] == "2026-11-23T23:00:00Z"


@pytest.mark.parametrize(
    ("at", "code"),
    [
        ("2026-11-23T10:30:00-05:00", "reminders_past"),
        ("2026-11-25T08:00:00-05:00", "deadline_unreachable"),
        ("2046-11-25T08:00:00-05:00", "out_of_range"),
    ],
)
async def test_a_move_that_cannot_be_leaves_everything_as_it_is(world: World, at: str, code: str):
    sequence = await reminded(world)
    problem = await patch(world, sequence["sequenceId"], {"appointmentAt": at}, 422)
    assert (problem["code"], problem["errors"][0]["field"]) == (code, "appointmentAt")
    assert await look(world, sequence["sequenceId"]) == sequence


async def test_a_context_does_not_grow_beyond_that_of_a_call(world: World):
    sequence = await reminded(world)
    one, two = ({"context": {name: "x" * 40_000}} for name in ("one", "two"))
    await patch(world, sequence["sequenceId"], one)
    before = await look(world, sequence["sequenceId"])
    problem = await patch(world, sequence["sequenceId"], two, 422)
    assert (problem["code"], problem["errors"][0]["field"]) == ("too_large", "context")
    assert await look(world, sequence["sequenceId"]) == before


async def test_a_reminder_that_has_ended_does_not_move(world: World):
    sequence = await reminded(world)
    first = sequence["calls"][0]["callId"]
    await world.decide(first, DecisionKind.END, outcome=Outcome.NO_ANSWER)
    moved = await patch(
        world, sequence["sequenceId"], {"appointmentAt": "2026-11-27T12:00:00-05:00"}
    )
    assert times(moved)[0] == (DAY_BEFORE, TWO_HOURS)
    assert times(moved)[1] == ("2026-11-27T15:00:00Z", "2026-11-27T17:00:00Z")


# -- the end of one is the end of all


async def test_a_confirmation_ends_the_rest_in_the_same_moment(world: World):
    sequence = await reminded(world)
    first, second = [one["callId"] for one in sequence["calls"]]
    await world.decide(first, DecisionKind.END, outcome=Outcome.CONFIRMED)
    seen = await look(world, sequence["sequenceId"])
    assert seen["outcome"] == "confirmed"
    assert standing(seen) == [("confirmed", "test"), ("canceled", "sequence_done")]
    last = (await world.view(second))["events"][-1]
    assert (last["type"], last["data"]["reason"]) == ("call.canceled", "sequence_done")


async def test_what_is_over_cannot_be_moved_or_canceled(world: World):
    sequence = await reminded(world)
    first = sequence["calls"][0]["callId"]
    await world.decide(first, DecisionKind.END, outcome=Outcome.CONFIRMED)
    problem = await patch(world, sequence["sequenceId"], {"appointmentAt": APPOINTMENT}, 409)
    assert problem["code"] == "already_final"
    assert (await cancel(world, sequence["sequenceId"], 409))["code"] == "already_final"


async def test_canceling_the_sequence_ends_all_that_wait(world: World):
    sequence = await reminded(world)
    first = sequence["calls"][0]["callId"]
    await sleep(world, first)
    ended = await cancel(world, sequence["sequenceId"])
    assert standing(ended) == [("canceled", "cancel_requested")] * 2
    assert first in world.gateway.replanned


async def test_a_cancel_takes_effect_while_temporal_is_away(world: World):
    sequence = await reminded(world)
    world.gateway.away = True
    ended = await cancel(world, sequence["sequenceId"])
    assert standing(ended) == [("canceled", "cancel_requested")] * 2


async def test_a_reminder_that_is_being_dialed_is_asked_to_stop(world: World):
    sequence = await reminded(world)
    first = sequence["calls"][0]["callId"]
    await world.decide(first, DecisionKind.DIAL, attempt_number=1)
    await cancel(world, sequence["sequenceId"])
    assert world.gateway.signaled == [first]
    assert (await world.view(first))["cancelRequested"] is True


async def test_a_reminder_in_progress_goes_on_and_the_rest_is_canceled(world: World):
    sequence = await reminded(world)
    first = sequence["calls"][0]["callId"]
    attempt = await world.dial(first)
    assert await world.status(attempt.token, "ringing") == 204
    seen = await cancel(world, sequence["sequenceId"])
    assert [one["status"] for one in seen["calls"]] == ["InProgress", "Canceled"]
    assert (await cancel(world, sequence["sequenceId"], 409))["code"] == "in_progress"


async def test_one_reminder_can_be_canceled_by_itself(world: World):
    sequence = await reminded(world)
    second = sequence["calls"][1]["callId"]
    world.gateway.not_running = True
    assert (await world.http.delete(f"{CALLS}/{second}")).status_code == 202
    async with world.db.read() as session:
        row = await calls.load(session, second)
    assert row is not None
    assert (row.cancel_requested, row.status) == (True, CallStatus.CREATED)
    assert world.gateway.started == [second]
    assert (await look(world, sequence["sequenceId"]))["calls"][0]["cancelRequested"] is False
