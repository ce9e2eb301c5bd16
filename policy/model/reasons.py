"""Every stable code policy can give: why a call waits, dials or ends, and why a request is refused.

Codes are stored and shown to clients, so one is never renamed or reused; new ones are added.
"""

from enum import StrEnum


class Reason(StrEnum):
    """Codes of `Decision.reason` and `Clearance.reason`."""

    # dial
    FIRST_ATTEMPT = "first_attempt"
    # wait for a window
    CALLING_HOURS = "calling_hours"
    BUSINESS_HOURS = "business_hours"
    CALL_WINDOW = "call_window"
    COMMON_WINDOW = "common_window"
    NOT_BEFORE = "not_before"
    AGENT_DISABLED = "agent_disabled"
    BLACKOUT = "blackout"
    CLOSED_WITHOUT_END = "closed_without_end"
    ATTEMPT_CAP = "attempt_cap"
    CALLED_BACK = "called_back"
    OPT_OUT_REVIEW = "opt_out_review"
    SEQUENCE_UNDER_WAY = "sequence_under_way"
    # wait for, or dial as, another attempt
    RETRY_BUSY = "retry_busy"
    RETRY_NO_ANSWER = "retry_no_answer"
    RETRY_NETWORK_ERROR = "retry_network_error"
    RETRY_VOICEMAIL = "retry_voicemail"
    RETRY_UNKNOWN = "retry_unknown"
    RETRY_THROTTLED = "retry_throttled"
    RETRY_NOT_SENT = "retry_not_sent"
    RETRY_NOT_SERVED = "retry_not_served"
    RETRY_ACCOUNT_REFUSED = "retry_account_refused"
    # end
    AGENT_DELETED = "agent_deleted"
    CANCEL_REQUESTED = "cancel_requested"
    CONCLUDED = "concluded"
    ATTEMPTS_EXHAUSTED = "attempts_exhausted"
    DEADLINE_PASSED = "deadline_passed"
    DEADLINE_UNREACHABLE = "deadline_unreachable"
    NO_OPENING = "no_opening"
    SEQUENCE_DONE = "sequence_done"
    GOAL_REACHED = "goal_reached"
    REMINDER_PAST = "reminder_past"
    # given by the workflow's activities, which know what policy does not
    NO_FREE_SLOT = "no_free_slot"
    INSUFFICIENT_BALANCE = "insufficient_balance"
    CAMPAIGN_PAUSED = "campaign_paused"
    DIALING_PAUSED = "dialing_paused"
    WORKFLOW_TERMINATED = "workflow_terminated"
    FOUND_AFTER_RESTORE = "found_after_restore"
    NO_SUCH_CALL = "no_such_call"
    BREAKER_TRIPPED = "breaker_tripped"
    # compliance
    PERMITTED = "permitted"
    NEEDS_TIMEZONE = "needs_timezone"
    UNKNOWN_TIMEZONE = "unknown_timezone"
    DO_NOT_CALL = "do_not_call"
    NO_CONSENT = "no_consent"
    REGISTRY_STALE = "registry_stale"
    REGISTRY_LISTED = "registry_listed"
    RING_TOO_SHORT = "ring_too_short"
    CANNOT_DISCLOSE = "cannot_disclose"


class RefusalCode(StrEnum):
    """Codes of `Refusal.code`: why a request is not accepted."""

    # calls
    INVALID_NUMBER = "invalid_number"
    AMBIGUOUS_NUMBER = "ambiguous_number"
    ROUNDED_NUMBER = "rounded_number"
    HAS_EXTENSION = "has_extension"
    AGENT_DISABLED = "agent_disabled"
    DEADLINE_PAST = "deadline_past"
    DEADLINE_BEFORE_START = "deadline_before_start"
    DEADLINE_UNREACHABLE = "deadline_unreachable"
    NO_OPENING = "no_opening"
    NEEDS_TIMEZONE = "needs_timezone"
    UNKNOWN_TIMEZONE = "unknown_timezone"
    REMINDERS_PAST = "reminders_past"
    INSUFFICIENT_BALANCE = "insufficient_balance"
    SUPPRESSED = "suppressed"
    NO_CONSENT = "no_consent"
    REGISTRY_STALE = "registry_stale"
    REGISTRY_LISTED = "registry_listed"
    RING_TOO_SHORT = "ring_too_short"
    CANNOT_DISCLOSE = "cannot_disclose"
    MISSING_VARIABLE = "missing_variable"
    # pathways
    MALFORMED = "malformed"
    UNKNOWN_KIND = "unknown_kind"
    UNKNOWN_FIELD = "unknown_field"
    UNKNOWN_NODE = "unknown_node"
    DEAD_END = "dead_end"
    UNREACHABLE_NODE = "unreachable_node"
    ENDLESS_LOOP = "endless_loop"
    UNKNOWN_VARIABLE = "unknown_variable"
    BAD_OUTCOME = "bad_outcome"
    BAD_DIGITS = "bad_digits"
    BAD_URL = "bad_url"
    BAD_ENDPOINT = "bad_endpoint"
    TOO_LONG = "too_long"
