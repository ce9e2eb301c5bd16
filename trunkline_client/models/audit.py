"""What is said and answered of `audit`.

Written by tools/client from the OpenAPI document.
"""

from datetime import datetime, timedelta
from typing import Any, Literal

from trunkline_client.models.base import Answer, Said
from trunkline_client.models.shared import (
    AttemptResult,
    AttemptState,
    CallStatus,
    Confidence,
    ConsentView,
    DecisionKind,
    EventView,
    NumberCheck,
    Outcome,
    Purpose,
    SuppressionView,
    Verdict,
    Voice,
)

EndpointKind = Literal["phone", "sip"]

MemberStatus = Literal["invited", "active", "disabled"]

NumberChecksStanding = Literal["cleared", "missing", "refused"]

Role = Literal["viewer", "operator", "admin"]


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
    standing: NumberChecksStanding | str
    verdict: str
    detail: str
    fresh_until: datetime | None


class CallClearances(Answer):
    """What must be known of a call's number when it is dialed, and all that was asked
    about it.
    """

    call_id: str
    standing: NumberChecksStanding | str | None
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


class EraseRequest(Said):
    endpoint: str


class ErasureView(Answer):
    """What was erased; a keyed hash of the number stays, and forbids all calls to it."""

    erased_at: datetime
    counts: dict[str, int]


class Invitation(Said):
    """Somebody who is to work in the account. Nobody gives a role that may do more than
    they.
    """

    email: str
    role: Role
    name: str | None = None


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


class OwnAccount(Answer):
    account_id: str
    name: str


class Me(Answer):
    """Whoever asks. `role`: of a person, or of a key that was given one for its scopes."""

    kind: str
    id: str
    name: str
    role: Role | str | None
    scopes: list[str]
    account: OwnAccount


class MemberView(Answer):
    """Somebody who works in the account."""

    member_id: str
    email: str
    name: str
    role: Role | str
    status: MemberStatus | str
    signs_in_by: list[str]
    created_by: str
    created_time: datetime
    joined_time: datetime | None
    disabled_time: datetime | None
    last_seen_time: datetime | None
    link_ends_time: datetime | None


class MemberList(Answer):
    """`total` counts all of them."""

    people: list[MemberView]
    total: int


class MemberMade(Answer):
    """The same with a link for them, which works once and which nobody can show again."""

    member_id: str
    email: str
    name: str
    role: Role | str
    status: MemberStatus | str
    signs_in_by: list[str]
    created_by: str
    created_time: datetime
    joined_time: datetime | None
    disabled_time: datetime | None
    last_seen_time: datetime | None
    link_ends_time: datetime | None
    link: str


class MemberPatch(Said):
    """The fields that are named change."""

    name: str = ""
    role: Role = "viewer"


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


class SignOnRequest(Said):
    """A provider that speaks OpenID Connect, and who we are to it."""

    issuer: str
    client_id: str
    client_secret: str | None = None
    domain: str | None = None
    domain_role: Role = "viewer"
    is_required: bool = False


class SignOnView(Answer):
    """How people sign in by their provider. `redirectUri` is what it has to be told of us."""

    sign_on_id: str
    issuer: str
    client_id: str
    has_secret: bool
    domain: str | None
    domain_role: Role | str
    is_required: bool
    redirect_uri: str
    sign_in_url: str
    created_time: datetime
    updated_time: datetime
