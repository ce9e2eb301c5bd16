"""Waivers: what one sets aside, and which waiting calls that would move."""

from sqlmodel.ext.asyncio.session import AsyncSession

from api.http.deps import Services
from api.http.problems import Problem, conflict, invalid, not_found
from api.http.schema import JsonObject
from api.replan.dry_run import WhatIf, rehearse
from api.replan.schemas import MovesView
from policy.rules.model import KINDS
from storage.calls.calls import AffectedCalls
from storage.compliance import waivers
from storage.tables import Account


async def add(uses: Services, account: Account, made: JsonObject) -> None:
    """Puts a waiver on record; refuses what is no rule, and what is waived as far already."""
    async with uses.db.write() as session:
        await _require_rule(session, uses, account, made["rule"])
        if not await waivers.add(session, account.account_id, made):
            raise _waived()


async def what_it_would_do(uses: Services, account: Account, made: JsonObject) -> MovesView:
    """Which waiting calls a waiver that has not been made would move."""
    async with uses.db.read() as session:
        await _require_rule(session, uses, account, made["rule"])
    kept = waivers.with_one(account.waivers, made)
    if kept is None:
        raise _waived()
    return await _rehearsed(uses, account, kept)


async def what_ending_would_do(uses: Services, account: Account, rule: str, by: str) -> MovesView:
    """Which waiting calls would move if the waivers of a rule ended."""
    kept = waivers.without(account.waivers, rule, by, uses.now())
    if kept is None:
        raise not_found("waiver")
    return await _rehearsed(uses, account, kept)


async def _require_rule(session: AsyncSession, uses: Services, account: Account, rule: str) -> None:
    book = await uses.gatherer.book_of(session, account)
    if rule not in KINDS and book.rule(rule) is None:
        raise invalid("unknown_rule", "rule", "There is no such rule, nor such a kind.")


def _waived() -> Problem:
    return conflict("waived", "This rule is waived already.")


async def _rehearsed(uses: Services, account: Account, kept: list[JsonObject]) -> MovesView:
    changed = Account(**{**account.model_dump(), "waivers": kept})
    return await rehearse(uses, account, AffectedCalls(), WhatIf(account=changed))
