"""From a campaign's contact to a call: what the campaign says of all its calls, and the contact."""

from datetime import datetime

from policy.model.call import CallStatus
from policy.model.purposes import Purpose
from storage.calls.call_factory import CallSpec, call_columns
from storage.tables import Agent, Call, Campaign, Contact, JsonObject


def call_of(campaign: Campaign, contact: Contact, agent: Agent, now: datetime) -> Call:
    """The call a contact becomes; not yet in the database."""
    columns = call_columns(_spec(campaign, contact), agent)
    return Call(
        **columns,
        campaign_id=campaign.campaign_id,
        status=CallStatus.CREATED,
        created_time=now,
    )


def _spec(campaign: Campaign, contact: Contact) -> CallSpec:
    defaults = campaign.defaults_spec
    assert contact.endpoint is not None
    return CallSpec(
        endpoint=contact.endpoint,
        endpoint_kind=contact.endpoint_kind,
        extension=contact.extension,
        priority=campaign.priority,
        timezone=campaign.timezone,
        pathway_id=campaign.pathway_id,
        caller_id=defaults.get("callerId"),
        not_before=campaign.not_before,
        call_deadline=campaign.call_deadline,
        window_spec=campaign.window_spec,
        retry_spec=defaults.get("retry") or {},
        voicemail_spec=defaults.get("voicemail") or None,
        recipient_spec=_recipient(defaults, contact),
        ring_timeout=defaults.get("ringTimeout"),
        max_duration=defaults.get("maxDuration"),
        recording=defaults.get("recording"),
        purpose=purpose_of(campaign),
        subject=defaults.get("subject"),
        consent_spec=defaults.get("consent"),
        numbers_spec=_numbers(defaults, contact),
        context=_context(defaults, contact),
        additional_data=_additional_data(defaults, contact),
    )


def _numbers(defaults: JsonObject, contact: Contact) -> list[JsonObject] | None:
    """What the campaign says of all its contacts is of all their numbers."""
    if contact.numbers_spec is None:
        return None
    said = {"consent": defaults.get("consent"), "callerId": defaults.get("callerId")}
    told = {name: value for name, value in said.items() if value is not None}
    place = _recipient(defaults, contact)
    return [
        {**told, **entry, "recipient": {**place, **(entry.get("recipient") or {})}}
        for entry in contact.numbers_spec
    ]


def purpose_of(campaign: Campaign) -> Purpose | None:
    """What a campaign says its calls are for; None: what its agent says."""
    said = campaign.defaults_spec.get("purpose")
    return None if said is None else Purpose(said)


def _context(defaults: JsonObject, contact: Contact) -> JsonObject:
    """An empty cell does not take away what the campaign says for all."""
    given = defaults.get("context") or {}
    own = {
        name: value
        for name, value in contact.context.items()
        if name not in given or not (isinstance(value, str) and not value.strip())
    }
    return {**given, **own}


def _recipient(defaults: JsonObject, contact: Contact) -> JsonObject:
    known = dict(defaults.get("recipient") or {})
    return {**known, "timezone": contact.timezone} if contact.timezone else known


def _additional_data(defaults: JsonObject, contact: Contact) -> JsonObject:
    data = dict(defaults.get("additionalData") or {})
    return {**data, "clientToken": contact.client_token} if contact.client_token else data
