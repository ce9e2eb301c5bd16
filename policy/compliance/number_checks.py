"""Whether a number is cleared to be dialed now: every answer that is demanded is there and fresh.

What was not answered is waited for, and never taken for good.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from policy.compliance.compliance import may_dial
from policy.facts import Facts
from policy.location.recipient_location import location_of
from policy.model.call import EndpointKind
from policy.model.last_word import RULE
from policy.model.number_checks import (
    ASKED_CHECKS,
    INVALID,
    CheckAnswer,
    NoData,
    NumberCheck,
    Reassigned,
    Requirement,
)
from policy.model.person import best_consent
from policy.model.reasons import Reason
from policy.time.wall_time import utc

#: What is asked ahead of a window is asked so long before it opens, and sooner if its answer
#: would not last.
LEAD = timedelta(hours=1)
#: The westernmost clock of the United States: by it a day of consent is never too late a one.
_WESTERNMOST = timedelta(hours=10)
#: A consent without a date is kept as one of long ago; nobody agreed to be called before this.
_NO_DATE_BEFORE = 1991


class CheckStanding(StrEnum):
    CLEARED = "cleared"
    MISSING = "missing"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class CheckFinding:
    """One requirement of one call. `word` and `detail`: as a finding says them.

    `reason`: what the call waits or ends for, if it is not cleared. `until`: when the answer that
    clears it is too old; None: never.
    """

    requirement: Requirement
    standing: CheckStanding
    word: str
    detail: str
    reason: Reason = Reason.PERMITTED
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Question:
    """What somebody has to be asked, and how old an answer would do at most."""

    check: NumberCheck
    parameter: str
    max_age: timedelta


def findings(facts: Facts, now: datetime) -> tuple[CheckFinding, ...]:
    """What each requirement says of the call at `now`; of an agent without any: nothing."""
    file = facts.number_file
    if file is None:
        return ()
    now = utc(now)
    if facts.endpoint_kind is not EndpointKind.PHONE:
        return tuple(_exempt(one, "It is no phone number") for one in file.requirements)
    return tuple(_FINDS[one.check](facts, one, now) for one in file.requirements)


def objection(facts: Facts, now: datetime) -> CheckFinding | None:
    """The requirement that forbids to dial at `now`: one that refuses, before one that waits."""
    found = findings(facts, now)
    refused = (one for one in found if one.standing is CheckStanding.REFUSED)
    missing = (one for one in found if one.standing is CheckStanding.MISSING)
    return next(refused, None) or next(missing, None)


def cleared_until(facts: Facts, now: datetime) -> datetime | None:
    """When the first of the answers is too old; None: never."""
    ends = (one.until for one in findings(facts, now) if one.until is not None)
    return min(ends, default=None)


def questions(facts: Facts, at: datetime) -> tuple[Question, ...]:
    """What has to be asked so that the call may be dialed at `at`; where that may not be, nothing:
    nobody pays to know more of a person who is not to be called."""
    found = findings(facts, at)
    is_refused = any(one.standing is CheckStanding.REFUSED for one in found)
    if is_refused or not may_dial(facts, at).permitted:
        return ()
    asked = (one.requirement for one in found if one.standing is CheckStanding.MISSING)
    return tuple(
        Question(one.check, _parameter(facts, one, at), one.max_age)
        for one in asked
        if one.check in ASKED_CHECKS
    )


def ask_at(question: Question, dialed_at: datetime, now: datetime) -> datetime:
    """When to ask it for a call that is to be dialed then."""
    return max(now, dialed_at - min(LEAD, question.max_age / 2))


#: What each demands, in words; a LIST's has its name at the end.
DEMANDS: Mapping[str, str] = {
    RULE: "The customer's own server is asked before each dial, and must say yes.",
    "clearance.line_type": "The agent demands to know the type of the line, and who serves it.",
    "clearance.reassigned": "The agent demands to know whether the number was given to somebody "
    "else since the person agreed to be called.",
    "clearance.list.": "The agent demands that the number does not stand in an imported list.",
}


def demand_of(rule_id: str) -> str:
    """What a requirement demands, by its id among the rules; "": it is none."""
    found = (words for id_, words in DEMANDS.items() if rule_id.startswith(id_))
    return next(found, "")


# -- one requirement


def _line_type(facts: Facts, one: Requirement, now: datetime) -> CheckFinding:
    answer = _answer(facts, one, "")
    if answer is None or now >= answer.at + one.max_age:
        return _missing(one, answer)
    said = f"{answer.value}, {answer.carrier}" if answer.carrier else answer.value
    if answer.value == INVALID or answer.value in one.refuse:
        # Who serves it stays out of the decision, which goes into the workflow's history.
        return _refused(one, answer.value, f"The line is {answer.value}; asked {_when(answer)}")
    return _cleared(one, answer, f"{said}; asked {_when(answer)}")


def _reassigned(facts: Facts, one: Requirement, now: datetime) -> CheckFinding:
    if "US" not in location_of(facts).jurisdictions:
        return _exempt(one, "The database knows numbers of the United States only")
    day = consent_day(facts, now)
    if day is None:
        detail = "No consent with a date is on file, so nobody can be asked what became of it"
        return _refused(one, "no_consent_date", detail)
    answer = _answer(facts, one, day)
    if answer is None or now >= answer.at + one.max_age:
        return _missing(one, answer)
    return _as_answered(one, answer, f"since {_day(day)}; asked {_when(answer)}")


def _as_answered(one: Requirement, answer: CheckAnswer, when: str) -> CheckFinding:
    if answer.value == Reassigned.NO:
        return _cleared(one, answer, f"Not reassigned {when}: safe harbour")
    if answer.value == Reassigned.NO_DATA and one.no_data is NoData.DIAL:
        return _cleared(one, answer, f"The database has no data {when}: no safe harbour")
    if answer.value == Reassigned.NO_DATA:
        return _refused(one, answer.value, f"Whether it was reassigned is not known {when}")
    return _refused(one, answer.value, f"The number was given to somebody else {when}")


def _list(facts: Facts, one: Requirement, now: datetime) -> CheckFinding:
    copies = (copy for copy in facts.person.scrubs if copy.registry == one.listed_in)
    newest = max(copies, key=lambda copy: copy.at, default=None)
    if newest is None:
        return _waits(one, "missing", f"The list {one.listed_in} was never imported")
    when = f"{newest.at:%Y-%m-%d}"
    if newest.lists:
        return _refused(one, "listed", f"The number stands in {one.listed_in} of {when}")
    if now >= newest.at + one.max_age:
        return _waits(one, "stale", f"The list {one.listed_in} is of {when}: import it again")
    return CheckFinding(
        one, CheckStanding.CLEARED, "clear", f"As of {when}", until=newest.at + one.max_age
    )


_FINDS: Mapping[NumberCheck, Callable[[Facts, Requirement, datetime], CheckFinding]] = {
    NumberCheck.LINE_TYPE: _line_type,
    NumberCheck.REASSIGNED: _reassigned,
    NumberCheck.LIST: _list,
}


def consent_day(facts: Facts, now: datetime) -> str | None:
    """The day of the consent that the call rests on, as YYYYMMDD; None: it has no date."""
    consent = best_consent(facts.consents, facts.scope, now)
    if consent is None or consent.granted_at.year < _NO_DATE_BEFORE:
        return None
    return f"{utc(consent.granted_at) - _WESTERNMOST:%Y%m%d}"


def _parameter(facts: Facts, one: Requirement, at: datetime) -> str:
    return (consent_day(facts, at) or "") if one.check is NumberCheck.REASSIGNED else ""


def _answer(facts: Facts, one: Requirement, parameter: str) -> CheckAnswer | None:
    return next(_answers(facts, one.check, parameter), None)


def _answers(facts: Facts, check: NumberCheck, parameter: str) -> Iterator[CheckAnswer]:
    assert facts.number_file is not None
    for answer in facts.number_file.answers:
        if (answer.check, answer.parameter) == (check, parameter):
            yield answer


def _missing(one: Requirement, answer: CheckAnswer | None) -> CheckFinding:
    if answer is None:
        return _waits(one, "missing", "Not answered yet")
    return _waits(one, "stale", f"The answer of {_when(answer)} is too old")


def _waits(one: Requirement, word: str, detail: str) -> CheckFinding:
    return CheckFinding(one, CheckStanding.MISSING, word, detail, Reason.CLEARANCE_PENDING)


def _refused(one: Requirement, word: str, detail: str) -> CheckFinding:
    return CheckFinding(one, CheckStanding.REFUSED, word, detail, Reason.CLEARANCE_REFUSED)


def _cleared(one: Requirement, answer: CheckAnswer, detail: str) -> CheckFinding:
    until = answer.at + one.max_age
    return CheckFinding(one, CheckStanding.CLEARED, answer.value, detail, until=until)


def _exempt(one: Requirement, why: str) -> CheckFinding:
    return CheckFinding(one, CheckStanding.CLEARED, "exempt", why)


def _when(answer: CheckAnswer) -> str:
    return f"{utc(answer.at):%Y-%m-%d %H:%M} UTC"


def _day(day: str) -> str:
    return f"{day[:4]}-{day[4:6]}-{day[6:]}"
