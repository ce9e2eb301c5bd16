"""A campaign fans out its contacts, holds to its caps, and ends; told on the real dev server."""

import asyncio
from contextlib import suppress
from typing import Any

import pytest
from temporalio.client import WorkflowContinuedAsNewError
from temporalio.service import RPCError

from activities.campaign_feed import IDLE
from activities.clock import utcnow
from contracts import names
from contracts.workflow_start import start_campaign
from policy.model.call import CampaignStatus, ContactState, Outcome
from storage import goals
from storage.attempts import attempts
from storage.campaigns import campaigns, contacts, goal_checks
from storage.campaigns.contacts import ContactRow
from storage.dispatch import leases
from storage.tables import Attempt, Campaign
from tests.wait import until
from tests.workflows.bench import Bench, dispatching

pytestmark = pytest.mark.asyncio(loop_scope="session")

HUMAN = {"answer": {"by": "human"}}
STAYS = {"answer": {"by": "human", "stay": True}}


async def running_campaign(bench: Bench, size: int, **columns: Any) -> Campaign:
    agent = await bench.agent()
    now = utcnow()
    campaign = Campaign(
        account_id=bench.account.account_id,
        agent_id=agent.agent_id,
        name="tests",
        timezone="America/New_York",
        created_time=now,
        updated_time=now,
        **columns,
    )
    rows = [
        ContactRow(row_number=n, endpoint=f"+1212555{n:04d}", timezone="America/New_York")
        for n in range(size)
    ]
    async with bench.db.write() as session:
        await campaigns.add(session, campaign)
        await contacts.insert_rows(session, campaign.campaign_id, rows)
        await goals.keep_counters(session, campaign)
        await campaigns.set_status(session, campaign, CampaignStatus.RUNNING, now)
    return campaign


def stays_on_the_line(bench: Bench, size: int) -> None:
    for n in range(size):
        bench.carrier.script(f"+1212555{n:04d}", [STAYS])


async def status_of(bench: Bench, campaign: Campaign) -> CampaignStatus:
    async with bench.db.read() as session:
        row = await campaigns.load(session, campaign.campaign_id)
        assert row is not None
        return row.status


async def until_status(bench: Bench, campaign: Campaign, wanted: CampaignStatus) -> None:
    async def reached() -> bool:
        return await status_of(bench, campaign) is wanted

    await until(reached, f"campaign {wanted}")


async def test_every_contact_is_called_once_and_the_campaign_completes(plain_bench: Bench) -> None:
    campaign = await running_campaign(plain_bench, 40, max_concurrent=10)
    async with dispatching(plain_bench):
        await start_campaign(plain_bench.client, campaign.campaign_id)
        await until_status(plain_bench, campaign, CampaignStatus.COMPLETED)
    called = [request.to for request in plain_bench.carrier.dials]
    assert len(called) == len(set(called)) == 40
    async with plain_bench.db.read() as session:
        progress = await campaigns.progress(session, campaign.campaign_id, utcnow())
        assert await leases.live(session, utcnow()) == []
    assert progress.outcomes == {Outcome.COMPLETED: 40}
    await _no_history_grew_with_the_contacts(plain_bench, campaign)


async def test_a_campaign_ends_when_its_goal_is_reached_and_the_rest_is_never_called(
    plain_bench: Bench,
) -> None:
    goal = {"outcomes": ["completed"], "target": 6}
    campaign = await running_campaign(plain_bench, 60, max_concurrent=3, goal_spec=goal)
    async with dispatching(plain_bench):
        await start_campaign(plain_bench.client, campaign.campaign_id)
        await until_status(plain_bench, campaign, CampaignStatus.COMPLETED)
    async with plain_bench.db.read() as session:
        row = await campaigns.load(session, campaign.campaign_id)
        progress = await campaigns.progress(session, campaign.campaign_id, utcnow())
        spared = await goal_checks.never_called(session, campaign.campaign_id)
    assert row is not None
    assert row.reason == "goal_reached"
    reached = progress.outcomes[Outcome.COMPLETED]
    assert 6 <= reached <= 6 + 3
    assert len(plain_bench.carrier.dials) == reached
    assert spared == 60 - reached


async def _no_history_grew_with_the_contacts(plain_bench: Bench, campaign: Campaign) -> None:
    query = f"WorkflowId = '{names.campaign_workflow_id(campaign.campaign_id)}'"
    lengths = [run.history_length or 0 async for run in plain_bench.client.list_workflows(query)]
    assert len(lengths) > 1
    assert max(lengths) < 400


