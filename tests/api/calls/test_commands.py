"""Cancel, reschedule, hang up, report: what each state of the call and of Temporal allows."""

from datetime import timedelta
from typing import Any

import pytest

from policy.model.call import DecisionKind, Outcome, WaitingFor
from storage.calls import calls
from tests.api.world import ENDPOINT, Json, World

CALLS = "/api/v1/calls"
TOMORROW = "2026-11-24T10:00:00"


async def act(
    world: World, call_id: str, action: str, body: Json | None = None
) -> tuple[int, Json]:
    answer = await world.http.post(f"{CALLS}/{call_id}/{action}", json=body)
    return answer.status_code, answer.json()


async def cancel(world: World, call_id: str) -> tuple[int, Json]:
    answer = await world.http.delete(f"{CALLS}/{call_id}")
    return answer.status_code, answer.json()


async def waiting(world: World, **changes: Any) -> str:
    call_id = await world.call(**changes)
    until = world.clock.now + timedelta(hours=2)
    await world.decide(call_id, DecisionKind.WAIT, until=until, waiting_for=WaitingFor.WINDOW)
    return call_id


async def live(world: World) -> str:
    call_id = await world.call()
    attempt = await world.dial(call_id)
    await world.voice(attempt.token)
    return call_id


async def ended(world: World, outcome: Outcome = Outcome.COMPLETED) -> str:
    call_id = await world.call()
    attempt = await world.dial(call_id)
    await world.voice(attempt.token)
    await world.status(attempt.token, "completed", CallDuration="12")
    await world.settle(attempt, outcome)
    return call_id


# -- cancel


async def test_a_waiting_call_is_canceled_through_its_workflow(world: World):
    call_id = await waiting(world)
    status, call = await cancel(world, call_id)
    assert (status, call["callId"]) == (200, call_id)
    assert world.gateway.canceled == [call_id]


async def test_a_call_whose_phone_rings_is_being_canceled(world: World):
    call_id = await world.call()
    attempt = await world.dial(call_id)
    await world.status(attempt.token, "ringing")
    world.gateway.rings = True
    status, call = await cancel(world, call_id)
    assert (status, call["status"]) == (202, "InProgress")
    assert world.gateway.canceled == [call_id]


async def test_a_ringing_call_is_not_said_to_be_canceled_while_nobody_can_tell_the_carrier(
    world: World,
):
    call_id = await world.call()
    attempt = await world.dial(call_id)
    await world.status(attempt.token, "ringing")
    world.gateway.away = True
    assert (await cancel(world, call_id))[0] == 503


@pytest.mark.parametrize("make", [live, ended])
async def test_a_call_in_progress_or_over_is_not_canceled(world: World, make: Any):
    status, problem = await cancel(world, await make(world))
    code = "in_progress" if make is live else "already_final"
    assert (status, problem["code"]) == (409, code)
    assert world.gateway.canceled == []


async def test_a_call_that_was_just_dialed_refuses_to_be_canceled(world: World):
    world.gateway.refuse_with = "in_progress"
    status, problem = await cancel(world, await waiting(world))
    assert (status, problem["code"]) == (409, "in_progress")


async def test_while_temporal_is_away_a_cancel_is_kept(world: World):
    call_id = await waiting(world)
    world.gateway.away = True
    status, call = await cancel(world, call_id)
    assert (status, call["cancelRequested"]) == (202, True)


async def test_without_a_worker_a_cancel_is_left_with_temporal(
    world: World, monkeypatch: pytest.MonkeyPatch
):
    call_id = await waiting(world)

    async def nobody_answers(_: str) -> None:
        world.gateway.away = True
        try:
            world.gateway._answer()
        finally:
            world.gateway.away = False

    monkeypatch.setattr(world.gateway, "cancel", nobody_answers)
    status, call = await cancel(world, call_id)
    assert (status, call["cancelRequested"]) == (202, True)
    assert world.gateway.signaled == [call_id]


async def test_a_call_without_a_workflow_is_flagged_and_started_so_that_it_ends(world: World):
    world.gateway.away = True
    call_id = await world.call()
    world.gateway.away, world.gateway.not_running = False, True
    status, call = await cancel(world, call_id)
    assert (status, call["cancelRequested"]) == (202, True)
    assert world.gateway.started == [call_id]


async def test_a_cancel_that_ended_the_workflow_is_a_success(
    world: World, monkeypatch: pytest.MonkeyPatch
):
    call_id = await waiting(world)

    async def cancel_and_close(_: str) -> None:
        await world.decide(call_id, DecisionKind.END, outcome=Outcome.CANCELED)
        world.gateway.not_running = True
        world.gateway._answer()

    monkeypatch.setattr(world.gateway, "cancel", cancel_and_close)
    status, call = await cancel(world, call_id)
    assert (status, call["status"], call["outcome"]) == (200, "Canceled", "canceled")


