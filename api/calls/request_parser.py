"""From a request to what is said of a call: endpoints, wall times and specs read and checked.

The first step of a submission; what the agent says besides is filled in by `call_factory`.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime

from api.calls.schemas import CallRequest, OtherNumber, StatedConsent, Window
from api.http.json_body import size_of
from api.http.problems import invalid, refused
from api.http.schema import JsonObject
from api.http.values import instant, read_endpoint, request_zone, stated_country
from policy.caller_ids.pool import are_all_barred, is_barred
from policy.location.endpoints import Endpoint, extension_refusal
from policy.location.number_forms import person_key
from policy.model.call import ExtensionUse, VoicemailAction
from policy.time.wall_time import is_zone
from policy.time.windows import BadWindow
from storage.calls.call_factory import CallSpec
from storage.tables import Agent, specs

MAX_ADDITIONAL_DATA = 16 * 1024
_BARRED = "caller_id_barred"
_MEND = "See GET /api/v1/caller-ids; import the carrier's list again once it is mended."


def call_spec(
    request: CallRequest, agent: Agent, now: datetime, extensions: ExtensionUse
) -> CallSpec:
    """What the request says; raises a Problem for what cannot be, with this agent."""
    country = stated_country(request.default_country)
    endpoint = read_endpoint(request.endpoint, "endpoint", country, with_extension=True)
    unwanted = extension_refusal(endpoint.extension, extensions)
    if unwanted is not None:
        raise refused([unwanted])
    caller_id = _caller_id(request, agent)
    zone = request_zone(request.timezone, agent.timezone)
    schedule = request.schedule
    not_before = schedule.not_before if schedule else None
    return CallSpec(
        endpoint=endpoint.value,
        endpoint_kind=endpoint.kind,
        extension=endpoint.extension,
        priority=request.priority,
        timezone=zone,
        pathway_id=request.pathway_id,
        caller_id=caller_id,
        not_before=instant(not_before, zone, "later", "schedule.notBefore", now),
        call_deadline=instant(request.call_deadline, zone, "earlier", "callDeadline", now),
        window_spec=_window_spec(request),
        retry_spec=request.retry.as_spec() if request.retry else {},
        voicemail_spec=_voicemail_spec(request, agent),
        recipient_spec=request.recipient.as_spec() if request.recipient else {},
        ring_timeout=request.ring_timeout,
        max_duration=request.max_duration,
        recording=request.recording,
        purpose=request.purpose,
        subject=request.subject,
        consent_spec=_consent_spec(request.consent, "consent", now),
        numbers_spec=_numbers_spec(request, endpoint, caller_id, extensions, now),
        context=request.context,
        additional_data=_additional_data(request),
    )


def voicemail_must_speak(spec: JsonObject) -> None:
    """A message is needed where one is to be left."""
    if spec.get("action") == VoicemailAction.LEAVE_MESSAGE and not spec.get("message"):
        raise invalid("required", "voicemail.message", "leave_message needs a message.")


def _caller_id(request: CallRequest, agent: Agent) -> str | None:
    """The one that is named; None: any of the agent's."""
    override = request.override_outbound_config
    said, field = request.caller_id, "callerId"
    if said is None and override is not None and override.phone_number is not None:
        said, field = override.phone_number, "overrideOutboundConfig.phoneNumber"
    if said is None:
        require_pool(agent, "callerId")
        return None
    found = read_endpoint(said, field).value
    require_in_pool(agent, found, field)
    return found


def require_pool(agent: Agent, field: str) -> None:
    """Raises a 422 Problem for an agent that has no caller ID, or none that the carrier takes."""
    if not agent.caller_ids:
        raise invalid("required", field, "The agent has no caller IDs.")
    if are_all_barred(agent.caller_ids, agent.caller_id_marks):
        raise invalid(_BARRED, field, f"The carrier would refuse every one. {_MEND}")


def require_in_pool(agent: Agent, number: str, field: str) -> None:
    """Raises a 422 Problem for a caller ID that the agent has not, or the carrier would refuse."""
    if number not in agent.caller_ids:
        raise invalid("not_the_agents", field, "This caller ID is not one of the agent's.")
    if is_barred(agent.caller_id_marks, number):
        raise invalid(_BARRED, field, f"The carrier would refuse this caller ID. {_MEND}")


