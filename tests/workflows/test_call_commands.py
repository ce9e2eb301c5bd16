"""What can be said to a call: cancel, reschedule, hang up, and Temporal's own cancel."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from temporalio.client import WorkflowFailureError, WorkflowHandle, WorkflowUpdateFailedError
from temporalio.exceptions import ApplicationError, CancelledError
from temporalio.testing import WorkflowEnvironment

from contracts import names
from contracts.calls import CallEnd, Reschedule
from policy.model.call import AttemptState, CallStatus, Outcome
from storage.calls import calls
from storage.tables import Call
from telephony.errors import Ambiguous
from telephony.port import LegStatus
from tests.databases import SqliteTemplates
from tests.wait import until
from tests.workflows.bench import Bench, open_bench

pytestmark = pytest.mark.asyncio(loop_scope="session")

STAYS = {"answer": {"by": "human", "stay": True}}


async def waiting(bench: Bench) -> tuple[Call, WorkflowHandle[Any, CallEnd]]:
    """A call that waits for a slot: virtual time has no timer to skip to for hours."""
    agent = await bench.agent(max_concurrent=0)
    call = await bench.accept(agent)
    handle = await bench.start(call)
    await bench.until(handle, lambda progress: progress.kind == "queue")
    return call, handle


async def live(
    bench: Bench, entry: Any = STAYS, state: AttemptState = AttemptState.ANSWERED
) -> tuple[Call, WorkflowHandle[Any, CallEnd]]:
    call = await bench.accept(await bench.agent())
    bench.carrier.script(call.endpoint, [entry])
    handle = await bench.start(call)
    await bench.until_leg(call, state)
    return call, handle


async def test_the_update_cancel_ends_a_waiting_call(plain_bench: Bench) -> None:
    call, handle = await waiting(plain_bench)
    assert await handle.execute_update(names.CANCEL, result_type=str) == "canceled"
    assert (await handle.result()).outcome is Outcome.CANCELED
    assert (await plain_bench.story(call.call_id)).call.status is CallStatus.CANCELED
    assert plain_bench.carrier.dials == []


async def test_the_signal_cancel_ends_a_waiting_call(plain_bench: Bench) -> None:
    _, handle = await waiting(plain_bench)
    await handle.signal(names.CANCEL)
    assert (await handle.result()).outcome is Outcome.CANCELED


async def test_cancel_is_refused_once_in_progress(plain_bench: Bench) -> None:
    _, handle = await live(plain_bench)
    with pytest.raises(WorkflowUpdateFailedError) as refused:
        await handle.execute_update(names.CANCEL)
    assert isinstance(refused.value.cause, ApplicationError)
    assert refused.value.cause.type == names.IN_PROGRESS
    await handle.execute_update(names.HANG_UP)
    assert (await handle.result()).outcome is Outcome.COMPLETED


@pytest.mark.parametrize("by", ["update", "signal"])
async def test_cancel_ends_a_leg_that_rings_and_the_call_with_it(
    plain_bench: Bench, by: str
) -> None:
    _, handle = await live(plain_bench, "rings", AttemptState.RINGING)
    if by == "update":
        assert await handle.execute_update(names.CANCEL, result_type=str) == names.CANCELING
    else:
        await handle.signal(names.CANCEL)
    assert (await handle.result()).outcome is Outcome.CANCELED
    assert not plain_bench.carrier.legs[0].is_live
    assert len(plain_bench.carrier.dials) == 1


async def test_the_signal_cancel_cuts_off_nobody_and_no_other_try_follows(
    plain_bench: Bench,
) -> None:
    _, handle = await live(plain_bench)
    await handle.signal(names.CANCEL)
    await _until_leg_was_to_be_canceled(handle)
    assert plain_bench.carrier.legs[0].is_live
    await plain_bench.carrier.end(plain_bench.carrier.legs[0].sid)
    assert (await handle.result()).outcome is Outcome.COMPLETED
    assert len(plain_bench.carrier.dials) == 1


async def test_a_phone_that_rings_for_a_canceled_call_is_stopped_whoever_sent_it(
    plain_bench: Bench,
) -> None:
    """The worker that sent it died, and a callback named the leg after the cancel was noted."""
    call, handle = await live(plain_bench, "rings", AttemptState.RINGING)
    async with plain_bench.db.write() as session:
        row = await calls.lock(session, call.call_id)
        assert row is not None
        row.cancel_requested = True
    await plain_bench.activities.carrier_watch.turn()
    assert (await handle.result()).outcome is Outcome.CANCELED
    assert not plain_bench.carrier.legs[0].is_live
    assert len(plain_bench.carrier.dials) == 1


async def test_a_carrier_that_fails_on_the_signal_cancel_does_not_end_the_workflow(
    plain_bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def cancel(sid: str) -> None:
        raise ApplicationError("the carrier is ill", non_retryable=True)

    monkeypatch.setattr(plain_bench.carrier, "cancel", cancel)
    _, handle = await live(plain_bench, "rings", AttemptState.RINGING)
    await handle.signal(names.CANCEL)
    await _until_leg_was_to_be_canceled(handle)
    await plain_bench.carrier.end(plain_bench.carrier.legs[0].sid, LegStatus.NO_ANSWER)
    assert (await handle.result()).outcome is Outcome.CANCELED
    assert len(plain_bench.carrier.dials) == 1


async def _until_leg_was_to_be_canceled(handle: WorkflowHandle[Any, CallEnd]) -> None:
    """The activity that does it has ended, well or not."""

    async def ended() -> bool:
        tried = set()
        async for event in handle.fetch_history_events():
            scheduled = event.activity_task_scheduled_event_attributes
            if scheduled.activity_type.name == "cancel_dial":
                tried.add(event.event_id)
            for end in (
                event.activity_task_completed_event_attributes,
                event.activity_task_failed_event_attributes,
            ):
                if end.scheduled_event_id in tried:
                    return True
        return False

    await until(ended, "the leg was to be canceled")


async def test_a_signal_that_no_call_knows_is_said_in_the_log(
    plain_bench: Bench, caplog: pytest.LogCaptureFixture
) -> None:
    _, handle = await waiting(plain_bench)
    with caplog.at_level("WARNING"):
        await handle.signal("cancle")
        await handle.signal(names.CANCEL)
        await handle.result()
    assert [one.signal for one in caplog.records if hasattr(one, "signal")] == ["cancle"]


async def test_hang_up_ends_a_live_leg(plain_bench: Bench) -> None:
    _, handle = await live(plain_bench)
    await handle.execute_update(names.HANG_UP)
    await handle.result()
    assert not plain_bench.carrier.legs[0].is_live


async def test_hang_up_is_refused_without_a_leg(plain_bench: Bench) -> None:
    _, handle = await waiting(plain_bench)
    with pytest.raises(WorkflowUpdateFailedError) as refused:
        await handle.execute_update(names.HANG_UP)
    assert isinstance(refused.value.cause, ApplicationError)
    assert refused.value.cause.type == names.NOT_LIVE
    await handle.signal(names.CANCEL)
    await handle.result()


async def test_a_native_cancel_hangs_up_and_leaves_no_lease(plain_bench: Bench) -> None:
    call, handle = await live(plain_bench)
    await handle.cancel()
    with pytest.raises(WorkflowFailureError) as ended:
        await handle.result()
    assert isinstance(ended.value.cause, CancelledError)
    assert not plain_bench.carrier.legs[0].is_live
    story = await plain_bench.story(call.call_id)
    assert story.call.status.is_final
    assert await plain_bench.live_leases() == []


async def test_reschedule_moves_a_waiting_call(plain_bench: Bench) -> None:
    call, handle = await waiting(plain_bench)
    later = datetime.now(UTC) + timedelta(days=4)
    await handle.execute_update(names.RESCHEDULE, Reschedule(later))
    story = await plain_bench.story(call.call_id)
    assert story.call.not_before == later
    await handle.signal(names.CANCEL)
    await handle.result()


async def test_a_cancel_that_was_noted_in_the_database_ends_the_call_at_its_first_decision(
    plain_bench: Bench,
) -> None:
    """The gateway's way while Temporal is away."""
    call = await plain_bench.accept(await plain_bench.agent(), cancel_requested=True)
    end, _ = await plain_bench.run_accepted(call)
    assert end.outcome is Outcome.CANCELED
    assert plain_bench.carrier.dials == []


