"""A worker that is gone: another takes up its dials, and nobody is dialed twice."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any
from unittest.mock import patch

import pytest
import pytest_asyncio
from temporalio.testing import WorkflowEnvironment

from activities.clock import utcnow
from activities.dials import worker_presence
from activities.dials.worker_presence import WorkerPresence
from contracts.calls import DialResult
from contracts.workflow_signals import WorkflowSignals
from policy.model.call import AttemptResult, AttemptState, Outcome
from storage.attempts import attempts, workers
from storage.database.engine import DatabaseBusy
from storage.tables import Attempt, Call
from telephony.errors import Ambiguous
from telephony.memory.carrier import MemoryCarrier
from telephony.port import DialRequest, Leg
from telephony.public_address import PublicAddress
from tests.databases import SqliteTemplates
from tests.wait import until
from tests.workflows.bench import Bench, open_bench

pytestmark = pytest.mark.asyncio(loop_scope="session")

GONE, HERE = "gone", "here"


class StuckCarrier(MemoryCarrier):
    """Its answer does not come as long as anybody waits for it."""

    def __init__(self) -> None:
        super().__init__()
        self.is_given_up = asyncio.Event()

    async def dial(self, request: DialRequest) -> Leg:
        self.dials.append(request)
        await self.is_given_up.wait()
        raise Ambiguous("given up")


@pytest_asyncio.fixture(loop_scope="session")
async def bench(
    plain: WorkflowEnvironment, sqlite_templates: SqliteTemplates
) -> AsyncIterator[Bench]:
    """Nobody dials unless a test says so."""
    async with open_bench(plain, sqlite_templates, waived=True, dials=False) as opened:
        yield opened


@asynccontextmanager
async def stuck(
    bench: Bench, call: Call, carrier: StuckCarrier, address: PublicAddress | None = None
) -> AsyncIterator[None]:
    """A worker that has taken the call's dial and gets no further, and is not seen any more."""
    worker = await bench.other_dial_worker(GONE, carrier, address)
    running = asyncio.create_task(worker.run())
    await WorkerPresence(bench.db, bench.client, GONE).beat()
    await bench.start(call)
    yield
    carrier.is_given_up.set()
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


async def turn_of(bench: Bench, worker_id: str) -> None:
    presence = WorkerPresence(bench.db, bench.client, worker_id)
    await presence.beat()
    await presence.look()


def at(passed: timedelta) -> Any:
    """So much later."""
    later = utcnow() + passed
    return patch("activities.dials.worker_presence.utcnow", lambda: later)


async def seen_later(bench: Bench) -> None:
    """What another worker makes of it when the one has missed its beats."""
    with at(worker_presence.ABSENT_AFTER + timedelta(seconds=1)):
        await turn_of(bench, HERE)


async def tries_of(bench: Bench, call: Call) -> list[int]:
    """The tries of each activity that the workflow waits for."""
    found = await bench.handle(call.call_id).describe()
    return [one.attempt for one in found.raw_description.pending_activities]


async def attempts_of(bench: Bench, call: Call) -> list[Attempt]:
    return (await bench.story(call.call_id)).attempts


async def test_a_dial_whose_worker_died_while_sending_is_unknown_and_not_sent_again(
    bench: Bench,
) -> None:
    call = await bench.accept(await bench.agent(retry_spec={"maxAttempts": 1}))
    carrier = StuckCarrier()
    async with stuck(bench, call, carrier):
        await bench.until_leg(call, AttemptState.SENDING)
        await seen_later(bench)
        async with bench.dial_worker():
            end = await bench.handle(call.call_id).result()
    assert end.outcome is not Outcome.COMPLETED
    assert len(carrier.dials) == 1
    assert bench.carrier.dials == []
    assert [one.state for one in await attempts_of(bench, call)] == [AttemptState.UNKNOWN]


@pytest.mark.parametrize("fate", [AttemptState.REJECTED, AttemptState.UNKNOWN])
async def test_a_dial_whose_worker_died_before_it_could_tell_what_came_of_it_is_taken_up(
    bench: Bench, fate: AttemptState
) -> None:
    call = await bench.accept(await bench.agent(retry_spec={"maxAttempts": 1}))
    async with stuck(bench, call, StuckCarrier()):
        await bench.until_leg(call, AttemptState.SENDING)
        attempt = (await attempts_of(bench, call))[0]
        async with bench.db.write() as session:
            if fate is AttemptState.REJECTED:
                await attempts.mark_over(session, attempt, AttemptResult.REFUSED, utcnow())
            else:
                await attempts.mark_unknown(session, attempt, utcnow(), "no answer")
        await seen_later(bench)
        async with bench.dial_worker():
            await bench.handle(call.call_id).result()
    assert [one.state for one in await attempts_of(bench, call)] == [fate]
    assert bench.carrier.dials == []


async def test_a_dial_whose_worker_died_before_the_gate_is_made_by_another(bench: Bench) -> None:
    call = await bench.accept(await bench.agent())
    bench.carrier.script(call.endpoint, [{"answer": {"by": "human"}}])
    carrier = StuckCarrier()
    # It waits for our API, which answers nobody there.
    async with stuck(bench, call, carrier, PublicAddress("http://away.test")):
        await bench.until_leg(call, AttemptState.INTENT)
        await _until_taken(bench, call)
        await seen_later(bench)
        async with bench.dial_worker():
            end = await bench.handle(call.call_id).result()
    assert end.outcome is Outcome.COMPLETED
    assert carrier.dials == []
    assert len(bench.carrier.dials) == 1


