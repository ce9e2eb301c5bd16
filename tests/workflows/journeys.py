"""The journeys whose histories are kept: a workflow change that breaks a running call breaks these.

`python -m tests.workflows.journeys` records them anew into tests/histories/. Do that only for a
change that is guarded, by `workflow.patched` or by what a call is started with, and keep the old
files beside the new ones, in a folder that says what was different:
- `told_by_signals`: a dial ended with its create request, and signals told of the leg.
- `started_as_created`: a call's status in Temporal was `Created` until its first decision.
"""

import asyncio
import tempfile
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from temporalio.client import WorkflowFailureError, WorkflowHandle
from temporalio.testing import WorkflowEnvironment

from contracts import names
from contracts.calls import Reschedule, TransferRef
from policy.model.call import AttemptState
from policy.transfers.targets import TransferState
from storage.attempts import attempts
from storage.tables import Transfer, TransferTarget
from tests.databases import SqliteTemplates
from tests.wait import until
from tests.workflows.bench import Bench, open_bench
from tests.workflows.server import start_plain_server, start_skipping_server

HISTORIES = Path(__file__).parent.parent / "histories"
TARGET = "+12125550140"
HUMAN = {"answer": {"by": "human"}}
STAYS = {"answer": {"by": "human", "stay": True}}

Journey = Callable[[Bench], Awaitable[WorkflowHandle[Any, Any]]]


def scripted(*entries: Any, **columns: Any) -> Journey:
    """A call that nobody disturbs."""

    async def journey(bench: Bench) -> WorkflowHandle[Any, Any]:
        call = await bench.accept(await bench.agent(), **columns)
        bench.carrier.script(call.endpoint, list(entries))
        handle = await bench.start(call)
        await handle.result()
        return handle

    return journey


async def queued_then_granted(bench: Bench) -> WorkflowHandle[Any, Any]:
    handle = await _queued(bench)
    await bench.free_and_grant()
    await handle.result()
    return handle


async def canceled_by_signal(bench: Bench) -> WorkflowHandle[Any, Any]:
    handle = await _queued(bench)
    await handle.signal(names.CANCEL)
    await handle.result()
    return handle


async def canceled_by_signal_while_it_rings(bench: Bench) -> WorkflowHandle[Any, Any]:
    handle = await _live(bench, "rings", AttemptState.RINGING)
    await handle.signal(names.CANCEL)
    await handle.result()
    return handle


async def canceled_by_update(bench: Bench) -> WorkflowHandle[Any, Any]:
    handle = await _queued(bench)
    await handle.execute_update(names.CANCEL)
    await handle.result()
    return handle


async def rescheduled(bench: Bench) -> WorkflowHandle[Any, Any]:
    handle = await _queued(bench)
    await handle.execute_update(names.RESCHEDULE, Reschedule(datetime.now(UTC) + timedelta(days=2)))
    await handle.signal(names.CANCEL)
    await handle.result()
    return handle


async def hung_up(bench: Bench) -> WorkflowHandle[Any, Any]:
    handle = await _live(bench)
    await handle.execute_update(names.HANG_UP)
    await handle.result()
    return handle


async def put_through_warm(bench: Bench) -> WorkflowHandle[Any, Any]:
    """To a target that cannot be dialed; told twice, it is tried once."""
    handle = await _live(bench)
    ref = await _wanted(bench, handle.id.removeprefix(names.CALL_ID_PREFIX))
    bench.carrier.script(TARGET, ["invalid"])
    await handle.signal(names.PUT_THROUGH, ref)
    await handle.signal(names.PUT_THROUGH, ref)

    async def is_missed() -> bool:
        async with bench.db.read() as session:
            found = await session.get(Transfer, ref.transfer_id)
        return found is not None and found.state is TransferState.MISSED

    await until(is_missed, "nobody was reached")
    await handle.execute_update(names.HANG_UP)
    await handle.result()
    assert [dial.to for dial in bench.carrier.dials].count(TARGET) == 1
    scheduled = [
        event.activity_task_scheduled_event_attributes
        for event in (await handle.fetch_history()).events
    ]
    keys = [
        one.priority.priority_key for one in scheduled if one.activity_type.name == "dial_target"
    ]
    # Before all dials that lie in the queue.
    assert keys == [1]
    return handle


