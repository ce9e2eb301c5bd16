"""What calls say of themselves to be counted, and what of it is in the sums already."""

import json
from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Table
from sqlalchemy import select as sql_select
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from policy.analytics.counters import CountedCall, CountedDial, Dimensions, counted
from policy.location.jurisdictions import likeliest
from policy.location.recipient_location import locate_recipient
from policy.model.call import EndpointKind
from storage.analytics.rollup_cells import CellChanges, SeriesOwner, write
from storage.database.core import rows_of
from storage.database.pagination import batches
from storage.database.upsert import upsert_all
from storage.tables import Attempt, Call, Counted, JsonObject

_COUNTED: Table = Counted.metadata.tables["counted"]
_REPLACED = "UPDATE SET generation = excluded.generation, sums = excluded.sums"
_CALL = (
    *(col(Call.call_id), col(Call.agent_id), col(Call.campaign_id), col(Call.pathway_id)),
    *(col(Call.created_time), col(Call.caller_id), col(Call.outcome)),
    col(Call.message_left),
    *(col(Call.endpoint), col(Call.endpoint_kind), col(Call.recipient_spec)),
)
_ATTEMPT = (
    *(col(Attempt.call_id), col(Attempt.dialed_at), col(Attempt.result)),
    *(col(Attempt.from_endpoint), col(Attempt.cost), col(Attempt.duration_seconds)),
    *(col(Attempt.jurisdiction), col(Attempt.zone)),
)
Sums = dict[Dimensions, Counter[str]]


@dataclass(frozen=True, slots=True)
class _Before:
    """What of a call is in the sums of a generation, and what was counted of it last, in any."""

    text: str = "[]"
    last: str = "[]"

    @property
    def sums(self) -> Sums:
        return _read(self.text)

    @property
    def last_sums(self) -> Sums:
        return _read(self.last)


_NOTHING = _Before()


async def recount(
    session: AsyncSession, account_id: str, generation: int, call_ids: Collection[str]
) -> None:
    """Brings the sums to what these calls say now. Doing it again changes nothing.

    The caller holds the account's place, so nobody else counts it meanwhile.
    """
    changes = CellChanges()
    for some in batches(sorted(call_ids)):
        before = await _before(session, generation, some)
        stories = await _stories(session, some, before)
        of = account_id, generation
        changed = []
        for call_id, (owned, story) in stories.items():
            row = _enter(changes, SeriesOwner(*of, *owned), story, before.get(call_id, _NOTHING))
            if row is not None:
                changed.append(((call_id,), {"generation": generation, "sums": row}))
        await upsert_all(session, _COUNTED, changed, on_conflict=_REPLACED)
    await write(session, changes)


def _enter(
    changes: CellChanges, owner: SeriesOwner, story: CountedCall, before: _Before
) -> str | None:
    """Enters the difference; returns what is in the sums from now on, None if nothing changed."""
    now = counted(story)
    text = _written(now)
    if text == before.text:
        return None
    for heading, sums in before.sums.items():
        now.setdefault(heading, Counter()).subtract(sums)
    for heading, sums in now.items():
        if change := {name: number for name, number in sums.items() if number}:
            changes.add(owner, heading, change)
    return text


async def _before(
    session: AsyncSession, generation: int, call_ids: Sequence[str]
) -> dict[str, _Before]:
    statement = sql_select(col(Counted.call_id), col(Counted.generation), col(Counted.sums)).where(
        col(Counted.call_id).in_(call_ids)
    )
    return {
        call_id: _Before(last if counted_in == generation else _NOTHING.text, last)
        for call_id, counted_in, last in await rows_of(session, statement)
    }


def _written(sums: Sums) -> str:
    """The same text for the same sums."""
    rows = [
        [one.quarter, one.caller_id, one.jurisdiction, one.week, dict(sorted(of_one.items()))]
        for one, of_one in sums.items()
    ]
    return json.dumps(sorted(rows, key=repr), separators=(",", ":"))


def _read(text: str) -> Sums:
    return {
        Dimensions(quarter, caller_id, jurisdiction, tuple(week) if week else None): Counter(sums)
        for quarter, caller_id, jurisdiction, week, sums in json.loads(text)
    }


# -- the calls' own rows


async def _stories(
    session: AsyncSession, call_ids: Sequence[str], before: Mapping[str, _Before]
) -> dict[str, tuple[tuple[str, str, str], CountedCall]]:
    """By the calls' ids, with agent, campaign and pathway; "" is none."""
    dials = await _dials(session, call_ids)
    statement = sql_select(*_CALL).where(col(Call.call_id).in_(call_ids))
    found = {}
    for row in await rows_of(session, statement):
        owned = (row.agent_id, row.campaign_id or "", row.pathway_id or "")
        of_call = dials.get(row.call_id, ())
        story = CountedCall(
            accepted_at=row.created_time,
            caller_id=row.caller_id,
            jurisdiction=_jurisdiction(row, of_call, before.get(row.call_id, _NOTHING)),
            outcome=row.outcome,
            message_left=bool(row.message_left),
            dials=of_call,
        )
        found[row.call_id] = (owned, story)
    return found


async def _dials(
    session: AsyncSession, call_ids: Sequence[str]
) -> Mapping[str, tuple[CountedDial, ...]]:
    """Settled attempts; what the others come to is not known yet."""
    found: defaultdict[str, tuple[CountedDial, ...]] = defaultdict(tuple)
    statement = (
        sql_select(*_ATTEMPT)
        .where(col(Attempt.call_id).in_(call_ids), col(Attempt.settled_at).is_not(None))
        .order_by(col(Attempt.call_id), col(Attempt.number))
    )
    for row in await rows_of(session, statement):
        dial = CountedDial(
            dialed_at=row.dialed_at,
            result=row.result,
            caller_id=row.from_endpoint,
            cost=row.cost or 0,
            duration=row.duration_seconds,
            jurisdiction=row.jurisdiction,
            zone=row.zone,
        )
        found[row.call_id] += (dial,)
    return found


def _jurisdiction(row: Any, dials: Sequence[CountedDial], before: _Before) -> str | None:
    """As it was dialed, else by the number; of somebody who was erased as it was counted before."""
    told = (dial.jurisdiction for dial in dials if dial.jurisdiction is not None)
    return next(told, None) or _by_number(row) or _counted_under(row, before)


def _by_number(row: Any) -> str | None:
    recipient: JsonObject = row.recipient_spec
    kind: EndpointKind = row.endpoint_kind
    place = locate_recipient(
        row.endpoint,
        kind,
        zone=recipient.get("timezone"),
        country=recipient.get("country"),
        postal_code=recipient.get("postalCode"),
    )
    return likeliest(place.jurisdictions)


def _counted_under(row: Any, before: _Before) -> str | None:
    found = (one.jurisdiction for one, sums in before.last_sums.items() if "scheduled" in sums)
    return next(found, None)
