"""Where the calls of an account that wait for a slot stand in line."""

from collections import Counter
from collections.abc import Collection, Sequence
from datetime import datetime

from sqlmodel.ext.asyncio.session import AsyncSession

from policy.dispatch.dwrr import Band, WaitingCall
from policy.dispatch.queue_position import (
    Group,
    Pace,
    QueuePosition,
    group_of,
    line,
    queue_positions,
)
from storage.call_lists import call_counts
from storage.call_lists.call_counts import QueueClass
from storage.dispatch import queue
from storage.dispatch.capacity import FreeSlots, SlotUse, free_slots_of
from storage.tables import Account

#: So many turns are looked ahead, and about so many calls are looked at for it.
HORIZON = 1000
_ROWS = 1000
_FEWEST_OF_A_CLASS = 20
_ACCOUNT = ""


async def in_line(
    session: AsyncSession, account: Account, now: datetime, shown: Collection[str]
) -> dict[str, QueuePosition]:
    """The places of those calls that are `shown` and come next, by their ids.

    Exact, and so a thousand places for one class; with more it ends at the turn after which a class
    goes on beyond what was looked at. Calls of paused campaigns have no place.
    """
    classes = await call_counts.queue_classes(session, account.account_id)
    campaigns = {one.campaign_id for one in classes if one.campaign_id is not None}
    room = await free_slots_of(session, account, now, campaigns)
    moving = [one for one in classes if one.campaign_id not in room.held]
    if not moving:
        return {}
    depth = min(HORIZON, max(_ROWS // len(moving), _FEWEST_OF_A_CLASS))
    found = await queue.candidates(session, account.account_id, moving, now, per_class=depth)
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
    return queue_positions(turns, _caps(moving, room), _paces(room), now, shown)


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
    capped = {*room.agents, *room.campaigns}
    return {
        queue.class_key(one.agent_id, one.campaign_id): [
            _ACCOUNT,
            *({one.agent_id, one.campaign_id or _ACCOUNT} & capped),
        ]
        for one in classes
    }


def _paces(room: FreeSlots) -> dict[str, Pace]:
    whole = sum(room.used.values(), SlotUse())
    paces = {_ACCOUNT: _pace(room.account, whole, broke=_ACCOUNT in room.broke)}
    if room.is_paused:
        paces[_ACCOUNT] = Pace(0, 0)
    for place, rooms in enumerate((room.agents, room.campaigns)):
        for id_, free in rooms.items():
            used = sum((used for key, used in room.used.items() if key[place] == id_), SlotUse())
            paces[id_] = _pace(free, used, broke=id_ in room.broke)
    return paces


def _pace(free: int, used: SlotUse, *, broke: bool) -> Pace:
    return Pace(0, 0) if broke else Pace(free, used.recent)
