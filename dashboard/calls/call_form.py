"""The form of a call: what was typed, kept as it was typed, and the request that it means."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from zoneinfo import ZoneInfo

from starlette.datastructures import FormData

from api.calls.schemas import CallRequest
from api.calls.views import CallView
from api.http.json_body import storable_text
from api.http.problems import Problem, invalid
from api.http.schema import JsonObject
from dashboard.calls import number_lines
from dashboard.forms.form_errors import FormErrors
from dashboard.forms.form_values import as_request, texts, whole_number

_CONTEXT = "context."
_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
#: Beginning of a field of the request -> the field of the form that says it.
_FIELDS: tuple[tuple[str, str], ...] = (
    ("endpointType", "number_type"),
    ("endpointHours", "number_hours"),
    ("endpoint", "number"),
    ("otherNumbers", "others"),
    ("agentId", "agent"),
    ("pathwayId", "pathway"),
    ("context", "context"),
    ("schedule.notBefore", "at"),
    ("schedule.window", "window"),
    ("callDeadline", "deadline"),
    ("additionalData", "metadata"),
    ("callerId", "caller_id"),
    ("voicemail", "message"),
    ("recipient.country", "recipient_country"),
    ("recipient.postalCode", "recipient_postcode"),
    ("recipient", "recipient_zone"),
    ("timezone", "recipient_zone"),
    ("priority", "priority"),
    ("consent.grantedTime", "consent_since"),
    ("consent.evidence", "consent_proof"),
    ("consent", "consent_method"),
    ("purpose", "purpose"),
)


@dataclass(frozen=True, slots=True)
class CallForm:
    """Every field as a text. `context`: the pathway's variables by their names."""

    number: str = ""
    number_type: str = ""
    number_hours: str = ""
    #: Further numbers of the person, one a line; see `number_lines`.
    others: str = ""
    agent: str = ""
    pathway: str = ""
    priority: str = "5"
    when: str = "now"
    at: str = ""
    #: Whose clock `at` and `deadline` are on: the agent's or the recipient's.
    clock: str = "agent"
    recipient_zone: str = ""
    recipient_country: str = ""
    recipient_postcode: str = ""
    window_start: str = ""
    window_end: str = ""
    window_days: tuple[str, ...] = _DAYS
    deadline: str = ""
    metadata: str = ""
    more: str = ""
    voicemail: str = ""
    message: str = ""
    caller_id: str = ""
    purpose: str = ""
    consent: str = ""
    consent_method: str = ""
    consent_since: str = ""
    consent_proof: str = ""
    duplicate: str = ""
    context: Mapping[str, str] = field(default_factory=dict)


def read_form(sent: FormData) -> CallForm:
    """What a browser sent; what it did not send is as in an empty form, but for the days."""
    said = texts(sent, CallForm, "context", "window_days")
    context = {
        name.removeprefix(_CONTEXT): value.strip()
        for name, value in sent.items()
        if name.startswith(_CONTEXT) and isinstance(value, str)
    }
    chosen = sent.getlist("window_days")
    return CallForm(**said, context=context, window_days=tuple(d for d in _DAYS if d in chosen))


def form_of(call: CallView) -> CallForm:
    """The form that would make this call again, at once."""
    # Of a person with several numbers the call has what is of the one that was dialed last.
    first = call.numbers[0] if call.numbers else call
    window = call.schedule.window or {}
    plain = {name: value for name, value in call.context.items() if isinstance(value, str)}
    other = {name: value for name, value in call.context.items() if name not in plain}
    voicemail, consent = call.voicemail or {}, first.consent or {}
    return CallForm(
        number=number_lines.spoken(first),
        number_type=(call.numbers[0].type or "") if call.numbers else "",
        number_hours=number_lines.told_hours(call.numbers[0].hours) if call.numbers else "",
        others=number_lines.written(call.numbers[1:]),
        agent=call.agent_id,
        pathway=call.pathway_id or "",
        priority=str(call.priority),
        recipient_zone=first.recipient.get("timezone") or "",
        recipient_country=first.recipient.get("country") or "",
        recipient_postcode=first.recipient.get("postalCode") or "",
        window_start=window.get("start", ""),
        window_end=window.get("end", ""),
        window_days=tuple(window.get("days") or _DAYS),
        metadata=json.dumps(call.additional_data, indent=2) if call.additional_data else "",
        more=json.dumps(other, indent=2) if other else "",
        voicemail=voicemail.get("action", ""),
        message=voicemail.get("message") or "",
        purpose=call.purpose or "",
        consent=consent.get("tier", ""),
        consent_method=consent.get("method", ""),
        consent_since=consent.get("grantedTime") or "",
        consent_proof=consent.get("evidence") or "",
        context=plain,
    )


