"""The audit of a call: when, why, under which rules, with which consent."""

from datetime import datetime

from pydantic import ConfigDict, Field

from api.calls.number_views import AttemptView, CallNumberView
from api.calls.views import EventView
from api.compliance.rule_schemas import FindingView
from api.compliance.schemas import ConsentView, SuppressionView
from api.http.schema import JsonObject, View
from policy.model.call import CallStatus, DecisionKind, EndpointKind, Outcome
from policy.model.purposes import Purpose, Voice


class AuditedFinding(FindingView):
    """What a rule said to a decision, and the rule in words."""

    words_of: str | None = Field(
        description="The version, in force now, whose words these are, if it is not the "
        "decision's. Null: they are the words of then."
    )


class AuditedDecision(View):
    """`inputsSha256`: of all it was decided by but the number; the same facts give the same."""

    step: int
    at: datetime
    kind: DecisionKind
    reason: str
    detail: str
    until: datetime | None
    rules: list[AuditedFinding]
    versions: list[str]
    rules_version: str = Field(description="Of the rules it was decided by.")
    inputs_sha256: str


class AuditedAttempt(AttemptView):
    """A dial, with what had to be said at its beginning."""

    caller_id: str
    notices: dict[str, str] = Field(description="Each with the rule that asked for it.")


_EXAMPLE: JsonObject = {
    "callId": "9c1f5a2e-53c4-4a0f-b1b5-8f6f2f0b7a10",
    "agentId": "0b6f3a44-6c0e-4b52-9a49-0d1f3b1f7a55",
    "agentName": "Appointment reminders",
    "campaignId": None,
    "endpoint": "+12025550123",
    "endpointKind": "phone",
    "extension": None,
    "numbers": [],
    "purpose": "reminder",
    "voice": "artificial",
    "subject": None,
    "status": "Completed",
    "outcome": "confirmed",
    "reason": "concluded",
    "detail": "The recipient confirmed",
    "createdTime": "2027-03-01T14:00:00Z",
    "completedTime": "2027-03-01T14:01:10Z",
    "statedConsent": None,
    "consents": [],
    "suppressions": [],
    "decisions": [],
    "attempts": [],
    "events": [],
    "carrierIds": ["CA" + "1" * 32],
    "temporalUi": "http://127.0.0.1:8233/namespaces/default/workflows/call-9c1f5a2e",
}


class Audit(View):
    """One call, all that was decided about it and done."""

    model_config = ConfigDict(json_schema_extra={"examples": [_EXAMPLE]})

    call_id: str
    agent_id: str
    agent_name: str
    campaign_id: str | None
    endpoint: str
    endpoint_kind: EndpointKind
    extension: str | None = Field(
        default=None, max_length=11, description="Keys that are pressed once somebody answers."
    )
    numbers: list[CallNumberView] = Field(
        default_factory=list, description="Of a person with several, in their order; else empty."
    )
    purpose: Purpose | None
    voice: Voice
    subject: str | None
    status: CallStatus
    outcome: Outcome | None
    reason: str | None
    detail: str | None
    created_time: datetime
    completed_time: datetime | None
    stated_consent: JsonObject | None
    consents: list[ConsentView] = Field(description="Of this person, revoked ones too.")
    suppressions: list[SuppressionView] = Field(description="Of the number, of the past too.")
    decisions: list[AuditedDecision]
    attempts: list[AuditedAttempt]
    events: list[EventView]
    carrier_ids: list[str]
    temporal_ui: str
