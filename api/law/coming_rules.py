"""What rules of a day to come would do to the calls that wait: the real policy, asked at that day.

A call that is due before the day is left out: by then it has been made. The others are decided
about at the day's begin (UTC), by the rules of that day and by those of the day before.
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, time

from api.http.deps import Services
from api.law.schemas import ComingChangeView, ComingList, ComingRuleView
from policy.calls.decide import decide
from policy.facts import Facts
from policy.model.call import Decision, DecisionKind
from policy.rules.book import RuleBook
from policy.rules.model import Rule
from policy.rules.review import Change, changes
from policy.rules.rule_text import describe
from storage.calls import calls
from storage.calls.calls import AffectedCalls
from storage.tables import Account, Call

PAGE = 500
#: Calls that are looked at, and days; what is beyond is said to be.
MOST_CALLS, MOST_DAYS = 5000, 12


@dataclass(slots=True)
class _Day:
    """What was counted of one day. `without`: the rules as if they had not changed on it."""

    change: Change
    begin: datetime
    without: RuleBook
    waiting: int = 0
    moved: int = 0
    ended: int = 0


@dataclass(slots=True)
class _Look:
    book: RuleBook
    days: list[_Day] = field(default_factory=list)
    looked_at: int = 0
    is_complete: bool = True


async def coming(uses: Services, account: Account) -> ComingList:
    """Every change within a year, and how many waiting calls it moves and ends."""
    async with uses.db.browse() as session:
        book = await uses.gatherer.book_of(session, account)
    found = changes(book.rules, uses.now().date())
    look = _Look(book, [_day(book, one) for one in found[:MOST_DAYS]])
    look.is_complete = len(found) <= MOST_DAYS
    if look.days:
        await _look_at_calls(uses, account, look)
    return ComingList(
        version=book.version,
        looked_at=look.looked_at,
        is_complete=look.is_complete,
        changes=[_view(one) for one in look.days],
    )


def _day(book: RuleBook, change: Change) -> _Day:
    begin = datetime.combine(change.on, time(), UTC)
    return _Day(change, begin, book.without_change(change.on))


async def _look_at_calls(uses: Services, account: Account, look: _Look) -> None:
    after = ""
    while True:
        async with uses.db.browse() as session:
            page = await calls.affected(session, account.account_id, AffectedCalls(), after, PAGE)
            known = await uses.gatherer.gather_many(
                session, account, page, uses.now(), book=look.book
            )
        await asyncio.to_thread(_count, look, page, known)
        look.looked_at += len(page)
        if len(page) < PAGE:
            return
        if look.looked_at >= MOST_CALLS:
            look.is_complete = False
            return
        after = page[-1].call_id


def _count(look: _Look, page: Sequence[Call], known: Mapping[str, Facts]) -> None:
    for call in page:
        facts = known[call.call_id]
        for day in look.days:
            if _waits_until(call, day.begin):
                _count_one(day, facts)


def _waits_until(call: Call, day: datetime) -> bool:
    """Whether it would not be made before that day, as it stands now."""
    due = call.next_attempt_at or call.not_before
    return due is not None and due >= day


def _count_one(day: _Day, facts: Facts) -> None:
    day.waiting += 1
    before = decide(replace(facts, book=day.without), day.begin)
    after = decide(facts, day.begin)
    if _said(before) != _said(after):
        if after.kind is DecisionKind.END:
            day.ended += 1
        else:
            day.moved += 1


def _said(decision: Decision) -> tuple[object, ...]:
    return decision.kind, decision.reason, decision.until, decision.outcome


def _view(day: _Day) -> ComingChangeView:
    return ComingChangeView(
        on=day.change.on,
        begins=[_rule_view(rule) for rule in day.change.begins],
        ends=[_rule_view(rule) for rule in day.change.ends],
        waiting=day.waiting,
        moved=day.moved,
        ended=day.ended,
    )


def _rule_view(rule: Rule) -> ComingRuleView:
    return ComingRuleView(
        rule_id=rule.id,
        kind=rule.kind,
        jurisdiction=rule.jurisdiction,
        demands=describe(rule),
        source=rule.source,
        confidence=rule.confidence,
        note=rule.note,
    )
