"""The decisions that stand in the history of a call's workflow, in their order."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from temporalio.api.common.v1 import Payload
from temporalio.api.history.v1 import HistoryEvent
from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode

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


async def recorded_decisions(
    client: Client, workflow_id: str, after: int
) -> list[RecordedDecision]:
    """Those after this step: of the newest run, and of the runs before it as far as need be."""
    found: list[RecordedDecision] = []
    run_id: str | None = None
    while True:
        try:
            before, earlier_run, some = await _of_run(client, workflow_id, run_id)
        except RPCError as error:
            if run_id is None or error.status is not RPCStatusCode.NOT_FOUND:
                raise
            # Temporal has forgotten what came before.
            break
        found = [*some, *found]
        if before <= after or not earlier_run:
            break
        run_id = earlier_run
    return [one for one in found if one.step > after]


async def _of_run(
    client: Client, workflow_id: str, run_id: str | None
) -> tuple[int, str, list[RecordedDecision]]:
    """The step before its first, the run that it continues, if any, and its decisions."""
    before, earlier_run = 0, ""
    found: list[RecordedDecision] = []
    handle = client.get_workflow_handle(workflow_id, run_id=run_id)
    async for event in handle.fetch_history_events():
        if event.HasField("workflow_execution_started_event_attributes"):
            before = await _first_step(client, event)
            told = event.workflow_execution_started_event_attributes
            earlier_run = told.continued_execution_run_id
        for payload in _results(event):
            step = before + len(found) + 1
            at = event.event_time.ToDatetime(tzinfo=UTC)
            [decision] = await client.data_converter.decode([payload], [Decision])
            found.append(RecordedDecision(step, at, decision))
    return before, earlier_run, found


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
