"""What is said and answered of `clearances`.

Written by tools/client from the OpenAPI document.
"""

from datetime import datetime
from typing import Literal

from trunkline_client.models.base import Answer
from trunkline_client.models.shared import NumberCheck, Verdict

CheckStanding = Literal["cleared", "missing", "refused"]


class LastWordView(Answer):
    """One question to the customer. `verdict` null: not answered, so far, in `tries`
    tries.
    """

    request_id: str
    attempt_number: int
    asked_time: datetime
    tries: int
    verdict: Verdict | str | None
    reason: str
    until: datetime | None
    changed: list[str]
    milliseconds: int | None
    error: str | None


class LookupView(Answer):
    """One request about the number. `endedTime` null: under way, or its answer was lost."""

    check: NumberCheck | str
    parameter: str
    asked_time: datetime
    ended_time: datetime | None
    answer: str | None
    carrier: str
    error: str | None
    cost: int
    call_id: str | None


class RequirementView(Answer):
    """One thing that the agent demands to be known, as it stands now."""

    rule: str
    standing: CheckStanding | str
    verdict: str
    detail: str
    fresh_until: datetime | None


class CallClearances(Answer):
    """What must be known of a call's number when it is dialed, and all that was asked
    about it.
    """

    call_id: str
    standing: CheckStanding | str | None
    requirements: list[RequirementView]
    requests: list[LookupView]
    cost: int
    last_words: list[LastWordView]


class ClearanceFigures(Answer):
    """Requests about numbers. `cost` in micro-units of the account's currency."""

    requests: int
    answered: int
    cost: int


class ClearancesWanted(Answer):
    """What was looked through. `next` goes into the next request; null: that was all."""

    contacts: int
    wanted: int
    next: int | None