async def test_a_cancel_while_the_dial_lies_in_its_queue_keeps_it_from_being_sent(
    plain: WorkflowEnvironment, sqlite_templates: SqliteTemplates
) -> None:
    async with open_bench(plain, sqlite_templates, waived=True, dials=False) as bench:
        call = await bench.accept(await bench.agent())
        handle = await bench.start(call)
        await bench.until(handle, lambda progress: progress.kind == "dial")
        await handle.signal(names.CANCEL)
        await _until_the_gate_would_find_it(bench, call)
        async with bench.dial_worker():
            assert (await handle.result()).outcome is Outcome.CANCELED
    assert bench.carrier.dials == []


async def _until_the_gate_would_find_it(bench: Bench, call: Call) -> None:
    async def noted() -> bool:
        async with bench.db.read() as session:
            row = await calls.load(session, call.call_id)
        return row is not None and row.cancel_requested

    await until(noted, "the cancel is noted")


async def test_a_carrier_that_fails_on_the_message_does_not_end_the_workflow(
    plain_bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def play(sid: str, twiml: str) -> None:
        raise Ambiguous("the carrier is ill")

    monkeypatch.setattr(plain_bench.carrier, "play", play)
    call = await plain_bench.accept(await plain_bench.agent())
    plain_bench.carrier.script(call.endpoint, [{"answer": {"by": "machine"}}])
    handle = await plain_bench.start(call)
    await plain_bench.until_leg(call)
    await plain_bench.carrier.end(plain_bench.carrier.legs[0].sid)
    assert (await handle.result()).outcome is Outcome.VOICEMAIL
