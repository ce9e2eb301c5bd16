"""What the metrics count of decisions. A decision that is asked for once more is not counted."""

from dataclasses import dataclass
from datetime import datetime

from observability.metrics import DECISIONS, PERMISSION_SECONDS
from policy.dispatch.start_targets import band_of
from policy.model.call import Decision, DecisionKind
from policy.model.reasons import Reason
from storage.facts.case_file import CaseFile

_REASONS = frozenset(str(one) for one in Reason)


@dataclass(frozen=True, slots=True)
class CallBefore:
    """What a decision changes of a call: taken before it, and counted once it is committed."""

    is_decided: bool
    priority: int
    due: datetime

    @classmethod
    def of(cls, file: CaseFile) -> "CallBefore":
        """Due since it waits for a slot, else since its window or retry came, or it was made."""
        call = file.call
        due = call.queued_at or call.next_attempt_at or call.not_before or call.created_time
        return cls(file.is_decided, call.priority, max(due, call.created_time))

    def note(self, decision: Decision, now: datetime) -> None:
        if self.is_decided:
            return
        # A reason is a word of ours; what an older version called otherwise is no new label.
        reason = str(decision.reason)
        DECISIONS.labels(decision.kind.value, reason if reason in _REASONS else "other").inc()
        if decision.kind is DecisionKind.DIAL:
            waited = max(0.0, (now - self.due).total_seconds())
            PERMISSION_SECONDS.labels(band_of(self.priority)).observe(waited)
