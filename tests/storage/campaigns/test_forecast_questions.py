"""What a forecast asks the database: open calls, what waits beside them, how attempts ended."""

from datetime import timedelta

from policy.forecast.learned_rates import ENOUGH
from policy.model.call import AttemptResult, AttemptState, CallStatus, CampaignStatus, WaitingFor
from storage.calls import calls
from storage.campaigns import contacts, forecast_attempts, forecast_calls
from storage.database.engine import Database
from storage.tables import Account, Agent, Attempt, Call, Campaign
from tests.storage import make
from tests.storage.campaigns.test_contacts import add, key, row
from tests.storage.make import NOW

RUNNING = CampaignStatus.RUNNING


async def called(db: Database, campaign: Campaign, by: Agent, size: int, **changes) -> list[Call]:
    """So many contacts, each with a call."""
    rows = await add(db, campaign, *(row(n) for n in range(size)))
    made = [
        make.unsaved_call(
            by, campaign_id=campaign.campaign_id, endpoint=one.endpoint or "", **changes
        )
        for one in rows
    ]
    async with db.write() as session:
        await calls.insert_many(session, made, NOW)
        pairs = zip(rows, made, strict=True)
        await contacts.mark_called(session, {key(one): call.call_id for one, call in pairs})
    return made


async def test_open_calls_come_with_their_contacts_a_page_at_a_time(db: Database):
    by = await make.agent(db, await make.account(db))
    campaign = await make.campaign(db, by)
    made = await called(db, campaign, by, 5)
    async with db.write() as session:
        ended = await calls.lock(session, made[1].call_id)
        assert ended is not None
        ended.status = CallStatus.COMPLETED
    async with db.read() as session:
        first = await forecast_calls.open_calls(session, campaign.campaign_id, 0, 3)
        rest = await forecast_calls.open_calls(session, campaign.campaign_id, first[-1][1], 3)
    found = [call.call_id for call, _ in (*first, *rest)]
    assert found == [made[n].call_id for n in (0, 2, 3, 4)]
    assert len(first) == 3


async def test_what_waits_beside_a_campaign_is_counted_by_class_and_paused_ones_are_not(
    db: Database,
):
    owner = await make.account(db)
    by = await make.agent(db, owner, max_concurrent=3)
    own = await make.campaign(db, by, status=RUNNING)
    other = await make.campaign(db, by, status=RUNNING, priority=7, calls_per_minute=9)
    paused = await make.campaign(db, by, status=CampaignStatus.PAUSED)
    await add(db, own, row(1))
    await called(db, other, by, 2, priority=7)
    await add(db, other, row(10), row(11), row(12))
    await called(db, paused, by, 4)
    await make.call(db, by, priority=2, waiting_for=WaitingFor.SLOT, status=CallStatus.QUEUED)
    await make.call(db, by, waiting_for=WaitingFor.WINDOW, status=CallStatus.QUEUED)
    async with db.read() as session:
        found = await forecast_calls.others_waiting(session, owner.account_id, own.campaign_id)
    counted = {(one.campaign_id, one.priority): one.calls for one in found}
    assert counted == {(other.campaign_id, 7): 5, (None, 2): 1}
    caps = {one.campaign_id: (one.agent_caps, one.campaign_caps) for one in found}
    assert caps[other.campaign_id] == ((3, None), (None, 9))


async def attempts(
    db: Database, owner: Account, by: Agent, result: AttemptResult, count: int, **changes
) -> None:
    call = await make.call(db, by)
    usual = {"state": AttemptState.ENDED, "dialed_at": NOW, "settled_at": NOW, **changes}
    async with db.write() as session:
        for n in range(1, count + 1):
            session.add(
                Attempt(
                    call_id=call.call_id,
                    account_id=owner.account_id,
                    number=n,
                    token=f"{call.call_id}-{n}",
                    to_endpoint=call.endpoint,
                    from_endpoint=make.CALLER,
                    result=result,
                    **usual,
                )
            )


async def test_attempts_of_the_agent_count_where_there_are_enough_else_the_accounts(db: Database):
    owner = await make.account(db)
    by, other = await make.agent(db, owner), await make.agent(db, owner)
    await attempts(db, owner, by, AttemptResult.ANSWERED, ENOUGH - 1, duration_seconds=30)
    await attempts(db, owner, other, AttemptResult.ANSWERED, 1, duration_seconds=130)
    await attempts(db, owner, other, AttemptResult.BUSY, 20)
    await attempts(db, owner, other, AttemptResult.THROTTLED, 9)
    long_ago = NOW - forecast_attempts.LOOK_BACK - timedelta(days=1)
    await attempts(db, owner, other, AttemptResult.BUSY, 50, settled_at=long_ago)

    async def results() -> dict[AttemptResult, tuple[int, float | None]]:
        async with db.read() as session:
            found = await forecast_attempts.latest_results(
                session, owner.account_id, by.agent_id, NOW
            )
        return {result: (one.attempts, one.seconds) for result, one in found.items()}

    assert await results() == {
        AttemptResult.ANSWERED: (ENOUGH, 31.0),
        AttemptResult.BUSY: (20, None),
    }
    await attempts(db, owner, by, AttemptResult.NO_ANSWER, 1)
    assert await results() == {
        AttemptResult.ANSWERED: (ENOUGH - 1, 30.0),
        AttemptResult.NO_ANSWER: (1, None),
    }
