"""TemporalGateway: what the SDK raises, as the three errors that routes know."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from google.protobuf.timestamp_pb2 import Timestamp
from temporalio.api.taskqueue.v1 import PollerInfo
from temporalio.api.workflowservice.v1 import DescribeTaskQueueResponse
from temporalio.client import WorkflowUpdateFailedError, WorkflowUpdateRPCTimeoutOrCancelledError
from temporalio.common import WorkflowIDConflictPolicy, WorkflowIDReusePolicy
from temporalio.exceptions import ApplicationError, WorkflowAlreadyStartedError
from temporalio.service import RPCError, RPCStatusCode

from api import temporal_client
from api.temporal_client import NotRunning, Readiness, Refused, TemporalAway, TemporalGateway
from contracts import names
from contracts.calls import CallStart, CarrierNews, DialKind, DialResult, NewsKind
from contracts.campaigns import CampaignStart
from contracts.workflow_start import priority_key
from policy.model.call import CallStatus
from storage.calls.startable import Startable
from storage.tables import Call

CALL = Call(
    call_id="c1",
    account_id="a1",
    agent_id="g1",
    endpoint="+12125550123",
    caller_id="+12125550100",
    timezone="UTC",
    priority=10,
    call_deadline=datetime(2026, 12, 1, tzinfo=UTC),
    context={"name": "Ada Lovelace"},
)


class StubClient:
    """As much of a Temporal client as the gateway touches; every request runs `answer`."""

    namespace = "default"

    def __init__(self, answer: Callable[[], Any] = lambda: None) -> None:
        self._answer = answer
        self.asked: list[tuple[Any, ...]] = []
        self.workflow_service = self

    async def _note(self, *said: Any, **more: Any) -> Any:
        self.asked.append((*said, more))
        return self._answer()

    def get_workflow_handle(self, workflow_id: str) -> Any:
        self.workflow_id = workflow_id
        return self

    def get_async_activity_handle(self, *, workflow_id: str, run_id: None, activity_id: str) -> Any:
        self.dial = (workflow_id, activity_id)
        return self

    start_workflow = execute_update = signal = describe_task_queue = complete = _note


def gateway(answer: Callable[[], Any] = lambda: None) -> tuple[TemporalGateway, StubClient]:
    client = StubClient(answer)
    return TemporalGateway(client), client  # type: ignore[arg-type]


def raising(exc: BaseException) -> Callable[[], Any]:
    def answer() -> Any:
        raise exc

    return answer


def rpc(status: RPCStatusCode) -> RPCError:
    return RPCError("no", status, b"")


async def test_a_start_carries_ids_and_times_but_nothing_personal():
    calls, client = gateway()
    await calls.start(CALL)
    [(name, start, said)] = client.asked
    begun = CallStart("c1", dials_to_end=True, shown=CallStatus.IN_PROGRESS)
    assert (name, start) == ("CallWorkflow", begun)
    assert said["id"] == "call-c1"
    attributes = {pair.key.name: pair.value for pair in said["search_attributes"]}
    assert attributes == {
        "TrunklineStatus": "InProgress",
        "TrunklineAgent": "g1",
        "TrunklineDeadline": CALL.call_deadline,
    }
    for secret in ("2125550123", "2125550100", "Lovelace"):
        assert secret not in str(client.asked)


async def test_a_workflow_that_exists_already_is_a_success():
    calls, _ = gateway(raising(WorkflowAlreadyStartedError("call-c1", "CallWorkflow")))
    await calls.start(CALL)


@pytest.mark.parametrize(
    ("raised", "expected"),
    [
        (rpc(RPCStatusCode.UNAVAILABLE), TemporalAway),
        (rpc(RPCStatusCode.DEADLINE_EXCEEDED), TemporalAway),
        (rpc(RPCStatusCode.RESOURCE_EXHAUSTED), TemporalAway),
        (rpc(RPCStatusCode.NOT_FOUND), NotRunning),
        (RuntimeError("Failed client connect"), TemporalAway),
        (WorkflowUpdateRPCTimeoutOrCancelledError(), TemporalAway),
        (WorkflowUpdateFailedError(ApplicationError("no", type="in_progress")), Refused),
        (
            WorkflowUpdateFailedError(
                ApplicationError("over", type="AcceptedUpdateCompletedWorkflow")
            ),
            NotRunning,
        ),
        (WorkflowUpdateFailedError(ValueError("broken")), Refused),
    ],
)
async def test_what_the_sdk_raises_is_translated(raised: Exception, expected: type[Exception]):
    calls, client = gateway(raising(raised))
    with pytest.raises(expected):
        await calls.cancel("c1")
    assert client.workflow_id == "call-c1"


async def test_a_refusal_keeps_its_type():
    refusal = WorkflowUpdateFailedError(ApplicationError("no", type="not_live"))
    with pytest.raises(Refused) as caught:
        await gateway(raising(refusal))[0].hang_up("c1")
    assert caught.value.kind == "not_live"


async def test_a_namespace_that_is_missing_counts_as_away_for_a_start():
    with pytest.raises(TemporalAway):
        await gateway(raising(rpc(RPCStatusCode.NOT_FOUND)))[0].start(CALL)


async def test_a_server_that_hangs_counts_as_away(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(temporal_client, "HARD_LIMIT", 0.05)
    calls, client = gateway()

    async def hang(*_: Any, **__: Any) -> None:
        await asyncio.sleep(60)

    monkeypatch.setattr(client, "signal", hang)
    with pytest.raises(TemporalAway):
        await calls.carrier_event("c1", CarrierNews(1, NewsKind.MACHINE))


async def test_the_end_of_a_leg_completes_its_dial():
    calls, client = gateway()
    await calls.carrier_event("c1", CarrierNews(2, NewsKind.ENDED))
    assert client.dial == ("call-c1", "dial-2")
    assert [said[0] for said in client.asked] == [DialResult(DialKind.OVER)]


async def test_the_end_of_a_leg_whose_dial_nobody_waits_for_is_signaled(
    monkeypatch: pytest.MonkeyPatch,
):
    calls, client = gateway()

    async def gone(*_: Any, **__: Any) -> None:
        raise rpc(RPCStatusCode.NOT_FOUND)

    monkeypatch.setattr(client, "complete", gone)
    await calls.carrier_event("c1", CarrierNews(2, NewsKind.ENDED))
    [(signal, more)] = client.asked
    assert signal == names.CARRIER_EVENT
    assert more["args"] == (CarrierNews(2, NewsKind.ENDED),)


@pytest.mark.parametrize(
    ("ages", "worker"), [([], False), ([300], False), ([300, 5], True), ([59], True)]
)
async def test_a_worker_is_there_if_it_polled_within_a_minute(ages: list[int], worker: bool):
    pollers = []
    for age in ages:
        seen = Timestamp()
        seen.FromDatetime(datetime.now(UTC) - timedelta(seconds=age))
        pollers.append(PollerInfo(last_access_time=seen))
    calls, _ = gateway(lambda: DescribeTaskQueueResponse(pollers=pollers))
    assert await calls.readiness() == Readiness(temporal=True, worker=worker)


async def test_without_temporal_neither_it_nor_a_worker_is_ready():
    calls, _ = gateway(raising(rpc(RPCStatusCode.UNAVAILABLE)))
    assert await calls.readiness() == Readiness(temporal=False, worker=False)


def test_priorities_map_to_temporals_with_five_in_the_middle():
    assert [priority_key(n) for n in range(11)] == [5, 5, 4, 4, 3, 3, 3, 2, 2, 1, 1]


async def test_a_campaign_is_started_or_nudged_by_one_request():
    calls, client = gateway()
    await calls.start_campaign("k1")
    name, start, more = client.asked[0]
    assert (name, start) == ("CampaignWorkflow", CampaignStart("k1"))
    assert (more["id"], more["start_signal"]) == ("campaign-k1", "nudge")
    assert more["id_conflict_policy"] is WorkflowIDConflictPolicy.USE_EXISTING
    assert more["id_reuse_policy"] is WorkflowIDReusePolicy.ALLOW_DUPLICATE
    await calls.nudge_campaign("k1")
    assert client.workflow_id == "campaign-k1"
    assert client.asked[1][0] == "nudge"


async def test_a_campaign_that_cannot_be_told_says_so():
    def fail() -> None:
        raise RPCError("no", RPCStatusCode.NOT_FOUND, b"")

    calls, _ = gateway(fail)
    with pytest.raises(NotRunning):
        await calls.nudge_campaign("k1")
    with pytest.raises(TemporalAway):
        await calls.start_campaign("k1")


async def test_a_call_that_is_not_to_be_made_yet_starts_as_queued():
    calls, client = gateway()
    await calls.start(Startable("c1", "g1", None, None, 5, waits=True))
    [(_, start, said)] = client.asked
    assert start.shown is CallStatus.QUEUED
    shown = [pair.value for pair in said["search_attributes"] if pair.key == names.STATUS]
    assert shown == ["Queued"]