async def test_a_campaign_runs_ahead_of_its_slots_only_by_its_window(plain_bench: Bench) -> None:
    campaign = await running_campaign(plain_bench, 100, max_concurrent=2)
    stays_on_the_line(plain_bench, 100)
    await start_campaign(plain_bench.client, campaign.campaign_id)

    async def called() -> int:
        async with plain_bench.db.read() as session:
            return (await contacts.counts(session, campaign.campaign_id))[ContactState.CALLED]

    async def filled() -> bool:
        return await called() >= 20

    await until(filled, "the window is full")
    await asyncio.sleep(IDLE + 1)  # Another look, and it stays so.
    assert await called() == 20
    assert len(plain_bench.carrier.dials) <= 2
    await cancel(plain_bench, campaign)


async def until_live(bench: Bench) -> None:
    """Until the first call that was dialed knows of its leg."""

    async def dialed() -> Attempt | None:
        tokens = [leg.token for leg in bench.carrier.legs]
        async with bench.db.write() as session:
            held = await attempts.hold_by_token(session, tokens[0]) if tokens else None
        return None if held is None else held[1]

    attempt = await until(dialed, "somebody is dialed")
    await bench.until(bench.handle(attempt.call_id), lambda progress: progress.live_attempt == 1)


async def result_of(bench: Bench, campaign: Campaign) -> None:
    workflow_id = names.campaign_workflow_id(campaign.campaign_id)
    await bench.client.get_workflow_handle(workflow_id).result()


async def cancel(bench: Bench, campaign: Campaign) -> None:
    async with bench.db.write() as session:
        await campaigns.set_status(session, campaign, CampaignStatus.CANCELED, utcnow())
        await campaigns.request_cancel_all(session, campaign.campaign_id)
    await start_campaign(bench.client, campaign.campaign_id)


async def test_a_canceled_campaign_dials_nobody_any_more_and_its_calls_end(
    plain_bench: Bench,
) -> None:
    campaign = await running_campaign(plain_bench, 30, max_concurrent=1)
    stays_on_the_line(plain_bench, 30)
    async with dispatching(plain_bench):
        await start_campaign(plain_bench.client, campaign.campaign_id)
        await until_live(plain_bench)
    await cancel(plain_bench, campaign)
    await plain_bench.carrier.end(plain_bench.carrier.legs[0].sid)
    await result_of(plain_bench, campaign)
    async with plain_bench.db.read() as session:
        progress = await campaigns.progress(session, campaign.campaign_id, utcnow())
    assert len(plain_bench.carrier.dials) == 1
    assert progress.outcomes.get(Outcome.CANCELED, 0) + 1 == sum(progress.outcomes.values())


async def test_a_canceled_campaign_lets_no_phone_ring_on(plain_bench: Bench) -> None:
    campaign = await running_campaign(plain_bench, 1)
    plain_bench.carrier.script("+12125550000", ["rings"])
    async with dispatching(plain_bench):
        await start_campaign(plain_bench.client, campaign.campaign_id)
        await until_live(plain_bench)
    await cancel(plain_bench, campaign)
    await result_of(plain_bench, campaign)
    async with plain_bench.db.read() as session:
        progress = await campaigns.progress(session, campaign.campaign_id, utcnow())
    assert not plain_bench.carrier.legs[0].is_live
    assert progress.outcomes == {Outcome.CANCELED: 1}


async def test_a_carrier_that_fails_trips_the_breaker(plain_bench: Bench) -> None:
    campaign = await running_campaign(plain_bench, 60, max_concurrent=30)
    for n in range(60):
        plain_bench.carrier.script(f"+1212555{n:04d}", ["failed"])
    async with dispatching(plain_bench):
        await start_campaign(plain_bench.client, campaign.campaign_id)
        await until_status(plain_bench, campaign, CampaignStatus.PAUSED)
    async with plain_bench.db.read() as session:
        row = await campaigns.load(session, campaign.campaign_id)
    assert row is not None
    assert row.reason == "breaker_tripped"
    assert "failed technically" in (row.detail or "")
    await cancel(plain_bench, campaign)


async def test_a_campaign_is_paused_resumed_and_canceled_from_the_command_line(
    plain_bench: Bench,
) -> None:
    campaign = await running_campaign(plain_bench, 5, max_concurrent=0)
    await start_campaign(plain_bench.client, campaign.campaign_id)
    handle = plain_bench.client.get_workflow_handle(
        names.campaign_workflow_id(campaign.campaign_id)
    )
    await handle.signal(names.PAUSE)
    await until_status(plain_bench, campaign, CampaignStatus.PAUSED)
    await handle.signal(names.RESUME)
    await until_status(plain_bench, campaign, CampaignStatus.RUNNING)
    await handle.signal(names.CANCEL)
    await until_status(plain_bench, campaign, CampaignStatus.CANCELED)
    # What the status does not allow changes nothing.
    with suppress(RPCError):
        await handle.signal(names.RESUME)
    with suppress(WorkflowContinuedAsNewError):
        await handle.result()
    assert await status_of(plain_bench, campaign) is CampaignStatus.CANCELED
    assert plain_bench.carrier.dials == []
