"""Attempts, the lines of the dial ledger: planned, found, held.

What happens to one is in `dial_ledger` up to the carrier's answer, in `carrier_updates` after, and
in `settlement` at the end.
"""

import secrets
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from sqlalchemy import bindparam, text
from sqlmodel import and_, col, or_, select
from sqlmodel.ext.asyncio.session import AsyncSession

from policy.model.call import AttemptState
from policy.model.purposes import Notice
from storage.attempts.carrier_updates import (
    AttemptChange,
    CarrierUpdate,
    apply_answered_by,
    apply_carrier_event,
    awaits_voicemail,
    note_person,
    note_recording,
)
from storage.attempts.dial_ledger import (
    SendGate,
    begin_sending,
    bind,
    mark_over,
    mark_sent,
    mark_unknown,
    note_end_asked,
    note_sent,
    park,
)
from storage.attempts.settlement import close, settle
from storage.database.locks import (
    BY_NUMBER,
    BY_TOKEN,
    hold_attempt,
    lock_attempt,
    lock_call,
)
from storage.database.pagination import batches
from storage.database.upsert import insert_values_once
from storage.tables import Attempt, Call, Transfer
from storage.tables.columns import new_id

__all__ = [
    "AttemptChange",
    "CarrierUpdate",
    "SendGate",
    "abandoned",
    "apply_answered_by",
    "apply_carrier_event",
    "awaits_voicemail",
    "begin_sending",
    "bind",
    "by_sid",
    "close",
    "get",
    "hold",
    "hold_by_token",
    "known_sids",
    "mark_over",
    "mark_sent",
    "mark_unknown",
    "note_end_asked",
    "note_person",
    "note_recording",
    "note_sent",
    "of_call",
    "park",
    "plan",
    "reload",
    "settle",
    "silent",
    "unwanted",
    "withdraw",
]

#: Beyond the ring timeout: when a leg that rings should have told of its end.
RING_MARGIN = timedelta(seconds=15)
#: An answered leg is asked about this often, a ringing one that is overdue more often.
ANSWERED_CHECK = timedelta(seconds=30)
RINGING_CHECK = timedelta(seconds=15)
#: An end that the workflow has not taken up after this long is told again.
ENDED_CHECK = timedelta(seconds=10)
#: No leg lasts longer; what the carrier has forgotten needs no hanging up.
ABANDONED_WITHIN = timedelta(hours=24)
#: Said as the partial index says it, or SQLite would not use that.
ABANDONED = (
    text("(attempt.state = 'sent' OR attempt.state = 'ringing' OR attempt.state = 'answered')"),
    col(Attempt.settled_at).is_not(None),
)
_CANDIDATES = 2000
NO_NOTICES: Mapping[Notice, str] = {}
_NUMBERED = select(Attempt).where(BY_NUMBER)
_UNSETTLED = select(Attempt).where(
    col(Attempt.call_id) == bindparam("call"), col(Attempt.settled_at).is_(None)
)


async def plan(
    session: AsyncSession,
    call: Call,
    number: int,
    now: datetime,
    *,
    valid_until: datetime | None = None,
    notices: Mapping[Notice, str] = NO_NOTICES,
    jurisdiction: str | None = None,
    zone: str | None = None,
) -> None:
    """The intent to dial: one line for each (call, number), however often it is planned."""
    call = await lock_call(session, call.call_id) or call
    row = {
        "attempt_id": new_id(),
        "call_id": call.call_id,
        "account_id": call.account_id,
        "number": number,
        "token": secrets.token_urlsafe(32),
        "to_endpoint": call.endpoint,
        "from_endpoint": call.caller_id,
        "subject": call.subject,
        "notices": {notice.value: rule for notice, rule in notices.items()},
        "jurisdiction": jurisdiction,
        "zone": zone,
        "state": AttemptState.INTENT,
        "dialed_at": now,
        "valid_until": valid_until,
    }
    await insert_values_once(session, Attempt, row, "call_id", "number")


async def reload(session: AsyncSession, attempt: Attempt) -> Attempt:
    """The attempt as it is now, in this session, held with its call."""
    return (await lock_attempt(session, attempt))[1]


async def get(session: AsyncSession, call_id: str, number: int) -> Attempt | None:
    key = {"call": call_id, "nth": number}
    return (await session.exec(_NUMBERED, params=key)).one_or_none()


