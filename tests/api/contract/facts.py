"""What a schema cannot say: the refusals that data may meet which the OpenAPI document allows.

Each is a documented 422. The list is short on purpose: what can be said is said in the document.
"""

import re
from typing import Any

#: The code and the field of an error, and why no schema says it.
FACTS: tuple[tuple[str, str, str], ...] = (
    ("unknown_(agent|campaign|pathway|rule)", ".*", "it must be one that the account has"),
    ("required", "pathwayId", "it must be given where the agent has none"),
    ("not_the_agents", "(defaults.)?callerId|.*phoneNumber", "it must be one of the agent's"),
    ("fixed_by_plan", "maxConcurrent|callsPerMinute", "the account's plan sets it"),
    ("bad_cursor", "cursor|after|Last-Event-ID", "an earlier answer gave it"),
    ("bad_event_id", ".*Event", "it is a number of 63 bits"),
    ("(invalid|ambiguous|rounded)_number|has_extension", ".*", "it must be one of its country"),
    ("suppressed|no_consent|registry_.*|duplicate", "endpoint|purpose", "so it is on file"),
    ("agent_disabled|needs_timezone|insufficient_balance", ".*", "so is the agent, or the account"),
    ("no_match|segment_.*", ".*", "so are the contacts"),
    ("required", r"goal(\.outcomes)?", "one of its parts must say when it is reached"),
    ("required", r"(defaults\.)?voicemail\.message", "what is to be left depends on the action"),
    ("not_distinct", "remind.*", "two lengths of time are compared"),
    ("out_of_range", ".*(Time|At|from|to|at|notBefore|callDeadline)", "clocks go on"),
    ("deadline_.*|reminders_past|no_opening|wall_time_gap", ".*", "clocks go on"),
    ("period_too_long|empty_period", "from|to", "two times are compared"),
    (
        "bad_window",
        r"businessHours|(changes.)?schedule.window|endpointHours|otherNumbers\.\d\.hours",
        "two times of day are compared",
    ),
    ("repeated", r"otherNumbers\.\d\.endpoint|otherColumns", "numbers, and columns, are compared"),
    ("out_of_range", "answerRate", "the rates are added up"),
    ("malformed", "windows|", "a rule's times are compared, and its windows must open once"),
    ("unknown_country", "jurisdiction", "not every two letters are a country"),
    ("unreadable_file|no_numbers|no_phone_column|ambiguous_columns", ".*", "a file is read"),
    ("malformed", "columnMap", "it is JSON in a text"),
    (".*", r"definition(\..*)?", "a pathway is a graph, of a shape that depends on its kind"),
    (
        "https_required|private_address|bad_url|reserved_header",
        "(lastWord.)?url|headers.*",
        "it leads there",
    ),
    ("malformed", r"steps\..*", "a machine answers first, or never"),
    ("malformed", "callReason", "links and telephone numbers are looked for"),
    ("missing_variable", "context", "the pathway names it"),
    (
        "malformed",
        r"clearances\.\d+(\.maxAge)?|clearances",
        "a check names what is its own; ages are compared",
    ),
    ("unknown_prerequisite|required", "prerequisite|reference", "a rule asks for it"),
    ("unknown_target|target_not_allowed|name_taken", "target|name", "it must be on file"),
    ("premium_number", "endpoint", "what a number costs is looked up"),
    ("malformed", "hours", "two times of day are compared"),
    ("promise_.*", "at|callBackAt", "clocks go on"),
    (
        "unlisted|number_lost|lost|no_voice|not_imported|disabled",
        "callerIds.*|.*[cC]allerId",
        "so is the carrier's list",
    ),
    ("unknown_value", "scopeId", "what it names depends on the scope"),
    ("taken|unchanged|installations", ".*", "it is on file already"),
    ("required", "region|edge", "the two go together"),
    ("too_large", "additionalData", "it is counted in bytes"),
)


def is_fact(error: dict[str, Any]) -> bool:
    """Whether this error tells of what no schema can say."""
    return any(
        # A name in a definition may hold a line break.
        re.fullmatch(code, error["code"]) and re.fullmatch(field, error["field"], re.DOTALL)
        for code, field, _ in FACTS
    )
