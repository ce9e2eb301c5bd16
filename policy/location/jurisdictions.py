"""Of all jurisdictions a call may fall under, the one it is counted under."""

from collections.abc import Sequence

#: Everybody's, a union's, and that of a state which nothing tells: no places of their own.
_NO_PLACES = frozenset({"*", "EU", "US-XX"})


def likeliest(jurisdictions: Sequence[str]) -> str | None:
    """The state or province where only one may be meant, else the country; None: not known.

    Takes what `policy.location.recipient_location` gives, in its order.
    """
    places = [code for code in jurisdictions if code not in _NO_PLACES]
    country = next((code for code in places if "-" not in code), None)
    if country is None:
        return None
    parts = [code for code in places if code.startswith(f"{country}-")]
    return parts[0] if len(parts) == 1 else country