async def hold_by_token(session: AsyncSession, token: str) -> tuple[Call, Attempt] | None:
    """The same with its call, both held until the transaction ends."""
    return await hold_attempt(session, BY_TOKEN, token=token)


async def hold(session: AsyncSession, call_id: str, number: int) -> tuple[Call, Attempt] | None:
    """An attempt and its call, held until the transaction ends."""
    return await hold_attempt(session, BY_NUMBER, call=call_id, nth=number)


async def by_sid(session: AsyncSession, sid: str) -> Attempt | None:
    statement = select(Attempt).where(col(Attempt.carrier_sid) == sid)
    return (await session.exec(statement)).one_or_none()


async def of_call(session: AsyncSession, call_id: str) -> list[Attempt]:
    """In the order in which they were dialed."""
    statement = select(Attempt).where(col(Attempt.call_id) == call_id).order_by(col(Attempt.number))
    return list((await session.exec(statement)).all())


async def known_sids(session: AsyncSession, sids: Iterable[str]) -> set[str]:
    """Those of the sids that are some attempt's own, or of the leg to a transfer's target."""
    found: set[str | None] = set()
    for some in batches(list(sids)):
        for sid in (col(Attempt.carrier_sid), col(Transfer.leg_sid)):
            found.update((await session.exec(select(sid).where(sid.in_(some)))).all())
    return {sid for sid in found if sid is not None}


async def withdraw(session: AsyncSession, call: Call, now: datetime) -> int:
    """Settles what a call that ends has left open; intents can then never be sent."""
    await lock_call(session, call.call_id)
    unsettled = (await session.exec(_UNSETTLED, params={"call": call.call_id})).all()
    for attempt in unsettled:
        await settle(session, attempt, now)
    return len(unsettled)


async def abandoned(session: AsyncSession, now: datetime, limit: int) -> list[Attempt]:
    """Legs that live on though their attempt was settled without them: nobody carries them."""
    statement = (
        select(Attempt)
        .where(
            *ABANDONED,
            col(Attempt.sent_at) > now - ABANDONED_WITHIN,
        )
        .limit(limit)
    )
    return list((await session.exec(statement)).all())


async def unwanted(session: AsyncSession, limit: int) -> list[Attempt]:
    """Legs that nobody has answered of calls that were canceled, and that nobody asked to end."""
    statement = (
        select(Attempt)
        .where(
            col(Attempt.call_id) == col(Call.call_id),
            col(Attempt.settled_at).is_(None),
            col(Attempt.end_asked_at).is_(None),
            col(Attempt.state).in_([AttemptState.SENT, AttemptState.RINGING]),
            col(Call.cancel_requested).is_(True),
        )
        .limit(limit)
    )
    return list((await session.exec(statement)).all())


async def silent(session: AsyncSession, now: datetime, limit: int) -> list[Attempt]:
    """Unsettled legs we should have heard of: overdue, long unasked, or ended and not taken up."""
    unasked = or_(col(Attempt.checked_at).is_(None), col(Attempt.checked_at) < now - RINGING_CHECK)
    statement = (
        select(Attempt, Call.ring_timeout)
        .where(col(Attempt.call_id) == col(Call.call_id), col(Attempt.settled_at).is_(None))
        .where(
            or_(
                and_(
                    col(Attempt.state).in_([AttemptState.SENT, AttemptState.RINGING]),
                    col(Attempt.sent_at) < now - RING_MARGIN,
                    unasked,
                ),
                and_(
                    col(Attempt.state) == AttemptState.ANSWERED,
                    col(Attempt.answered_at) < now - ANSWERED_CHECK,
                    or_(
                        col(Attempt.checked_at).is_(None),
                        col(Attempt.checked_at) < now - ANSWERED_CHECK,
                    ),
                ),
                and_(
                    col(Attempt.state) == AttemptState.ENDED,
                    col(Attempt.ended_at) < now - ENDED_CHECK,
                    unasked,
                ),
            )
        )
        .order_by(col(Attempt.sent_at))
        .limit(_CANDIDATES)
    )
    found = (await session.exec(statement)).all()
    return [leg for leg, ring_timeout in found if _is_overdue(leg, ring_timeout, now)][:limit]


def _is_overdue(attempt: Attempt, ring_timeout: int, now: datetime) -> bool:
    if attempt.state not in (AttemptState.SENT, AttemptState.RINGING):
        return True
    assert attempt.sent_at is not None
    return attempt.sent_at < now - RING_MARGIN - timedelta(seconds=ring_timeout)
