"""Rules, overlays, waivers and verdicts, as clients say and see them."""

from datetime import date, datetime
from typing import Annotated, Any

from pydantic import ConfigDict, Field

from api.compliance.schemas import Long
from api.http.schema import JsonObject, Request, View
from policy.location.recipient_location import ZoneSource
from policy.model.purposes import Purpose
from policy.rules.model import Confidence, Rule
from policy.rules.rule_text import describe
from storage.tables import Overlay


class RuleView(View):
    """`demands`: the rule in words. `isOwn`: the account's, not one of the packs."""

    rule_id: str
    kind: str
    jurisdiction: str
    demands: str
    purposes: list[Purpose]
    effective_from: date
    effective_to: date | None
    source: str
    address: str = Field(description="Where the source stands; empty: not known.")
    read_at: str = Field(description="Where its text was read, if not there.")
    confidence: Confidence
    verified_on: date
    note: str
    is_own: bool


_RULE: JsonObject = {
    "ruleId": "us.fl.hours",
    "kind": "calling_hours",
    "jurisdiction": "US-FL",
    "demands": "Mon–Sun 08:00–20:00",
    "purposes": [],
    "effectiveFrom": "2021-07-01",
    "effectiveTo": None,
    "source": "Fla. Stat. § 501.616(6)",
    "address": "",
    "readAt": "",
    "confidence": "primary",
    "verifiedOn": "2026-11-25",
    "note": "",
    "isOwn": False,
}
OVERLAY_EXAMPLE: JsonObject = {
    "id": "storm",
    "kind": "blackout",
    "jurisdiction": "US-LA",
    "startsAt": "2027-08-28T00:00:00Z",
    "endsAt": "2027-09-04T00:00:00Z",
    "note": "State of emergency",
}
_OVERLAY: JsonObject = {
    "overlayId": "9c1f5a2e-53c4-4a0f-b1b5-8f6f2f0b7a10",
    "rule": {**OVERLAY_EXAMPLE, "id": "own.storm"},
    "demands": "nobody is called",
    "createdTime": "2027-08-27T20:11:09Z",
    "createdBy": "key operations",
    "removedTime": None,
    "removedBy": None,
}
_WAIVER: JsonObject = {
    "rule": "us.fl.hours",
    "purposes": ["reminder"],
    "reason": "Reminders of appointments are no solicitations (counsel, 2027-01)",
    "by": "key operations",
    "at": "2027-02-27T20:11:09Z",
    "simulatedOnly": False,
    "endedAt": None,
    "endedBy": None,
}


class RuleList(View):
    model_config = ConfigDict(
        json_schema_extra={"examples": [{"version": "2026-11-25", "rules": [_RULE]}]}
    )

    version: str
    rules: list[RuleView]


class OverlayView(View):
    """A rule or a blackout of the account's own. It comes on top of the packs: it never allows
    what they forbid."""

    model_config = ConfigDict(json_schema_extra={"examples": [_OVERLAY]})

    overlay_id: str
    rule: JsonObject
    demands: str
    created_time: datetime
    created_by: str
    removed_time: datetime | None
    removed_by: str | None


class OverlayList(View):
    model_config = ConfigDict(
        json_schema_extra={"examples": [{"overlays": [_OVERLAY], "total": 1}]}
    )

    overlays: list[OverlayView]
    total: int


class WaiverRequest(Request):
    """Not to be held to a rule (by its id) or a kind of rules; with a reason, and on record."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "rule": "us.fl.hours",
                    "purposes": ["reminder"],
                    "reason": "Reminders of appointments are no solicitations (counsel, 2027-01)",
                }
            ]
        }
    )

    rule: Annotated[str, Field(min_length=1, max_length=100)]
    purposes: list[Purpose] | None = Field(default=None, min_length=1)
    reason: Annotated[Long, Field(min_length=10)]


class WaiverView(View):
    model_config = ConfigDict(json_schema_extra={"examples": [_WAIVER]})

    rule: str
    purposes: list[Purpose] | None
    reason: str
    by: str
    at: datetime
    simulated_only: bool
    ended_at: datetime | None
    ended_by: str | None


class WaiverList(View):
    model_config = ConfigDict(json_schema_extra={"examples": [{"waivers": [_WAIVER]}]})

    waivers: list[WaiverView]


class FindingView(View):
    """What one rule says about the call."""

    rule: str
    verdict: str
    detail: str
    demands: str
    source: str
    confidence: Confidence | None


class CandidateZoneView(View):
    """Where the recipient may be, and what tells so."""

    zone: str
    source: ZoneSource


class Explanation(View):
    """May this person be called then, when next, and why."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "at": "2027-03-01T12:30:00Z",
                    "permitted": True,
                    "now": False,
                    "nextAt": "2027-03-01T13:00:00Z",
                    "reason": "calling_hours",
                    "detail": "Outside calling hours until Mon 1 Mar 08:00 (America/New_York)",
                    "timezones": ["America/New_York"],
                    "zones": [{"zone": "America/New_York", "source": "number"}],
                    "jurisdictions": ["US", "US-NY", "*"],
                    "notices": {"identity": "us.federal.identity"},
                    "rules": [
                        {
                            "rule": "us.ny.hours",
                            "verdict": "closed",
                            "detail": "Until Mon 1 Mar 08:00 (America/New_York)",
                            "demands": "Mon–Sun 08:00–21:00",
                            "source": "N.Y. Gen. Bus. Law § 399-p",
                            "confidence": "primary",
                        }
                    ],
                    "versions": ["tzdata=2026.6", "rules=2026-11-25"],
                }
            ]
        }
    )

    at: datetime
    permitted: bool = Field(description="False: no call may be made, at any time.")
    now: bool = Field(description="Whether a call may be made at that very time.")
    next_at: datetime | None = Field(description="The first time from then on that suits.")
    reason: str
    detail: str
    timezones: list[str]
    zones: list[CandidateZoneView] = Field(description="The same, each with what tells of it.")
    jurisdictions: list[str]
    notices: dict[str, str] = Field(description="What must be said first, by which rule.")
    rules: list[FindingView]
    versions: list[str]


def rule_view(rule: Rule, *, is_own: bool) -> RuleView:
    """A rule as the API shows it."""
    same = RuleView.model_fields.keys() - {"rule_id", "demands", "is_own"}
    shown: dict[str, Any] = {name: getattr(rule, name) for name in same}
    return RuleView(**shown, rule_id=rule.id, demands=describe(rule), is_own=is_own)


def overlay_view(row: Overlay, demands: str) -> OverlayView:
    """The row as the API shows it."""
    names = OverlayView.model_fields.keys() - {"demands"}
    return OverlayView(**{name: getattr(row, name) for name in names}, demands=demands)


def waiver_view(waiver: JsonObject) -> WaiverView:
    """A waiver as the API shows it."""
    return WaiverView(
        rule=waiver["rule"],
        purposes=waiver.get("purposes"),
        reason=waiver.get("reason", ""),
        by=waiver.get("by", ""),
        at=waiver["at"],
        simulated_only=bool(waiver.get("simulatedOnly")),
        ended_at=waiver.get("endedAt"),
        ended_by=waiver.get("endedBy"),
    )
