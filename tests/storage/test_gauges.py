"""What the metrics say of the database: what there is, in few queries, and few labels."""

from datetime import timedelta
from typing import Any

import pytest
from sqlmodel import update

from contracts.names import LOOPS
from observability.metrics import FROM_DATABASE, Samples
from policy.model.call import CallStatus, CampaignStatus, WaitingFor
from storage import gauges, loop_leases
from storage.attempts import workers
from storage.database.engine import Database
from storage.tables import Campaign, Lease, Webhook
from tests.statements import statements
from tests.storage import make
from tests.storage.make import NOW, later

QUEUED: dict[str, Any] = {"status": CallStatus.QUEUED, "waiting_for": WaitingFor.SLOT}
_WEBHOOKS: list[dict[str, Any]] = [
    {},
    {"failing_since": NOW},
    {"is_enabled": False, "failing_since": NOW},
]


async def read(db: Database, seconds: float = 0) -> Samples:
    async with db.browse() as session:
        return await gauges.read(session, later(seconds), LOOPS)


async def become(db: Database, status: CampaignStatus) -> None:
    async with db.write() as session:
        await session.exec(update(Campaign).values(status=status))


async def test_every_metric_is_read_with_the_labels_that_it_has(db: Database):
    await make.call_of_somebody(db, **QUEUED, queued_at=NOW, priority=9)
    found = await read(db)
    labels = {one.name: len(one.labels) for one in FROM_DATABASE}
    # What `server` adds: it is about the rules, or about the reading itself.
    for name in ("trunkline_database_read", "trunkline_rules_unreviewed"):
        del labels[name]
    assert found.keys() == labels.keys()
    for name, samples in found.items():
        assert {len(values) for values in samples} <= {labels[name]}


async def test_what_waits_for_a_slot_is_shown_by_agent_and_priority(db: Database):
    owner = await make.account(db)
    first, second = await make.agent(db, owner), await make.agent(db, owner)
    await make.call(db, first, **QUEUED, queued_at=NOW, priority=9)
    await make.call(db, first, **QUEUED, queued_at=later(30), priority=8)
    await make.call(db, second, **QUEUED, queued_at=later(50), priority=5)
    found = await read(db, 60)
    assert found["trunkline_queue_calls"] == {
        (first.agent_id, "8-9"): 2,
        (second.agent_id, "5"): 1,
    }
    oldest = found["trunkline_queue_oldest_seconds"]
    assert (oldest["8-9",], oldest["5",], oldest["10",]) == (60, 10, 0)
    assert found["trunkline_calls"]["Queued",] == 3
    assert found["trunkline_calls_waiting"]["slot",] == 3


async def test_agents_beyond_a_number_are_one_label(db: Database, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(gauges, "MOST_AGENTS", 1)
    owner = await make.account(db)
    large, small, smaller = [await make.agent(db, owner) for _ in range(3)]
    for by in (large, large, small, smaller):
        await make.call(db, by, **QUEUED, queued_at=NOW)
    found = (await read(db))["trunkline_queue_calls"]
    assert found == {(large.agent_id, "5"): 2, ("other", "5"): 2}


async def test_calls_of_a_paused_campaign_are_not_in_the_queue(db: Database):
    by = await make.agent(db, await make.account(db))
    campaign = await make.campaign(db, by)
    waiting: dict[str, Any] = {**QUEUED, "queued_at": NOW, "campaign_id": campaign.campaign_id}
    await make.call(db, by, **waiting)
    await become(db, CampaignStatus.RUNNING)
    assert sum((await read(db))["trunkline_queue_calls"].values()) == 1
    await become(db, CampaignStatus.PAUSED)
    assert (await read(db))["trunkline_queue_calls"] == {}


async def test_a_call_without_a_workflow_is_seen_once_it_should_have_one(db: Database):
    await make.call_of_somebody(db)
    name = "trunkline_calls_without_workflow"
    assert (await read(db, 59))[name] == {(): 0}
    assert (await read(db, 61))[name] == {(): 1}


async def test_leases_are_live_or_expired_until_they_are_given_back(db: Database):
    call = await make.call_of_somebody(db)
    common: dict[str, Any] = {
        "account_id": call.account_id,
        "agent_id": call.agent_id,
        "call_id": call.call_id,
    }
    async with db.write() as session:
        for number, (ends, released) in enumerate([(60, None), (5, None), (5, 7)]):
            session.add(
                Lease(
                    **common,
                    attempt_number=number,
                    granted_at=NOW,
                    expires_at=later(ends),
                    released_at=None if released is None else later(released),
                )
            )
    assert (await read(db, 10))["trunkline_leases"] == {("live",): 1, ("expired",): 1}


async def test_webhooks_are_well_or_failing_or_disabled(db: Database):
    owner = await make.account(db)
    times: dict[str, Any] = {"created_time": NOW, "updated_time": NOW}
    async with db.write() as session:
        for changes in _WEBHOOKS:
            session.add(
                Webhook(
                    account_id=owner.account_id, url="https://a.example", secret="s",
                    **times, **changes,
                )
            )  # fmt: skip
    found = await read(db)
    assert found["trunkline_webhooks"] == {("ok",): 1, ("failing",): 1, ("disabled",): 1}
    assert found["trunkline_webhook_overdue_seconds"] == {(): 0}


async def test_a_loop_that_nobody_holds_is_there_with_nought(db: Database):
    async with db.write() as session:
        await loop_leases.hold(session, "w1", ["sweep"])
        await workers.beat(session, "w1", NOW)
    found = await read(db, 1)
    assert found["trunkline_loop_held"]["sweep",] == 1
    assert found["trunkline_loop_held"]["watch",] == 0
    assert found["trunkline_workers"] == {(): 1}
    gone = timedelta(seconds=1) + gauges.PRESENT
    assert (await read(db, gone.total_seconds()))["trunkline_workers"] == {(): 0}


async def test_all_of_it_takes_a_dozen_statements_however_much_there_is(db: Database):
    owner = await make.account(db)
    for _ in range(3):
        by = await make.agent(db, owner)
        for priority in (1, 5, 9):
            await make.call(db, by, **QUEUED, queued_at=NOW, priority=priority)
    with statements(db) as sent:
        async with db.read() as session:
            await gauges.read(session, NOW, LOOPS)
    assert len([one for one in sent if one.text.lstrip().startswith("SELECT")]) <= 12
