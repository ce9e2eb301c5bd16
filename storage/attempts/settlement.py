"""The end of an attempt's account: from then on its result stands, whatever else is heard of it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlmodel.ext.asyncio.session import AsyncSession

from policy.calls.attempt_lifecycle import LegEvent, advance, is_left_to_machine
from policy.model.call import UNCOUNTED_RESULTS, AttemptResult, AttemptState, Outcome
from storage.analytics.recount import mark
from storage.database.core import amend, changed_values, hold_values
from storage.database.locks import lock_attempt
from storage.events.event_log import EventType, append
from storage.tables import Attempt, Call, JsonObject

#: Of a call that has nothing to be written.
NOTHING: Mapping[str, Any] = {}


async def settle(session: AsyncSession, attempt: Attempt, now: datetime) -> AttemptResult:
    """Closes the attempt's account. Repeating changes nothing."""
    call, attempt = await lock_attempt(session, attempt)
    await amend(session, call, await close(session, call, attempt, now))
    return attempt.result or _result_without_end(attempt)


async def close(
    session: AsyncSession, call: Call, attempt: Attempt, now: datetime
) -> Mapping[str, Any]:
    """The same for a caller that holds both, and has more to write of the call.

    Gives the columns of the call that are to be written; the object has them already.
    """
    if attempt.settled_at is not None:
        return NOTHING
    result = attempt.result or _result_without_end(attempt)
    state = attempt.state
    if state is AttemptState.INTENT:
        # Closes the gate: whoever still holds the intent must not send any more.
        state = advance(state, LegEvent.REJECTED)
    closed = {"result": result, "settled_at": now, "state": state}
    await amend(session, attempt, changed_values(attempt, closed))
    if result is AttemptResult.NOT_SERVED:
        await append(session, call, EventType.NOT_SERVED, now, {"attempt": attempt.number})
    if call.status.is_final:
        # No decision, and so no event, will tell of it.
        await mark(session, call)
    counted = changed_values(call, _counted(call, attempt, result))
    hold_values(call, counted)
    return counted


def _result_without_end(attempt: Attempt) -> AttemptResult:
    if attempt.state in (AttemptState.INTENT, AttemptState.REJECTED):
        return AttemptResult.NOT_SENT
    if attempt.state is not AttemptState.ANSWERED:
        return AttemptResult.UNKNOWN
    machine = is_left_to_machine(attempt.answered_by, heard_person=attempt.person_at is not None)
    return AttemptResult.VOICEMAIL if machine else AttemptResult.ANSWERED


def _counted(call: Call, attempt: Attempt, result: AttemptResult) -> JsonObject:
    values: JsonObject = {}
    machine = result is AttemptResult.VOICEMAIL
    if result not in UNCOUNTED_RESULTS:
        values["attempt_count"] = call.attempt_count + 1
        values["message_left"] = bool(attempt.message_left) if machine else None
    if attempt.duration_seconds is not None:
        values["duration_seconds"] = attempt.duration_seconds
    if machine and call.reported_outcome is not Outcome.OPTED_OUT:
        # The pathway may have spoken to a machine, and taken its silence for an answer.
        values["reported_outcome"] = None
    return values
