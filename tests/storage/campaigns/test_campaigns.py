"""Campaigns: the steps they may take, what their calls do then, and how they are counted."""

from typing import Any

import pytest
from sqlmodel import col, select

from policy.model.call import (
    AttemptResult,
    CallStatus,
    CampaignStatus,
    ContactState,
    Outcome,
    WaitingFor,
)
from policy.model.reasons import Reason
from storage.attempts import attempts
from storage.campaigns import campaigns, contacts
from storage.campaigns.campaigns import BadTransition
from storage.database.engine import Database
from storage.tables import Agent, Attempt, Call, Campaign, Event, Spending
from tests.statements import statements
from tests.storage import make
from tests.storage.campaigns.test_contacts import row
from tests.storage.make import NOW, later

DRAFT, RUNNING, PAUSED = CampaignStatus.DRAFT, CampaignStatus.RUNNING, CampaignStatus.PAUSED
COMPLETED, CANCELED = CampaignStatus.COMPLETED, CampaignStatus.CANCELED


async def step(db: Database, campaign: Campaign, to: CampaignStatus, at: float = 0, **why):
    async with db.write() as session:
        return await campaigns.set_status(session, campaign, to, later(at), **why)


async def events(db: Database) -> list[str]:
    async with db.read() as session:
        statement = select(Event.type).where(col(Event.call_id).is_(None))
        statement = statement.order_by(col(Event.event_id))
        return list((await session.exec(statement)).all())


@pytest.mark.parametrize(
    ("path", "told"),
    [
        ([RUNNING, COMPLETED], ["started", "completed"]),
        ([RUNNING, PAUSED, RUNNING, CANCELED], ["started", "paused", "resumed", "canceled"]),
        ([CANCELED], ["canceled"]),
        ([RUNNING, PAUSED, CANCELED], ["started", "paused", "canceled"]),
    ],
)
async def test_every_step_is_told(db: Database, path, told):
    campaign = await make.campaign_of_somebody(db)
    for status in path:
        campaign = await step(db, campaign, status)
    assert campaign.status is path[-1]
    assert await events(db) == [f"campaign.{name}" for name in ["created", *told]]


@pytest.mark.parametrize(
    ("path", "to"),
    [
        ([], PAUSED),
        ([], COMPLETED),
        ([], DRAFT),
        ([RUNNING], RUNNING),
        ([RUNNING, PAUSED], PAUSED),
        ([RUNNING, PAUSED], COMPLETED),
        ([RUNNING, COMPLETED], RUNNING),
        ([CANCELED], RUNNING),
    ],
)
async def test_other_steps_are_refused_and_change_nothing(db: Database, path, to):
    campaign = await make.campaign_of_somebody(db)
    for status in path:
        campaign = await step(db, campaign, status)
    with pytest.raises(BadTransition) as refused:
        await step(db, campaign, to)
    assert (refused.value.from_, refused.value.to) == (campaign.status, to)
    assert len(await events(db)) == 1 + len(path)


async def test_the_times_of_its_life_are_kept(db: Database):
    campaign = await make.campaign_of_somebody(db)
    await step(db, campaign, RUNNING, 1)
    tripped = await step(db, campaign, PAUSED, 2, reason=Reason.BREAKER_TRIPPED, detail="20 of 20")
    assert (tripped.reason, tripped.detail) == ("breaker_tripped", "20 of 20")
    assert tripped.paused_time == later(2)
    await step(db, campaign, RUNNING, 3)
    ended = await step(db, campaign, CANCELED, 4)
    assert (ended.started_time, ended.resumed_time) == (later(1), later(3))
    assert (ended.paused_time, ended.completed_time, ended.reason) == (None, later(4), None)
    assert "campaign.tripped" in await events(db)


async def test_a_campaign_is_its_accounts_only(db: Database):
    mine, theirs = await make.campaign_of_somebody(db), await make.campaign_of_somebody(db)
    async with db.read() as session:
        assert await campaigns.get(session, mine.account_id, theirs.campaign_id) is None
        rows, total = await campaigns.page(session, mine.account_id, [DRAFT], 0, 10)
        assert ([one.campaign_id for one in rows], total) == ([mine.campaign_id], 1)
        assert await campaigns.page(session, mine.account_id, [RUNNING], 0, 10) == ([], 0)


