"""The one semaphore: who may dial now. Counted and granted under the account's lock.

A lease is live until it is released. Whoever finds room where one has expired releases it, so that
no two transactions can see the same lease differently, whatever their clocks say.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, bindparam, insert
from sqlalchemy import select as sql_select
from sqlmodel import col, delete, select, update
from sqlmodel.ext.asyncio.session import AsyncSession

from policy.dispatch import dwrr, slots
from policy.dispatch.slots import Slot, SlotVerdict
from policy.model.call import WaitingFor
from storage.call_lists import call_counts
from storage.call_lists.call_counts import QueueClass
from storage.database.bulk import insert_all
from storage.database.core import changed, rows_of
from storage.database.locks import lock_account
from storage.dispatch import dialing_pause, queue, quotas, slot_use
from storage.dispatch.capacity import FreeSlots, free_slots_of
from storage.dispatch.queue import Candidate
from storage.dispatch.slot_use import SlotsAsked
from storage.tables import Account, Agent, Call, Campaign, JsonObject, Lease
from storage.tables.columns import new_id
from storage.tables.types import UtcDateTime

#: A lease outlives the longest that the leg may take by this, so that only a lost one expires.
MARGIN = timedelta(minutes=5)
_OF_CALL = col(Lease.call_id) == bindparam("call")
_OF_ATTEMPT = and_(_OF_CALL, col(Lease.attempt_number) == bindparam("nth"))
_IS_HELD = col(Lease.released_at).is_(None)
_NOW = bindparam("now", type_=UtcDateTime())
# Made once: they are asked with every call.
_RENEW = (
    update(Lease)
    .where(_OF_ATTEMPT, _IS_HELD, col(Lease.expires_at) > _NOW)
    .values(expires_at=bindparam("until", type_=UtcDateTime()))
)
_TAKE_UP = (
    update(Lease)
    .where(col(Lease.lease_id) == bindparam("own"), _IS_HELD, col(Lease.expires_at) > _NOW)
    .values(taken_at=_NOW, expires_at=bindparam("until", type_=UtcDateTime()))
)
_OF_CALLS = sql_select(col(Lease.lease_id), col(Lease.call_id), col(Lease.attempt_number)).where(
    col(Lease.call_id).in_(bindparam("calls", expanding=True))
)
_RELEASE = update(Lease).where(_OF_CALL, _IS_HELD).values(released_at=_NOW)
_RELEASE_ONE = _RELEASE.where(col(Lease.attempt_number) == bindparam("nth"))
_LEASES = Lease.metadata.tables["lease"]
_INSERT = insert(_LEASES).inline()


def lifetime_of(call: Call) -> timedelta:
    """How long an attempt of this call may hold its slot."""
    return timedelta(seconds=call.ring_timeout + call.max_duration) + MARGIN


@dataclass(frozen=True, slots=True)
class Grant:
    """A slot for one attempt, to be taken up before it expires.

    `row`: the call, where it waited as one and its workflow is to begin.
    """

    call_id: str
    attempt_number: int
    lease_id: str
    row: Candidate | None = None


async def take(
    session: AsyncSession,
    call: Call,
    attempt_number: int,
    now: datetime,
    *,
    lifetime: timedelta,
) -> SlotVerdict:
    """A slot for the attempt: one that it was granted, or one that nobody who waits could use."""
    account = await lock_account(session, call.account_id)
    if account is None:
        return SlotVerdict(Slot.FULL)
    known = await slot_use.asked(
        session,
        account.account_id,
        now,
        call_id=call.call_id,
        attempt_number=attempt_number,
        campaign_id=call.campaign_id,
    )
    if known.is_held or dialing_pause.bars(account, call.call_id):
        await release(session, call.call_id, now, attempt_number)
    elif known.own is not None and await _take_up(session, known.own, now, lifetime):
        return SlotVerdict(Slot.TAKEN)
    if known.is_held:
        return SlotVerdict(Slot.HELD)
    found = await _free_slot(session, account, call, now, known)
    if found.slot is Slot.TAKEN:
        if known.own is not None:
            await _forget(session, {call.call_id: attempt_number})
        await changed(session, _INSERT, _lease(call, attempt_number, now, now + lifetime))
        dialing_pause.note_probe(session, account, call.call_id)
    return found


async def _free_slot(
    session: AsyncSession, account: Account, call: Call, now: datetime, known: SlotsAsked
) -> SlotVerdict:
    """Whether a slot would be left for the call after all that wait have had theirs."""
    others = _others(known.classes, call)
    campaigns = _campaigns(others) | ({call.campaign_id} if call.campaign_id else set())
    rooms = await _room_of(session, account, now, campaigns, known, call)
    if rooms.is_broke(call.campaign_id):
        return SlotVerdict(Slot.BROKE)
    if not rooms.is_needed(call.campaign_id, call.context):
        return SlotVerdict(Slot.NOT_NEEDED)
    whose = (call.agent_id, call.campaign_id)
    free = rooms.of(*whose)
    rooms.serve(others)
    if rooms.admits(*whose):
        return SlotVerdict(Slot.TAKEN)
    if rooms.is_paused:
        return SlotVerdict(Slot.PAUSED, account.pause_cause or "")
    # It goes into the workflow's history, so nobody is named.
    return SlotVerdict(Slot.FULL, slots.limits(rooms.caps_of(*whose), free, named=False))


async def _room_of(
    session: AsyncSession,
    account: Account,
    now: datetime,
    campaigns: set[str],
    known: SlotsAsked,
    asks: Call | None = None,
) -> FreeSlots:
    """The account's room, and nobody may come back to an expired lease whose slot it offers."""
    rooms = await free_slots_of(session, account, now, campaigns, known, asks)
    if rooms.has_expired:
        await _release_expired(session, now, col(Lease.account_id) == account.account_id)
    return rooms


