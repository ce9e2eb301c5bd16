"""A worker that is gone: another takes up its dials, and nobody is dialed twice."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from unittest.mock import patch

import pytest
import pytest_asyncio
from temporalio.testing import WorkflowEnvironment

from activities import worker_presence
from activities.clock import utcnow
from activities.worker_presence import WorkerPresence
from policy.model.call import AttemptState, Outcome
from storage.attempts import workers
from storage.tables import Attempt, Call
from telephony.memory.carrier import MemoryCarrier
from telephony.port import DialRequest, Leg
from telephony.public_address import PublicAddress
from tests.databases import SqliteTemplates
from tests.wait import until
from tests.workflows.bench import Bench, open_bench

pytestmark = pytest.mark.asyncio(loop_scope="session")

GONE, HERE = "gone", "here"


class StuckCarrier(MemoryCarrier):
    """Its answer never comes."""

    async def dial(self, request: DialRequest) -> Leg:
        self.dials.append(request)
        await asyncio.Event().wait()
        raise AssertionError("never")


@pytest_asyncio.fixture(loop_scope="session")
async def bench(
    plain: WorkflowEnvironment, sqlite_templates: SqliteTemplates
) -> AsyncIterator[Bench]:
    """Nobody dials unless a test says so."""
    async with open_bench(plain, sqlite_templates, waived=True, dials=False) as opened:
        yield opened


@asynccontextmanager
async def stuck(
    bench: Bench, call: Call, carrier: MemoryCarrier, address: PublicAddress | None = None
) -> AsyncIterator[None]:
    """A worker that has taken the call's dial and gets no further, and is not seen any more."""
    worker = await bench.other_dial_worker(GONE, carrier, address)
    running = asyncio.create_task(worker.run())
    await WorkerPresence(bench.db, bench.client, GONE).turn()
    await bench.start(call)
    yield
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


async def seen_later(bench: Bench, passed: timedelta = worker_presence.ABSENT_AFTER) -> None:
    """What another worker makes of it when so much time has passed."""
    later = utcnow() + passed + timedelta(seconds=1)
    with patch("activities.worker_presence.utcnow", lambda: later):
        await WorkerPresence(bench.db, bench.client, HERE).turn()


async def attempts_of(bench: Bench, call: Call) -> list[Attempt]:
    return (await bench.story(call.call_id)).attempts


async def known_workers(bench: Bench) -> set[str]:
    async with bench.db.read() as session:
        return {one.worker_id for one in await workers.every(session)}


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


async def test_a_worker_that_is_gone_is_forgotten_and_one_that_beats_is_left_alone(
    bench: Bench,
) -> None:
    await WorkerPresence(bench.db, bench.client, GONE).turn()
    await seen_later(bench, -worker_presence.ABSENT_AFTER)
    assert await known_workers(bench) == {GONE, HERE}
    await seen_later(bench)
    assert await known_workers(bench) == {HERE}


async def test_a_worker_that_is_gone_is_seen_to_by_one_at_a_time(bench: Bench) -> None:
    await WorkerPresence(bench.db, bench.client, GONE).turn()
    later = utcnow() + timedelta(seconds=7)
    async with bench.db.write() as session:
        since = later - worker_presence.ABSENT_AFTER
        assert await workers.claim_absent(session, since, later) == [GONE]
        assert await workers.claim_absent(session, since, later) == []
        again = later + timedelta(seconds=7)
        since = again - worker_presence.ABSENT_AFTER
        assert await workers.claim_absent(session, since, again) == [GONE]