async def test_the_sweep_finds_running_campaigns_only(db: Database):
    first, second = await make.campaign_of_somebody(db), await make.campaign_of_somebody(db)
    await make.campaign_of_somebody(db)
    await step(db, first, RUNNING)
    await step(db, second, RUNNING)
    ids = sorted([first.campaign_id, second.campaign_id])
    async with db.read() as session:
        assert await campaigns.running(session, "", 10) == ids
        assert await campaigns.running(session, ids[0], 10) == ids[1:]


async def _call(db: Database, agent: Agent, campaign: Campaign, status: CallStatus, **changes):
    return await make.call(db, agent, campaign_id=campaign.campaign_id, status=status, **changes)


async def _own(db: Database) -> tuple[Agent, Campaign]:
    agent = await make.agent(db, await make.account(db))
    return agent, await make.campaign(db, agent)


async def test_a_cancel_reaches_calls_that_are_not_at_the_carrier_and_drops_contacts(db: Database):
    agent, campaign = await _own(db)
    statuses = list(CallStatus)
    made = [await _call(db, agent, campaign, status) for status in statuses]
    other = await make.call(db, agent)
    async with db.write() as session:
        await contacts.insert_rows(session, campaign.campaign_id, [row(1)])
        await campaigns.request_cancel_all(session, campaign.campaign_id)
    wanted = {CallStatus.CREATED, CallStatus.QUEUED, CallStatus.PENDING}
    for call, status in zip(made, statuses, strict=True):
        assert (await make.call_seen(db, call.call_id)).cancel_requested is (status in wanted)
    assert not (await make.call_seen(db, other.call_id)).cancel_requested
    async with db.read() as session:
        counts = await contacts.counts(session, campaign.campaign_id)
        open_ids = await campaigns.open_call_ids(session, campaign.campaign_id, "", 10)
    assert counts[ContactState.DROPPED] == 1
    still_open = sorted(call.call_id for call in made if not call.status.is_final)
    assert open_ids == still_open


async def test_a_change_reaches_calls_that_wait_and_no_others(db: Database):
    agent, campaign = await _own(db)
    waiting = await _call(db, agent, campaign, CallStatus.QUEUED)
    live = await _call(db, agent, campaign, CallStatus.IN_PROGRESS)
    async with db.write() as session:
        values = {"priority": 9, "call_deadline": later(60), "window_spec": {"start": "09:00"}}
        await campaigns.change_waiting_calls(session, campaign.campaign_id, values)
    changed = await make.call_seen(db, waiting.call_id)
    assert (changed.priority, changed.call_deadline) == (9, later(60))
    assert changed.window_spec == {"start": "09:00"}
    assert (await make.call_seen(db, live.call_id)).priority == 5


async def _dialed(db: Database, call: Call, result: AttemptResult, at: float, **changes) -> None:
    attempt = Attempt(
        call_id=call.call_id,
        account_id=call.account_id,
        number=1,
        token=make.new_sid(),
        to_endpoint=call.endpoint,
        from_endpoint=call.caller_id,
        result=result,
        dialed_at=later(at - 10),
        sending_at=later(at - 10),
        settled_at=later(at),
        **changes,
    )
    async with db.write() as session:
        session.add(attempt)


async def test_technical_failures_are_those_of_the_carrier_and_recent(db: Database):
    agent, campaign = await _own(db)
    results = [
        (AttemptResult.ANSWERED, 10),
        (AttemptResult.BUSY, 10),
        (AttemptResult.INVALID, 10),
        (AttemptResult.NETWORK_ERROR, 10),
        (AttemptResult.REFUSED, 10),
        (AttemptResult.UNKNOWN, 10),
        (AttemptResult.THROTTLED, 10),
        (AttemptResult.NOT_SENT, 10),
        (AttemptResult.ACCOUNT_REFUSED, 10),
        (AttemptResult.NETWORK_ERROR, -200),
    ]
    for result, at in results:
        await _dialed(db, await _call(db, agent, campaign, CallStatus.QUEUED), result, at)
    await _dialed(db, await make.call(db, agent), AttemptResult.NETWORK_ERROR, 10)
    async with db.read() as session:
        found = await campaigns.technical_failures(session, campaign.campaign_id, NOW)
    assert found == (6, 3)


