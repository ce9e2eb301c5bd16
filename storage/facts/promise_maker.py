"""A promise asked for in a call: held against what is known of it, made, or refused."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import func
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from policy.calls.acceptance import examine
from policy.calls.decide import decide
from policy.calls.retry import may_promise
from policy.campaigns.goals import is_closed
from policy.facts import Facts
from policy.location.endpoints import zones_of
from policy.model.call import CallStatus, CampaignStatus, Refusal
from policy.model.reasons import RefusalCode
from policy.promises import Due, Promise, PromisedTime, PromiseSource, due
from policy.time.wall_time import spoken, utc
from storage import tables
from storage.call_numbers import reaching
from storage.calls import calls, promised_calls, promises
from storage.calls.promises import Wish
from storage.facts.gather import FactGatherer
from storage.follow_ups import follow_ups
from storage.number_hash import ERASED
from storage.tables import Attempt, Call, Campaign
from storage.tables.specs import endpoints_of

#: What a time means: by the callee's possible clocks, the agent's and what the clock shows now.
Reading = Callable[[Sequence[str], str, datetime], PromisedTime | Refusal]


@dataclass(frozen=True, slots=True)
class PromiseRequest:
    """`field`: the one that is at fault where the time cannot be promised.

    `last`: the number of the last attempt there is, settled or not; 0: none.
    """

    reading: Reading
    source: PromiseSource
    field: str
    last: int


async def promise(
    session: AsyncSession, gatherer: FactGatherer, call: Call, asked: PromiseRequest, now: datetime
) -> tables.Promise | Refusal:
    """For a caller that holds the call. Asked again for the same time, the promise is the same.

    Of a call that has ended another one keeps it.
    """
    if call.endpoint.startswith(ERASED):
        return Refusal(RefusalCode.SUPPRESSED, "endpoint", "The person was erased.")
    known = await gatherer.gather(session, call, now)
    time = asked.reading(zones_of(known), known.agent_zone, now)
    if isinstance(time, Refusal):
        return time
    former = await _former(session, call)
    if former is not None and former.promised_at == time.at:
        return former
    if await _is_not_needed(session, call):
        message = "The call's campaign was canceled, or has reached its goal."
        return Refusal(RefusalCode.PROMISE_NOT_NEEDED, asked.field, message)
    if former is not None and former.call_id != call.call_id:
        there = former.call_id, former.made_in_call_id
        return await _promise_of(session, gatherer, *there, time, asked, now)
    another = await _of_next_step(session, call)
    if another is not None:
        return await _promise_of(session, gatherer, another, call.call_id, time, asked, now)
    wish = _wish(call, known, time, asked, now)
    if isinstance(wish, Refusal):
        return wish
    make = promised_calls.follow if call.status.is_final else promises.make
    return await make(session, call, wish, now)


async def _is_not_needed(session: AsyncSession, call: Call) -> bool:
    """Whether nobody would ever make the call: its campaign's word goes before a promise."""
    campaign = await session.get(Campaign, call.campaign_id) if call.campaign_id else None
    if campaign is None:
        return False
    is_canceled = campaign.status is CampaignStatus.CANCELED
    return is_canceled or is_closed(campaign.goal_closed, call.context)


async def _former(session: AsyncSession, call: Call) -> tables.Promise | None:
    made = await promises.of_call(session, call.account_id, call.call_id)
    return next((one for one in made if one.settled_at is None), None)


async def _of_next_step(session: AsyncSession, call: Call) -> str | None:
    """The call by which the next step of its campaign is to reach the same person already."""
    campaign = await session.get(Campaign, call.campaign_id) if call.campaign_id else None
    if campaign is None or campaign.steps_spec is None or not call.status.is_final:
        return None
    # Else a step that is due now would make its call beside the one that is promised.
    await follow_ups.hold(session, call)
    statement = select(Call.call_id).where(
        col(Call.campaign_id) == campaign.campaign_id,
        col(Call.call_id).in_(reaching(call.account_id, endpoints_of(call.__dict__))),
        col(Call.outcome).is_(None),
    )
    return (await session.exec(statement.limit(1))).first()


async def _promise_of(
    session: AsyncSession,
    gatherer: FactGatherer,
    call_id: str,
    made_in: str | None,
    time: PromisedTime,
    asked: PromiseRequest,
    now: datetime,
) -> tables.Promise | Refusal:
    """Of the call that follows the one in which it was asked for."""
    call = await calls.lock(session, call_id)
    assert call is not None
    known = await gatherer.gather(session, call, now)
    here = replace(asked, last=await _last_attempt(session, call))
    wish = _wish(call, known, time, here, now)
    if isinstance(wish, Refusal):
        return wish
    return await promises.make(session, call, replace(wish, made_in=made_in), now)


async def _last_attempt(session: AsyncSession, call: Call) -> int:
    """Also one under way, of which the facts say nothing."""
    statement = select(func.max(Attempt.number)).where(col(Attempt.call_id) == call.call_id)
    return (await session.exec(statement)).one() or 0


def _wish(
    call: Call, known: Facts, time: PromisedTime, asked: PromiseRequest, now: datetime
) -> Wish | Refusal:
    is_live = call.status in (CallStatus.PENDING, CallStatus.IN_PROGRESS)
    if not call.status.is_final and not may_promise(known, is_live=is_live):
        message = "The call has been made as often as it may, and once more as was promised."
        return Refusal(RefusalCode.PROMISE_SPENT, asked.field, message)
    after = 0 if call.status.is_final else asked.last
    then = replace(
        known,
        promise=Promise(time.at, after),
        not_before=None,
        returned=None,
        reported_outcome=None,
        attempts=() if call.status.is_final else known.attempts,
    )
    refusal = _too_late(then, time, asked.field) or examine(then, now)
    if refusal is not None:
        return refusal
    found = due(time.at, Due(time.at), decide(then, now))
    made_in = call.call_id if call.status.is_final else None
    return Wish(time, found, asked.source, after, made_in)


def _too_late(then: Facts, time: PromisedTime, field: str) -> Refusal | None:
    """The deadline wins over a promise, and is named."""
    if then.deadline is None or time.at < utc(then.deadline):
        return None
    end = spoken(then.deadline, (zones_of(then) or (then.agent_zone,))[0])
    message = f"The call's deadline comes first: {end}. Move that, or promise an earlier time."
    return Refusal(RefusalCode.DEADLINE_BEFORE_START, field, message)
