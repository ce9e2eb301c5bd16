"""A database that was restored to an earlier time: what it lacks, written down again.

Attempts of which only a decision is known begin as `unknown`, so nobody ever sends them.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import func, text
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from policy.model.call import AttemptResult, AttemptState, Decision, EndpointKind
from storage.attempts import attempts
from storage.calls import calls
from storage.calls.call_factory import CallSpec, call_columns
from storage.tables import Agent, Attempt, Call, DecisionRow, Event
from storage.tables.specs import columns_at, place_in

_PLACES = (
    text("UPDATE event SET tx = 0"),
    text(
        "UPDATE webhook SET place_tx = 0,"
        " place_event_id = (SELECT coalesce(max(event_id), 0) FROM event)"
    ),
    text("UPDATE counting_place SET place_tx = 0, place_event_id = 0"),
)
#: Stands in the additional data of a call that was made from a leg found at the carrier.
FOUND = "foundAtCarrier"
_NO_LEG_YET = (AttemptState.INTENT, AttemptState.SENDING, AttemptState.UNKNOWN)


async def newest(session: AsyncSession) -> datetime | None:
    """When something last happened, as far as this database knows; None: it is empty."""
    return (await session.exec(select(func.max(col(Event.at))))).one()


async def speakers(session: AsyncSession) -> Mapping[str, Sequence[Agent]]:
    """For every caller ID the agents that call from it, deleted ones too; the oldest first."""
    found: dict[str, list[Agent]] = {}
    for agent in (await session.exec(select(Agent).order_by(col(Agent.created_time)))).all():
        for caller_id in agent.caller_ids:
            found.setdefault(caller_id, []).append(agent)
    return found


async def last_step(session: AsyncSession, call_id: str) -> int:
    """Of the last decision that is known; 0: none is."""
    statement = select(func.max(col(DecisionRow.step))).where(col(DecisionRow.call_id) == call_id)
    return (await session.exec(statement)).one() or 0


async def dialed(session: AsyncSession, call: Call, decision: Decision, at: datetime) -> Attempt:
    """The attempt of a decision to dial, sent or not: its fate is open."""
    assert decision.attempt_number is not None
    await attempts.plan(session, call, decision.attempt_number, at)
    planned = await attempts.get(session, call.call_id, decision.attempt_number)
    assert planned is not None
    attempt = await attempts.reload(session, planned)
    await open_fate(session, attempt, at)
    return attempt


async def move_to(session: AsyncSession, call: Call, endpoint: str, caller_id: str) -> None:
    """The number at hand of a person with several, as the decision to dial it had moved it."""
    spec = call.numbers_spec or []
    for name, value in columns_at(spec, place_in(spec, endpoint)).items():
        setattr(call, name, value)
    call.caller_id = caller_id
    session.add(call)
    await session.flush()


async def open_fate(session: AsyncSession, attempt: Attempt, at: datetime) -> None:
    """Nobody sends it from now on: it may have been sent."""
    if attempt.state not in (AttemptState.INTENT, AttemptState.SENDING):
        return
    attempt.state, attempt.sending_at = AttemptState.UNKNOWN, attempt.sending_at or at
    attempt.result = AttemptResult.UNKNOWN
    # What it heard is forgotten. It counts as served, or the person might be called again.
    attempt.served_at = at
    session.add(attempt)
    await session.flush()


async def without_leg(session: AsyncSession) -> Sequence[Attempt]:
    """Dials under way as far as this database knows, without a leg; the oldest first."""
    statement = select(Attempt).where(
        col(Attempt.settled_at).is_(None),
        col(Attempt.carrier_sid).is_(None),
        col(Attempt.state).in_(_NO_LEG_YET),
    )
    return (await session.exec(statement.order_by(col(Attempt.dialed_at)))).all()


async def call_of_leg(
    session: AsyncSession, agent: Agent, to: str, caller_id: str, at: datetime
) -> Call:
    """A call that only the carrier remembers: who was called, by whom and when, and no more."""
    said = CallSpec(
        endpoint=to,
        endpoint_kind=EndpointKind.SIP if to.startswith("sip:") else EndpointKind.PHONE,
        priority=5,
        timezone=agent.timezone,
        caller_id=caller_id,
        additional_data={FOUND: True},
    )
    row = call_columns(said, agent)
    await calls.insert_rows(session, [row], at)
    call = await calls.lock(session, row["call_id"])
    assert call is not None
    return call


async def begin_places_anew(session: AsyncSession) -> None:
    """After a dump was restored: readers go on behind the newest event, whoever numbered it.

    Places hold numbers of transactions, which belong to a server.
    """
    for statement in _PLACES:
        await session.execute(statement)