# -- reschedule


async def test_a_waiting_call_is_rescheduled_through_its_workflow(world: World):
    call_id = await waiting(world, timezone="America/New_York")
    status, _ = await act(world, call_id, "reschedule", {"notBefore": TOMORROW})
    assert status == 200
    [(told, instant)] = world.gateway.rescheduled
    assert (told, instant.isoformat()) == (call_id, "2026-11-24T15:00:00+00:00")


async def test_a_call_without_a_workflow_is_rescheduled_in_the_database(world: World):
    world.gateway.not_running = True
    status, call = await act(world, await world.call(), "reschedule", {"notBefore": TOMORROW})
    assert (status, call["schedule"]["notBefore"]) == (200, "2026-11-24T15:00:00Z")


async def test_rescheduling_needs_temporal(world: World):
    call_id = await waiting(world)
    world.gateway.away = True
    answer = await world.http.post(f"{CALLS}/{call_id}/reschedule", json={"notBefore": TOMORROW})
    assert (answer.status_code, answer.json()["code"]) == (503, "temporal_away")
    assert int(answer.headers["Retry-After"]) > 0


@pytest.mark.parametrize(
    ("body", "code", "field"),
    [
        ({}, "required", "notBefore"),
        ({"notBefore": "soon"}, "malformed", "notBefore"),
        ({"notBefore": "2027-03-14T02:30"}, "wall_time_gap", "notBefore"),
        ({"notBefore": "2026-11-26T10:00Z"}, "deadline_before_start", "notBefore"),
        ({"notBefore": TOMORROW, "callDeadline": TOMORROW}, "unknown_field", "callDeadline"),
    ],
)
async def test_a_time_that_cannot_be_kept_is_refused(
    world: World, body: Json, code: str, field: str
):
    call_id = await waiting(world, callDeadline="2026-11-25T10:00")
    status, problem = await act(world, call_id, "reschedule", body)
    error = problem["errors"][0]
    assert (status, error["code"], error["field"]) == (422, code, field)


@pytest.mark.parametrize("make", [live, ended])
async def test_a_call_in_progress_or_over_is_not_rescheduled(world: World, make: Any):
    status, _ = await act(world, await make(world), "reschedule", {"notBefore": TOMORROW})
    assert status == 409


# -- hang up


async def test_a_live_call_is_hung_up_through_its_workflow(world: World):
    call_id = await live(world)
    status, call = await act(world, call_id, "hangup")
    assert (status, call["status"]) == (202, "InProgress")
    assert world.gateway.hung_up == [call_id]


@pytest.mark.parametrize(
    ("gateway", "status", "code"),
    [
        ({"refuse_with": "not_live"}, 409, "not_live"),
        ({"not_running": True}, 409, "not_live"),
        ({"away": True}, 503, "temporal_away"),
    ],
)
async def test_what_is_not_live_cannot_be_hung_up(
    world: World, gateway: Json, status: int, code: str
):
    call_id = await waiting(world)
    for name, value in gateway.items():
        setattr(world.gateway, name, value)
    found, problem = await act(world, call_id, "hangup")
    assert (found, problem["code"]) == (status, code)


# -- outcome

REPORT = {
    "outcome": "confirmed",
    "summary": "Ada confirmed.",
    "transcript": [{"speaker": "agent", "text": "Hello?"}, {"speaker": "user", "text": "Yes."}],
    "result": {"slot": "Tuesday"},
}


async def test_an_agents_report_during_the_call_is_kept_for_its_end(world: World):
    call_id = await live(world)
    status, call = await act(world, call_id, "outcome", REPORT)
    assert (status, call["outcome"]) == (200, None)
    assert call["result"]["summary"] == "Ada confirmed."
    assert call["result"]["transcript"] == REPORT["transcript"]
    assert call["result"]["result"] == REPORT["result"]
    assert call["result"]["reportedAt"].endswith("Z")
    async with world.db.read() as session:
        row = await calls.load(session, call_id)
    assert row is not None
    assert row.reported_outcome is Outcome.CONFIRMED


OPTED_OUT: Json = {"outcome": "opted_out", "summary": "Asked not to be called again."}


async def do_not_call(world: World) -> list[tuple[str, str, str]]:
    found = (await world.http.get("/api/v1/suppressions")).json()["suppressions"]
    return [(one["endpoint"], one["source"], one["callId"]) for one in found]


