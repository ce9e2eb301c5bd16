"""The call that keeps a promise which was made in a call that has ended."""

from datetime import datetime

from sqlmodel.ext.asyncio.session import AsyncSession

from policy import promises as policy
from storage.calls import calls, promises
from storage.calls.promises import Wish
from storage.events.event_log import EventType, append
from storage.follow_ups import follow_ups
from storage.tables import Call, CallVariant, JsonObject, Promise
from storage.tables.columns import new_id
from storage.tables.specs import PROMISE, promise_spec


async def follow(session: AsyncSession, ended: Call, wish: Wish, now: datetime) -> Promise:
    """A call that has ended comes back as another one, with all that was said of it."""
    columns = {name: value for name, value in ended.__dict__.items() if name in _CARRIED}
    left = int(ended.retry_spec.get("maxAttempts", 1)) - ended.attempt_count
    retry = {**ended.retry_spec, "maxAttempts": max(1, left)}
    row: JsonObject = {
        **columns,
        **promises.start_of(ended, wish.due.at, now),
        "call_id": new_id(),
        "retry_spec": {**retry, PROMISE: promise_spec(wish.time.at, 0)},
        "priority": max(ended.priority, policy.PRIORITY),
    }
    await calls.insert_rows(session, [row], now)
    call = await calls.lock(session, row["call_id"])
    assert call is not None
    await _in_its_campaign(session, ended, call, now)
    promise = promises.row_of(call, wish, now, ended.priority)
    session.add(promise)
    await append(session, call, EventType.CALLBACK_PROMISED, now, promises.told_of(promise))
    await session.flush()
    return promise


async def _in_its_campaign(session: AsyncSession, ended: Call, call: Call, now: datetime) -> None:
    """It is of the same variant, and what follows a call of the campaign follows this one."""
    if ended.campaign_id is None:
        return
    variant = await session.get(CallVariant, ended.call_id)
    if variant is not None:
        session.add(CallVariant(**{**variant.model_dump(), "call_id": call.call_id}))
    await follow_ups.come_back(session, ended, call.call_id, now)


#: What the call that comes back has of the one that has ended.
_CARRIED = frozenset(
    [
        "account_id",
        "agent_id",
        "campaign_id",
        "pathway_id",
        "endpoint",
        "endpoint_kind",
        "extension",
        "caller_id",
        "timezone",
        "call_deadline",
        "window_spec",
        "voicemail_spec",
        "recipient_spec",
        "ring_timeout",
        "max_duration",
        "recording",
        "purpose",
        "subject",
        "consent_spec",
        "numbers_spec",
        "context",
        "additional_data",
    ]
)
