"""Acknowledging prerequisites: who says so, what it moves, and which rules ask for it."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime

from api.http.deps import Services
from api.http.problems import Problem, conflict, invalid, not_found
from api.http.schema import JsonObject
from api.law.schemas import (
    AcknowledgementRequest,
    AskingRuleView,
    PrerequisiteView,
    acknowledgement_view,
)
from api.replan.dry_run import WhatIf, rehearse
from api.replan.schemas import MovesView
from policy.model.acknowledgement import acknowledged
from policy.rules.book import RuleBook
from policy.rules.model import PrerequisiteRule
from storage.calls.calls import AffectedCalls
from storage.compliance import acknowledgements
from storage.tables import Account


def record_of(body: AcknowledgementRequest, book: RuleBook, by: str, now: datetime) -> JsonObject:
    """The record a request asks for; refuses what no rule asks for, and what says too little."""
    asking = asked(book).get(body.prerequisite)
    if asking is None:
        raise invalid("unknown_prerequisite", "prerequisite", "No rule asks for this.")
    if body.reference is None and any(rule.needs_reference for rule in asking):
        raise invalid("required", "reference", "A rule needs its number or reference.")
    if body.expires_time is not None and body.expires_time <= now:
        raise invalid("out_of_range", "expiresTime", "This is in the past.")
    return {**body.as_spec(), "by": by, "at": now.isoformat()}


async def add(uses: Services, account: Account, record: JsonObject) -> JsonObject:
    """Puts it on record."""
    try:
        async with uses.db.write() as session:
            return await acknowledgements.add(session, account.account_id, record)
    except acknowledgements.TooMany:
        raise _too_many() from None


async def withdraw(uses: Services, account: Account, prerequisite: str, by: str) -> JsonObject:
    """Ends the one that stands; raises a 404 Problem where none does."""
    async with uses.db.write() as session:
        ended = await acknowledgements.end(
            session, account.account_id, prerequisite, by, uses.now()
        )
    if ended is None:
        raise not_found("acknowledgement")
    return ended


async def what_adding_would_do(uses: Services, account: Account, record: JsonObject) -> MovesView:
    try:
        kept = acknowledgements.with_one(account.acknowledgements, record)
    except acknowledgements.TooMany:
        raise _too_many() from None
    return await _rehearsed(uses, account, kept)


async def what_withdrawing_would_do(
    uses: Services, account: Account, prerequisite: str, by: str
) -> MovesView:
    kept = acknowledgements.without(account.acknowledgements, prerequisite, by, uses.now())
    if kept is None:
        raise not_found("acknowledgement")
    return await _rehearsed(uses, account, kept)


async def _rehearsed(uses: Services, account: Account, kept: list[JsonObject]) -> MovesView:
    # A copy: the request's own must not be written by whoever saves it next.
    changed = Account(**{**account.model_dump(), "acknowledgements": kept})
    return await rehearse(uses, account, AffectedCalls(), WhatIf(account=changed))


def asked(book: RuleBook) -> dict[str, list[PrerequisiteRule]]:
    """The rules that ask for each prerequisite."""
    found: defaultdict[str, list[PrerequisiteRule]] = defaultdict(list)
    for rule in book.rules:
        if isinstance(rule, PrerequisiteRule):
            found[rule.prerequisite].append(rule)
    return found


def views(book: RuleBook, account: Account, now: datetime) -> list[PrerequisiteView]:
    """Every prerequisite of the rules, and what is acknowledged of it."""
    standing = {
        one["prerequisite"]: one for one in account.acknowledgements if "endedAt" not in one
    }
    known = acknowledgements.in_force(account)
    views = []
    for name, rules in sorted(asked(book).items()):
        needs = any(rule.needs_reference for rule in rules)
        met = acknowledged(known, name, now, needs_reference=needs)
        record = standing.get(name)
        views.append(
            PrerequisiteView(
                prerequisite=name,
                is_met=met is not None,
                needs_reference=needs,
                rules=_rule_views(rules),
                acknowledgement=acknowledgement_view(record) if record else None,
            )
        )
    return views


def _rule_views(rules: Sequence[PrerequisiteRule]) -> list[AskingRuleView]:
    same = ("jurisdiction", "asks", "effective_from", "source", "confidence")
    return [
        AskingRuleView(rule_id=rule.id, **{name: getattr(rule, name) for name in same})
        for rule in rules
    ]


def _too_many() -> Problem:
    most = acknowledgements.MOST
    return conflict("too_many", f"An account has at most {most} acknowledgements on record.")
