"""A new call from what is said of it: what its agent says is filled in here and nowhere else.

A request, a row of a bulk request, a campaign's contact and a reminder all become calls this way.
"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeVar

from policy.caller_ids.pool import chosen
from policy.model.call import EndpointKind
from policy.model.purposes import Purpose
from storage.tables import Agent, JsonObject
from storage.tables.columns import new_id
from storage.tables.specs import DEFAULT_RETRY_SPEC

T = TypeVar("T")


@dataclass(slots=True)
class CallSpec:
    """What is said of one call. None: nothing is said; `*_spec` as the columns of that name."""

    endpoint: str
    endpoint_kind: EndpointKind
    priority: int
    #: Of the call's wall times.
    timezone: str
    #: Keys to press once somebody answers.
    extension: str | None = None
    pathway_id: str | None = None
    #: None: the one of the agent's that is nearest to the recipient.
    caller_id: str | None = None
    not_before: datetime | None = None
    call_deadline: datetime | None = None
    window_spec: JsonObject | None = None
    retry_spec: JsonObject = field(default_factory=dict)
    voicemail_spec: JsonObject | None = None
    recipient_spec: JsonObject = field(default_factory=dict)
    #: In seconds, like `max_duration`.
    ring_timeout: int | None = None
    max_duration: int | None = None
    recording: bool | None = None
    purpose: Purpose | None = None
    subject: str | None = None
    consent_spec: JsonObject | None = None
    #: Of a person with several: all of them, this one first; see `storage.tables.specs`.
    numbers_spec: list[JsonObject] | None = None
    context: JsonObject = field(default_factory=dict)
    additional_data: JsonObject = field(default_factory=dict)


def call_columns(said: CallSpec, agent: Agent) -> JsonObject:
    """The columns of a call of this agent by their names, without what every new call has alike."""
    return {
        "call_id": new_id(),
        "account_id": agent.account_id,
        "agent_id": agent.agent_id,
        "pathway_id": said.pathway_id or agent.pathway_id,
        "endpoint": said.endpoint,
        "endpoint_kind": said.endpoint_kind,
        "extension": said.extension,
        "caller_id": said.caller_id
        or chosen(agent.caller_ids, agent.caller_id_marks, said.endpoint),
        "priority": said.priority,
        "timezone": said.timezone,
        "not_before": said.not_before,
        "call_deadline": said.call_deadline,
        "window_spec": said.window_spec,
        "retry_spec": {**DEFAULT_RETRY_SPEC, **(agent.retry_spec or {}), **said.retry_spec},
        "voicemail_spec": _or(said.voicemail_spec, agent.voicemail_spec or {}),
        "recipient_spec": said.recipient_spec,
        "ring_timeout": _or(said.ring_timeout, agent.ring_timeout),
        "max_duration": _or(said.max_duration, agent.max_duration),
        "recording": _or(said.recording, agent.recording),
        "purpose": said.purpose,
        "subject": said.subject,
        "consent_spec": said.consent_spec,
        "numbers_spec": said.numbers_spec,
        "sequence_id": None,
        "remind_before": None,
        "context": said.context,
        "additional_data": said.additional_data,
    }


def _or(said: T | None, default: T) -> T:
    return default if said is None else said
