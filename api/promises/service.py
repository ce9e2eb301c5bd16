"""Promising a call at another time: asked for by the API, by a page, by the AI agent's report."""

from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime, timedelta

from sqlmodel.ext.asyncio.session import AsyncSession

from api.http.deps import Services
from api.http.problems import conflict, refused
from api.replan.replan import replan_calls
from api.temporal_client import TemporalAway
from policy.model.call import Outcome, Refusal
from policy.promises import PromisedTime, PromiseSource, read_time
from storage.attempts import attempts
from storage.calls import calls
from storage.facts import promise_maker
from storage.facts.promise_maker import PromiseRequest
from storage.tables import Call, Promise

#: After a call's end what was said in it still counts for this long.
LATE = timedelta(hours=1)


async def make(
    session: AsyncSession,
    uses: Services,
    call: Call,
    said: datetime,
    source: PromiseSource,
    field: str = "at",
) -> Promise:
    """Promises a call back, for a caller that holds the call and then has to `tell` of it.

    Raises Problems of 409 and 422. A call that has ended is followed by another one, if it is not
    an hour ago.
    """
    now = uses.now()
    _require_recent(call, now)
    tries = await attempts.of_call(session, call.call_id)
    last = max((one.number for one in tries), default=0)

    def reading(zones: Sequence[str], agent_zone: str, at: datetime) -> PromisedTime | Refusal:
        return read_time(said, zones, agent_zone, at, field)

    asked = PromiseRequest(reading, source, field, last)
    made = await promise_maker.promise(session, uses.gatherer, call, asked, now)
    if isinstance(made, Refusal):
        raise refused([made])
    return made


async def tell(uses: Services, row: Promise) -> None:
    """After the commit: the call's workflow decides again, or is started where the time is near.

    One that is on the line finds the promise when its leg is over.
    """
    if row.made_in_call_id is None:
        await replan_calls(uses, [row.call_id])
        return
    async with uses.db.read() as session:
        call = await calls.load(session, row.call_id)
    # One that is due later stays a row until then, and is started by a worker.
    if call is not None and call.next_attempt_at is None:
        with suppress(TemporalAway):
            await uses.calls.start(call)


def _require_recent(call: Call, now: datetime) -> None:
    if not call.status.is_final:
        return
    if call.outcome in (Outcome.CANCELED, Outcome.OPTED_OUT, Outcome.SUPPRESSED):
        raise conflict("already_final", f"The call has ended: {call.outcome}.")
    if call.completed_time is None or now - call.completed_time > LATE:
        message = "The call ended more than an hour ago; make a new one."
        raise conflict("already_final", message)
