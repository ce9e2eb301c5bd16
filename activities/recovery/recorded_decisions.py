"""The decisions that stand in the history of a call's workflow, in their order."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from temporalio.api.common.v1 import Payload
from temporalio.api.history.v1 import HistoryEvent
from temporalio.client import Client

from contracts.calls import CallStart
from policy.model.call import Decision

_DECIDING = frozenset({"decide", "settle"})
_MARKER = "core_local_activity"


@dataclass(frozen=True)
class RecordedDecision:
    """`step` as `storage.calls.decisions` counts."""

    step: int
    at: datetime
    decision: Decision


async def recorded_decisions(client: Client, workflow_id: str) -> list[RecordedDecision]:
    """Of the workflow's newest run."""
    step = 0
    found: list[RecordedDecision] = []
    async for event in client.get_workflow_handle(workflow_id).fetch_history_events():
        if event.HasField("workflow_execution_started_event_attributes"):
            step = await _first_step(client, event)
        for payload in _results(event):
            step += 1
            at = event.event_time.ToDatetime(tzinfo=UTC)
            [decision] = await client.data_converter.decode([payload], [Decision])
            found.append(RecordedDecision(step, at, decision))
    return found


async def _first_step(client: Client, event: HistoryEvent) -> int:
    payloads = event.workflow_execution_started_event_attributes.input.payloads
    [start] = await client.data_converter.decode(payloads, [CallStart])
    step: int = start.step
    return step


def _results(event: HistoryEvent) -> Iterator[Payload]:
    """Of a local activity that decided; one that failed has none."""
    if not event.HasField("marker_recorded_event_attributes"):
        return
    marker = event.marker_recorded_event_attributes
    if marker.marker_name != _MARKER or "result" not in marker.details:
        return
    told = json.loads(marker.details["data"].payloads[0].data)
    if told.get("activity_type") in _DECIDING:
        yield from marker.details["result"].payloads
