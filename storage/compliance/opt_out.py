"""What happens when somebody does not want to be called any more: at once, and everywhere."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from operator import itemgetter

from sqlalchemy import ColumnElement
from sqlmodel import and_, col, or_, select
from sqlmodel.ext.asyncio.session import AsyncSession

from policy.location.number_forms import RENUMBERED, all_forms
from policy.model.call import CANCELABLE_STATUSES, CallStatus
from policy.model.person import ScopeKind
from storage.call_numbers import listed_with, reaching
from storage.compliance import consents, suppressions, text_reviews
from storage.database.pagination import batches
from storage.tables import Account, Call, CallNumber, Suppression

#: Of an entry for somebody who has opted out of texts at the carrier.
OPT_OUT_SOURCE = "carrier_opt_out"


@dataclass(frozen=True, slots=True)
class OptOutResult:
    """The entry, and the calls that wait for this person: they are to decide again."""

    entry: Suppression
    call_ids: tuple[str, ...]


async def opt_out(
    session: AsyncSession,
    account_id: str,
    endpoint: str,
    source: str,
    now: datetime,
    *,
    call_id: str | None = None,
    reason: str | None = None,
) -> OptOutResult:
    """Nobody of the account calls this person again; every consent they gave is taken back.

    Somebody who does not want to be called is a person: so it is with all numbers that a call of
    the account lists together with this one.
    """
    entry = Suppression(
        account_id=account_id,
        endpoint=endpoint,
        source=source,
        reason=reason,
        call_id=call_id,
        created_time=now,
        of_person=True,
    )
    entry = await suppressions.add_once(session, entry)
    others = await add_others(session, entry)
    for number in (endpoint, *others):
        await consents.revoke_all(session, account_id, number, source, now)
        await text_reviews.settle_all(session, account_id, number, source, now)
    return OptOutResult(entry, await waiting_for(session, account_id, endpoint, *others))


async def add_others(session: AsyncSession, entry: Suppression) -> Sequence[str]:
    """The same of all numbers that calls list together with the entry's; returns these."""
    others = await listed_with(session, entry.account_id, entry.endpoint or "")
    for number in others:
        await suppressions.add_once(session, _of_another(entry, number))
    return others


async def others_of(session: AsyncSession, entry: Suppression) -> Sequence[Suppression]:
    """The entries that were made together with one that is of a person."""
    if not entry.of_person or entry.endpoint is None:
        return ()
    others = await listed_with(session, entry.account_id, entry.endpoint)
    statement = select(Suppression).where(
        col(Suppression.account_id) == entry.account_id,
        col(Suppression.endpoint).in_(all_forms(others)),
        col(Suppression.created_time) == entry.created_time,
        col(Suppression.source) == entry.source,
        col(Suppression.of_person).is_(True),
    )
    return (await session.exec(statement)).all()


def _of_another(entry: Suppression, number: str) -> Suppression:
    """The same entry of another number of the person's."""
    said = entry.model_dump(exclude={"suppression_id", "endpoint"})
    return Suppression(**said, endpoint=number)


async def waiting_for(session: AsyncSession, account_id: str, *endpoints: str) -> tuple[str, ...]:
    """Ids of the calls to these endpoints of which nothing has reached the carrier yet."""
    statement = (
        select(Call.call_id)
        .where(
            col(Call.call_id).in_(reaching(account_id, endpoints)),
            col(Call.status).in_(list(CANCELABLE_STATUSES)),
        )
        .order_by(col(Call.call_id))
    )
    return tuple((await session.exec(statement)).all())


async def waiting_in_vain(session: AsyncSession, since: datetime, limit: int) -> tuple[str, ...]:
    """Ids of calls, of all accounts, that wait though a new entry may forbid them.

    Most numbers have one form, and one statement finds them; an entry of a number that may be on
    file under others is compared by all of them.
    """
    same_number = and_(
        col(Suppression.account_id) == col(Call.account_id),
        col(Suppression.endpoint) == col(Call.endpoint),
    )
    among_several = and_(
        col(Suppression.account_id) == col(CallNumber.account_id),
        col(Suppression.endpoint) == col(CallNumber.person_key),
    )
    is_waiting = (*_is_new(since), col(Call.status) == CallStatus.QUEUED)
    own = select(Call.call_id).join(Suppression, same_number).where(*is_waiting)
    listed = (
        select(Call.call_id)
        .join(CallNumber, col(CallNumber.call_id) == col(Call.call_id))
        .join(Suppression, among_several)
        # Entries of the number alone end no call; such a one would be found again and again.
        .where(*is_waiting, col(Suppression.of_person).is_(True))
    )
    either = own.union_all(listed).limit(limit)
    found = dict.fromkeys((await (await session.connection()).execute(either)).scalars())
    async for account_id, endpoints in _renumbered(session, since):
        if len(found) >= limit:
            break
        queued = select(Call.call_id).where(
            col(Call.call_id).in_(reaching(account_id, endpoints)),
            col(Call.status) == CallStatus.QUEUED,
        )
        found.update(dict.fromkeys((await session.exec(queued.limit(limit))).all()))
    return tuple(found)[:limit]


def _is_new(since: datetime) -> tuple[ColumnElement[bool], ...]:
    return (
        # Of any account: it leads to the index, which begins with it.
        col(Suppression.account_id).in_(select(Account.account_id)),
        col(Suppression.created_time) > since,
        col(Suppression.removed_time).is_(None),
        col(Suppression.scope) == ScopeKind.ALL,
    )


async def _renumbered(
    session: AsyncSession, since: datetime
) -> AsyncIterator[tuple[str, list[str]]]:
    """New entries of numbers with several forms: of an account, as many as one statement takes."""
    begins = or_(*(col(Suppression.endpoint).startswith(code) for code in RENUMBERED))
    statement = (
        select(Suppression.account_id, Suppression.endpoint)
        .where(*_is_new(since), begins)
        .order_by(col(Suppression.account_id))
    )
    entries = (await session.exec(statement)).all()
    for account_id, of_account in groupby(entries, key=itemgetter(0)):
        for some in batches([endpoint for _, endpoint in of_account if endpoint]):
            yield account_id, list(some)
