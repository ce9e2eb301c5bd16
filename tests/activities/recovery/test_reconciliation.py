"""After a restore: dials that were under way are found again at the carrier, where they are."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from temporalio.api.common.v1 import Payloads
from temporalio.api.history.v1 import HistoryEvent
from temporalio.converter import DataConverter
from temporalio.service import RPCError, RPCStatusCode

from activities.clock import utcnow
from activities.recovery.reconciliation import Reconciled, Reconciliation
from activities.recovery.recorded_decisions import recorded_decisions
from contracts.calls import CallStart
from policy.model.call import AttemptState, Decision, DecisionKind
from storage.attempts import attempts
from telephony.port import DialRequest
from tests.activities.conftest import Desk
from tests.activities.test_carrier_switch import Several

CONVERTER = DataConverter.default


class NoWorkflows:
    """A Temporal that remembers nothing."""

    async def list_workflows(self, query: str) -> AsyncIterator[Any]:
        for nothing in tuple[Any]():
            yield nothing


async def reconciled(desk: Desk, carrier: Any) -> Reconciled:
    since = utcnow() - timedelta(minutes=5)
    return await Reconciliation(desk.db, NoWorkflows(), carrier, since).run()  # type: ignore[arg-type]


def request(desk: Desk) -> DialRequest:
    call = desk.call
    return DialRequest(
        call.endpoint, call.caller_id, "https://us.test/v", "https://us.test/s", 30, 60
    )


@pytest.mark.parametrize("sending", [False, True], ids=["intent", "sending"])
async def test_a_dial_that_was_under_way_at_the_backup_has_its_leg(
    desk: Desk, sending: bool
) -> None:
    attempt = await desk.plan()
    if sending:
        async with desk.db.write() as session:
            await attempts.begin_sending(session, attempt, utcnow())
    leg = await desk.carrier.dial(request(desk))
    found = await reconciled(desk, desk.carrier)
    assert (found.legs, found.found_calls) == (1, 0)
    known = await desk.attempt()
    assert known.carrier_sid == leg.sid
    assert known.state not in (AttemptState.INTENT, AttemptState.SENDING, AttemptState.UNKNOWN)


async def test_an_intent_without_a_leg_may_still_be_sent(desk: Desk) -> None:
    await desk.plan()
    await reconciled(desk, desk.carrier)
    assert (await desk.attempt()).state is AttemptState.INTENT


async def test_a_leg_of_another_account_at_the_carrier_is_asked_about_there(desk: Desk) -> None:
    several = Several(desk, desk.carrier)
    row = await several.account_with(desk.call.caller_id)
    await desk.plan()
    at = row.carrier_account_id
    leg = await several.switch.dial(replace(request(desk), carrier_account_id=at))
    await reconciled(desk, several.switch)
    known = await desk.attempt()
    assert (known.carrier_sid, known.carrier_account_id) == (leg.sid, at)


@dataclass
class Histories:
    """A client of Temporal that knows a workflow by its runs."""

    runs: dict[str, list[HistoryEvent]]
    newest: str
    asked: list[str] = field(default_factory=list)
    data_converter: DataConverter = CONVERTER

    def get_workflow_handle(self, workflow_id: str, *, run_id: str | None = None) -> Any:
        self.run = run_id or self.newest
        return self

    async def fetch_history_events(self) -> AsyncIterator[HistoryEvent]:
        self.asked.append(self.run)
        if self.run not in self.runs:
            raise RPCError("forgotten", RPCStatusCode.NOT_FOUND, b"")
        for event in self.runs[self.run]:
            yield event


async def run_of(step: int, decisions: int, continues: str = "") -> list[HistoryEvent]:
    """The history of a run that begins after a step and decides so often."""
    began = HistoryEvent()
    told = began.workflow_execution_started_event_attributes
    told.continued_execution_run_id = continues
    told.input.payloads.extend(await CONVERTER.encode([CallStart("c-1", step)]))
    events = [began]
    for n in range(decisions):
        made = HistoryEvent()
        made.event_time.FromDatetime(datetime(2026, 11, 23, 10, n, tzinfo=UTC))
        marker = made.marker_recorded_event_attributes
        marker.marker_name = "core_local_activity"
        decision = Decision(DecisionKind.WAIT, "not_before", f"step {step + n + 1}")
        said = Payloads(payloads=await CONVERTER.encode([decision]))
        marker.details["result"].CopyFrom(said)
        about = Payloads(payloads=await CONVERTER.encode([{"activity_type": "decide"}]))
        marker.details["data"].CopyFrom(about)
        events.append(made)
    return events


@pytest.mark.parametrize(
    ("known", "steps", "asked"),
    [
        (4, [5], ["new"]),
        (1, [2, 3, 4, 5], ["new", "old"]),
        (0, [2, 3, 4, 5], ["new", "old", "gone"]),
    ],
)
async def test_decisions_before_a_workflow_began_afresh_are_found_as_well(
    known: int, steps: list[int], asked: list[str]
) -> None:
    old, new = await run_of(1, 2, "gone"), await run_of(3, 2, "old")
    client = Histories({"old": old, "new": new}, "new")
    found = await recorded_decisions(client, "call-c-1", known)  # type: ignore[arg-type]
    assert [one.step for one in found] == steps
    assert [one.decision.detail for one in found] == [f"step {n}" for n in steps]
    assert client.asked == asked
