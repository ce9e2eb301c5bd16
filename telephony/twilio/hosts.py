"""Where Twilio's API is: in its own region, or in another one by one of its edges."""

import re

TWILIO_API = "https://api.twilio.com"
#: What is known of a number: of no region.
LOOKUPS_API = "https://lookups.twilio.com"
#: Who a number belongs to, and how calls from it are signed: of no region.
TWILIO_TRUST_HUB = "https://trusthub.twilio.com"
_LABEL = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


def api_of(region: str | None, edge: str | None) -> str:
    """The base URL of a region's API, such as https://api.dublin.ie1.twilio.com.

    A region other than us1 has no name without an edge. Raises ValueError for what is no part of
    the name of a host.
    """
    if region is None or edge is None:
        return TWILIO_API
    if not (_LABEL.fullmatch(region) and _LABEL.fullmatch(edge)):
        raise ValueError("a region and an edge are words such as ie1 and dublin")
    return f"https://api.{edge}.{region}.twilio.com"
