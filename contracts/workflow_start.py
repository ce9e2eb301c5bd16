"""How workflows of calls and campaigns are started; the API and the sweep do it the same way."""

from datetime import datetime, timedelta

from temporalio.client import Client
from temporalio.common import (
    Priority,
    SearchAttributePair,
    TypedSearchAttributes,
    WorkflowIDConflictPolicy,
    WorkflowIDReusePolicy,
)
from temporalio.exceptions import WorkflowAlreadyStartedError

from contracts.calls import CallStart
from contracts.campaigns import CampaignStart
from contracts.names import (
    AGENT,
    CALL_QUEUE,
    CAMPAIGN,
    DEADLINE,
    NUDGE,
    STATUS,
    call_workflow_id,
    campaign_workflow_id,
)
from policy.model.call import CallStatus


async def start_call(
    client: Client,
    call_id: str,
    agent_id: str,
    campaign_id: str | None,
    deadline: datetime | None,
    priority: int,
    *,
    waits: bool = False,
    rpc_timeout: timedelta | None = None,
) -> None:
    """Start the call's workflow. One that runs or ran already counts as success.

    `waits`: it is known that the call is not to be made yet.
    """
    shown = status_at_start(waits=waits)
    try:
        await client.start_workflow(
            "CallWorkflow",
            CallStart(call_id, dials_to_end=True, shown=shown),
            id=call_workflow_id(call_id),
            task_queue=CALL_QUEUE,
            id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
            id_reuse_policy=WorkflowIDReusePolicy.REJECT_DUPLICATE,
            search_attributes=call_attributes(agent_id, campaign_id, deadline, shown),
            static_summary=f"Outbound call, priority {priority}",
            priority=Priority(priority_key=priority_key(priority)),
            rpc_timeout=rpc_timeout,
        )
    except WorkflowAlreadyStartedError:
        return


async def start_campaign(
    client: Client,
    campaign_id: str,
    *,
    nudge: bool = True,
    rpc_timeout: timedelta | None = None,
) -> None:
    """Start the campaign's workflow; one that runs is nudged, or left alone."""
    await client.start_workflow(
        "CampaignWorkflow",
        CampaignStart(campaign_id),
        id=campaign_workflow_id(campaign_id),
        task_queue=CALL_QUEUE,
        id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
        # One that has ended may have to be started again: the database says what is left to do.
        id_reuse_policy=WorkflowIDReusePolicy.ALLOW_DUPLICATE,
        search_attributes=TypedSearchAttributes([SearchAttributePair(CAMPAIGN, campaign_id)]),
        static_summary="Campaign",
        start_signal=NUDGE if nudge else None,
        rpc_timeout=rpc_timeout,
    )


def priority_key(priority: int) -> int:
    """Trunkline's 0-10, higher first, as Temporal's 5-1, lower first; 5 is the middle of both."""
    return 5 - (priority * 2 + 2) // 5


def status_at_start(*, waits: bool) -> CallStatus:
    """What a call's first decision most likely comes to: to write it anew costs an event."""
    return CallStatus.QUEUED if waits else CallStatus.IN_PROGRESS


def call_attributes(
    agent_id: str, campaign_id: str | None, deadline: datetime | None, shown: CallStatus
) -> TypedSearchAttributes:
    """What a call can be found by from its first moment on."""
    pairs = [
        SearchAttributePair(STATUS, shown.value),
        SearchAttributePair(AGENT, agent_id),
    ]
    if campaign_id is not None:
        pairs.append(SearchAttributePair(CAMPAIGN, campaign_id))
    if deadline is None:
        return TypedSearchAttributes(pairs)
    return TypedSearchAttributes([*pairs, SearchAttributePair(DEADLINE, deadline)])
