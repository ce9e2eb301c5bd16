"""What happens when somebody does not want to be called any more: at once, and everywhere."""

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import and_, col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from policy.location.number_forms import forms_of
from policy.model.call import CANCELABLE_STATUSES, CallStatus
from policy.model.person import ScopeKind
from storage.compliance import consents, suppressions, text_reviews
from storage.tables import Call, Suppression


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
    """Nobody of the account calls this endpoint again; every consent it gave is taken back."""
    entry = Suppression(
        account_id=account_id,
        endpoint=endpoint,
        source=source,
        reason=reason,
        call_id=call_id,
        created_time=now,
    )
    entry = await suppressions.add_once(session, entry)
    await consents.revoke_all(session, account_id, endpoint, source, now)
    await text_reviews.settle_all(session, account_id, endpoint, source, now)
    return OptOutResult(entry, await waiting_for(session, account_id, endpoint))


async def waiting_for(session: AsyncSession, account_id: str, endpoint: str) -> tuple[str, ...]:
    """Ids of the calls to an endpoint of which nothing has reached the carrier yet."""
    statement = (
        select(Call.call_id)
        .where(
            col(Call.account_id) == account_id,
            col(Call.endpoint).in_(forms_of(endpoint)),
            col(Call.status).in_(list(CANCELABLE_STATUSES)),
        )
        .order_by(col(Call.call_id))
    )
    return tuple((await session.exec(statement)).all())


async def waiting_in_vain(session: AsyncSession, since: datetime, limit: int) -> tuple[str, ...]:
    """Ids of calls, of all accounts, that wait though a new entry may forbid them."""
    statement = (
        select(Call.call_id)
        .join(
            Suppression,
            and_(
                col(Suppression.account_id) == col(Call.account_id),
                col(Suppression.endpoint) == col(Call.endpoint),
            ),
        )
        .where(
            col(Suppression.created_time) > since,
            col(Suppression.removed_time).is_(None),
            col(Suppression.scope) == ScopeKind.ALL,
            col(Call.status) == CallStatus.QUEUED,
        )
        .limit(limit)
    )
    return tuple((await session.exec(statement)).all())
