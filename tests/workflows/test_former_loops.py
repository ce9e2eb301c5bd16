"""What loops were before they had leases is ended, once and for all, and bills nobody."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
import pytest_asyncio
from temporalio.client import (
    Client,
    Schedule,
    ScheduleActionStartWorkflow,
    ScheduleIntervalSpec,
    ScheduleSpec,
    WorkflowExecutionStatus,
)
from temporalio.service import RPCError, RPCStatusCode

from activities.loops.former_loops import end_former_loops
from contracts import names
from tests.wait import until
from tests.workflows.server import start_plain_server

pytestmark = pytest.mark.asyncio(loop_scope="session")

DAY = timedelta(days=1)


@pytest_asyncio.fixture(loop_scope="session")
async def client() -> AsyncIterator[Client]:
    """Of a server of its own: no worker is there, and nothing else runs."""
    async with await start_plain_server() as env:
        yield env.client


async def begin(client: Client, name: str, workflow_id: str, queue: str = names.CALL_QUEUE) -> None:
    await client.start_workflow(name, id=workflow_id, task_queue=queue)


async def begin_former_loops(client: Client) -> None:
    """As a worker from before did it: the sweep's first run is on its way."""
    for workflow_id in names.FORMER_LOOP_IDS:
        await begin(client, "LoopWorkflow", workflow_id)
    action = ScheduleActionStartWorkflow(
        "SweepWorkflow", id=names.FORMER_SCHEDULE_ID, task_queue=names.CALL_QUEUE
    )
    spec = ScheduleSpec(intervals=[ScheduleIntervalSpec(DAY)])
    handle = await client.create_schedule(
        names.FORMER_SCHEDULE_ID, Schedule(action, spec=spec), trigger_immediately=True
    )

    async def runs() -> bool:
        return bool((await handle.describe()).info.running_actions)

    await until(runs, "a sweep")


async def running(client: Client) -> set[str]:
    return {run.id async for run in client.list_workflows("ExecutionStatus = 'Running'")}


async def test_former_loops_and_their_schedule_are_ended(client: Client) -> None:
    await begin_former_loops(client)
    await end_former_loops(client)

    async def gone() -> bool:
        return not await running(client)

    await until(gone, "that nothing runs any more")
    for workflow_id in names.FORMER_LOOP_IDS:
        found = await client.get_workflow_handle(workflow_id).describe()
        assert found.status is WorkflowExecutionStatus.TERMINATED
    with pytest.raises(RPCError) as error:
        await client.get_schedule_handle(names.FORMER_SCHEDULE_ID).describe()
    assert error.value.status is RPCStatusCode.NOT_FOUND
    # Once more, and where there never were any: nothing happens.
    await end_former_loops(client)


async def test_what_is_not_ours_goes_on(client: Client) -> None:
    await begin(client, "CallWorkflow", "call-1")
    await begin(client, "LoopWorkflow", "somebody-elses", "another-queue")

    async def both() -> bool:
        return await running(client) == {"call-1", "somebody-elses"}

    await until(both, "that both run")
    await end_former_loops(client)
    assert await both()
