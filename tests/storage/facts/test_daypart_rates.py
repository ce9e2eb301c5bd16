"""Rates that retries ask for: of the agent, of the account where the agent has too few."""

from datetime import datetime, timedelta

from policy.facts import Facts
from policy.model.call import AttemptResult, AttemptState, DaypartChoice, RetryPlan
from policy.time.dayparts import DaypartRate
from storage.database.engine import Database
from storage.facts import daypart_rates
from storage.tables import Agent, Attempt
from tests.policy.make import attempts, facts
from tests.storage import make
from tests.storage.analytics.test_rollup import count_all

#: 18:00 on a Friday, and 10:00 on a Saturday, in New York.
EVENING = make.NOW.replace(day=20, hour=23)
MORNING = make.NOW.replace(day=21, hour=15)


async def dialed(db: Database, by: Agent, at: datetime, answered: int, times: int) -> None:
    call = await make.call(db, by, at=at)
    async with db.write() as session:
        for number in range(times):
            result = AttemptResult.ANSWERED if number < answered else AttemptResult.NO_ANSWER
            attempt = Attempt(
                call_id=call.call_id,
                account_id=call.account_id,
                number=number + 1,
                token=f"{call.call_id}-{number}",
                to_endpoint=call.endpoint,
                from_endpoint=call.caller_id,
                zone="America/New_York",
                jurisdiction="US-NY",
                state=AttemptState.ENDED,
                result=result,
                dialed_at=at + timedelta(seconds=number),
                settled_at=at + timedelta(minutes=1),
            )
            session.add(attempt)


async def rates(db: Database, of: Agent) -> dict[str, tuple[int, int]]:
    await count_all(db)
    async with db.read() as session:
        found = await daypart_rates.dayparts(session, of.account_id, of.agent_id, make.NOW)
    return {one.daypart: (one.answered, one.attempts) for one in found if one.attempts}


async def test_the_agents_own_attempts_are_told_once_they_are_enough(db: Database) -> None:
    owner = await make.account(db)
    ada, bob = await make.agent(db, owner), await make.agent(db, owner, name="Bob")
    await dialed(db, ada, EVENING, 20, 30)
    await dialed(db, bob, MORNING, 5, 29)
    assert await rates(db, ada) == {"evening": (20, 30)}
    assert await rates(db, bob) == {"evening": (20, 30), "morning": (5, 29)}


async def test_what_is_older_than_three_months_does_not_tell(db: Database) -> None:
    ada = await make.agent(db, await make.account(db))
    await dialed(db, ada, EVENING - timedelta(days=120), 20, 30)
    assert await rates(db, ada) == {}


async def test_only_plans_that_ask_are_told_and_only_after_an_attempt(db: Database) -> None:
    ada = await make.agent(db, await make.account(db))
    await dialed(db, ada, EVENING, 20, 30)
    await count_all(db)

    async def told(plan: RetryPlan, *results: AttemptResult) -> tuple[DaypartRate, ...]:
        known: Facts = facts(agent_id=ada.agent_id, retry=plan, attempts=attempts(*results))
        async with db.read() as session:
            return (await daypart_rates.told(session, ada.account_id, known, make.NOW)).dayparts

    best = RetryPlan(daypart=DaypartChoice.BEST)
    assert await told(RetryPlan(), AttemptResult.NO_ANSWER) == ()
    assert await told(best) == ()
    [evening] = [one for one in await told(best, AttemptResult.NO_ANSWER) if one.attempts]
    assert evening == DaypartRate("evening", 20, 30)
