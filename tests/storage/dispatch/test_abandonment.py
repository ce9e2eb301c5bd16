"""A campaign that nears its limit of abandoned calls is slowed, and told why."""

from datetime import timedelta
from typing import Any

import pytest

from policy.dispatch.slots import Slot
from policy.model.call import CampaignStatus, Outcome
from policy.transfers.targets import TransferState
from storage import abandonment
from storage.campaigns import campaigns
from storage.database.engine import Database
from storage.dispatch import leases
from storage.tables import Agent, Campaign, Pathway, Transfer
from tests.statements import statements
from tests.storage import make

LIFETIME = timedelta(minutes=30)


async def _campaign(db: Database, *, hands_over: bool, **changes: Any) -> tuple[Agent, Campaign]:
    account = await make.account(db, max_concurrent=50, calls_per_minute=600)
    pathway = Pathway(
        account_id=account.account_id,
        name="desk",
        kind="script",
        hands_over=hands_over,
        created_time=make.NOW,
        updated_time=make.NOW,
    )
    async with db.write() as session:
        session.add(pathway)
    agent = await make.agent(db, account, pathway_id=pathway.pathway_id)
    values = {"status": CampaignStatus.RUNNING, **changes}
    return agent, await make.campaign(db, agent, **values)


async def _put_through(
    db: Database, agent: Agent, campaign: Campaign, answered: int, abandoned: int, **changes: Any
) -> None:
    call = await make.call(db, agent, campaign_id=campaign.campaign_id)
    attempt = await make.planned(db, call)
    async with db.write() as session:
        for n in range(answered):
            row = Transfer(
                account_id=call.account_id,
                call_id=call.call_id,
                campaign_id=campaign.campaign_id,
                attempt_id=attempt.attempt_id,
                attempt_number=1,
                place=f"{n}:desk",
                node="desk",
                target_name="desk",
                state=TransferState.COMPLETED,
                abandoned=n < abandoned,
                **{"jurisdiction": "US-NY", "asked_at": make.NOW, **changes},
            )
            session.add(row)
    await make.decide(db, call.call_id, make.end(Outcome.COMPLETED))


async def _taken(
    db: Database, agent: Agent, campaign: Campaign, tries: int, **changes: Any
) -> tuple[int, str]:
    """How many of so many calls get a slot, and what the last one is told."""
    taken, told = 0, ""
    for _ in range(tries):
        call = await make.call(db, agent, campaign_id=campaign.campaign_id, **changes)
        async with db.write() as session:
            verdict = await leases.take(session, call, 1, make.NOW, lifetime=LIFETIME)
        if verdict.slot is Slot.TAKEN:
            taken += 1
        else:
            told = verdict.detail
    return taken, told


@pytest.mark.parametrize(
    ("answered", "abandoned", "most"), [(0, 0, 1), (100, 0, 3), (200, 2, 4), (20, 2, 0)]
)
async def test_no_more_are_in_flight_than_can_be_abandoned_within_the_limit(
    db: Database, answered: int, abandoned: int, most: int
):
    agent, campaign = await _campaign(db, hands_over=True)
    if answered:
        await _put_through(db, agent, campaign, answered, abandoned)
    taken, told = await _taken(db, agent, campaign, most + 1)
    assert taken == most
    if answered:
        assert f"{abandoned} of {answered} people who answered in US within 30 days" in told
    else:
        assert "one by one" in told


async def test_what_is_older_than_the_limits_time_counts_no_more(db: Database):
    agent, campaign = await _campaign(db, hands_over=True)
    before = {"asked_at": make.NOW - timedelta(days=30, seconds=1)}
    await _put_through(db, agent, campaign, 20, 10, **before)
    assert (await _taken(db, agent, campaign, 2))[0] == 1


async def test_a_limit_of_a_day_is_counted_over_a_day(db: Database):
    agent, campaign = await _campaign(db, hands_over=True)
    yesterday = {"jurisdiction": "GB", "asked_at": make.NOW - timedelta(hours=25)}
    await _put_through(db, agent, campaign, 200, 50, **yesterday)
    assert (await _taken(db, agent, campaign, 2))[0] == 1


async def test_a_campaign_that_puts_nobody_through_unasked_is_not_slowed_and_asks_nothing(
    db: Database,
):
    agent, campaign = await _campaign(db, hands_over=False)
    with statements(db) as sent:
        taken, _ = await _taken(db, agent, campaign, 5)
    assert taken == 5
    assert not [one for one in sent if "FROM transfer" in one]


async def test_an_own_cap_that_is_lower_still_holds(db: Database):
    agent, campaign = await _campaign(db, hands_over=True, max_concurrent=2)
    await _put_through(db, agent, campaign, 1000, 0)
    taken, told = await _taken(db, agent, campaign, 3)
    assert taken == 2
    assert "answered" not in told


IN_LONDON = "+442079460123"


async def test_a_country_in_which_nobody_answered_yet_is_begun_with_one_call_at_a_time(
    db: Database,
):
    agent, campaign = await _campaign(db, hands_over=True)
    await _put_through(db, agent, campaign, 1000, 0)
    # Nobody there is called: what became of those there does not hold the others.
    await _put_through(db, agent, campaign, 20, 1, jurisdiction="CA-ON")
    assert (await _taken(db, agent, campaign, 2))[0] == 2
    taken, told = await _taken(db, agent, campaign, 1, endpoint=IN_LONDON)
    assert (taken, "nobody in GB has been put through" in told) == (0, True)
    # That call waits, so it is still one of those that may be made at any moment.
    assert (await _taken(db, agent, campaign, 1))[0] == 0


@pytest.mark.parametrize("by", ["variant", "step", "agent of a step"])
async def test_a_campaign_is_watched_for_whatever_pathway_its_calls_may_come_to(
    db: Database, by: str
):
    agent, campaign = await _campaign(db, hands_over=False)
    other, _ = await _campaign(db, hands_over=True)
    said = (
        {"agentId": other.agent_id} if by == "agent of a step" else {"pathwayId": other.pathway_id}
    )
    async with db.write() as session:
        row = await campaigns.lock(session, campaign.campaign_id)
        assert row is not None
        if by == "variant":
            variants = [{"name": "a"}, {"name": "b", **said}]
            row.split_spec = {"variants": variants, "success": ["confirmed"]}
        else:
            row.steps_spec = {"next": {"any": "on"}, "steps": {"on": {"kind": "call", **said}}}
        session.add(row)
    taken, told = await _taken(db, agent, campaign, 2)
    assert (taken, "one by one" in told) == (1, True)
    async with db.read() as session:
        assert await abandonment.is_watched(session, campaign)
