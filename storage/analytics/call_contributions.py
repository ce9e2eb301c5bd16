"""What calls say of themselves to be counted, and what of it is in the sums already."""

import asyncio
import json
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
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
from storage.tables import Attempt, Call, Counted, JsonObject, Transfer

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
Sums = dict[Dimensions, dict[str, int]]
_encode = json.JSONEncoder(separators=(",", ":")).encode


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
                changed.append((call_id, generation, row))
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
    _add_all(changes, owner, now, 1)
    _add_all(changes, owner, before.sums, -1)
    return text


def _add_all(changes: CellChanges, owner: SeriesOwner, sums: Sums, sign: int) -> None:
    for heading, of_one in sums.items():
        changes.add(owner, heading, of_one, sign)


@dataclass(frozen=True, slots=True)
class Contributions:
    """What calls add to a generation that has nothing of them yet, worked out ahead."""

    account_id: str
    generation: int
    changes: CellChanges = field(default_factory=CellChanges)
    #: By the calls' ids: whose they are, their sums, and these as they are kept.
    calls: dict[str, tuple[SeriesOwner, Sums, str]] = field(default_factory=dict)

    def add(self, call_id: str, owned: tuple[str, str, str], story: CountedCall) -> None:
        owner, sums = SeriesOwner(self.account_id, self.generation, *owned), counted(story)
        _add_all(self.changes, owner, sums, 1)
        self.calls[call_id] = owner, sums, _written(sums)

    def leave_out(self, call_id: str) -> None:
        owner, sums, _ = self.calls.pop(call_id)
        _add_all(self.changes, owner, sums, -1)


async def contributions(
    session: AsyncSession, account_id: str, generation: int, call_ids: Sequence[str]
) -> Contributions:
    """What the calls would add as they are now. Nothing is held: who enters it looks again."""
    found = Contributions(account_id, generation)
    for some in batches(call_ids):
        for call_id, (owned, story) in (await _stories(session, some)).items():
            found.add(call_id, owned, story)
        await asyncio.sleep(0)
    # Now, while nobody waits for it.
    found.changes.rows()
    return found


async def enter(session: AsyncSession, found: Contributions) -> None:
    """Adds it, but for the calls that were counted meanwhile: those are counted once more.

    What has changed since it was worked out, and was not counted, has its event or its mark still
    before it. The caller holds the account's place.
    """
    again = await _counted_in(session, found.generation, list(found.calls))
    for call_id in again:
        found.leave_out(call_id)
    rows = [(one, found.generation, text) for one, (_, _, text) in sorted(found.calls.items())]
    await upsert_all(session, _COUNTED, rows, on_conflict=_REPLACED)
    await write(session, found.changes)
    await recount(session, found.account_id, found.generation, again)


async def _counted_in(session: AsyncSession, generation: int, call_ids: Sequence[str]) -> list[str]:
    found: list[str] = []
    for some in batches(call_ids):
        statement = sql_select(col(Counted.call_id)).where(
            col(Counted.call_id).in_(some), col(Counted.generation) == generation
        )
        found += [row[0] for row in await rows_of(session, statement)]
    return found


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
    return _encode(sorted(rows, key=repr) if len(rows) > 1 else rows)


def _read(text: str) -> Sums:
    return {
        Dimensions(quarter, caller_id, jurisdiction, tuple(week) if week else None): sums
        for quarter, caller_id, jurisdiction, week, sums in json.loads(text)
    }


# -- the calls' own rows


async def _stories(
    session: AsyncSession,
    call_ids: Sequence[str],
    before: Mapping[str, _Before] | None = None,
) -> dict[str, tuple[tuple[str, str, str], CountedCall]]:
    """By the calls' ids, with agent, campaign and pathway; "" is none.

    What was counted of them before is looked up for those that need it, unless it is given.
    """
    dials = await _dials(session, call_ids)
    statement = sql_select(*_CALL).where(col(Call.call_id).in_(call_ids))
    rows = await rows_of(session, statement)
    places = {row.call_id: _jurisdiction(row, dials.get(row.call_id, ())) for row in rows}
    if before is None:
        unknown = [call_id for call_id, place in places.items() if place is None]
        before = await _before(session, 0, unknown) if unknown else {}
    transferred = await _transferred(session, call_ids)
    found = {}
    for row in rows:
        owned = (row.agent_id, row.campaign_id or "", row.pathway_id or "")
        story = CountedCall(
            accepted_at=row.created_time,
            caller_id=row.caller_id,
            jurisdiction=places[row.call_id] or _counted_under(before.get(row.call_id, _NOTHING)),
            outcome=row.outcome,
            message_left=bool(row.message_left),
            was_transferred=row.call_id in transferred,
            dials=dials.get(row.call_id, ()),
        )
        found[row.call_id] = (owned, story)
    return found


async def _transferred(session: AsyncSession, call_ids: Sequence[str]) -> set[str]:
    """Those whose callee was put through to somebody."""
    statement = sql_select(col(Transfer.call_id)).where(
        col(Transfer.call_id).in_(call_ids), col(Transfer.connected_at).is_not(None)
    )
    return {call_id for (call_id,) in await rows_of(session, statement)}


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


def _jurisdiction(row: Any, dials: Sequence[CountedDial]) -> str | None:
    """As it was dialed, else by the number."""
    told = (dial.jurisdiction for dial in dials if dial.jurisdiction is not None)
    return next(told, None) or _by_number(row)


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


def _counted_under(before: _Before) -> str | None:
    """Of somebody who was erased: as it was counted before."""
    found = (one.jurisdiction for one, sums in before.last_sums.items() if "scheduled" in sums)
    return next(found, None)
