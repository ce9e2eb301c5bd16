"""The API's way to call workflows: start, update, signal. Temporal's errors end here."""

import asyncio
from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Protocol

import structlog
from temporalio.api.enums.v1 import TaskQueueType
from temporalio.api.taskqueue.v1 import TaskQueue
from temporalio.api.workflowservice.v1 import DescribeTaskQueueRequest
from temporalio.client import (
    Client,
    RPCError,
    RPCTimeoutOrCancelledError,
    WorkflowUpdateFailedError,
    WorkflowUpdateRPCTimeoutOrCancelledError,
)
from temporalio.exceptions import ApplicationError
from temporalio.service import RPCStatusCode

from contracts import names
from contracts.calls import CarrierNews, Reschedule
from contracts.names import call_workflow_id
from contracts.workflow_signals import WorkflowSignals
from contracts.workflow_start import start_call, start_campaign
from storage.calls.startable import Startable
from storage.tables import Call

log = structlog.get_logger("trunkline.api")

RPC_TIMEOUT = timedelta(seconds=2)
#: Above the RPC's own time-out: a connect that hangs counts as away, too.
HARD_LIMIT = 3.0
POLLER_FRESH = timedelta(minutes=1)


class TemporalAway(Exception):
    """Temporal, or the worker that would carry an update out, does not answer in time."""


class NotRunning(Exception):
    """The call has no open workflow: it has not been started yet, or it is over."""


class Refused(Exception):
    """The workflow's validator said no; `kind` is the type of its ApplicationError."""

    def __init__(self, kind: str) -> None:
        super().__init__(kind)
        self.kind = kind


@dataclass(frozen=True, slots=True)
class Readiness:
    temporal: bool
    worker: bool


class WorkflowGateway(Protocol):
    """What routes need of Temporal. Raises TemporalAway, NotRunning and Refused only."""

    async def start(self, call: Call | Startable) -> None:
        """Start the call's workflow; one that exists already counts as success."""
        ...

    async def cancel(self, call_id: str) -> bool:
        """Cancel a call that nobody has answered; returns when the workflow has recorded it.

        False: its phone rings, and the carrier was told to stop that.
        """
        ...

    async def signal_cancel(self, call_id: str) -> None:
        """The same without waiting for a worker: Temporal keeps it until one is there."""
        ...

    async def replan(self, call_id: str) -> None:
        """Have a waiting call decide again."""
        ...

    async def reschedule(self, call_id: str, not_before: datetime) -> None: ...

    async def hang_up(self, call_id: str) -> None:
        """End the live leg."""
        ...

    async def carrier_event(self, call_id: str, news: CarrierNews) -> None:
        """Tell the workflow that the ledger has news."""
        ...

    async def put_through(self, call_id: str, transfer_id: str) -> None:
        """Have the target of a warm transfer dialed, once however often it is said."""
        ...

    async def start_campaign(self, campaign_id: str) -> None:
        """Start the campaign's workflow, or have the one that runs look at once."""
        ...

    async def nudge_campaign(self, campaign_id: str) -> None:
        """Have the campaign's workflow look at once."""
        ...

    async def readiness(self) -> Readiness: ...


class TemporalGateway:
    """WorkflowGateway on a Temporal client, which may be lazy and need not be connected yet."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._signals = WorkflowSignals(client, RPC_TIMEOUT)

    async def start(self, call: Call | Startable) -> None:
        try:
            async with _translated():
                await start_call(
                    self._client,
                    call.call_id,
                    call.agent_id,
                    call.campaign_id,
                    call.call_deadline,
                    call.priority,
                    waits=isinstance(call, Startable) and call.waits,
                    rpc_timeout=RPC_TIMEOUT,
                )
        except NotRunning:  # here it is the namespace that is not found
            raise TemporalAway from None

    async def cancel(self, call_id: str) -> bool:
        return await self._update(call_id, names.CANCEL) != names.CANCELING

    async def signal_cancel(self, call_id: str) -> None:
        await _heard(self._signals.cancel(call_id))

    async def replan(self, call_id: str) -> None:
        await _heard(self._signals.replan(call_id))

    async def reschedule(self, call_id: str, not_before: datetime) -> None:
        await self._update(call_id, names.RESCHEDULE, Reschedule(not_before))

    async def hang_up(self, call_id: str) -> None:
        await self._update(call_id, names.HANG_UP)

    async def carrier_event(self, call_id: str, news: CarrierNews) -> None:
        await _heard(self._signals.carrier_event(call_id, news))

    async def put_through(self, call_id: str, transfer_id: str) -> None:
        await _heard(self._signals.put_through(call_id, transfer_id))

    async def start_campaign(self, campaign_id: str) -> None:
        try:
            async with _translated():
                await start_campaign(self._client, campaign_id, rpc_timeout=RPC_TIMEOUT)
        except NotRunning:  # here it is the namespace that is not found
            raise TemporalAway from None

    async def nudge_campaign(self, campaign_id: str) -> None:
        await _heard(self._signals.nudge_campaign(campaign_id))

    async def readiness(self) -> Readiness:
        request = DescribeTaskQueueRequest(
            namespace=self._client.namespace,
            task_queue=TaskQueue(name=names.CALL_QUEUE),
            task_queue_type=TaskQueueType.TASK_QUEUE_TYPE_WORKFLOW,
        )
        try:
            async with _translated():
                queue = await self._client.workflow_service.describe_task_queue(
                    request, timeout=RPC_TIMEOUT
                )
        except (TemporalAway, NotRunning):
            return Readiness(temporal=False, worker=False)
        oldest = datetime.now(UTC) - POLLER_FRESH
        seen = (poller.last_access_time.ToDatetime(tzinfo=UTC) for poller in queue.pollers)
        return Readiness(temporal=True, worker=any(at >= oldest for at in seen))

    async def _update(self, call_id: str, name: str, *args: object) -> object:
        handle = self._client.get_workflow_handle(call_workflow_id(call_id))
        async with _translated():
            return await handle.execute_update(name, args=args, rpc_timeout=RPC_TIMEOUT)
        raise AssertionError("an update answers or fails")


async def _heard(signal: Awaitable[bool]) -> None:
    """Raises NotRunning where no workflow is there to hear the signal."""
    async with _translated():
        if not await signal:
            raise NotRunning


@asynccontextmanager
async def _translated() -> AsyncIterator[None]:
    """Turn what the SDK raises into the three errors of this module."""
    try:
        async with asyncio.timeout(HARD_LIMIT):
            yield
    except WorkflowUpdateFailedError as exc:
        raise _refusal(exc.cause) from None
    except (
        TimeoutError,
        RPCTimeoutOrCancelledError,
        WorkflowUpdateRPCTimeoutOrCancelledError,
    ) as exc:
        raise _away(exc) from None
    except RPCError as exc:
        raise (NotRunning() if exc.status is RPCStatusCode.NOT_FOUND else _away(exc)) from None
    except RuntimeError as exc:
        # The first connection of a lazy client fails with this.
        raise _away(exc) from None


def _refusal(cause: BaseException) -> Refused | NotRunning:
    if not isinstance(cause, ApplicationError):
        return Refused("failed")
    # The server's own word for a workflow that ended with the update in flight.
    if cause.type in {"AcceptedUpdateCompletedWorkflow", "WorkflowUpdateCompletedWorkflow"}:
        return NotRunning()
    return Refused(cause.type or "failed")


def _away(exc: BaseException) -> TemporalAway:
    status = exc.status.name if isinstance(exc, RPCError) else None
    log.warning("temporal_away", error=type(exc).__name__, status=status)
    return TemporalAway()