def _others(classes: Sequence[QueueClass], call: Call) -> Sequence[QueueClass]:
    """What waits for a slot besides this very call."""
    if call.waiting_for is not WaitingFor.SLOT:
        return classes
    own = (call.agent_id, call.campaign_id, call.priority)
    return [
        replace(one, count=one.count - 1)
        if (one.agent_id, one.campaign_id, one.priority) == own
        else one
        for one in classes
    ]


def _campaigns(classes: Sequence[QueueClass]) -> set[str]:
    return {one.campaign_id for one in classes if one.campaign_id is not None}


async def _take_up(
    session: AsyncSession, lease_id: str, now: datetime, lifetime: timedelta
) -> bool:
    """Extends a lease, unless it has been released or has run out."""
    key = {"own": lease_id, "now": now, "until": now + lifetime}
    return await changed(session, _TAKE_UP, key) == 1


async def lasts(
    session: AsyncSession, call: Call, attempt_number: int, now: datetime, until: datetime | None
) -> bool:
    """Whether the slot is still the attempt's, for as long as its leg may take from now on.

    `until`: when its lease runs out, as read under the account's lock; None: it has none. One that
    was taken a moment ago lasts; another is given its lifetime anew.
    """
    if until is None or until <= now:
        return False
    if until >= now + lifetime_of(call) - MARGIN / 2:
        return True
    return await renew(session, call, attempt_number, now)


async def renew(session: AsyncSession, call: Call, attempt_number: int, now: datetime) -> bool:
    """Counts the lease's lifetime from now; False if the slot is not the attempt's any more."""
    await lock_account(session, call.account_id)
    key = {"call": call.call_id, "nth": attempt_number, "now": now}
    until = {"until": now + lifetime_of(call)}
    return await changed(session, _RENEW, {**key, **until}) == 1


async def release(
    session: AsyncSession, call_id: str, now: datetime, attempt_number: int | None = None
) -> None:
    """Gives back the call's leases, or only that of one attempt.

    Under the account's lock, like every change to leases: call, then account, then leases.
    """
    call = await session.get(Call, call_id)
    if call is not None:
        await lock_account(session, call.account_id)
    key: JsonObject = {"call": call_id, "now": now}
    if attempt_number is None:
        await changed(session, _RELEASE, key)
    else:
        await changed(session, _RELEASE_ONE, {**key, "nth": attempt_number})


async def grant(
    session: AsyncSession, account_id: str, now: datetime, *, ttl: timedelta, take: int
) -> list[Grant]:
    """Hands up to `take` free slots of the account to waiting calls, in the order of policy."""
    account = await lock_account(session, account_id)
    if account is None:
        return []
    known = await slot_use.asked(session, account_id, now)
    classes = known.classes
    rooms = await _room_of(session, account, now, _campaigns(classes), known)
    take = min(take, rooms.account)
    if take <= 0 or not classes:
        return []
    chosen = await _chosen(session, account, classes, rooms, now, take)
    chosen = await quotas.without_full(session, chosen, rooms)
    numbers = await queue.next_numbers(session, [one.call_id for one in chosen])
    await _forget(session, numbers)
    rows = [_lease_to(account_id, one, numbers[one.call_id], now, now + ttl) for one in chosen]
    await insert_all(session, _LEASES, rows)
    for one in chosen:
        dialing_pause.note_probe(session, account, one.call_id)
    return [
        Grant(row["call_id"], row["attempt_number"], row["lease_id"], one if one.is_row else None)
        for row, one in zip(rows, chosen, strict=True)
    ]


