"""Who calls or writes to us, as the carrier names them: an opt-out is never lost for its form."""

import re

from policy.location.endpoints import Endpoint, country_of, parse_endpoint
from policy.location.number_text import without_marks
from policy.model.call import EndpointKind

_CHANNEL = re.compile(r"(?:whatsapp|rcs|tel):(?=\+)", re.IGNORECASE)
_LONGEST = 255
#: What stands where a number is withheld, besides Twilio's own numbers for it.
_NOBODY = frozenset({"", "anonymous", "blocked", "private", "restricted", "unavailable", "unknown"})


def sender_of(text: str, called: str) -> Endpoint | None:
    """Who it is; None for nobody: the number is withheld.

    Read like any number, then as people in the country of the number they `called` write it. What
    is no number that we know is kept as it came, so that whoever has it on file is found by it.
    """
    said = _CHANNEL.sub("", without_marks(text))
    if said.casefold() in _NOBODY:
        return None
    country = country_of(called, EndpointKind.PHONE)
    for found in (parse_endpoint(said), parse_endpoint(said, country), parse_endpoint("+" + said)):
        if isinstance(found, Endpoint):
            return found
    return Endpoint(EndpointKind.PHONE, said[:_LONGEST])
