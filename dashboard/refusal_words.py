"""Why a row of a file is left out, or a person is not called, in words."""

from collections.abc import Mapping

#: Why a row of a file, or a contact, is no call: what stands in a list of numbers.
REFUSALS: Mapping[str, str] = {
    "first_attempt": "free to be called",
    "call_window": "outside the campaign's window",
    "calling_hours": "outside the hours that the rules allow",
    "business_hours": "outside the agent's hours",
    "not_before": "before the campaign may begin",
    "duplicate": "the same number more than once",
    "invalid_number": "no phone number can be read",
    "ambiguous_number": "more than one number may be meant",
    "rounded_number": "a spreadsheet has rounded the number",
    "has_extension": "the number has an extension, which the account refuses",
    "unknown_timezone": "the time zone is none",
    "missing_variable": "something that the pathway says is missing",
    "invalid_field": "a cell is too long, or there are more cells than columns",
    "suppressed": "on the do-not-call list",
    "do_not_call": "on the do-not-call list",
    "consent_too_old": "a consent that is too old",
    "caller_id_range": "a caller ID of the range that a rule asks for",
    "not_acknowledged": "a prerequisite that nobody has acknowledged",
    "no_consent": "no consent that a rule asks for",
    "registry_listed": "on a public registry",
    "registry_stale": "a public registry was not read for too long",
    "needs_timezone": "where they are is not known",
    "no_opening": "never within the windows",
    "deadline_unreachable": "not before the deadline",
}


def refusal(code: str) -> str:
    """`invalid_number` as `no phone number can be read`."""
    return REFUSALS.get(code, code.replace("_", " "))
