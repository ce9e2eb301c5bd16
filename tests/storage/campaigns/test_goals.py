"""A goal stops its campaign: no slot from then on, and no more over it than was in flight."""

from collections.abc import Mapping
from datetime import timedelta
from random import Random
from typing import Any

import pytest
from sqlmodel import col, select

from policy.model.call import CallStatus, CampaignStatus, ContactState, Outcome
from policy.model.reasons import Reason
from policy.transfers.targets import TransferState
from storage import goals
from storage.calls import calls
from storage.calls.startable import in_queue
from storage.campaigns import campaigns, contacts, goal_checks
from storage.campaigns.contacts import ContactRow
from storage.database.engine import Database
from storage.dispatch import leases
from storage.tables import Agent, Call, Campaign, Event, Transfer
from storage.transfers import transfers
from tests.storage import make
from tests.storage.make import NOW, later

TTL = timedelta(seconds=15)
FIFTY: dict[str, Any] = {"outcomes": ["confirmed"], "target": 40}
REGIONS = {
    "outcomes": ["confirmed"],
    "variable": "region",
    "quotas": {"north": 2, "south": 3},
}


class Fault(Exception):
    pass


async def running(db: Database, goal: Mapping[str, Any], **changes: Any) -> tuple[Agent, Campaign]:
    agent = await make.agent(db, await make.account(db, max_concurrent=1000))
    campaign = await make.campaign(db, agent, goal_spec=dict(goal), **changes)
    async with db.write() as session:
        row = await campaigns.set_status(session, campaign, CampaignStatus.RUNNING, NOW)
        await goals.keep_counters(session, row)
    return agent, campaign


async def waiting(db: Database, agent: Agent, campaign: Campaign, contexts: list[Any]) -> None:
    rows = [
        make.unsaved_call(
            agent, campaign_id=campaign.campaign_id, context=context, **in_queue(None, NOW)
        )
        for context in contexts
    ]
    async with db.write() as session:
        await calls.insert_many(session, rows, NOW)


async def granted(db: Database, agent: Agent, at: float, take: int = 50) -> list[str]:
    async with db.write() as session:
        found = await leases.grant(session, agent.account_id, later(at), ttl=TTL, take=take)
    return [one.call_id for one in found]


async def ended(
    db: Database, call_id: str, outcome: Outcome, at: float, *, dies: bool = False
) -> None:
    """As a decision ends a call: its slot given back under the account's lock, then its end.

    `dies`: the worker does before it commits.
    """
    async with db.write() as session:
        call = await calls.lock(session, call_id)
        assert call is not None
        await leases.release(session, call_id, later(at))
        await calls.apply_decision(session, call, make.end(outcome), later(at))
        if dies:
            raise Fault


async def counted(db: Database, campaign: Campaign) -> dict[str, int]:
    async with db.read() as session:
        found = await goals.found(session, [campaign.campaign_id])
    return found.get(campaign.campaign_id, {})


@pytest.mark.parametrize("seed", range(2))
async def test_it_goes_over_by_no_more_than_what_was_in_flight(db: Database, seed: int) -> None:
    """Fifty at once, workers that die before they commit, slots that nobody takes up."""
    agent, campaign = await running(db, FIFTY, max_concurrent=50)
    await waiting(db, agent, campaign, [{}] * 160)
    luck, flying, at, reached_with = Random(seed), set[str](), 0.0, -1
    while (flying or reached_with < 0) and at < 2000:
        at += 1
        new = await granted(db, agent, at, take=luck.randint(1, 50))
        assert not (new and reached_with >= 0), "a slot was given after the goal was reached"
        lost = {one for one in new if luck.random() < 0.1}  # They expire, and go to others.
        flying |= {*new} - lost
        for call_id in luck.sample(sorted(flying), min(len(flying), luck.randint(0, 20))):
            outcome = luck.choice([Outcome.CONFIRMED, Outcome.NO_ANSWER])
            try:
                await ended(db, call_id, outcome, at, dies=luck.random() < 0.2)
            except Fault:
                continue
            flying.discard(call_id)
            if reached_with < 0 and (await counted(db, campaign))[""] >= FIFTY["target"]:
                reached_with = len(flying)
    assert reached_with >= 0, "the goal was never reached"
    assert 40 <= (await counted(db, campaign))[""] <= 40 + reached_with <= 40 + 50


async def test_a_full_segment_gets_no_slot_and_the_others_go_on(db: Database) -> None:
    agent, campaign = await running(db, REGIONS)
    await waiting(db, agent, campaign, [{"region": "north"}] * 4)
    for call_id in await granted(db, agent, 1, take=2):
        await ended(db, call_id, Outcome.CONFIRMED, 2)
    assert await counted(db, campaign) == {"north": 2, "south": 0}
    await waiting(db, agent, campaign, [{"region": "south"}] * 2)
    given = await granted(db, agent, 3)
    async with db.read() as session:
        rows = (await session.exec(select(Call).where(col(Call.call_id).in_(given)))).all()
    assert [row.context["region"] for row in rows] == ["south", "south"]


