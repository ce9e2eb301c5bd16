"""What a decision leaves to be asked about its number, noted in the decision's transaction."""

from datetime import datetime

from sqlmodel.ext.asyncio.session import AsyncSession

from policy.compliance.number_checks import ask_at, questions
from policy.facts import Facts
from policy.model.call import Decision, DecisionKind
from policy.model.reasons import Reason
from storage.clearances import answers
from storage.clearances.answers import Wanted, WantedFor
from storage.tables import Call


async def note(
    session: AsyncSession, call: Call, facts: Facts, decision: Decision, now: datetime
) -> None:
    """Of a call that waits: whatever will not be fresh when it is dialed. Else nothing."""
    if facts.number_file is None or decision.kind is not DecisionKind.WAIT:
        return
    is_held_up = decision.reason == Reason.CLEARANCE_PENDING
    dialed_at = now if is_held_up else decision.until
    if dialed_at is not None:
        await want(session, call, facts, max(dialed_at, now), now)


async def want(
    session: AsyncSession, call: Call, facts: Facts, dialed_at: datetime, now: datetime
) -> int:
    """Has everything asked that is missing if the call is dialed then; returns how much is new.

    Whoever has the number that the call would show pays; another number of the person's may be
    shown another than the one at hand.
    """
    wanted = [
        Wanted(
            facts.endpoint,
            one.check,
            one.parameter,
            ask_at(one, dialed_at, now),
            dialed_at - one.max_age,
            next(iter(facts.caller_ids), None),
        )
        for one in questions(facts, dialed_at)
    ]
    by = WantedFor(call.account_id, call.caller_id, call.call_id, call.campaign_id)
    return await answers.want(session, by, wanted) if wanted else 0
