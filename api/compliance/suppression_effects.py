"""The do-not-call list: what an entry does to the calls that wait."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from api.compliance.schemas import SuppressionRequest
from api.http.deps import Services
from api.replan.dry_run import WhatIf, rehearse, standing_of
from api.replan.replan import replan_calls
from api.replan.schemas import MovesView
from policy.calls.decide import decide
from policy.calls.decision_changes import moves
from policy.facts import Facts
from policy.location.number_forms import person_key
from policy.model import person as policy
from policy.model.call import CallStatus, Decision, Outcome
from policy.model.person import Person, Scope
from storage.call_numbers import listed_with
from storage.calls import calls
from storage.calls.calls import AffectedCalls
from storage.compliance import opt_out
from storage.tables import Account, Call, Suppression


def row_of(
    body: SuppressionRequest, endpoint: str, account_id: str, source: str, now: datetime
) -> Suppression:
    """The entry a request asks for."""
    return Suppression(
        account_id=account_id,
        endpoint=endpoint,
        scope=body.scope,
        scope_of=body.scope_id or "",
        source=source,
        reason=body.reason,
        created_time=now,
        expires_time=body.expires_time,
        of_person=body.of_person,
    )


async def what_it_would_do(uses: Services, account: Account, row: Suppression) -> MovesView:
    """Which waiting calls an entry that has not been made would end."""
    scope = Scope(row.scope, row.scope_of)
    entry = policy.Suppression(
        row.suppression_id, scope, row.source, row.expires_time, of_person=row.of_person
    )

    def suppressed(endpoint: str, person: Person) -> Person:
        if not (row.of_person or person_key(endpoint) == person_key(row.endpoint or "")):
            return person
        return replace(person, suppressions=(*person.suppressions, entry))

    def alter(facts: Facts) -> Facts:
        return facts.with_people(suppressed)

    others: Sequence[str] = ()
    if row.of_person:
        async with uses.db.read() as session:
            others = await listed_with(session, account.account_id, row.endpoint or "")
    which = AffectedCalls(endpoint=row.endpoint, other_endpoints=tuple(others))
    return await rehearse(uses, account, which, WhatIf(alter=alter))


async def what_removal_would_do(uses: Services, account: Account, row: Suppression) -> MovesView:
    """Which waiting calls would go on otherwise without an entry, and those made with it."""
    async with uses.db.read() as session:
        made_with_it = await opt_out.others_of(session, row)
    gone = {one.suppression_id for one in (row, *made_with_it)}

    def freed(_: str, person: Person) -> Person:
        entries = person.suppressions
        others = tuple(one for one in entries if one.suppression_id not in gone)
        return replace(person, suppressions=others)

    def alter(facts: Facts) -> Facts:
        return facts.with_people(freed)

    others = tuple(one.endpoint for one in made_with_it if one.endpoint)
    which = AffectedCalls(endpoint=row.endpoint, other_endpoints=others)
    return await rehearse(uses, account, which, WhatIf(alter=alter))


async def stopped_by(uses: Services, account: Account, *endpoints: str) -> list[str]:
    """Ids of the waiting calls to these endpoints that may not be made any more.

    They are told, and so are those that would go on otherwise.
    """
    now = uses.now()
    async with uses.db.read() as session:
        ids = await opt_out.waiting_for(session, account.account_id, *endpoints)
        waiting = await calls.open_among(session, ids)
        facts = await uses.gatherer.gather_many(session, account, waiting, now)
    decided = [(call, decide(facts[call.call_id], now)) for call in waiting]
    ended = [call.call_id for call, one in decided if one.outcome is Outcome.SUPPRESSED]
    moved = [call.call_id for call, one in decided if _moves(call, one, now)]
    await replan_calls(uses, dict.fromkeys((*ended, *moved)))
    return ended


def _moves(call: Call, decision: Decision, now: datetime) -> bool:
    """One that is about to be dialed is stopped at its last look, if at all."""
    return call.status is not CallStatus.PENDING and moves(standing_of(call), decision, now)