async def test_progress_counts_contacts_calls_and_dials(db: Database):
    agent, campaign = await _own(db)
    async with db.write() as session:
        await contacts.insert_rows(session, campaign.campaign_id, [row(1), row(2)])
    for waiting_for in WaitingFor:
        await _call(db, agent, campaign, CallStatus.QUEUED, waiting_for=waiting_for)
    done = {"outcome": Outcome.COMPLETED, "completed_time": later(10)}
    ended = await _call(db, agent, campaign, CallStatus.COMPLETED, **done)
    await _dialed(db, ended, AttemptResult.ANSWERED, 10, duration_seconds=40)
    whose = {"account_id": agent.account_id, "campaign_id": campaign.campaign_id}
    async with db.write() as session:
        session.add(Spending(**whose, spent=1500))
    async with db.read() as session:
        found = await campaigns.progress(session, campaign.campaign_id, later(20))
    assert found.contacts[ContactState.STAGED] == 2
    assert found.statuses[CallStatus.QUEUED] == 3
    assert found.outcomes == {Outcome.COMPLETED: 1}
    assert (found.waiting_slot, found.waiting_window, found.waiting_retry) == (1, 1, 1)
    assert (found.attempts, found.spent, found.average_seconds) == (1, 1500, 40.0)
    assert (found.in_flight, found.open_calls, found.last_in_flight_ends_by) == (0, 3, None)
    assert found.ended_last_5_minutes == 1
    async with db.read() as session:
        long_after = await campaigns.progress(session, campaign.campaign_id, later(4000))
    assert long_after.ended_last_5_minutes == 0


async def test_the_last_call_in_flight_ends_when_its_ringing_and_talking_must(db: Database):
    agent, campaign = await _own(db)
    limits: dict[str, Any] = {
        "ring_timeout": 30,
        "max_duration": 600,
        "campaign_id": campaign.campaign_id,
    }
    ringing = await make.call(db, agent, **limits, endpoint="+12125550101")
    talking = await make.call(db, agent, **limits, endpoint="+12125550102")
    await make.sent(db, ringing)
    attempt = await make.sent(db, talking)
    async with db.read() as session:
        both = await campaigns.progress(session, campaign.campaign_id, later(20))
    assert both.in_flight == 2
    assert both.last_in_flight_ends_by == later(630)
    async with db.write() as session:
        row_ = await attempts.reload(session, attempt)
        row_.answered_at = later(100)
        session.add(row_)
    async with db.read() as session:
        found = await campaigns.progress(session, campaign.campaign_id, later(120))
    assert found.last_in_flight_ends_by == later(700)


async def test_a_campaign_of_nothing_has_a_progress_of_nothing(db: Database):
    campaign = await make.campaign_of_somebody(db)
    async with db.read() as session:
        found = await campaigns.progress(session, campaign.campaign_id, NOW)
        assert await campaigns.technical_failures(session, campaign.campaign_id, NOW) == (0, 0)
    assert (found.attempts, found.spent, found.average_seconds) == (0, 0, None)
    assert sum(found.contacts.values()) == sum(found.statuses.values()) == 0


async def test_a_deleted_draft_takes_its_contacts_with_it(db: Database):
    campaign = await make.campaign_of_somebody(db)
    async with db.write() as session:
        await contacts.insert_rows(session, campaign.campaign_id, [row(1)])
    async with db.write() as session:
        found = await campaigns.load(session, campaign.campaign_id)
        assert found is not None
        await campaigns.delete_draft(session, found)
    async with db.read() as session:
        assert await campaigns.load(session, campaign.campaign_id) is None
        assert await contacts.page(session, campaign.campaign_id, [], 0, 10) == ([], 0)


async def test_a_campaign_is_held_with_one_query_and_by_its_own_account_only(db: Database) -> None:
    owner = await make.agent(db, await make.account(db))
    campaign = await make.campaign(db, owner)
    async with db.write() as session:
        with statements(db) as sent:
            held = await campaigns.hold(session, owner.account_id, campaign.campaign_id)
            assert await campaigns.lock(session, campaign.campaign_id) is held
    assert held is not None
    asked = [one for one in sent if "FROM campaign" in one.text]
    assert len(asked) == 1
    assert ("FOR NO KEY UPDATE" in asked[0].text) is (db.dialect == "postgresql")
    async with db.write() as session:
        assert await campaigns.hold(session, "somebody else", campaign.campaign_id) is None