def _window_spec(request: CallRequest) -> JsonObject | None:
    if request.schedule is None:
        return None
    return _window(request.schedule.window, "schedule.window")


def _voicemail_spec(request: CallRequest, agent: Agent) -> JsonObject | None:
    said = request.voicemail.as_spec() if request.voicemail else None
    voicemail_must_speak((agent.voicemail_spec or {}) if said is None else said)
    return said


def _additional_data(request: CallRequest) -> JsonObject:
    if size_of(request.additional_data) > MAX_ADDITIONAL_DATA:
        raise invalid("too_large", "additionalData", "additionalData is larger than 16 KiB.")
    return request.additional_data


# -- several numbers of a person


def _numbers_spec(
    request: CallRequest,
    endpoint: Endpoint,
    caller_id: str | None,
    extensions: ExtensionUse,
    now: datetime,
) -> list[JsonObject] | None:
    """All numbers, as `storage.tables.specs` has them; None: there is one without a window.

    Raises a Problem for a number that stands there twice, and for what cannot be.
    """
    hours = _window(request.endpoint_hours, "endpointHours")
    if not request.other_numbers and hours is None and request.endpoint_type is None:
        return None
    first = {
        **_endpoint(endpoint),
        "type": request.endpoint_type,
        "recipient": request.recipient.as_spec() if request.recipient else {},
        "hours": hours,
        "consent": _consent_spec(request.consent, "consent", now),
    }
    country = stated_country(request.default_country)
    others = other_entries(request.other_numbers or (), endpoint, country, extensions, now)
    entries = [first, *others]
    return [
        {name: value for name, value in {**one, "callerId": caller_id}.items() if value is not None}
        for one in entries
    ]


def other_entries(
    others: Sequence[OtherNumber],
    first: Endpoint | None,
    country: str | None,
    extensions: ExtensionUse,
    now: datetime,
) -> Iterator[JsonObject]:
    """A person's further numbers as `storage.tables.specs` has them, each with all of its names.

    Raises a Problem that names the number: one that cannot be read, or that stands there already.
    `first`: the one before them; None: it is not known yet.
    """
    seen = set[str]() if first is None else {person_key(first.value)}
    for index, other in enumerate(others):
        field = f"otherNumbers.{index}"
        found = read_endpoint(other.endpoint, f"{field}.endpoint", country, with_extension=True)
        unwanted = extension_refusal(found.extension, extensions)
        if unwanted is not None:
            raise invalid(unwanted.code, f"{field}.endpoint", unwanted.message)
        if person_key(found.value) in seen:
            raise invalid("repeated", f"{field}.endpoint", "This number stands there already.")
        seen.add(person_key(found.value))
        yield _other(other, found, field, now)


def _other(other: OtherNumber, found: Endpoint, field: str, now: datetime) -> JsonObject:
    place = other.recipient
    if place is not None and place.timezone is not None and not is_zone(place.timezone):
        unknown = "This is not a name in the tz database, like America/New_York."
        raise invalid("unknown_timezone", f"{field}.recipient.timezone", unknown)
    return {
        **_endpoint(found),
        "type": other.type,
        "recipient": place.as_spec() if place else {},
        "hours": _window(other.hours, f"{field}.hours"),
        "consent": _consent_spec(other.consent, f"{field}.consent", now),
    }


def _endpoint(found: Endpoint) -> JsonObject:
    return {"endpoint": found.value, "kind": found.kind.value, "extension": found.extension}


def _consent_spec(stated: StatedConsent | None, field: str, now: datetime) -> JsonObject | None:
    """Raises a 422 Problem for one that is given in the future."""
    if stated is None:
        return None
    if stated.granted_time is not None and stated.granted_time > now:
        raise invalid("out_of_range", f"{field}.grantedTime", "This is in the future.")
    return stated.as_spec()


def _window(window: Window | None, field: str) -> JsonObject | None:
    """Raises a 422 Problem for one that never opens."""
    if window is None:
        return None
    spec = window.as_spec()
    try:
        specs.weekly_from_days_spec(spec)
    except BadWindow as exc:
        raise invalid("bad_window", field, f"{exc}.") from None
    return spec
