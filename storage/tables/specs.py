"""The request's JSON as policy's values. Pure; the JSON was validated when it was accepted."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from pydantic import TypeAdapter

from policy.location.number_forms import person_key
from policy.model.call import DaypartChoice, EndpointKind, RetryPlan, VoicemailAction, WeeklyWindow
from policy.model.number_checks import NoData, NumberCheck, Requirement
from policy.model.person import Consent, Scope
from policy.model.purposes import ConsentTier
from policy.promises import Promise
from policy.time.windows import weekly
from storage.tables import Call, JsonObject

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
#: `RetryPlan`'s defaults as a call shows them.
DEFAULT_RETRY_SPEC: JsonObject = {
    "maxAttempts": 3,
    "busy": "PT4H",
    "noAnswer": "PT24H",
    "networkError": "PT1H",
}
_DURATION = TypeAdapter(timedelta)


def weekly_from_days_spec(spec: Mapping[str, object] | None) -> WeeklyWindow | None:
    """A call's window: {"days": ["mon", ...], "start": "09:00", "end": "17:00"}; days: all."""
    if spec is None:
        return None
    days = spec.get("days")
    names = days if isinstance(days, list) else DAYS
    span = (str(spec["start"]), str(spec["end"]))
    return weekly({DAYS.index(name): [span] for name in names})


def weekly_from_hours_spec(
    spec: Mapping[str, list[Mapping[str, str]] | None] | None,
) -> WeeklyWindow | None:
    """An agent's hours: {"mon": [{"start": "09:00", "end": "12:00"}, ...]}; no day: closed."""
    if spec is None:
        return None
    return weekly(
        {
            DAYS.index(name): [(span["start"], span["end"]) for span in spans or ()]
            for name, spans in spec.items()
        }
    )


def retry_plan(spec: JsonObject | None) -> RetryPlan:
    """Delays are ISO 8601 durations; what is not said is the plan's default."""
    spec = spec or {}
    default = RetryPlan()
    return RetryPlan(
        max_attempts=int(spec.get("maxAttempts", default.max_attempts)),
        busy=_delay(spec, "busy", default.busy),
        no_answer=_delay(spec, "noAnswer", default.no_answer),
        network_error=_delay(spec, "networkError", default.network_error),
        voicemail=None if spec.get("voicemail") is None else _delay(spec, "voicemail", timedelta()),
        not_served=int(spec.get("notServed", default.not_served)),
        daypart=DaypartChoice(spec.get("differentTimeOfDay", default.daypart)),
        next_number=_delay(spec, "nextNumber", default.next_number),
    )


#: In a call's `retry_spec`, beside what was asked for: its open promise.
PROMISE = "promise"


def promise_spec(at: datetime, after: int) -> JsonObject:
    """As `promised` reads it."""
    return {"at": at.isoformat(), "after": after}


def promised(spec: JsonObject | None) -> Promise | None:
    """The open promise of a call."""
    said = (spec or {}).get(PROMISE)
    if said is None:
        return None
    return Promise(datetime.fromisoformat(said["at"]), int(said["after"]))


def duration(text: str) -> timedelta:
    """An ISO 8601 duration, such as PT24H."""
    return _DURATION.validate_python(text)


def _delay(spec: JsonObject, name: str, default: timedelta) -> timedelta:
    value = spec.get(name)
    return default if value is None else _DURATION.validate_python(value)


#: A stated consent that does not say when it was given may be older than any revocation.
_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)


def stated_consent(spec: JsonObject | None) -> Consent | None:
    """The consent that a call's request states."""
    if not spec:
        return None
    said = spec.get("grantedTime")
    granted = datetime.fromisoformat(said) if said else _LONG_AGO
    return Consent("call", ConsentTier(spec["tier"]), Scope(), granted)


def voicemail_action(spec: JsonObject | None) -> VoicemailAction:
    """What to do when a machine answers; hang up unless told otherwise."""
    return VoicemailAction((spec or {}).get("action") or VoicemailAction.HANG_UP)


def requirements(spec: Sequence[JsonObject] | None) -> tuple[Requirement, ...]:
    """What an agent demands to be known of a number: {"check", "maxAge", "list"?, ...} each."""
    return tuple(
        Requirement(
            NumberCheck(one["check"]),
            duration(one["maxAge"]),
            refuse=tuple(sorted(one.get("refuse") or ())),
            no_data=NoData(one.get("noData") or NoData.REFUSE),
            listed_in=one.get("list") or "",
        )
        for one in spec or ()
    )


def detects_machines(call: Call) -> bool:
    """Machine detection costs money and a moment of silence: only where a voicemail is dealt with.

    SIP endpoints are equipment of our own, which answers as itself. Where an extension is pressed
    the carrier listens for none.
    """
    is_plain = call.endpoint_kind is EndpointKind.PHONE and call.extension is None
    return is_plain and bool(call.voicemail_spec.get("action"))


# -- the numbers of a person who has several: `numbers_spec` of a call or a contact

#: In the order in which they are tried: {"endpoint", "kind", "extension"?, "type"?, "recipient":
#: {"timezone"?, "country"?, "postalCode"?}, "hours"?: as a call's window, "consent"?: as a call's,
#: "callerId"?: the one that was asked for}. What is not said is left out.
NumbersSpec = Sequence[JsonObject]


def places_of(spec: NumbersSpec | None) -> Mapping[str, int]:
    """At which place a number stands, by the key of its forms."""
    return {person_key(one["endpoint"]): place for place, one in enumerate(spec or ())}


def place_in(spec: NumbersSpec, endpoint: str) -> int:
    """Where a number stands; 0 for one that is not among them any more."""
    return places_of(spec).get(person_key(endpoint), 0)


def endpoints_of(row: Mapping[str, Any]) -> list[str]:
    """All numbers of a call or a contact by its columns; mostly the one."""
    spec = row.get("numbers_spec")
    return [one["endpoint"] for one in spec] if spec else [row["endpoint"]]


def extension_among(extension: str | None, spec: NumbersSpec | None) -> str | None:
    """A number's extension, else that of a further number of the person; None: none has one."""
    others = (one["extension"] for one in spec or () if one.get("extension"))
    return extension or next(others, None)


def columns_at(spec: NumbersSpec, place: int) -> JsonObject:
    """What a call has in its columns while this number is its own; without its caller ID."""
    entry = spec[place]
    return {
        "endpoint": entry["endpoint"],
        "endpoint_kind": EndpointKind(entry["kind"]),
        "extension": entry.get("extension"),
        "recipient_spec": entry.get("recipient") or {},
        "consent_spec": entry.get("consent"),
    }
