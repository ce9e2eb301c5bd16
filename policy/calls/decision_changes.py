"""Whether a decision says something else about a waiting call than the last one did."""

from dataclasses import dataclass
from datetime import datetime

from policy.model.call import CallStatus, Decision, DecisionKind, WaitingFor
from policy.model.reasons import Reason

#: Each such decision is about the next look, and does not know when the call may be made.
LOOKS_AGAIN = frozenset(
    {
        Reason.AGENT_DISABLED,
        Reason.CALLER_ID_BARRED,
        Reason.SEQUENCE_UNDER_WAY,
        Reason.PERSON_ON_LINE,
        Reason.CLOSED_WITHOUT_END,
        Reason.NOT_ACKNOWLEDGED,
        Reason.CLEARANCE_PENDING,
    }
)


@dataclass(frozen=True, slots=True)
class LastDecision:
    """Where a call that waits stands by its last decision."""

    status: CallStatus
    waiting_for: WaitingFor | None = None
    until: datetime | None = None
    reason: str | None = None


def moves(last: LastDecision, decision: Decision, now: datetime) -> bool:
    """Whether the call would go on otherwise than it stands."""
    if decision.kind is DecisionKind.END:
        return True
    if last.status is CallStatus.CREATED:
        return False  # Its first decision is still to come.
    if decision.kind is DecisionKind.WAIT:
        return not _waits_alike(last, decision)
    due = last.until is not None and last.until <= now
    return last.waiting_for is not WaitingFor.SLOT and not due


def _waits_alike(last: LastDecision, decision: Decision) -> bool:
    same = last.waiting_for is decision.waiting_for and last.reason == decision.reason
    return same and (last.until == decision.until or decision.reason in LOOKS_AGAIN)
