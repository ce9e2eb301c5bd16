"""The last look before a dial is sent: whatever was decided may have lain in a queue for long."""

from dataclasses import replace
from datetime import datetime

from sqlmodel.ext.asyncio.session import AsyncSession

from policy.calls.call_times import call_times_of
from policy.compliance.compliance import may_dial
from policy.compliance.number_checks import objection
from policy.facts import Facts
from policy.model.person import Returned
from policy.reminders import is_under_way, reached
from storage.dispatch import dialing_pause, leases
from storage.facts.case_file import CaseFile
from storage.facts.gather import FactGatherer
from storage.tables import Attempt, Call


async def why_not(
    session: AsyncSession, gatherer: FactGatherer, file: CaseFile, attempt: Attempt, now: datetime
) -> str | None:
    """Why the decision to dial does not hold any more; None: it does.

    The account is held from before the file was read to the commit, so no two dials pass a cap on
    a person at once.
    """
    call, account = file.call, file.owner.account
    if attempt.valid_until is not None and now >= attempt.valid_until:
        return "the permission to dial has run out"
    if not await leases.lasts(session, call, attempt.number, now, file.lease_until):
        return "the slot has been given back"
    if dialing_pause.bars(account, call.call_id):
        return "dialing is paused for the account"
    if file.is_campaign_held:
        return "the campaign is held"
    if file.is_goal_reached:
        return "the campaign has reached its goal"
    # Not before the decision, by whose clock earlier dials were counted.
    now = max(now, attempt.dialed_at)
    facts = await gatherer.gather(session, call, now, file.owner)
    # What is dialed from; the call may have moved to another one since.
    if attempt.from_endpoint in facts.barred_caller_ids:
        return "the carrier would refuse the caller ID"
    if attempt.to_endpoint != call.endpoint:
        return "another one of the person's numbers is to be dialed"
    if facts.person.on_line:
        return "another call has the person on the line"
    if facts.returned in (Returned.COMPLETE, Returned.PAUSE):
        return "the recipient called back"
    if facts.person.reviews:
        return "the recipient wrote what may be an opt-out"
    if reached(facts.siblings) or is_under_way(facts.siblings):
        return "another reminder of the appointment has reached the person, or is being made"
    clearance = may_dial(_before(facts, call, attempt), now)
    if not clearance.permitted:
        return clearance.detail
    if clearance.capped:
        return "the person was called too often"
    unclear = objection(facts, now)
    if unclear is not None:
        return f"the number is not cleared: {unclear.detail}"
    closed = call_times_of(facts, clearance).closed_at(now)
    return None if closed is None else f"not open any more: {closed}"


def _before(facts: Facts, call: Call, attempt: Attempt) -> Facts:
    """The facts without this very dial, which would count against itself."""
    own = (call.call_id, attempt.number)
    dials = tuple(dial for dial in facts.person.dials if (dial.call_id, dial.number) != own)
    return replace(facts, person=replace(facts.person, dials=dials))