async def _wanted(bench: Bench, call_id: str) -> TransferRef:
    """A callee who waits for a warm target."""
    now = datetime.now(UTC)
    async with bench.db.write() as session:
        (attempt,) = await attempts.of_call(session, call_id)
        target = TransferTarget(
            account_id=attempt.account_id,
            name="desk",
            endpoint=TARGET,
            warm=True,
            created_time=now,
            updated_time=now,
        )
        row = Transfer(
            account_id=attempt.account_id,
            call_id=call_id,
            attempt_id=attempt.attempt_id,
            attempt_number=attempt.number,
            place="0:desk",
            node="desk",
            target_name="desk",
            state=TransferState.DIALING,
            is_warm=True,
            asked_at=now,
        )
        session.add_all([target, row])
        return TransferRef(call_id, row.transfer_id)


async def natively_canceled(bench: Bench) -> WorkflowHandle[Any, Any]:
    handle = await _live(bench)
    await handle.cancel()
    try:
        await handle.result()
    except WorkflowFailureError:
        return handle
    raise AssertionError("the workflow was not canceled")


async def _queued(bench: Bench) -> WorkflowHandle[Any, Any]:
    call = await bench.accept(await bench.agent(max_concurrent=0))
    handle = await bench.start(call)
    await bench.until(handle, lambda progress: progress.kind == "queue")
    return handle


async def _live(
    bench: Bench, entry: Any = STAYS, state: AttemptState = AttemptState.ANSWERED
) -> WorkflowHandle[Any, Any]:
    call = await bench.accept(await bench.agent())
    bench.carrier.script(call.endpoint, [entry])
    handle = await bench.start(call)
    await bench.until_leg(call, state)
    return handle


async def silent_leg(bench: Bench) -> WorkflowHandle[Any, Any]:
    """The carrier tells nothing of it by itself."""
    call = await bench.accept(await bench.agent())
    bench.carrier.script(call.endpoint, [{**HUMAN, "silent": True}])
    handle = await bench.start(call)
    await bench.until_leg(call, AttemptState.SENT)
    await bench.watch_later(timedelta(minutes=15))
    await handle.result()
    return handle


#: On virtual time.
UNDISTURBED: Mapping[str, Journey] = {
    "answered": scripted(HUMAN),
    "voicemail": scripted({"answer": {"by": "machine"}}),
    "busy_no_answer_answered": scripted("busy", "no-answer", HUMAN),
    "invalid": scripted("invalid"),
    "throttled": scripted("throttled", HUMAN),
    "unknown_found": scripted("ambiguous_silent"),
    "unknown_parked": scripted("ambiguous_lost"),
    "silent_leg": silent_leg,
}
#: On the wall's time: something is said to them while they wait.
DISTURBED: Mapping[str, Journey] = {
    "queued_then_granted": queued_then_granted,
    "canceled_by_signal": canceled_by_signal,
    "canceled_by_signal_while_it_rings": canceled_by_signal_while_it_rings,
    "canceled_by_update": canceled_by_update,
    "rescheduled": rescheduled,
    "hung_up": hung_up,
    "natively_canceled": natively_canceled,
    "put_through_warm": put_through_warm,
}
JOURNEYS = {**UNDISTURBED, **DISTURBED}


async def record(env: WorkflowEnvironment, name: str) -> None:
    with tempfile.TemporaryDirectory() as directory:
        # At whatever hour of the day: nothing waits for a window.
        async with open_bench(env, SqliteTemplates(Path(directory)), waived=True) as bench:
            handle = await JOURNEYS[name](bench)
            history = await handle.fetch_history()
    (HISTORIES / f"{name}.json").write_text(history.to_json() + "\n")


async def record_all() -> None:
    HISTORIES.mkdir(exist_ok=True)
    for start, journeys in ((start_skipping_server, UNDISTURBED), (start_plain_server, DISTURBED)):
        async with await start() as env:
            for name in journeys:
                await record(env, name)


if __name__ == "__main__":
    asyncio.run(record_all())