async def _until_taken(bench: Bench, call: Call) -> None:
    """Until Temporal has given the dial to the worker that is about to be gone."""

    async def taken() -> bool:
        found = await bench.handle(call.call_id).describe()
        pending = found.raw_description.pending_activities
        return any(one.last_worker_identity == GONE for one in pending)

    await until(taken, "a dial that a worker has taken")


async def test_a_dial_that_never_reached_the_worker_it_was_given_to_is_made_all_the_same(
    bench: Bench,
) -> None:
    call = await bench.accept(await bench.agent())
    bench.carrier.script(call.endpoint, [{"answer": {"by": "human"}}])
    async with stuck(bench, call, StuckCarrier(), PublicAddress("http://away.test")):
        await bench.until_leg(call, AttemptState.INTENT)
        await _until_taken(bench, call)
        with at(worker_presence.LOST_AFTER + timedelta(seconds=1)):
            await turn_of(bench, GONE)
        async with bench.dial_worker():
            end = await bench.handle(call.call_id).result()
    assert end.outcome is Outcome.COMPLETED
    assert len(bench.carrier.dials) == 1


async def test_a_dial_that_a_living_worker_sends_slowly_is_left_to_it(bench: Bench) -> None:
    call = await bench.accept(await bench.agent())
    async with stuck(bench, call, StuckCarrier()):
        await bench.until_leg(call, AttemptState.SENDING)
        with at(timedelta(minutes=1)):
            await turn_of(bench, GONE)
        assert await tries_of(bench, call) == [1]


async def test_a_dial_that_waits_for_the_carriers_pace_is_left_in_its_queue(bench: Bench) -> None:
    call = await bench.accept(await bench.agent())
    await bench.start(call)
    await until(lambda: tries_of(bench, call), "a dial in its queue")
    with at(timedelta(minutes=1)):
        await turn_of(bench, HERE)
    assert await tries_of(bench, call) == [1]


async def test_a_worker_is_present_while_it_beats(bench: Bench) -> None:
    await turn_of(bench, GONE)
    with at(worker_presence.ABSENT_AFTER + timedelta(seconds=1)):
        await turn_of(bench, HERE)
        async with bench.db.read() as session:
            since = utcnow() + timedelta(seconds=1)
            assert await workers.present(session, since) == {HERE}


async def test_a_beat_that_fails_is_followed_by_the_next(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    presence = WorkerPresence(bench.db, bench.client, HERE)
    turns: list[int] = []
    enough = asyncio.Event()

    async def turn() -> None:
        turns.append(len(turns))
        if len(turns) == 3:
            enough.set()
        raise DatabaseBusy

    monkeypatch.setattr(presence, "beat", turn)
    monkeypatch.setattr(worker_presence, "BEAT_SECONDS", 0.01)
    async with presence.kept():
        await asyncio.wait_for(enough.wait(), 30)


async def test_an_end_that_is_told_while_no_try_of_the_dial_runs_is_heard_all_the_same(
    bench: Bench,
) -> None:
    """There is nothing to complete then, so the workflow is told itself."""
    call = await bench.accept(await bench.agent())
    bench.carrier.script(call.endpoint, [{"answer": {"by": "human"}}])
    handle = await bench.start(call)
    await until(lambda: tries_of(bench, call), "a dial in its queue")
    assert await WorkflowSignals(bench.client).ended(call.call_id, 1)
    await until(lambda: settled(bench, call), "the first dial settled")
    async with bench.dial_worker():
        assert (await handle.result()).outcome is Outcome.COMPLETED
    results = [one.result for one in await attempts_of(bench, call)]
    assert results == [AttemptResult.NOT_SENT, AttemptResult.ANSWERED]
    assert len(bench.carrier.dials) == 1


async def settled(bench: Bench, call: Call) -> bool:
    return (await attempts_of(bench, call))[0].settled_at is not None


async def test_an_end_that_is_told_while_the_dial_is_taken_up_does_not_fail_the_workflow(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody dials, so the permission runs out in the queue."""
    taking_up, go_on = asyncio.Event(), asyncio.Event()
    withdraw = bench.activities.dial._withdraw

    async def slow(attempt: Attempt, why: str) -> DialResult:
        taking_up.set()
        await go_on.wait()
        return await withdraw(attempt, why)

    monkeypatch.setattr(bench.activities.dial, "_withdraw", slow)
    deadline = utcnow() + timedelta(seconds=2)
    call = await bench.accept(await bench.agent(), call_deadline=deadline)
    handle = await bench.start(call)
    await asyncio.wait_for(taking_up.wait(), 60)
    assert await WorkflowSignals(bench.client).ended(call.call_id, 1)
    await until(lambda: heard_the_end(bench, call), "the end in the history")
    go_on.set()
    assert (await handle.result()).outcome is Outcome.DEADLINE_MISSED
    assert (await attempts_of(bench, call))[0].result is AttemptResult.NOT_SENT


async def heard_the_end(bench: Bench, call: Call) -> bool:
    """The signal, and a turn of the workflow after it."""
    events = (await bench.handle(call.call_id).fetch_history()).events
    kinds = [one.WhichOneof("attributes") for one in events]
    signal = "workflow_execution_signaled_event_attributes"
    if signal not in kinds:
        return False
    return "workflow_task_completed_event_attributes" in kinds[kinds.index(signal) :]