async def test_an_outcome_that_changes_is_counted_once(db: Database) -> None:
    agent, campaign = await running(db, FIFTY)
    await waiting(db, agent, campaign, [{}] * 2)
    first, second = await granted(db, agent, 1)
    await ended(db, first, Outcome.CONFIRMED, 2)
    await ended(db, second, Outcome.DECLINED, 2)
    assert await counted(db, campaign) == {"": 1}
    async with db.write() as session:
        row = await calls.lock(session, first)
        assert row is not None
        row.outcome = Outcome.DECLINED
        session.add(row)
    assert await counted(db, campaign) == {"": 0}


async def test_whoever_was_put_through_counts_once_however_their_call_ends(db: Database) -> None:
    goal = {"outcomes": ["confirmed"], "transferredTo": ["sales"], "target": 9}
    by_region = {**goal, "variable": "region", "quotas": {"north": 5}}
    agent, campaign = await running(db, by_region)
    _, any_target = await running(db, {"transferredTo": ["*"], "target": 5})

    async def put_through(of: Campaign, target: str, outcome: Outcome | None, region: str) -> None:
        context = {"region": region}
        call = await make.call(db, agent, campaign_id=of.campaign_id, context=context)
        attempt = await make.planned(db, call)
        for place in ("1:a", "2:b"):
            row = Transfer(
                account_id=call.account_id,
                call_id=call.call_id,
                campaign_id=of.campaign_id,
                attempt_id=attempt.attempt_id,
                attempt_number=1,
                place=place,
                node="desk",
                target_name=target,
                state=TransferState.DIALING,
                asked_at=NOW,
            )
            async with db.write() as session:
                held = await calls.lock(session, call.call_id)
                assert held is not None
                session.add(row)
                await session.flush()
                await transfers.connect(session, held, row, later(1))
        if outcome is not None:
            await ended(db, call.call_id, outcome, 2)

    await put_through(campaign, "sales", None, "north")
    assert await counted(db, campaign) == {"": 1, "north": 1}
    await put_through(campaign, "sales", Outcome.CONFIRMED, "north")
    await put_through(campaign, "sales", Outcome.COMPLETED, "south")
    await put_through(campaign, "support", Outcome.COMPLETED, "north")
    await put_through(campaign, "support", Outcome.CONFIRMED, "north")
    assert await counted(db, campaign) == {"": 4, "north": 3}
    await put_through(any_target, "support", Outcome.COMPLETED, "north")
    assert await counted(db, any_target) == {"": 1}
    async with db.write() as session:
        row = await campaigns.lock(session, campaign.campaign_id)
        assert row is not None
        await goals.keep_counters(session, row)
    assert (await counted(db, campaign))[""] == 4


async def test_once_it_is_reached_nobody_waits_any_more_and_it_is_told_once(db: Database) -> None:
    agent, campaign = await running(db, {"outcomes": ["confirmed"], "target": 1})
    people = [ContactRow(row_number=n, endpoint=f"+1212555{n:04d}") for n in range(7)]
    async with db.write() as session:
        await contacts.insert_rows(session, campaign.campaign_id, people)
    await waiting(db, agent, campaign, [{}] * 3)
    (first,) = await granted(db, agent, 1, take=1)
    await ended(db, first, Outcome.CONFIRMED, 2)
    for _ in range(2):
        async with db.write() as session:
            row = await campaigns.lock(session, campaign.campaign_id)
            assert row is not None
            await goal_checks.close_reached(session, row, later(3))
            assert await goal_checks.let_go(session, row, 10) == []
    async with db.read() as session:
        told = select(Event.data).where(col(Event.type) == "campaign.goal_reached")
        (data,) = (await session.exec(told)).all()
        states = await contacts.counts(session, campaign.campaign_id)
        still = (await session.exec(select(Call).where(col(Call.status) == "Created"))).all()
    assert (data["met"], data["found"]) == ("count", 1)
    assert states[ContactState.DROPPED] == 7
    # They leave the queue, and their workflows are to end them.
    assert [row.waiting_for for row in still] == [None, None]


async def test_money_that_is_spent_ends_it_and_what_is_in_flight_is_reckoned(db: Database) -> None:
    agent, campaign = await running(db, {"spend": 28_000})
    await waiting(db, agent, campaign, [{}] * 5)
    assert len(await granted(db, agent, 1)) == 2


async def test_a_time_that_has_come_ends_it(db: Database) -> None:
    agent, campaign = await running(db, {"until": later(10).isoformat()})
    await waiting(db, agent, campaign, [{}] * 2)
    assert len(await granted(db, agent, 9, take=1)) == 1
    assert await granted(db, agent, 10) == []


async def test_a_call_that_asks_for_a_slot_is_told_that_it_is_not_needed(db: Database) -> None:
    agent, campaign = await running(db, {"outcomes": ["confirmed"], "target": 1})
    await waiting(db, agent, campaign, [{}])
    (first,) = await granted(db, agent, 1)
    await ended(db, first, Outcome.CONFIRMED, 2)
    late = await make.call(db, agent, campaign_id=campaign.campaign_id)
    async with db.write() as session:
        verdict = await leases.take(session, late, 1, later(3), lifetime=TTL)
    assert verdict.reason is Reason.GOAL_REACHED
    assert late.status is CallStatus.CREATED
