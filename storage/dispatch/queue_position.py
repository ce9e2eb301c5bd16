"""Where the calls of an account that wait for a slot stand in line."""

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import bindparam
from sqlalchemy import select as sql_select
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from policy.dispatch import slots
from policy.dispatch.dwrr import Band, WaitingCall
from policy.dispatch.queue_position import (
    Flow,
    Group,
    QueuePosition,
    group_of,
    line,
    queue_positions,
)
from policy.dispatch.slots import Slot, SlotVerdict
from policy.model.call import WaitingFor
from storage.call_lists import call_counts
from storage.call_lists.call_counts import QueueClass
from storage.database.core import rows_of
from storage.dispatch import queue
from storage.dispatch.capacity import PACE_OVER, FreeSlots, free_slots_of
from storage.dispatch.queue import Candidate
from storage.tables import Account, Call, Lease
from storage.tables.types import UtcDateTime

#: So many turns are looked ahead, and about so many calls are looked at for it.
HORIZON = 1000
_ROWS = 1000
_FEWEST_OF_A_CLASS = 20
_ACCOUNT = ""
#: So many slots given are looked at for a pace; a faster one is as good as none.
_GIVEN = 5000
_RECENT = (
    sql_select(col(Lease.granted_at), col(Lease.agent_id), col(Lease.campaign_id))
    .where(
        col(Lease.account_id) == bindparam("account"),
        col(Lease.granted_at) > bindparam("since", type_=UtcDateTime()),
    )
    .order_by(col(Lease.granted_at).desc())
    .limit(_GIVEN)
)


@dataclass(frozen=True, slots=True)
class Wait:
    """How a call that waits for a slot stands now: its place, unless it is unknown, and why."""

    place: QueuePosition | None
    verdict: SlotVerdict


async def waits(
    session: AsyncSession,
    account: Account,
    now: datetime,
    shown: Collection[Call],
    places: Mapping[str, QueuePosition] | None = None,
) -> dict[str, Wait]:
    """How those of the calls stand that wait for a slot, by their ids; nothing is asked for none.

    The account's own people read it, so it names agents and campaigns. `places`, if they are known
    already, are those of `in_line`.
    """
    waiting = {call.call_id: call for call in shown if call.waiting_for is WaitingFor.SLOT}
    if not waiting:
        return {}
    if places is None:
        places = await in_line(session, account, now, waiting)
    campaigns = {call.campaign_id for call in waiting.values() if call.campaign_id is not None}
    room = await free_slots_of(session, account, now, campaigns)
    return {
        call_id: _wait(account, room, call, places.get(call_id), now)
        for call_id, call in waiting.items()
    }


def _wait(
    account: Account, room: FreeSlots, call: Call, place: QueuePosition | None, now: datetime
) -> Wait:
    return Wait(place, _verdict(account.pause_cause, room, call, place, now))


def _verdict(
    cause: str | None, room: FreeSlots, call: Call, place: QueuePosition | None, now: datetime
) -> SlotVerdict:
    if call.campaign_id in room.held:
        return SlotVerdict(Slot.HELD)
    if room.is_broke(call.campaign_id):
        return SlotVerdict(Slot.BROKE)
    if room.is_paused:
        return SlotVerdict(Slot.PAUSED, cause or "")
    whose = (call.agent_id, call.campaign_id)
    free = room.of(*whose)
    if free and place is not None and place.expected_start == now:
        return SlotVerdict(Slot.FULL, slots.NOTHING)
    return SlotVerdict(Slot.FULL, slots.limits(room.caps_of(*whose), free, named=True))


async def in_line(
    session: AsyncSession,
    account: Account,
    now: datetime,
    shown: Collection[str] | None = None,
    newcomer: Candidate | None = None,
) -> dict[str, QueuePosition]:
    """The places of those calls that are `shown` and come next, by their ids; None: all of them.

    Exact, and so a thousand places for one class; with more it ends at the turn after which a class
    goes on beyond what was looked at. Calls of paused campaigns have no place. `newcomer` is a call
    that might be made: it stands in line as if it had been.
    """
    classes = await call_counts.queue_classes(session, account.account_id)
    if newcomer is not None:
        classes = _with(classes, newcomer)
    campaigns = {one.campaign_id for one in classes if one.campaign_id is not None}
    room = await free_slots_of(session, account, now, campaigns)
    moving = [one for one in classes if one.campaign_id not in room.held]
    if not moving:
        return {}
    depth = min(HORIZON, max(_ROWS // len(moving), _FEWEST_OF_A_CLASS))
    found = await queue.candidates(session, account.account_id, moving, now, per_class=depth)
    if newcomer is not None:
        found = {**found, newcomer.call_id: newcomer}
    if shown is None:
        shown = found.keys()
    if found.keys().isdisjoint(shown):
        return {}
    waiting = [one.as_waiting() for one in found.values()]
    turns = line(
        waiting,
        _cut_short(waiting, depth, now),
        await queue.deficits(session, account.account_id),
        now,
        HORIZON,
    )
    flows = await _flows(session, account, now, room)
    return queue_positions(turns, _caps(moving, room), flows, now, shown)


def _with(classes: Sequence[QueueClass], one: Candidate) -> list[QueueClass]:
    """The classes with that of a call that might be made."""
    its = (one.agent_id, one.campaign_id, one.priority)
    known = {(each.agent_id, each.campaign_id, each.priority) for each in classes}
    return [*classes] if its in known else [*classes, QueueClass(*its, 1)]


def _cut_short(waiting: Sequence[WaitingCall], depth: int, now: datetime) -> set[Group]:
    """Groups of which there may be more than was looked up."""
    found = Counter(group_of(one, now) for one in waiting)
    near = sum(count for group, count in found.items() if group[-1] is Band.NEAR)
    return {
        group
        for group, count in found.items()
        if (near >= queue.MOST_NEAR if group[-1] is Band.NEAR else count > depth)
    }


def _caps(classes: Sequence[QueueClass], room: FreeSlots) -> dict[str, list[str]]:
    """What each class is held to; ids are unique, whatever they are of."""
    return {
        queue.class_key(one.agent_id, one.campaign_id): [
            id_ for id_ in (_ACCOUNT, one.agent_id, one.campaign_id) if id_ in room.caps
        ]
        for one in classes
    }


async def _flows(
    session: AsyncSession, account: Account, now: datetime, room: FreeSlots
) -> dict[str, Flow]:
    given: defaultdict[str, list[datetime]] = defaultdict(list)
    parameters = {"account": account.account_id, "since": now - PACE_OVER}
    for at, agent_id, campaign_id in await rows_of(session, _RECENT, parameters):
        for id_ in (_ACCOUNT, agent_id, campaign_id):
            given[id_].append(at)
    caps = dict(room.caps)
    if room.is_paused:
        caps[_ACCOUNT] = replace(caps[_ACCOUNT], dials_left=0)
    return {id_: Flow(cap, given[id_]) for id_, cap in caps.items()}
