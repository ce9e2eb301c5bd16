"""How the latest attempts of an agent, or of its account, ended: what a forecast learns from."""

from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime, timedelta

from sqlalchemy import case, func
from sqlalchemy import select as sql_select
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from policy.forecast.learned_rates import ENOUGH, MOST, ResultCount
from policy.model.call import UNCOUNTED_RESULTS, AttemptResult
from storage.database.core import rows_of
from storage.tables import Attempt, Call

#: People's habits change.
LOOK_BACK = timedelta(days=90)

Results = Mapping[AttemptResult, ResultCount]


async def latest_results(
    session: AsyncSession, account_id: str, agent_id: str, now: datetime
) -> Results:
    """By how they ended: of the agent's own attempts, or of all where the agent has too few."""
    latest = (
        sql_select(col(Attempt.call_id), col(Attempt.result), col(Attempt.duration_seconds))
        .where(
            col(Attempt.account_id) == account_id,
            col(Attempt.settled_at) >= now - LOOK_BACK,
            col(Attempt.result).not_in(list(UNCOUNTED_RESULTS)),
        )
        .order_by(col(Attempt.settled_at).desc())
        .limit(MOST)
        .subquery()
    )
    own = case((col(Call.agent_id) == agent_id, 1), else_=0).label("own")
    statement = (
        sql_select(own, latest.c.result, func.count(), func.avg(latest.c.duration_seconds))
        .join(Call, col(Call.call_id) == latest.c.call_id)
        # By its name: PostgreSQL takes two parameters for two things, even of one value.
        .group_by("own", latest.c.result)
    )
    of_agent: dict[AttemptResult, ResultCount] = {}
    of_all: defaultdict[AttemptResult, list[ResultCount]] = defaultdict(list)
    for is_own, result, count, seconds in await rows_of(session, statement):
        found = ResultCount(int(count), None if seconds is None else float(seconds))
        of_all[AttemptResult(result)].append(found)
        if is_own:
            of_agent[AttemptResult(result)] = found
    if sum(one.attempts for one in of_agent.values()) >= ENOUGH:
        return of_agent
    return {result: _together(counts) for result, counts in of_all.items()}


def _together(counts: list[ResultCount]) -> ResultCount:
    timed = [one for one in counts if one.seconds is not None]
    attempts = sum(one.attempts for one in timed)
    talked = sum(one.attempts * (one.seconds or 0) for one in timed)
    return ResultCount(sum(one.attempts for one in counts), talked / attempts if attempts else None)
