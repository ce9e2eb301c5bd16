"""Rules and blackouts that accounts add to the packs, and the books that result."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from policy.rules.book import RuleBook
from policy.rules.loader import OWN
from policy.rules.model import Rule, read_rule
from storage.database.locks import lock_account
from storage.database.pagination import page_of
from storage.tables import Account, Overlay

#: What an integer column holds.
_VERSIONS = 2**31 - 1


@dataclass(frozen=True, slots=True)
class RuleBookCache:
    """The book of each account as of the last change of its overlays."""

    _books: dict[str, tuple[int, RuleBook]] = field(default_factory=dict)

    async def over(self, session: AsyncSession, book: RuleBook, account: Account) -> RuleBook:
        """The book with the account's overlays; asks the database only after a change."""
        version = account.overlays_version
        if version == 0:
            return book
        kept = self._books.get(account.account_id)
        if kept is not None and kept[0] == version:
            return kept[1]
        rows = await in_force(session, account.account_id)
        found = book.with_rules([beside(book, read_rule(row.rule)) for row in rows])
        self._books[account.account_id] = (version, found)
        return found


def beside(book: RuleBook, rule: Rule) -> Rule:
    """The account's rule; under another id if the operator has given its own to a rule since."""
    if book.rule(rule.id) is None:
        return rule
    return rule.model_copy(update={"id": f"{OWN}account.{rule.id.removeprefix(OWN)}"})


async def in_force(session: AsyncSession, account_id: str) -> Sequence[Overlay]:
    statement = (
        select(Overlay)
        .where(col(Overlay.account_id) == account_id, col(Overlay.removed_time).is_(None))
        .order_by(col(Overlay.created_time), col(Overlay.overlay_id))
    )
    return (await session.exec(statement)).all()


async def ever(session: AsyncSession, account_id: str) -> Sequence[Overlay]:
    """All that the account ever added: none is ever changed, and those taken away are kept."""
    statement = select(Overlay).where(col(Overlay.account_id) == account_id)
    return (await session.exec(statement)).all()


async def add(session: AsyncSession, row: Overlay) -> None:
    session.add(row)
    await _renew_version(session, row.account_id)


async def get(session: AsyncSession, account_id: str, overlay_id: str) -> Overlay | None:
    """The overlay, unless it is another account's."""
    statement = select(Overlay).where(
        col(Overlay.overlay_id) == overlay_id, col(Overlay.account_id) == account_id
    )
    return (await session.exec(statement)).one_or_none()


async def remove(session: AsyncSession, row: Overlay, by: str, now: datetime) -> None:
    """Takes it out of force; the row stays, as evidence of what was in force when."""
    row.removed_time, row.removed_by = now, by
    session.add(row)
    await _renew_version(session, row.account_id)


async def page(
    session: AsyncSession, account_id: str, skip: int, take: int
) -> tuple[list[Overlay], int]:
    """Newest first, removed ones included, and how many there are in all."""
    return await page_of(
        session,
        Overlay,
        col(Overlay.account_id) == account_id,
        order=(col(Overlay.created_time).desc(), col(Overlay.overlay_id).desc()),
        skip=skip,
        take=take,
    )


async def _renew_version(session: AsyncSession, account_id: str) -> None:
    account = await lock_account(session, account_id)
    assert account is not None
    # Not the next number: a change that is rolled back would leave its books to the one after it.
    account.overlays_version = secrets.randbelow(_VERSIONS) + 1
    session.add(account)
    await session.flush()
