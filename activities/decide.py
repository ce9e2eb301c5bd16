"""The local activities behind every decision: gather facts, ask policy, record, answer."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

import structlog
from sqlmodel.ext.asyncio.session import AsyncSession
from temporalio import activity
from temporalio.service import RPCError

from activities.clearances import wanted
from activities.clock import utcnow
from activities.decision_measures import CallBefore
from contracts.calls import Decide, RescheduleCall, Settle
from contracts.workflow_signals import WorkflowSignals
from policy.calls import decide as policy
from policy.calls import ends
from policy.calls.number_choice import chosen, with_numbers
from policy.compliance.evidence import Evidence, evidence, unasked
from policy.dispatch.slots import Slot, SlotVerdict
from policy.facts import Facts
from policy.model.call import Decision, DecisionKind, Outcome, WaitingFor
from policy.model.reasons import Reason
from storage import call_numbers
from storage.attempts import attempts
from storage.attempts.settlement import NOTHING
from storage.calls import calls, decisions, reminder_sequences
from storage.database.core import amend, changed_values, hold_values
from storage.database.engine import Database
from storage.dispatch import leases
from storage.facts import case_file
from storage.facts.case_file import CaseFile
from storage.facts.gather import FactGatherer
from storage.tables import Call
from storage.tables.specs import columns_at, endpoints_of

log = structlog.get_logger(__name__)

#: A decision does not wait longer for others to be told of it.
TELLING_SECONDS = 2.0


class DecideActivities:
    """`now` comes from the workflow; it is only corrected where the request has waited since.

    A request is repeated as it was while the database is away, or by a worker that comes back.
    """

    def __init__(
        self, db: Database, gatherer: FactGatherer, signals: WorkflowSignals | None = None
    ) -> None:
        self._db = db
        self._gatherer = gatherer
        self._signals = signals

    @activity.defn
    async def decide(self, request: Decide) -> Decision:
        async with self._db.write() as session:
            file = await case_file.hold(session, request.call_id, step=request.step)
            if file is None:
                return _vanished()
            before = CallBefore.of(file)
            decision = await self._answer(session, file, request, _now(request))
            to_tell = await _to_tell(session, file.call, decision)
        before.note(decision, _now(request))
        await self._tell(to_tell)
        return decision

    @activity.defn
    async def settle(self, request: Settle) -> Decision:
        async with self._db.write() as session:
            now, number = _now(request), request.attempt_number
            file = await case_file.hold(
                session, request.call_id, step=request.step, attempt_number=number
            )
            if file is None:
                return _vanished()
            closed = NOTHING
            if file.attempt is not None:
                closed = await attempts.close(session, file.call, file.attempt, now)
            await reminder_sequences.hold_waiting(session, file.call)
            before = CallBefore.of(file)
            decision = await self._answer(session, file, request, now, closed)
            to_tell = await _to_tell(session, file.call, decision)
            to_tell += await _waiting_for_line(session, file.call)
        before.note(decision, _now(request))
        await self._tell(to_tell)
        return decision

    @activity.defn
    async def note_cancel(self, call_id: str) -> None:
        async with self._db.write() as session:
            await calls.request_cancel(session, call_id)

    @activity.defn
    async def reschedule(self, request: RescheduleCall) -> None:
        async with self._db.write() as session:
            call = await calls.lock(session, request.call_id)
            if call is not None and not call.status.is_final:
                await calls.set_not_before(session, call, request.not_before, request.now)

    async def _answer(
        self,
        session: AsyncSession,
        file: CaseFile,
        request: Decide | Settle,
        now: datetime,
        closed: Mapping[str, Any] = NOTHING,
    ) -> Decision:
        """`closed`: what the settling of an attempt has changed of the call, not written yet."""
        call = file.call
        if file.is_decided:
            await amend(session, call, closed)
            recorded = await decisions.recorded(session, call.call_id, request.step)
            assert recorded is not None
            return recorded
        if request.cancel_requested and not call.cancel_requested:
            closed = {**closed, "cancel_requested": True}
            hold_values(call, closed)
        if call.status.is_final:
            decision, proof = _already_ended(call), decisions.NO_EVIDENCE
            await leases.release(session, call.call_id, now)
        else:
            decision, proof, moved = await self._judged(session, file, request, now)
            closed = {**closed, **moved}
        await decisions.record(session, call.call_id, request.step, decision, now, proof)
        await calls.apply_decision(session, call, decision, now, closed)
        return decision

    async def _judged(
        self, session: AsyncSession, file: CaseFile, request: Decide | Settle, now: datetime
    ) -> tuple[Decision, Evidence, Mapping[str, Any]]:
        """The last: columns of the call that are of the number it goes to now, not written yet."""
        call = file.call
        decision, proof, moved = await self._policy(session, file, now)
        hold_values(call, moved)
        if decision.kind is DecisionKind.END:
            await leases.release(session, call.call_id, now)
            if file.others_open:
                await attempts.withdraw(session, call, now)
        elif isinstance(request, Settle):
            await leases.release(session, call.call_id, now, request.attempt_number)
        elif decision.kind is DecisionKind.WAIT and call.waiting_for is WaitingFor.SLOT:
            # It was granted a slot that it may not use any more: somebody else may.
            await leases.release(session, call.call_id, now)
        if decision.kind is DecisionKind.DIAL:
            decision = await _dial_or_queue(session, call, decision, proof, now)
        return decision, proof, moved

    async def _policy(
        self, session: AsyncSession, file: CaseFile, now: datetime
    ) -> tuple[Decision, Evidence, Mapping[str, Any]]:
        """What is on file about the person is looked up only where it may matter."""
        call, attempt = file.call, file.attempt
        if attempt is not None and not file.others and call.numbers_spec is None:
            facts = await self._gatherer.of_only_dial(session, call, attempt, file.owner)
            facts = _with_goal(facts, file)
            ended = ends.over(facts)
            if ended is not None:
                return ended, unasked(facts), NOTHING
        facts = _with_goal(await self._gatherer.gather(session, call, now, file.owner), file)
        if call.numbers_spec is not None:
            return await _to_one_of_several(session, call, facts, now)
        decision = policy.decide(facts, now)
        if facts.number_file is not None:
            await wanted.note(session, call, facts, decision, now)
        return decision, evidence(facts, now), NOTHING

    async def _tell(self, call_ids: Sequence[str]) -> None:
        """Other calls that this one held up. One that is not told finds out when it wakes up."""
        if self._signals is None:
            return
        for call_id in call_ids:
            try:
                async with asyncio.timeout(TELLING_SECONDS):
                    await self._signals.replan(call_id)
            except (RPCError, TimeoutError):
                log.warning("decide.temporal_away", call_id=call_id)


async def _to_one_of_several(
    session: AsyncSession, call: Call, facts: Facts, now: datetime
) -> tuple[Decision, Evidence, Mapping[str, Any]]:
    """Of a person with several numbers: which one it is, and why none of the others."""
    ended = ends.over(facts)
    if ended is not None:
        return ended, evidence(facts, now), NOTHING
    others = policy.verdicts(facts, now)
    found = chosen(facts, others)
    for one in others:
        is_next = one.facts.place == found.facts.place
        if is_next or one.decision.reason == Reason.CLEARANCE_PENDING:
            await wanted.note(session, call, one.facts, one.decision, now)
    proof = with_numbers(evidence(found.facts, now), facts, others)
    if found.decision.kind is DecisionKind.END or call.numbers_spec is None:
        return found.decision, proof, NOTHING
    at = columns_at(call.numbers_spec, found.facts.place)
    moved = {**at, "caller_id": found.facts.caller_ids[0]}
    return found.decision, proof, changed_values(call, moved)


async def _to_tell(session: AsyncSession, call: Call, decision: Decision) -> tuple[str, ...]:
    if decision.kind is not DecisionKind.END:
        return ()
    return await reminder_sequences.to_tell(session, call)


async def _waiting_for_line(session: AsyncSession, call: Call) -> tuple[str, ...]:
    """Other calls to the person, whose line is free again; asked only where there are several."""
    if call.numbers_spec is None:
        return ()
    numbers = endpoints_of(call.__dict__)
    return tuple(
        await call_numbers.waiting_for_line(session, call.account_id, numbers, call.call_id)
    )


async def _dial_or_queue(
    session: AsyncSession, call: Call, decision: Decision, proof: Evidence, now: datetime
) -> Decision:
    """Permission is policy's, the slot is the lease's: without one the call joins the queue."""
    number = decision.attempt_number
    assert number is not None
    verdict = await leases.take(session, call, number, now, lifetime=leases.lifetime_of(call))
    if verdict.slot is not Slot.TAKEN:
        return _queued(decision, verdict)
    await attempts.plan(
        session,
        call,
        number,
        now,
        valid_until=decision.valid_until,
        notices=proof.notices,
        jurisdiction=proof.jurisdiction,
        zone=proof.zone,
    )
    return decision


def _with_goal(facts: Facts, file: CaseFile) -> Facts:
    return replace(facts, goal_reached=True) if file.is_goal_reached else facts


def _now(request: Decide | Settle) -> datetime:
    return max(request.now, utcnow())


def _queued(decision: Decision, without: SlotVerdict) -> Decision:
    """The dispatcher looks at all that wait in every turn, so a call queues alike, whatever for."""
    return Decision(
        kind=DecisionKind.QUEUE,
        reason=without.reason,
        detail=without.detail,
        valid_until=decision.valid_until,
        waiting_for=WaitingFor.SLOT,
        attempt_number=decision.attempt_number,
        rules=decision.rules,
        versions=decision.versions,
    )


def _already_ended(call: Call) -> Decision:
    return Decision(
        kind=DecisionKind.END,
        reason=call.reason or Reason.CONCLUDED,
        detail=call.detail or "The call has ended",
        outcome=call.outcome or Outcome.FAILED,
    )


def _vanished() -> Decision:
    return Decision(
        kind=DecisionKind.END,
        reason=Reason.NO_SUCH_CALL,
        detail="The call is not in the database any more",
        outcome=Outcome.CANCELED,
    )
