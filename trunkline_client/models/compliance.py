"""What is said and answered of `compliance`.

Written by tools/client from the OpenAPI document.
"""

from datetime import date, datetime
from typing import Any, Literal

from trunkline_client.models.base import Answer, Said
from trunkline_client.models.shared import Confidence, Purpose, WaiverView

ZoneSource = Literal["stated", "postal_code", "number", "country"]


class AcknowledgementRequest(Said):
    """That a prerequisite is met, with its number where a rule needs one."""

    prerequisite: str
    reference: str | None = None
    note: str | None = None
    expires_time: datetime | str | None = None


class AcknowledgementView(Answer):
    """What was said, by whom and when. One that was renewed or withdrawn has an end."""

    prerequisite: str
    reference: str | None
    note: str | None
    by: str
    at: datetime
    expires_time: datetime | None
    ended_at: datetime | None
    ended_by: str | None


class AskingRuleView(Answer):
    """A rule that asks for a prerequisite."""

    rule_id: str
    jurisdiction: str
    asks: str
    effective_from: date
    source: str
    confidence: Confidence | str


class CandidateZoneView(Answer):
    """Where the recipient may be, and what tells so."""

    zone: str
    source: ZoneSource | str


class ComingRuleView(Answer):
    rule_id: str
    kind: str
    jurisdiction: str
    demands: str
    source: str
    confidence: Confidence | str
    note: str


class ComingChangeView(Answer):
    """A day on which rules change. `moved` and `ended` are of the `waiting` calls: those
    that would still wait by then as they stand now.
    """

    on: date
    begins: list[ComingRuleView]
    ends: list[ComingRuleView]
    waiting: int
    moved: int
    ended: int


class ComingList(Answer):
    """What changes within a year."""

    version: str
    looked_at: int
    is_complete: bool
    changes: list[ComingChangeView]


class FindingView(Answer):
    """What one rule says about the call."""

    rule: str
    verdict: str
    detail: str
    demands: str
    source: str
    confidence: Confidence | str | None


class Explanation(Answer):
    """May this person be called then, when next, and why."""

    at: datetime
    permitted: bool
    now: bool
    next_at: datetime | None
    reason: str
    detail: str
    timezones: list[str]
    zones: list[CandidateZoneView]
    jurisdictions: list[str]
    notices: dict[str, str]
    rules: list[FindingView]
    versions: list[str]


class OverlayView(Answer):
    """A rule or a blackout of the account's own. It comes on top of the packs: it never
    allows what they forbid.
    """

    overlay_id: str
    rule: dict[str, Any]
    demands: str
    created_time: datetime
    created_by: str
    removed_time: datetime | None
    removed_by: str | None


class OverlayList(Answer):
    overlays: list[OverlayView]
    total: int


class PrerequisiteView(Answer):
    """`isMet`: an acknowledgement stands now and says as much as the rules need."""

    prerequisite: str
    is_met: bool
    needs_reference: bool
    rules: list[AskingRuleView]
    acknowledgement: AcknowledgementView | None


class PrerequisiteList(Answer):
    prerequisites: list[PrerequisiteView]
    acknowledgements: list[AcknowledgementView]


class RuleView(Answer):
    """`demands`: the rule in words. `isOwn`: the account's, not one of the packs."""

    rule_id: str
    kind: str
    jurisdiction: str
    demands: str
    purposes: list[Purpose | str]
    effective_from: date
    effective_to: date | None
    source: str
    address: str
    read_at: str
    confidence: Confidence | str
    verified_on: date
    note: str
    is_own: bool


class RuleList(Answer):
    version: str
    rules: list[RuleView]


class WaiverList(Answer):
    waivers: list[WaiverView]


class WaiverRequest(Said):
    """Not to be held to a rule (by its id) or a kind of rules; with a reason, and on
    record.
    """

    rule: str
    reason: str
    purposes: list[Purpose] | None = None
