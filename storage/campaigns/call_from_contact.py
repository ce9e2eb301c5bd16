"""From a campaign's contact to a call, with the campaign's and the agent's defaults filled in."""

from datetime import datetime
from typing import TypeVar

from policy.location.caller_ids import choose
from policy.model.call import CallStatus
from policy.model.purposes import Purpose
from storage.tables import Agent, Call, Campaign, Contact, JsonObject
from storage.tables.specs import DEFAULT_RETRY_SPEC

T = TypeVar("T")


def call_of(campaign: Campaign, contact: Contact, agent: Agent, now: datetime) -> Call:
    """The call a contact becomes; not yet in the database."""
    defaults = campaign.defaults_spec
    assert contact.endpoint is not None
    return Call(
        account_id=campaign.account_id,
        agent_id=campaign.agent_id,
        campaign_id=campaign.campaign_id,
        pathway_id=campaign.pathway_id or agent.pathway_id,
        endpoint=contact.endpoint,
        endpoint_kind=contact.endpoint_kind,
        caller_id=defaults.get("callerId") or choose(agent.caller_ids, contact.endpoint),
        priority=campaign.priority,
        status=CallStatus.CREATED,
        timezone=campaign.timezone,
        not_before=campaign.not_before,
        call_deadline=campaign.call_deadline,
        window_spec=campaign.window_spec,
        retry_spec={
            **DEFAULT_RETRY_SPEC,
            **(agent.retry_spec or {}),
            **(defaults.get("retry") or {}),
        },
        voicemail_spec=defaults.get("voicemail") or agent.voicemail_spec or {},
        recipient_spec=_recipient(defaults, contact),
        ring_timeout=_said(defaults.get("ringTimeout"), agent.ring_timeout),
        max_duration=_said(defaults.get("maxDuration"), agent.max_duration),
        recording=_said(defaults.get("recording"), agent.recording),
        purpose=purpose_of(campaign),
        subject=defaults.get("subject"),
        consent_spec=defaults.get("consent"),
        context={**(defaults.get("context") or {}), **contact.context},
        additional_data=_additional_data(defaults, contact),
        created_time=now,
    )


def purpose_of(campaign: Campaign) -> Purpose | None:
    """What a campaign says its calls are for; None: what its agent says."""
    said = campaign.defaults_spec.get("purpose")
    return None if said is None else Purpose(said)


def _recipient(defaults: JsonObject, contact: Contact) -> JsonObject:
    known = dict(defaults.get("recipient") or {})
    return {**known, "timezone": contact.timezone} if contact.timezone else known


def _additional_data(defaults: JsonObject, contact: Contact) -> JsonObject:
    data = dict(defaults.get("additionalData") or {})
    return {**data, "clientToken": contact.client_token} if contact.client_token else data


def _said(value: T | None, otherwise: T) -> T:
    return otherwise if value is None else value
