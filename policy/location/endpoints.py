"""Endpoints: what may be dialed, in its normal form, and where its owner may be.

No message made here repeats what was given, but that of a number with two readings, which names
both: refusals are shown to who asked, and their messages are never logged.
"""

import re
from dataclasses import dataclass

import phonenumbers

from policy.location.number_metadata import read_number
from policy.location.number_readings import number_of, spelled
from policy.location.number_text import number_text, refused, without_marks
from policy.location.recipient_location import (
    Recipient,
    home_country,
    locate_recipient,
    location_of,
)
from policy.model.call import EndpointKind, ExtensionUse, Refusal
from policy.model.reasons import RefusalCode

_E164 = re.compile(r"\+[1-9][0-9]{6,14}")
_SIP = re.compile(
    r"sip:(?P<user>[A-Za-z0-9._~!$&*+=%-]{1,64})@(?P<host>[A-Za-z0-9.-]{1,253})"
    r"(?P<port>:[0-9]{1,5})?(?P<parameters>(?:;[A-Za-z0-9-]+=[A-Za-z0-9.-]+)*)",
    re.IGNORECASE,
)
_HOST_LABEL = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")
_SIP_LIMIT = 255


@dataclass(frozen=True, slots=True)
class Endpoint:
    """What is dialed: E.164 ("+" and digits) or a SIP address; then the keys that are pressed."""

    kind: EndpointKind
    value: str
    extension: str | None = None


def parse_endpoint(
    text: str, country: str | None = None, *, with_extension: bool = False
) -> Endpoint | Refusal:
    """Reads a phone number with its "+", or `sip:user@domain`, and gives its normal form.

    Spaces, dashes, dots and brackets between the digits are tolerated, and so is what cannot be
    seen. A number passes when its length is possible in a known country and nothing shows that it
    cannot exist; it need not be one that the number plan has assigned. That admits the fictional
    NANP numbers (any area code, 555-01xx) and +1 555 ..., whose zone is unknown, so that it needs
    an explicit one to be dialed. With a `country` (ISO 3166) a number without "+" is read as people
    there write it. What may be two numbers, or part of one, is refused. So is an extension, unless
    the caller does something with it: without it a stranger at the switchboard is called.
    """
    if _E164.fullmatch(text):
        return _plain(text)
    stripped = without_marks(text)
    if stripped[:4].lower() == "sip:":
        return _sip(text.strip())
    found = _phone(stripped, country)
    return found if with_extension else without_extension(found)


def without_extension(found: Endpoint | Refusal) -> Endpoint | Refusal:
    """The number, refused if it has an extension."""
    if isinstance(found, Refusal) or found.extension is None:
        return found
    message = "The number has an extension, which is not dialed here. Give a direct number."
    return refused(message, RefusalCode.HAS_EXTENSION)


def extension_refusal(extension: str | None, use: ExtensionUse) -> Refusal | None:
    """Why a number with this extension is not called, by the account's setting."""
    if extension is None or use is ExtensionUse.DIAL:
        return None
    message = "The number has an extension. Give a direct number."
    return refused(message, RefusalCode.HAS_EXTENSION)


def masked(endpoint: str) -> str:
    """The endpoint for who need not know it: "+1********23", "sip:***@example.com"."""
    if endpoint.startswith("sip:"):
        return f"sip:***@{endpoint.partition('@')[2]}"
    return endpoint[:2] + "*" * (len(endpoint) - 4) + endpoint[-2:]


def is_country(text: str) -> bool:
    """Whether numbers can be read as they are written in this country."""
    return text in phonenumbers.SUPPORTED_REGIONS


def _plain(text: str) -> Endpoint | Refusal:
    """The form that most clients send, and all of bulk: nothing about its text can mislead."""
    read = read_number(text, None)
    if read is not None and read.is_valid:
        return Endpoint(EndpointKind.PHONE, spelled(read.number))
    return _number(text, None)


def _phone(text: str, country: str | None) -> Endpoint | Refusal:
    found = number_text(text)
    if isinstance(found, Refusal):
        return found
    if not found.text.startswith("+") and country is None:
        return refused("The number must start with + and its country code, or be sip:user@domain.")
    return _number(found.text, country, found.extension)


def _number(text: str, country: str | None, extension: str | None = None) -> Endpoint | Refusal:
    found = number_of(text, country)
    return found if isinstance(found, Refusal) else Endpoint(EndpointKind.PHONE, found, extension)


def _sip(text: str) -> Endpoint | Refusal:
    match = _SIP.fullmatch(text)
    if match is None or len(text) > _SIP_LIMIT:
        return refused("A SIP address looks like sip:user@domain.")
    host = match["host"].lower()
    if not all(_HOST_LABEL.fullmatch(label) for label in host.split(".")):
        return refused("The domain of the SIP address is not a host name.")
    rest = (match["port"] or "") + match["parameters"]
    return Endpoint(EndpointKind.SIP, f"sip:{match['user']}@{host}{rest}")


def country_of(endpoint: str, kind: EndpointKind) -> str | None:
    """The ISO 3166 country a number belongs to, None for SIP and for numbers of no country.

    An unassigned number counts to the country of its area code, else to the main country of its
    code (+1 to US), whose rules then hold.
    """
    return home_country(endpoint, kind)


def candidate_zones(
    endpoint: str,
    kind: EndpointKind,
    recipient_zone: str | None,
    recipient_country: str | None,
    recipient_postal_code: str | None,
) -> tuple[str, ...]:
    """All zones the recipient may be in, the likeliest first: see `recipient_location`."""
    return locate_recipient(
        endpoint,
        kind,
        zone=recipient_zone,
        country=recipient_country,
        postal_code=recipient_postal_code,
    ).zones


def zones_of(facts: Recipient) -> tuple[str, ...]:
    """`candidate_zones` of a call."""
    return location_of(facts).zones
