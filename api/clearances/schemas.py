"""Answers about numbers, requests for them, and figures."""

from datetime import datetime

from pydantic import ConfigDict, Field

from api.http.schema import JsonObject, View
from policy.compliance.number_checks import CheckStanding
from policy.model.last_word import Verdict
from policy.model.number_checks import NumberCheck

_EXAMPLE: JsonObject = {
    "callId": "9c1f5a2e-53c4-4a0f-b1b5-8f6f2f0b7a10",
    "standing": "cleared",
    "requirements": [
        {
            "rule": "clearance.reassigned",
            "standing": "cleared",
            "verdict": "no",
            "detail": "Not reassigned since 2026-02-28; asked 2026-11-17 15:00 UTC: safe harbour",
            "freshUntil": "2026-12-17T15:00:00Z",
        }
    ],
    "requests": [
        {
            "check": "reassigned",
            "parameter": "20260228",
            "askedTime": "2026-11-17T15:00:00Z",
            "endedTime": "2026-11-17T15:00:01Z",
            "answer": "no",
            "carrier": "",
            "error": None,
            "cost": 20000,
            "callId": "9c1f5a2e-53c4-4a0f-b1b5-8f6f2f0b7a10",
        }
    ],
    "cost": 20000,
    "lastWords": [],
}


class RequirementView(View):
    """One thing that the agent demands to be known, as it stands now."""

    rule: str
    standing: CheckStanding
    verdict: str
    detail: str
    fresh_until: datetime | None


class LookupView(View):
    """One request about the number. `endedTime` null: under way, or its answer was lost."""

    check: NumberCheck
    parameter: str
    asked_time: datetime
    ended_time: datetime | None
    answer: str | None
    carrier: str
    error: str | None
    cost: int = Field(description="In micro-units of the account's currency.")
    call_id: str | None = Field(description="The call that wanted it first.")


class LastWordView(View):
    """One question to the customer. `verdict` null: not answered, so far, in `tries` tries."""

    request_id: str
    attempt_number: int
    asked_time: datetime
    tries: int
    verdict: Verdict | None
    reason: str = Field(description="The customer's own.")
    until: datetime | None
    changed: list[str] = Field(description="Variables that the answer has changed.")
    milliseconds: int | None
    error: str | None


class CallClearances(View):
    """What must be known of a call's number when it is dialed, and all that was asked about it."""

    model_config = ConfigDict(json_schema_extra={"examples": [_EXAMPLE]})

    call_id: str
    standing: CheckStanding | None = Field(description="Null: its agent demands nothing.")
    requirements: list[RequirementView]
    requests: list[LookupView] = Field(description="The newest first, 200 at most.")
    cost: int = Field(description="Of the requests that this call wanted, in micro-units.")
    last_words: list[LastWordView] = Field(description="What its customer was asked and said.")


class ClearanceFigures(View):
    """Requests about numbers. `cost` in micro-units of the account's currency."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"requests": 800, "answered": 797, "cost": 6_400_000}]}
    )

    requests: int
    answered: int
    cost: int


class ClearancesWanted(View):
    """What was looked through. `next` goes into the next request; null: that was all."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"contacts": 400, "wanted": 800, "next": None}]}
    )

    contacts: int
    wanted: int = Field(description="Questions that nobody had asked yet, or not lately.")
    next: int | None
