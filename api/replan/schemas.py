"""What a change would do to the calls that wait."""

from datetime import datetime
from typing import Any

from pydantic import ConfigDict, Field

from api.http.schema import View
from policy.model.call import CallStatus, Decision, DecisionKind, Outcome, WaitingFor
from storage.tables import Call


class StandingView(View):
    """Where the call stands now."""

    status: CallStatus
    waiting_for: WaitingFor | None
    next_attempt_at: datetime | None
    reason: str | None


class DecidedView(View):
    """What would be decided about it."""

    kind: DecisionKind
    reason: str
    detail: str
    until: datetime | None
    outcome: Outcome | None


class MoveView(View):
    call_id: str
    was: StandingView
    becomes: DecidedView


class MovesView(View):
    """The answer to `dryRun=true`: nothing was changed."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "dryRun": True,
                    "lookedAt": 12,
                    "moved": 1,
                    "moves": [
                        {
                            "callId": "9c1f5a2e-53c4-4a0f-b1b5-8f6f2f0b7a10",
                            "was": {
                                "status": "Queued",
                                "waitingFor": "window",
                                "nextAttemptAt": "2027-03-01T14:00:00Z",
                                "reason": "business_hours",
                            },
                            "becomes": {
                                "kind": "end",
                                "reason": "do_not_call",
                                "detail": "The number is on the do-not-call list (api)",
                                "until": None,
                                "outcome": "suppressed",
                            },
                        }
                    ],
                }
            ]
        }
    )

    dry_run: bool = True
    looked_at: int = Field(description="Waiting calls that the change might touch.")
    moved: int = Field(description="How many of them would go on otherwise.")
    moves: list[MoveView] = Field(description="At most 1,000 of them.")


#: `responses=` of what makes something, unless it is a dry run.
NOTHING_MADE: dict[int | str, dict[str, Any]] = {
    200: {"model": MovesView, "description": "A dry run: nothing was made"}
}


def standing_view(call: Call) -> StandingView:
    return StandingView(
        status=call.status,
        waiting_for=call.waiting_for,
        next_attempt_at=call.next_attempt_at,
        reason=call.reason,
    )


def decided_view(decision: Decision) -> DecidedView:
    return DecidedView(
        kind=decision.kind,
        reason=str(decision.reason),
        detail=decision.detail,
        until=decision.until,
        outcome=decision.outcome,
    )
