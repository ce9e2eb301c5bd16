"""Which waiting calls a change would move and to when: asked before it is made, told after."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel.ext.asyncio.session import AsyncSession

from api.http.deps import Services
from api.replan.schemas import MovesView, MoveView, decided_view, standing_view
from policy.calls.decide import decide
from policy.calls.decision_changes import LastDecision, moves
from policy.facts import Facts
from policy.model.call import Decision
from policy.rules.book import RuleBook
from storage.calls import calls
from storage.calls.calls import AffectedCalls
from storage.tables import Account, Agent, Call

PAGE = 500
#: Moves that stand in an answer; all are counted.
SHOWN = 1000


@dataclass(frozen=True, slots=True)
class WhatIf:
    """A change that has not been made: other rules or waivers, another agent, other facts."""

    book: RuleBook | None = None
    account: Account | None = None
    agent: Agent | None = None
    alter: Callable[[Facts], Facts] = lambda facts: facts


AS_IT_IS = WhatIf()


async def rehearse(
    uses: Services, account: Account, affected: AffectedCalls, what_if: WhatIf
) -> MovesView:
    """What the change would do to the calls that it might touch."""
    shown: list[MoveView] = []
    seen = moved = 0
    after = ""
    while True:
        async with uses.db.browse() as session:
            page = await calls.affected(session, account.account_id, affected, after, PAGE)
            found = await _moved(session, uses, account, page, what_if, uses.now())
        seen, moved = seen + len(page), moved + len(found)
        room = max(0, SHOWN - len(shown))
        shown += [_view(call, decision) for call, decision in found[:room]]
        if len(page) < PAGE:
            return MovesView(looked_at=seen, moved=moved, moves=shown)
        after = page[-1].call_id


async def moved_page(
    uses: Services, account: Account, affected: AffectedCalls, after: str
) -> tuple[list[str], str | None]:
    """Ids of the calls of a page that would go on otherwise now, and where the next page begins."""
    async with uses.db.browse() as session:
        page = await calls.affected(session, account.account_id, affected, after, PAGE)
        found = await _moved(session, uses, account, page, AS_IT_IS, uses.now())
    ids = [call.call_id for call, _ in found]
    return ids, page[-1].call_id if len(page) == PAGE else None


async def _moved(
    session: AsyncSession,
    uses: Services,
    account: Account,
    page: Sequence[Call],
    what_if: WhatIf,
    now: datetime,
) -> list[tuple[Call, Decision]]:
    if not page:
        return []
    known = await uses.gatherer.gather_many(
        session, what_if.account or account, page, now, book=what_if.book, instead=what_if.agent
    )
    decided = [(call, decide(what_if.alter(known[call.call_id]), now)) for call in page]
    return [
        (call, decision) for call, decision in decided if moves(standing_of(call), decision, now)
    ]


def standing_of(call: Call) -> LastDecision:
    """Where the call stands by its last decision."""
    return LastDecision(call.status, call.waiting_for, call.next_attempt_at, call.reason)


def _view(call: Call, decision: Decision) -> MoveView:
    return MoveView(call_id=call.call_id, was=standing_view(call), becomes=decided_view(decision))
