"""Every way a call can go, told as what the callee does and how the call ends."""

from datetime import timedelta
from typing import Any

import pytest

from policy.model.call import AttemptResult, CallStatus, Outcome
from tests.workflows.bench import Bench
from tests.workflows.journeys import put_through_warm, silent_leg

pytestmark = pytest.mark.asyncio(loop_scope="session")

HUMAN = {"answer": {"by": "human"}}
CONFIRMS = {"answer": {"by": "human", "outcome": "confirmed"}}
MACHINE = {"answer": {"by": "machine"}}

PATHS: list[tuple[list[Any], Outcome, CallStatus, int]] = [
    ([HUMAN], Outcome.COMPLETED, CallStatus.COMPLETED, 1),
    ([CONFIRMS], Outcome.CONFIRMED, CallStatus.COMPLETED, 1),
    ([MACHINE], Outcome.VOICEMAIL, CallStatus.COMPLETED, 1),
    (["busy"], Outcome.BUSY, CallStatus.FAILED, 3),
    (["no-answer"], Outcome.NO_ANSWER, CallStatus.FAILED, 3),
    (["failed"], Outcome.FAILED, CallStatus.FAILED, 3),
    (["unreachable"], Outcome.FAILED, CallStatus.FAILED, 3),
    (["invalid"], Outcome.INVALID, CallStatus.FAILED, 1),
    (["refused"], Outcome.FAILED, CallStatus.FAILED, 1),
    (["busy", "failed", CONFIRMS], Outcome.CONFIRMED, CallStatus.COMPLETED, 3),
    (["throttled", HUMAN], Outcome.COMPLETED, CallStatus.COMPLETED, 1),
    (["ambiguous_created"], Outcome.COMPLETED, CallStatus.COMPLETED, 1),
    (["ambiguous_lost"], Outcome.UNKNOWN, CallStatus.FAILED, 1),
]


@pytest.mark.parametrize(("script", "outcome", "status", "counted"), PATHS)
async def test_a_call_ends_as_its_callee_dictates(
    bench: Bench, script: list[Any], outcome: Outcome, status: CallStatus, counted: int
) -> None:
    call = await bench.accept(await bench.agent())
    bench.carrier.script(call.endpoint, script)
    end, story = await bench.run_accepted(call)
    assert end.outcome is outcome
    assert (story.call.status, story.call.outcome) == (status, outcome)
    assert story.call.attempt_count == counted
    assert await bench.live_leases() == []


async def test_three_days_of_retries_pass_in_the_field_s_delays(bench: Bench) -> None:
    call = await bench.accept(await bench.agent())
    bench.carrier.script(call.endpoint, ["busy", "no-answer", HUMAN])
    end, story = await bench.run_accepted(call)
    assert end.outcome is Outcome.COMPLETED
    first, second, third = story.attempts
    assert [one.result for one in story.attempts] == [
        AttemptResult.BUSY,
        AttemptResult.NO_ANSWER,
        AttemptResult.ANSWERED,
    ]
    assert first.settled_at is not None
    assert second.settled_at is not None
    assert second.dialed_at - first.settled_at >= timedelta(hours=4)
    assert third.dialed_at - second.settled_at >= timedelta(hours=24)


async def test_a_machine_hears_the_message_once(bench: Bench) -> None:
    call = await bench.accept(await bench.agent())
    bench.carrier.script(call.endpoint, [MACHINE])
    _, story = await bench.run_accepted(call)
    [leg] = bench.carrier.legs
    assert len(leg.played) == 1
    assert "Call us" in leg.played[0]
    assert story.attempts[0].message_left is True
    assert (story.call.message_left, story.events[-1].data["messageLeft"]) == (True, True)


async def test_a_machine_that_was_only_found_was_told_nothing(bench: Bench) -> None:
    call = await bench.accept(await bench.agent(voicemail_spec={"action": "hang_up"}))
    bench.carrier.script(call.endpoint, [MACHINE])
    end, story = await bench.run_accepted(call)
    assert end.outcome is Outcome.VOICEMAIL
    assert (story.call.message_left, story.events[-1].data["messageLeft"]) == (False, False)


async def test_who_hangs_up_at_once_is_answered_completed_and_counted_apart(bench: Bench) -> None:
    call = await bench.accept(await bench.agent())
    bench.carrier.script(call.endpoint, [{"answer": {"by": "human", "talk": 1}}])
    end, story = await bench.run_accepted(call)
    assert end.outcome is Outcome.HUNG_UP_EARLY
    assert story.attempts[0].result is AttemptResult.ANSWERED
    types = [event.type for event in story.events]
    assert "call.answered" in types
    assert types[-1] == "call.completed"


async def test_retry_later_hangs_up_on_a_machine_and_tries_again(bench: Bench) -> None:
    agent = await bench.agent(voicemail_spec={"action": "retry_later"})
    call = await bench.accept(agent)
    bench.carrier.script(call.endpoint, [MACHINE, HUMAN])
    end, story = await bench.run_accepted(call)
    assert end.outcome is Outcome.COMPLETED
    assert [one.result for one in story.attempts] == [
        AttemptResult.VOICEMAIL,
        AttemptResult.ANSWERED,
    ]
    assert all(leg.played == [] for leg in bench.carrier.legs)


async def test_an_unknown_create_is_never_dialed_again(bench: Bench) -> None:
    call = await bench.accept(await bench.agent())
    bench.carrier.script(call.endpoint, ["ambiguous_lost", HUMAN])
    end, _ = await bench.run_accepted(call)
    assert end.outcome is Outcome.UNKNOWN
    assert len(bench.carrier.dials) == 1


async def test_a_leg_whose_create_and_callbacks_are_all_lost_is_found_in_the_list(
    bench: Bench,
) -> None:
    call = await bench.accept(await bench.agent())
    bench.carrier.script(call.endpoint, ["ambiguous_silent"])
    end, story = await bench.run_accepted(call)
    assert end.outcome is Outcome.COMPLETED
    assert len(bench.carrier.dials) == 1
    assert story.attempts[0].carrier_sid == bench.carrier.legs[0].sid


async def test_a_leg_without_a_terminal_callback_is_asked_about(bench: Bench) -> None:
    handle = await silent_leg(bench)
    assert (await handle.result()).outcome is Outcome.COMPLETED
    assert len(bench.carrier.dials) == 1


async def test_a_warm_target_is_dialed_once_and_before_the_dials_that_lie_in_the_queue(
    bench: Bench,
) -> None:
    handle = await put_through_warm(bench)
    assert (await handle.result()).outcome is Outcome.COMPLETED


async def test_every_decision_is_kept_with_its_reason_and_versions(bench: Bench) -> None:
    call = await bench.accept(await bench.agent())
    bench.carrier.script(call.endpoint, ["busy", HUMAN])
    _, story = await bench.run_accepted(call)
    kinds = [row.kind for row in story.decisions if row.kind != "wait"]
    assert kinds == ["dial", "dial", "end"]
    assert all(row.reason and row.detail for row in story.decisions)
    assert all(any("tzdata" in v for v in row.versions) for row in story.decisions)


async def test_events_are_numbered_without_a_gap(bench: Bench) -> None:
    call = await bench.accept(await bench.agent())
    bench.carrier.script(call.endpoint, ["busy", HUMAN])
    _, story = await bench.run_accepted(call)
    assert [event.sequence for event in story.events] == list(range(1, len(story.events) + 1))
    assert story.events[0].type == "call.created"
    assert story.events[-1].type == "call.completed"
