"""What a request says of each number: of the one, and of further ones of the same person."""

from collections.abc import Iterator
from datetime import datetime

from api.calls.schemas import CallRequest, OtherNumber, StatedConsent, Window
from api.http.problems import invalid
from api.http.schema import JsonObject
from api.http.values import read_endpoint, stated_country
from policy.location.endpoints import Endpoint, extension_refusal
from policy.location.number_forms import person_key
from policy.model.call import ExtensionUse
from policy.time.wall_time import is_zone
from policy.time.windows import BadWindow
from storage.tables import specs


def numbers_spec(
    request: CallRequest,
    endpoint: Endpoint,
    caller_id: str | None,
    extensions: ExtensionUse,
    now: datetime,
) -> list[JsonObject] | None:
    """All numbers, as `storage.tables.number_specs` has them; None: there is one without a window.

    Raises a Problem for a number that stands there twice, and for what cannot be.
    """
    hours = window_spec(request.endpoint_hours, "endpointHours")
    if not request.other_numbers and hours is None and request.endpoint_type is None:
        return None
    first = {
        **_endpoint(endpoint),
        "type": request.endpoint_type,
        "recipient": request.recipient.as_spec() if request.recipient else {},
        "hours": hours,
        "consent": consent_spec(request.consent, "consent", now),
    }
    entries = [first, *_others(request, endpoint, extensions, now)]
    return [
        {name: value for name, value in {**one, "callerId": caller_id}.items() if value is not None}
        for one in entries
    ]


def _others(
    request: CallRequest, endpoint: Endpoint, extensions: ExtensionUse, now: datetime
) -> Iterator[JsonObject]:
    country = stated_country(request.default_country)
    seen = {person_key(endpoint.value)}
    for index, other in enumerate(request.other_numbers or ()):
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
        "hours": window_spec(other.hours, f"{field}.hours"),
        "consent": consent_spec(other.consent, f"{field}.consent", now),
    }


def _endpoint(found: Endpoint) -> JsonObject:
    return {"endpoint": found.value, "kind": found.kind.value, "extension": found.extension}


def consent_spec(stated: StatedConsent | None, field: str, now: datetime) -> JsonObject | None:
    """Raises a 422 Problem for one that is given in the future."""
    if stated is None:
        return None
    if stated.granted_time is not None and stated.granted_time > now:
        raise invalid("out_of_range", f"{field}.grantedTime", "This is in the future.")
    return stated.as_spec()


def window_spec(window: Window | None, field: str) -> JsonObject | None:
    """Raises a 422 Problem for one that never opens."""
    if window is None:
        return None
    spec = window.as_spec()
    try:
        specs.weekly_from_days_spec(spec)
    except BadWindow as exc:
        raise invalid("bad_window", field, f"{exc}.") from None
    return spec
