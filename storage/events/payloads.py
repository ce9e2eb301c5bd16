"""What whoever is told of an event gets: the event, and what the call says of itself now."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import BigInteger, cast, func
from sqlalchemy import select as sql_select
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from policy.location.endpoints import masked
from policy.model.call import CallStatus
from storage.database.core import rows_of
from storage.events.event_log import TEXT
from storage.tables import Attempt, Call, Consent, Event, Inbound, JsonObject, Suppression

_FINAL = frozenset(status.value for status in CallStatus if status.is_final)
#: In `data` of an event, but at the top of its payload.
_LIFTED = ("status", "outcome", "attempt", "durationSeconds")
#: What a database counts up to, and how long that is.
_MOST = 2**63 - 1
_DIGITS = 19


class _OfCall(NamedTuple):
    endpoint: str
    additional_data: JsonObject
    duration_seconds: int | None
    cost: int | None


@dataclass(frozen=True, slots=True)
class Background:
    """What the rows that some events tell of say now. Erased people have no numbers here."""

    calls: Mapping[str, _OfCall]
    endpoints: Mapping[str, str]


async def background(session: AsyncSession, events: Sequence[Event]) -> Background:
    """For all of these events at once."""
    calls = {event.call_id for event in events if event.call_id is not None}
    subjects = {event.subject_id for event in events if event.subject_id is not None}
    return Background(await _calls(session, calls), await _endpoints(session, subjects))


def event_name(event: Event) -> str:
    """The id that every telling of the event carries."""
    return f"evt_{event.event_id}"


def event_number(name: str) -> int | None:
    """The number in such an id; None if it is none."""
    number = name.removeprefix("evt_")
    is_one = name.startswith("evt_") and number.isdecimal() and len(number) <= _DIGITS
    return int(number) if is_one and int(number) <= _MOST else None


def payload(event: Event, known: Background, *, mask: bool) -> JsonObject:
    """The event as JSON. `mask`: of phone numbers only the beginning and the end."""
    data = dict(event.data)
    lifted = {name: data.pop(name, None) for name in _LIFTED}
    of_call = known.calls.get(event.call_id or "")
    endpoint = of_call.endpoint if of_call else known.endpoints.get(event.subject_id or "")
    if of_call and lifted["status"] in _FINAL:
        lifted["durationSeconds"] = of_call.duration_seconds
    return {
        "type": event.type,
        "id": event_name(event),
        "sequence": event.sequence,
        "time": _instant(event.at),
        "callId": event.call_id,
        "agentId": event.agent_id,
        "campaignId": event.campaign_id,
        **lifted,
        "cost": of_call.cost if of_call else None,
        "endpoint": masked(endpoint) if mask and endpoint else endpoint,
        "additionalData": of_call.additional_data if of_call else None,
        "data": data,
    }


def _instant(at: datetime) -> str:
    return at.isoformat().replace("+00:00", "Z")


async def _calls(session: AsyncSession, call_ids: Collection[str]) -> dict[str, _OfCall]:
    if not call_ids:
        return {}
    cost = (
        sql_select(cast(func.sum(col(Attempt.cost)), BigInteger))
        .where(col(Attempt.call_id) == col(Call.call_id))
        .scalar_subquery()
    )
    statement = sql_select(
        col(Call.call_id),
        col(Call.endpoint),
        col(Call.additional_data),
        col(Call.duration_seconds),
        cost,
    ).where(col(Call.call_id).in_(call_ids))
    return {call_id: _OfCall(*rest) for call_id, *rest in await rows_of(session, statement)}


async def _writers(session: AsyncSession, subject_ids: Collection[str]) -> dict[str, Any]:
    """Who wrote the texts among them."""
    numbers = [int(one.removeprefix(TEXT)) for one in subject_ids if one.startswith(TEXT)]
    if not numbers:
        return {}
    key = col(Inbound.inbound_id)
    statement = sql_select(key, col(Inbound.from_endpoint)).where(key.in_(numbers))
    return {f"{TEXT}{number}": endpoint for number, endpoint in await rows_of(session, statement)}


async def _endpoints(session: AsyncSession, subject_ids: Collection[str]) -> dict[str, str]:
    found: dict[str, Any] = {}
    if not subject_ids:
        return found
    for key, endpoint in (
        (col(Suppression.suppression_id), col(Suppression.endpoint)),
        (col(Consent.consent_id), col(Consent.endpoint)),
    ):
        rows = await rows_of(session, sql_select(key, endpoint).where(key.in_(subject_ids)))
        found.update(tuple(row) for row in rows)
    found.update(await _writers(session, subject_ids))
    return {subject: endpoint for subject, endpoint in found.items() if endpoint is not None}
