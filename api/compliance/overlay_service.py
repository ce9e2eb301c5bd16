"""An account's own rules and blackouts: on top of the packs, so calls only become fewer."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from pydantic import ValidationError
from pydantic_core import PydanticCustomError
from sqlmodel.ext.asyncio.session import AsyncSession

from api.http.deps import Services
from api.http.problems import conflict, field_error, invalid, not_found, refused
from api.http.schema import JsonObject, written
from api.replan.dry_run import WhatIf
from policy.rules.book import RuleBook
from policy.rules.loader import OWN
from policy.rules.model import KINDS, Confidence, Rule, read_rule, read_strictly
from storage.compliance import overlays
from storage.database.locks import lock_account
from storage.tables import Account, Overlay
from storage.tables.columns import new_id

_TIMES = ("startsAt", "endsAt")


def rule_of(said: JsonObject, now: datetime) -> Rule:
    """The rule a request asks for; what only a law has is filled in."""
    rule_id = new_id()[:8] if said.get("id") is None else said["id"]
    if not isinstance(rule_id, str):
        raise invalid("wrong_type", "id", "Must be a text.")
    if rule_id in ("", OWN):
        raise invalid("too_short", "id", "Must be at least 1 long.")
    for field in _TIMES:
        _require_written(said.get(field), field)
    filled: dict[str, Any] = {
        "source": "The account's own rule",
        "confidence": Confidence.CONVENTION,
        "verifiedOn": now.date().isoformat(),
        **said,
        "id": rule_id if rule_id.startswith(OWN) else OWN + rule_id,
    }
    try:
        rule = read_strictly(filled)
    except ValidationError as exc:
        found = [field_error(_without_kind(error)) for error in exc.errors(include_url=False)]
        raise refused(found) from None
    for field, is_said in (
        ("fallback", rule.fallback),
        ("unlessConsent", rule.unless_consent is not None),
    ):
        if is_said:
            raise invalid("unknown_field", field, "Only the packs have exceptions.")
    return rule


def _require_written(said: object, field: str) -> None:
    try:
        written(said)
    except PydanticCustomError as exc:
        raise invalid("wrong_type", field, exc.message()) from None


def _without_kind(error: Any) -> Any:
    """Pydantic names the kind of rule first, which is no part of the request."""
    location = error["loc"]
    return {**error, "loc": location[1:] if location and location[0] in KINDS else location}


async def found(session: AsyncSession, account: Account, overlay_id: str) -> Overlay:
    """The account's overlay, if it is in force; raises a 404 Problem."""
    row = await overlays.get(session, account.account_id, overlay_id)
    if row is None or row.removed_time is not None:
        raise not_found("overlay")
    return row


async def book_with(
    session: AsyncSession, uses: Services, account: Account, rule: Rule
) -> RuleBook:
    """The account's rules as they would be; refuses an id that is taken."""
    book = await uses.gatherer.book_of(session, account)
    if book.rule(rule.id) is not None:
        raise conflict("rule_exists", f"There is a rule {rule.id} already.")
    return book.with_rules([rule])


async def add(
    session: AsyncSession, uses: Services, account: Account, rule: Rule, by: str
) -> Overlay:
    """Puts the rule in force; refuses an id that is taken, even by a request of this moment."""
    held = await lock_account(session, account.account_id)
    assert held is not None
    await book_with(session, uses, held, rule)
    row = Overlay(
        account_id=account.account_id,
        rule=rule.model_dump(mode="json", by_alias=True),
        created_time=uses.now(),
        created_by=by,
    )
    await overlays.add(session, row)
    return row


async def without(session: AsyncSession, uses: Services, account: Account, row: Overlay) -> WhatIf:
    """The account's rules as they would be without one."""
    rows = await overlays.in_force(session, account.account_id)
    book = uses.gatherer.book
    return WhatIf(book=book.with_rules(_others(book, rows, row)))


def _others(book: RuleBook, rows: Sequence[Overlay], row: Overlay) -> list[Rule]:
    others = (read_rule(one.rule) for one in rows if one.overlay_id != row.overlay_id)
    return [overlays.beside(book, rule) for rule in others]