def request_of(form: CallForm, recipient_zones: tuple[str, ...] = ()) -> CallRequest:
    """What the form means; raises a Problem that names the fields of the request."""
    said: JsonObject = {
        "agentId": form.agent or None,
        "endpoint": form.number,
        "endpointType": form.number_type or None,
        "endpointHours": number_lines.hours(form.number_hours, "endpointHours"),
        "otherNumbers": number_lines.read(form.others) or None,
        "priority": whole_number(form.priority),
        "pathwayId": form.pathway or None,
        "callerId": form.caller_id or None,
        "context": _context(form),
        "additionalData": _object(form.metadata, "additionalData"),
        "timezone": _zone(form, recipient_zones),
        "schedule": _schedule(form),
        "callDeadline": _wall(form.deadline, "callDeadline"),
        "voicemail": _voicemail(form),
        "recipient": _recipient(form),
        "purpose": form.purpose or None,
        "consent": _consent(form),
        "allowDuplicate": form.duplicate == "yes",
    }
    if not form.number:
        raise invalid("required", "endpoint", "Whom is to be called? Give a number.")
    if not form.agent:
        raise invalid("required", "agentId", "Choose who calls.")
    return as_request(CallRequest, {k: v for k, v in said.items() if v is not None})


def _recipient(form: CallForm) -> JsonObject | None:
    said = {
        "timezone": form.recipient_zone,
        "country": form.recipient_country,
        "postalCode": form.recipient_postcode,
    }
    return {name: value for name, value in said.items() if value} or None


def _consent(form: CallForm) -> JsonObject | None:
    if not form.consent:
        return None
    more = {"grantedTime": form.consent_since, "evidence": form.consent_proof}
    told = {name: value for name, value in more.items() if value}
    return {"tier": form.consent, "method": form.consent_method, **told}


def said_at(problem: Problem) -> FormErrors:
    """What is wrong, by the field of the form."""
    return FormErrors.of(problem, _FIELDS)


def _context(form: CallForm) -> JsonObject:
    said = {name: value for name, value in form.context.items() if value}
    return {**_object(form.more, "context"), **said}


def _object(text: str, name: str) -> JsonObject:
    if not text:
        return {}
    try:
        found = json.loads(text)
    except (ValueError, RecursionError) as exc:
        line = f" (line {exc.lineno})" if isinstance(exc, json.JSONDecodeError) else ""
        raise invalid("invalid_json", name, f"This is not JSON{line}.") from None
    if not isinstance(found, dict):
        raise invalid("wrong_type", name, 'Must be an object, such as {"crmId": "C-1017"}.')
    try:
        storable_text(found)
    except (ValueError, RecursionError):
        raise invalid("invalid_json", name, "This cannot be stored.") from None
    return found


def _zone(form: CallForm, recipient_zones: tuple[str, ...]) -> str | None:
    if form.clock != "recipient" or not (form.deadline or form.when == "at"):
        return None
    zones = (form.recipient_zone,) if form.recipient_zone else recipient_zones
    clocks = {_offsets(zone, form) for zone in zones}
    if len(clocks) != 1:
        message = "By the number alone the recipient's clock is not known. Say where they are."
        raise invalid("required", "recipient.timezone", message)
    return zones[0]


def _offsets(zone: str, form: CallForm) -> tuple[object, ...]:
    """What tells the clocks of zones apart at the times that were said."""
    try:
        known = ZoneInfo(zone)
        said = [datetime.fromisoformat(text) for text in (form.at, form.deadline) if text]
    except (ValueError, KeyError, OSError):
        return (zone,)
    return tuple(one.replace(tzinfo=known).utcoffset() for one in said)


def _schedule(form: CallForm) -> JsonObject | None:
    said: JsonObject = {}
    if form.when == "at":
        if not form.at:
            raise invalid("required", "schedule.notBefore", "Choose a day and a time.")
        said["notBefore"] = _wall(form.at, "schedule.notBefore")
    if form.window_start or form.window_end:
        if not (form.window_start and form.window_end and form.window_days):
            message = "A window has a beginning, an end and at least one day."
            raise invalid("required", "schedule.window", message)
        said["window"] = {
            "start": form.window_start,
            "end": form.window_end,
            "days": list(form.window_days),
        }
    return said or None


def _wall(text: str, name: str) -> str | None:
    if not text:
        return None
    try:
        datetime.fromisoformat(text)
    except ValueError:
        raise invalid("malformed", name, "Must be a day and a time.") from None
    return text if len(text) > len("2027-03-05T17:00") else f"{text}:00"


def _voicemail(form: CallForm) -> JsonObject | None:
    if not form.voicemail:
        return None
    return {"action": form.voicemail, **({"message": form.message} if form.message else {})}
