"""The numbers of a person who has several, as `numbers_spec` of a call or a contact has them.

A list in the order in which they are tried. Each entry: {"endpoint", "kind", "extension"?, "type"?,
"recipient": {"timezone"?, "country"?, "postalCode"?}, "hours"?: as a call's window, "consent"?: as
a call's, "callerId"?: the one that was asked for}. What is not said is left out.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from policy.location.number_forms import person_key
from policy.model.call import EndpointKind
from storage.tables.calls import JsonObject

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