async def _chosen(
    session: AsyncSession,
    account: Account,
    classes: Sequence[QueueClass],
    rooms: FreeSlots,
    now: datetime,
    take: int,
) -> list[Candidate]:
    account_id = account.account_id
    may_run = [one for one in classes if rooms.admits(one.agent_id, one.campaign_id)]
    may_not = [one for one in classes if one not in may_run]
    before = await queue.deficits(session, account_id)
    # Rarely does one class have most of the turns: look at a few calls of each first.
    for depth in (min(take, 2 + 3 * take // max(len(may_run), 1)), take):
        waiting = await queue.candidates(session, account_id, may_run, now, per_class=depth)
        if rooms.is_paused:
            # One call that is always refused may not be all that is ever tried.
            others = {key: one for key, one in waiting.items() if key != account.probe_call_id}
            waiting = others or waiting
        chosen, after = _turns(waiting, before, rooms.copy(), now, take)
        if depth == take or not queue.ran_dry(waiting, chosen, depth, now):
            break
    await queue.keep_deficits(
        session, account_id, before, {**queue.sitting_out(before, may_not), **after}
    )
    return chosen


def _turns(
    waiting: Mapping[str, Candidate],
    deficits: Mapping[str, int],
    rooms: FreeSlots,
    now: datetime,
    take: int,
) -> tuple[list[Candidate], dict[str, int]]:
    def admit(one: dwrr.WaitingCall) -> bool:
        call = waiting[one.call_id]
        return rooms.occupy(call.agent_id, call.campaign_id)

    turns = [call.as_waiting() for call in waiting.values()]
    chosen, after = dwrr.order(turns, deficits, now, take, admit)
    return [waiting[one.call_id] for one in chosen], after


async def accounts_waiting(session: AsyncSession) -> list[str]:
    """Accounts of which some call waits for a slot, unless a paused campaign holds it back."""
    return await call_counts.accounts_in_queue(session)


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


async def purge(session: AsyncSession, granted_before: datetime, limit: int) -> int:
    """Removes leases that nothing counts any more; returns how many."""
    accounts = select(Account.account_id)
    old = (
        select(Lease.lease_id)
        .where(
            # Account by account, as the index has them.
            col(Lease.account_id).in_(accounts),
            col(Lease.granted_at) < granted_before,
            col(Lease.released_at).is_not(None),
        )
        .limit(limit)
    )
    ids = (await session.exec(old)).all()
    if ids:
        await session.exec(delete(Lease).where(col(Lease.lease_id).in_(ids)))
    return len(ids)


async def live(session: AsyncSession, now: datetime) -> list[Lease]:
    """Leases that count against a cap, oldest first."""
    statement = (
        select(Lease)
        .where(col(Lease.released_at).is_(None), col(Lease.expires_at) > now)
        .order_by(col(Lease.granted_at))
    )
    return list((await session.exec(statement)).all())


async def room(
    session: AsyncSession,
    account: Account,
    agent: Agent,
    now: datetime,
    campaign: Campaign | None = None,
) -> int:
    """How many more calls of this agent, and of the campaign, could be dialed now."""
    campaign_id = None if campaign is None else campaign.campaign_id
    campaigns = () if campaign_id is None else (campaign_id,)
    return (await free_slots_of(session, account, now, campaigns)).of(agent.agent_id, campaign_id)


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
    known = await rows_of(session, _OF_CALLS, {"calls": list(numbers)}) if numbers else ()
    ids = [lease_id for lease_id, call_id, number in known if numbers[call_id] == number]
    if ids:
        await session.exec(delete(Lease).where(col(Lease.lease_id).in_(ids)))


def _lease_to(
    account_id: str, to: Candidate, attempt_number: int, now: datetime, expires_at: datetime
) -> JsonObject:
    """The columns of a lease: in a batch, rows that never were objects are half the cost."""
    return {
        "lease_id": new_id(),
        "account_id": account_id,
        "agent_id": to.agent_id,
        "campaign_id": to.campaign_id,
        "call_id": to.call_id,
        "attempt_number": attempt_number,
        "granted_at": now,
        "expires_at": expires_at,
    }


def _lease(call: Call, attempt_number: int, now: datetime, expires_at: datetime) -> JsonObject:
    """A lease that is taken up as it is granted."""
    return {
        "lease_id": new_id(),
        "account_id": call.account_id,
        "agent_id": call.agent_id,
        "campaign_id": call.campaign_id,
        "call_id": call.call_id,
        "attempt_number": attempt_number,
        "granted_at": now,
        "taken_at": now,
        "expires_at": expires_at,
    }