async def test_a_report_soon_after_the_end_refines_the_outcome(world: World):
    call_id = await ended(world)
    world.clock.pass_(minutes=59)
    status, call = await act(world, call_id, "outcome", REPORT)
    assert (status, call["outcome"], call["status"]) == (200, "confirmed", "Completed")
    assert (await world.view(call_id))["outcome"] == "confirmed"


async def test_a_report_long_after_the_end_is_too_late(world: World):
    call_id = await ended(world)
    world.clock.pass_(minutes=61)
    status, problem = await act(world, call_id, "outcome", REPORT)
    assert (status, problem["code"]) == (409, "already_final")


async def test_an_outcome_that_was_told_already_stands(world: World):
    call_id = await ended(world, Outcome.DECLINED)
    assert (await act(world, call_id, "outcome", REPORT))[0] == 409
    assert (await world.view(call_id))["outcome"] == "declined"


LATE: Json = {"transcript": REPORT["transcript"], "result": {"slot": "Tuesday"}}


@pytest.mark.parametrize("reported", ["confirmed", "completed"])
async def test_a_transcript_that_comes_late_completes_what_is_missing(world: World, reported: str):
    call_id = await ended(world, Outcome.CONFIRMED)
    world.clock.pass_(days=2)
    status, call = await act(world, call_id, "outcome", {**LATE, "outcome": reported})
    assert (status, call["outcome"]) == (200, "confirmed")
    assert call["result"]["transcript"] == LATE["transcript"]
    assert call["result"]["result"] == LATE["result"]
    again = {"outcome": reported, "summary": "Ada confirmed.", "result": {"slot": "Friday"}}
    status, call = await act(world, call_id, "outcome", again)
    assert (status, call["result"]["summary"]) == (200, "Ada confirmed.")
    assert call["result"]["result"] == LATE["result"]
    events = [event["type"] for event in (await world.view(call_id))["events"]]
    assert "call.outcome_reported" not in events


async def test_a_late_report_that_contradicts_the_outcome_changes_nothing(world: World):
    call_id = await ended(world, Outcome.CONFIRMED)
    status, problem = await act(world, call_id, "outcome", {**LATE, "outcome": "declined"})
    assert (status, problem["code"]) == (409, "already_final")
    assert (await world.view(call_id))["result"] is None


async def test_a_plain_completed_takes_no_outcome_of_the_script_back(world: World):
    call_id = await live(world)
    await act(world, call_id, "outcome", {"outcome": "confirmed"})
    status, call = await act(world, call_id, "outcome", {**LATE, "outcome": "completed"})
    assert (status, call["result"]["result"]) == (200, LATE["result"])
    async with world.db.read() as session:
        row = await calls.load(session, call_id)
    assert row is not None
    assert row.reported_outcome is Outcome.CONFIRMED


async def test_there_is_nothing_to_report_of_a_call_that_nobody_answered(world: World):
    status, problem = await act(world, await waiting(world), "outcome", REPORT)
    assert (status, problem["code"]) == (409, "not_answered")


async def test_an_opt_out_that_is_reported_late_is_recorded_all_the_same(world: World):
    """It changes the call no more, and is as good as any for the person."""
    call_id = await ended(world, Outcome.DECLINED)
    other = await waiting(world, allowDuplicate=True)
    world.clock.pass_(days=3)
    status, call = await act(world, call_id, "outcome", OPTED_OUT)
    assert (status, call["outcome"], call["result"]) == (200, "declined", None)
    assert await do_not_call(world) == [(ENDPOINT, "agent_report", call_id)]
    assert world.gateway.replanned == [other]
    assert (await act(world, call_id, "outcome", OPTED_OUT))[0] == 200
    assert len(await do_not_call(world)) == 1


async def test_an_opt_out_counts_though_nobody_is_known_to_have_answered(world: World):
    """What the carrier told of the answer may have been lost."""
    call_id = await waiting(world)
    assert (await act(world, call_id, "outcome", OPTED_OUT))[0] == 200
    assert await do_not_call(world) == [(ENDPOINT, "agent_report", call_id)]
    assert world.gateway.replanned == [call_id]


@pytest.mark.parametrize("outcome", ["busy", "voicemail", "", None])
async def test_only_what_a_conversation_can_come_to_is_reported(world: World, outcome: Any):
    status, problem = await act(world, await live(world), "outcome", {"outcome": outcome})
    assert (status, problem["errors"][0]["field"]) == (422, "outcome")


@pytest.mark.parametrize("action", ["reschedule", "hangup", "outcome"])
async def test_an_unknown_call_is_not_found(world: World, action: str):
    bodies: dict[str, Json] = {"reschedule": {"notBefore": TOMORROW}, "outcome": REPORT}
    assert (await act(world, "nothing", action, bodies.get(action)))[0] == 404
    assert (await cancel(world, "nothing"))[0] == 404
