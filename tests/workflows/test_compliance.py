"""What becomes of a call that waits when its recipient opts out or calls back."""

from datetime import timedelta
from typing import Any

import pytest
from temporalio.client import WorkflowHandle

from activities.clock import utcnow
from activities.sweep import Sweep
from contracts import names
from contracts.calls import CallEnd, Reschedule
from policy.model.call import Outcome
from policy.model.person import Returned
from storage import inbound
from storage.calls import calls
from storage.compliance.opt_out import opt_out
from storage.tables import Call
from tests.workflows.bench import ENDPOINT, Bench

pytestmark = pytest.mark.asyncio(loop_scope="session")

HOUR = timedelta(hours=1)
Handle = WorkflowHandle[Any, CallEnd]


async def sleeping(bench: Bench, **columns: Any) -> tuple[Call, Handle]:
    """A call that waits for its start."""
    call = await bench.accept(await bench.agent(), not_before=utcnow() + HOUR, **columns)
    handle = await bench.start(call)
    await bench.until(handle, lambda progress: progress.reason == "not_before")
    return call, handle


async def opt_out_unheard(bench: Bench) -> None:
    """Noted in the database while nobody could tell the calls."""
    async with bench.db.write() as session:
        await opt_out(session, bench.account.account_id, ENDPOINT, "inbound_text", utcnow())


async def call_back(bench: Bench, call: Call, action: Returned) -> None:
    async with bench.db.write() as session:
        held = await calls.lock(session, call.call_id)
        assert held is not None
        await inbound.link(session, held, action, utcnow())


async def test_the_sweep_tells_the_calls_of_an_opt_out_that_nobody_heard_of(
    plain_bench: Bench,
) -> None:
    call, handle = await sleeping(plain_bench)
    _, other = await sleeping(plain_bench, endpoint="+12125550177")
    await opt_out_unheard(plain_bench)
    assert await plain_bench.activities.sweep.tell_suppressed() == 1
    assert (await handle.result()).outcome is Outcome.SUPPRESSED
    story = await plain_bench.story(call.call_id)
    assert (story.call.outcome, story.call.reason) == (Outcome.SUPPRESSED, "do_not_call")
    assert story.attempts == []
    assert await plain_bench.activities.sweep.tell_suppressed() == 0
    await other.cancel()


@pytest.mark.parametrize(
    ("action", "outcome"),
    [(Returned.COMPLETE, Outcome.COMPLETED), (Returned.KEEP, Outcome.CANCELED)],
)
async def test_a_call_whose_recipient_called_back_is_done_with_as_was_said(
    plain_bench: Bench, action: Returned, outcome: Outcome
) -> None:
    call, handle = await sleeping(plain_bench)
    await call_back(plain_bench, call, action)
    await handle.signal(names.REPLAN)
    if action is Returned.KEEP:
        await plain_bench.until(handle, lambda progress: progress.step == 2)
        await handle.signal(names.CANCEL)
    assert (await handle.result()).outcome is outcome
    assert plain_bench.carrier.dials == []


async def test_a_call_that_was_paused_goes_on_when_it_is_rescheduled(plain_bench: Bench) -> None:
    call, handle = await sleeping(plain_bench)
    await call_back(plain_bench, call, Returned.PAUSE)
    await handle.signal(names.REPLAN)
    await plain_bench.until(handle, lambda progress: progress.reason == "called_back")
    paused = (await plain_bench.story(call.call_id)).call
    assert (paused.status, paused.next_attempt_at) == ("Queued", None)
    await handle.execute_update(names.RESCHEDULE, Reschedule(utcnow()))
    assert (await handle.result()).outcome is Outcome.COMPLETED
    assert len(plain_bench.carrier.dials) == 1


async def test_the_sweep_forgets_what_is_kept_long_enough(plain_bench: Bench) -> None:
    said = {"context": {"name": "Ada"}, "additional_data": {"crm": "C-1"}}
    call = await plain_bench.accept(await plain_bench.agent(), **said)
    await plain_bench.run_accepted(call)
    activities = plain_bench.activities
    for keep, context in ((None, {"name": "Ada"}), (HOUR, {"name": "Ada"}), (timedelta(), {})):
        sweeping = Sweep(
            plain_bench.db,
            plain_bench.client,
            activities.sweep._orphans,
            activities.starter,
            interval=10,
            keep=keep,
        )
        await sweeping.retain()
        assert (await plain_bench.story(call.call_id)).call.context == context
