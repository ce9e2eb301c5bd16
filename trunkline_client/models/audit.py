"""What is said and answered of `audit`.

Written by tools/client from the OpenAPI document.
"""

from datetime import datetime, timedelta
from typing import Any, Literal

from trunkline_client.models.base import Answer, Said
from trunkline_client.models.shared import (
    AttemptResult,
    AttemptState,
    CallNumberView,
    CallStatus,
    Confidence,
    ConsentView,
    DecisionKind,
    EventView,
    Outcome,
    Purpose,
    SuppressionView,
    Voice,
)

EndpointKind = Literal["phone", "sip"]


class AuditedAttempt(Answer):
    """A dial, with what had to be said at its beginning."""

    number: int
    state: AttemptState | str
    result: AttemptResult | str | None
    carrier_sid: str | None
    carrier_status: str | None
    error_code: int | None
    error: str | None
    answered_by: str | None
    person_at: datetime | None
    message_left: bool | None
    recording_url: str | None
    duration_seconds: int | None
    dialed_at: datetime
    sending_at: datetime | None
    sent_at: datetime | None
    ringing_at: datetime | None
    answered_at: datetime | None
    ended_at: datetime | None
    settled_at: datetime | None
    caller_id: str
    notices: dict[str, str]
    to_number: int | None = None
    sip_code: int | None = None


class AuditedFinding(Answer):
    """What a rule said to a decision, and the rule in words."""

    rule: str
    verdict: str
    detail: str
    demands: str
    source: str
    confidence: Confidence | str | None
    words_of: str | None


class AuditedDecision(Answer):
    """`inputsSha256`: of all it was decided by but the number; the same facts give the
    same.
    """

    step: int
    at: datetime
    kind: DecisionKind | str
    reason: str
    detail: str
    until: datetime | None
    rules: list[AuditedFinding]
    versions: list[str]
    rules_version: str
    inputs_sha256: str


class Audit(Answer):
    """One call, all that was decided about it and done."""

    call_id: str
    agent_id: str
    agent_name: str
    campaign_id: str | None
    endpoint: str
    endpoint_kind: EndpointKind | str
    purpose: Purpose | str | None
    voice: Voice | str
    subject: str | None
    status: CallStatus | str
    outcome: Outcome | str | None
    reason: str | None
    detail: str | None
    created_time: datetime
    completed_time: datetime | None
    stated_consent: dict[str, Any] | None
    consents: list[ConsentView]
    suppressions: list[SuppressionView]
    decisions: list[AuditedDecision]
    attempts: list[AuditedAttempt]
    events: list[EventView]
    carrier_ids: list[str]
    temporal_ui: str
    extension: str | None = None
    numbers: list[CallNumberView] | None = None


class AuditEntryView(Answer):
    """One change. It names fields and never says what they hold."""

    entry_id: int
    at: datetime
    actor_kind: str
    actor_id: str
    actor: str
    via: str
    action: str
    object_id: str | None
    fields: list[str]


class AuditLog(Answer):
    entries: list[AuditEntryView]
    total: int
    next_cursor: str | None


class EraseRequest(Said):
    endpoint: str


class ErasureView(Answer):
    """What was erased; a keyed hash of the number stays, and forbids all calls to it."""

    erased_at: datetime
    counts: dict[str, int]


class KeyView(Answer):
    """A key without its secret."""

    key_id: str
    name: str
    prefix: str
    scopes: list[str]
    created_by: str
    created_time: datetime
    expires_time: datetime | None
    last_used_time: datetime | None
    revoked_time: datetime | None
    replaced_by: str | None
    is_bootstrap: bool


class KeyList(Answer):
    keys: list[KeyView]
    total: int


class KeyMade(Answer):
    """A key with its secret, which nobody can show again."""

    key_id: str
    name: str
    prefix: str
    scopes: list[str]
    created_by: str
    created_time: datetime
    expires_time: datetime | None
    last_used_time: datetime | None
    revoked_time: datetime | None
    replaced_by: str | None
    is_bootstrap: bool
    secret: str


class KeyRequest(Said):
    """A key for a program or a person. It cannot have scopes that the asking key lacks."""

    name: str
    scopes: list[str]
    expires_time: datetime | str | None = None


class KeyRotation(Said):
    """How the old key and its successor live side by side."""

    overlap: timedelta | str = "PT24H"
    expires_time: datetime | str | None = None


class PersonalCall(Answer):
    """A call with all that was said of and in it."""

    call_id: str
    created_time: datetime
    completed_time: datetime | None
    outcome: str | None
    context: dict[str, Any]
    additional_data: dict[str, Any]
    recipient: dict[str, Any]
    subject: str | None
    stated_consent: dict[str, Any] | None
    result: dict[str, Any] | None
    recordings: list[str]
    extension: str | None = None


class PersonalContact(Answer):
    campaign_id: str
    context: dict[str, Any]
    timezone: str | None
    extension: str | None = None


class PersonalData(Answer):
    """All that is on file about one person."""

    endpoint: str
    calls: list[PersonalCall]
    contacts: list[PersonalContact]
    consents: list[ConsentView]
    suppressions: list[SuppressionView]
    inbound: list[dict[str, Any]]
    registries: list[str]
    erased: list[datetime]
