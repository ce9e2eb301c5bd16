"""The loops from before they had leases: workflows, and a schedule of Temporal's.

Nobody registers them any more, so their tasks would fail for ever, and Temporal would go on to
start sweeps.
"""

import structlog
from temporalio.client import Client, ScheduleActionExecutionStartWorkflow
from temporalio.service import RPCError, RPCStatusCode

from contracts import names

log = structlog.get_logger(__name__)

_OPEN = (
    "WorkflowType IN ('LoopWorkflow', 'SweepWorkflow') AND ExecutionStatus = 'Running' "
    f"AND TaskQueue = '{names.CALL_QUEUE}'"
)


async def end_former_loops(client: Client) -> None:
    """What is gone already is none the worse. Raises RPCError while Temporal is away."""
    started = await _delete_schedule(client)
    found = [run.id async for run in client.list_workflows(_OPEN)]
    # Those with a known name are ended though the list may lag.
    for workflow_id in dict.fromkeys((*names.FORMER_LOOP_IDS, *started, *found)):
        await _terminate(client, workflow_id)


async def _delete_schedule(client: Client) -> list[str]:
    """Returns the ids of the workflows it has running."""
    handle = client.get_schedule_handle(names.FORMER_SCHEDULE_ID)
    try:
        running = (await handle.describe()).info.running_actions
        await handle.delete()
    except RPCError as error:
        if error.status is not RPCStatusCode.NOT_FOUND:
            raise
        return []
    log.info("loop.former_ended", id=names.FORMER_SCHEDULE_ID)
    return [
        one.workflow_id for one in running if isinstance(one, ScheduleActionExecutionStartWorkflow)
    ]


async def _terminate(client: Client, workflow_id: str) -> None:
    try:
        await client.get_workflow_handle(workflow_id).terminate("loops have leases now")
    except RPCError as error:
        if error.status is not RPCStatusCode.NOT_FOUND:
            raise
        return
    log.info("loop.former_ended", id=workflow_id)
