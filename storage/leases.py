"""The one semaphore: who may dial now. Counted and granted under the account's lock.

A lease is live until it is released. Whoever counts first releases what has expired, so that no
two transactions can see the same lease differently, whatever their clocks say.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, exists
from sqlmodel import col, delete, select, update
from sqlmodel.ext.asyncio.session import AsyncSession

from policy import dispatch
from storage import queue
from storage.capacity import Room, room_of
from storage.locks import lock_account
from storage.tables import Account, Agent, Call, Lease

#: A lease outlives the longest that the leg may take by this, so that only a lost one expires.
MARGIN = timedelta(minutes=5)


def lifetime_of(call: Call) -> timedelta:
    """How long an attempt of this call may hold its slot."""
    return timedelta(seconds=call.ring_timeout + call.max_duration) + MARGIN


@dataclass(frozen=True, slots=True)
class Grant:
    """A slot for one attempt, to be taken up before it expires."""

    call_id: str
    attempt_number: int
    lease_id: str


async def take(
    session: AsyncSession,
    call: Call,
    attempt_number: int,
    now: datetime,
    *,
    lifetime: timedelta,
) -> bool:
    """Whether the attempt may be dialed: it was granted a slot, or there is one and no queue."""
    account = await lock_account(session, call.account_id)
    if account is None:
        return False
    await _release_expired(session, now, col(Lease.account_id) == account.account_id)
    own = await _lease_of(session, call.call_id, attempt_number)
    if own is not None and await _take_up(session, own, now, lifetime):
        return True
    if await queue.others_wait(session, call):
        return False
    rooms = await room_of(session, account, now)
    if not rooms.admits(call.agent_id):
        return False
    if own is not None:
        await _forget(session, {call.call_id: attempt_number})
    session.add(_lease(call, attempt_number, now, now + lifetime, taken_at=now))
    await session.flush()
    return True


async def _lease_of(session: AsyncSession, call_id: str, attempt_number: int) -> str | None:
    statement = select(Lease.lease_id).where(
        col(Lease.call_id) == call_id, col(Lease.attempt_number) == attempt_number
    )
    return (await session.exec(statement)).first()


async def _take_up(
    session: AsyncSession, lease_id: str, now: datetime, lifetime: timedelta
) -> bool:
    """Extends a lease, unless it has been released."""
    statement = (
        update(Lease)
        .where(col(Lease.lease_id) == lease_id, col(Lease.released_at).is_(None))
        .values(taken_at=now, expires_at=now + lifetime)
    )
    return (await session.exec(statement)).rowcount == 1


async def renew(session: AsyncSession, call: Call, attempt_number: int, now: datetime) -> bool:
    """Counts the lease's lifetime from now; False if the slot is not the attempt's any more."""
    await lock_account(session, call.account_id)
    statement = (
        update(Lease)
        .where(
            col(Lease.call_id) == call.call_id,
            col(Lease.attempt_number) == attempt_number,
            col(Lease.released_at).is_(None),
            col(Lease.expires_at) > now,
        )
        .values(expires_at=now + lifetime_of(call))
    )
    return (await session.exec(statement)).rowcount == 1


async def release(
    session: AsyncSession, call_id: str, now: datetime, attempt_number: int | None = None
) -> None:
    """Gives back the call's leases, or only that of one attempt.

    Under the account's lock, like every change to leases: call, then account, then leases.
    """
    owner = select(Call.account_id).where(col(Call.call_id) == call_id)
    account_id = (await session.exec(owner)).first()
    if account_id is not None:
        await lock_account(session, account_id)
    statement = update(Lease).where(col(Lease.call_id) == call_id, col(Lease.released_at).is_(None))
    if attempt_number is not None:
        statement = statement.where(col(Lease.attempt_number) == attempt_number)
    await session.exec(statement.values(released_at=now))


async def grant(
    session: AsyncSession, account_id: str, now: datetime, *, ttl: timedelta, take: int
) -> list[Grant]:
    """Hands up to `take` free slots of the account to waiting calls, in the order of policy."""
    account = await lock_account(session, account_id)
    if account is None:
        return []
    await _release_expired(session, now, col(Lease.account_id) == account_id)
    rooms = await room_of(session, account, now)
    take = min(take, rooms.account)
    if take <= 0:
        return []
    calls = await _chosen(session, account_id, rooms, now, take)
    numbers = await queue.next_numbers(session, [call.call_id for call in calls])
    await _forget(session, numbers)
    leases = [_lease(call, numbers[call.call_id], now, now + ttl) for call in calls]
    session.add_all(leases)
    await session.flush()
    return [Grant(lease.call_id, lease.attempt_number, lease.lease_id) for lease in leases]


async def _chosen(
    session: AsyncSession, account_id: str, rooms: Room, now: datetime, take: int
) -> list[Call]:
    waiting = await queue.candidates(session, account_id, now, per_class=take)
    deficits = await queue.deficits(session, account_id)

    def admit(one: dispatch.Waiting) -> bool:
        return rooms.occupy(waiting[one.call_id].agent_id)

    turns = [queue.as_waiting(call) for call in waiting.values()]
    chosen, after = dispatch.order(turns, deficits, now, take, admit)
    await queue.keep_deficits(session, account_id, deficits, after)
    return [waiting[one.call_id] for one in chosen]


async def accounts_waiting(session: AsyncSession) -> list[str]:
    """Accounts of which some call waits for a slot."""
    somebody = exists().where(col(Call.account_id) == col(Account.account_id), queue.IN_QUEUE)
    return list((await session.exec(select(Account.account_id).where(somebody))).all())


async def take_back(session: AsyncSession, now: datetime) -> int:
    """Releases leases that have expired; returns how many. Waits for no account that is busy."""
    overdue = select(Lease.account_id).where(
        col(Lease.released_at).is_(None), col(Lease.expires_at) <= now
    )
    # Whoever holds an account releases what has expired there; waiting for it might deadlock.
    free = (
        select(Account.account_id)
        .where(col(Account.account_id).in_(overdue))
        .with_for_update(key_share=True, skip_locked=True)
    )
    accounts = (await session.exec(free)).all()
    if not accounts:
        return 0
    return await _release_expired(session, now, col(Lease.account_id).in_(accounts))


async def live(session: AsyncSession, now: datetime) -> list[Lease]:
    """Leases that count against a cap, oldest first."""
    statement = (
        select(Lease)
        .where(col(Lease.released_at).is_(None), col(Lease.expires_at) > now)
        .order_by(col(Lease.granted_at))
    )
    return list((await session.exec(statement)).all())


async def room(session: AsyncSession, account: Account, agent: Agent, now: datetime) -> int:
    """How many more calls of this agent could be dialed now."""
    return (await room_of(session, account, now)).of(agent.agent_id)


async def _release_expired(
    session: AsyncSession, now: datetime, *of_accounts: ColumnElement[bool]
) -> int:
    statement = (
        update(Lease)
        .where(col(Lease.released_at).is_(None), col(Lease.expires_at) <= now, *of_accounts)
        .values(released_at=now)
    )
    return (await session.exec(statement)).rowcount


async def _forget(session: AsyncSession, numbers: dict[str, int]) -> None:
    """Removes released leases of these attempts: a new grant is a new lease."""
    stale = select(Lease.lease_id, Lease.call_id, Lease.attempt_number).where(
        col(Lease.call_id).in_(numbers)
    )
    ids = [
        lease_id
        for lease_id, call_id, number in (await session.exec(stale)).all()
        if numbers[call_id] == number
    ]
    if ids:
        await session.exec(delete(Lease).where(col(Lease.lease_id).in_(ids)))


def _lease(
    call: Call,
    attempt_number: int,
    now: datetime,
    expires_at: datetime,
    *,
    taken_at: datetime | None = None,
) -> Lease:
    return Lease(
        account_id=call.account_id,
        agent_id=call.agent_id,
        campaign_id=call.campaign_id,
        call_id=call.call_id,
        attempt_number=attempt_number,
        granted_at=now,
        taken_at=taken_at,
        expires_at=expires_at,
    )
