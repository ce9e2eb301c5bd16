"""Prerequisites and what is acknowledged of them, as clients say and see them."""

from datetime import date, datetime
from typing import Annotated

from pydantic import ConfigDict, Field

from api.http.schema import JsonObject, Moment, Request, View
from policy.rules.model import Confidence

_NAME = "us-tx.solicitation_registration"
_ACKNOWLEDGEMENT: JsonObject = {
    "prerequisite": _NAME,
    "reference": "2027-0104",
    "note": "Renewed by counsel",
    "by": "key operations",
    "at": "2027-01-11T16:20:00Z",
    "expiresTime": "2028-01-04T00:00:00Z",
    "endedAt": None,
    "endedBy": None,
}
_PREREQUISITE: JsonObject = {
    "prerequisite": _NAME,
    "isMet": True,
    "needsReference": True,
    "rules": [
        {
            "ruleId": "us.tx.registration",
            "jurisdiction": "US-TX",
            "asks": "it holds a registration certificate for telephone solicitation in Texas",
            "effectiveFrom": "2025-09-01",
            "source": "Tex. Bus. & Com. Code § 302.101",
            "confidence": "primary",
        }
    ],
    "acknowledgement": _ACKNOWLEDGEMENT,
}
Name = Annotated[str, Field(min_length=1, max_length=64)]
Reference = Annotated[str, Field(min_length=1, max_length=100)]
Note = Annotated[str, Field(min_length=1, max_length=500)]


class AcknowledgementRequest(Request):
    """That a prerequisite is met, with its number where a rule needs one."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "prerequisite": _NAME,
                    "reference": "2027-0104",
                    "expiresTime": "2028-01-04T00:00:00Z",
                }
            ]
        }
    )

    prerequisite: Name
    reference: Reference | None = None
    note: Note | None = None
    expires_time: Moment | None = Field(
        default=None, description="From then on it counts no more. Null: it lasts."
    )


class AcknowledgementView(View):
    """What was said, by whom and when. One that was renewed or withdrawn has an end."""

    model_config = ConfigDict(json_schema_extra={"examples": [_ACKNOWLEDGEMENT]})

    prerequisite: str
    reference: str | None
    note: str | None
    by: str
    at: datetime
    expires_time: datetime | None
    ended_at: datetime | None
    ended_by: str | None


class AskingRuleView(View):
    """A rule that asks for a prerequisite."""

    rule_id: str
    jurisdiction: str
    asks: str
    effective_from: date
    source: str
    confidence: Confidence


class PrerequisiteView(View):
    """`isMet`: an acknowledgement stands now and says as much as the rules need."""

    prerequisite: str
    is_met: bool
    needs_reference: bool
    rules: list[AskingRuleView]
    acknowledgement: AcknowledgementView | None


class PrerequisiteList(View):
    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"prerequisites": [_PREREQUISITE], "acknowledgements": [_ACKNOWLEDGEMENT]}]
        }
    )

    prerequisites: list[PrerequisiteView]
    acknowledgements: list[AcknowledgementView] = Field(description="Those of the past too.")


class ComingRuleView(View):
    rule_id: str
    kind: str
    jurisdiction: str
    demands: str
    source: str
    confidence: Confidence
    note: str


class ComingChangeView(View):
    """A day on which rules change. `moved` and `ended` are of the `waiting` calls: those that would
    still wait by then as they stand now."""

    on: date
    begins: list[ComingRuleView]
    ends: list[ComingRuleView]
    waiting: int
    moved: int = Field(description="They would wait or be made otherwise.")
    ended: int = Field(description="They would not be made at all.")


class ComingList(View):
    """What changes within a year."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "version": "2026-11-30",
                    "lookedAt": 430,
                    "isComplete": True,
                    "changes": [
                        {
                            "on": "2027-01-31",
                            "begins": [
                                {
                                    "ruleId": "us.federal.revoke_all",
                                    "kind": "revocation",
                                    "jurisdiction": "US",
                                    "demands": "who takes back one consent has taken back all",
                                    "source": "47 CFR 64.1200(a)(10); FCC DA 26-12",
                                    "confidence": "secondary",
                                    "note": "",
                                }
                            ],
                            "ends": [],
                            "waiting": 415,
                            "moved": 412,
                            "ended": 3,
                        }
                    ],
                }
            ]
        }
    )

    version: str
    looked_at: int = Field(description="Waiting calls, at most 5,000.")
    is_complete: bool = Field(description="False: there are more calls, or days, than looked at.")
    changes: list[ComingChangeView]


def acknowledgement_view(record: JsonObject) -> AcknowledgementView:
    """A record as the API shows it."""
    return AcknowledgementView(
        prerequisite=record["prerequisite"],
        reference=record.get("reference"),
        note=record.get("note"),
        by=record.get("by", ""),
        at=record["at"],
        expires_time=record.get("expiresTime"),
        ended_at=record.get("endedAt"),
        ended_by=record.get("endedBy"),
    )
