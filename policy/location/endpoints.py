"""Endpoints: what may be dialed, in its normal form, and where its owner may be.

No message made here repeats what was given: refusals are logged and shown.
"""

import re
from dataclasses import dataclass

import phonenumbers
from phonenumbers import PhoneNumber, PhoneNumberFormat, PhoneNumberType, ValidationResult

from policy.location.number_metadata import NANP, NOWHERE, NumberReading, read_number
from policy.location.recipient_location import (
    Recipient,
    home_country,
    locate_recipient,
    location_of,
)
from policy.model.call import EndpointKind, Refusal
from policy.model.reasons import RefusalCode

_PHONE_TEXT = re.compile(r"\+?[0-9 \-.()\[\]\u00a0]{1,40}")
#: What word processors and East Asian keyboards make of plus, dash and space.
_PLAIN = str.maketrans(
    {"\uff0b": "+", **dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2212", "-"), "\u202f": " "}
)
_SIP = re.compile(
    r"sip:(?P<user>[A-Za-z0-9._~!$&*+=%-]{1,64})@(?P<host>[A-Za-z0-9.-]{1,253})"
    r"(?P<port>:[0-9]{1,5})?(?P<parameters>(?:;[A-Za-z0-9-]+=[A-Za-z0-9.-]+)*)",
    re.IGNORECASE,
)
_HOST_LABEL = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")
_SIP_LIMIT = 255


@dataclass(frozen=True, slots=True)
class Endpoint:
    """What is dialed: E.164 ("+" and digits) or a SIP address."""

    kind: EndpointKind
    value: str


def parse_endpoint(text: str, country: str | None = None) -> Endpoint | Refusal:
    """Reads a phone number with its "+", or `sip:user@domain`, and gives its normal form.

    Spaces, dashes, dots and brackets between the digits are tolerated. A number passes when its
    length is possible in a known country and nothing shows that it cannot exist; it need not be
    one that the number plan has assigned. That admits the fictional NANP numbers (any area code,
    555-01xx) and +1 555 ..., whose zone is unknown, so that it needs an explicit one to be dialed.
    With a `country` (ISO 3166) a number without "+" is read as people there write it.
    """
    stripped = text.strip().translate(_PLAIN)
    if stripped[:4].lower() == "sip:":
        return _sip(stripped)
    return _phone(stripped, country)


def masked(endpoint: str) -> str:
    """The endpoint for who need not know it: "+1********23", "sip:***@example.com"."""
    if endpoint.startswith("sip:"):
        return f"sip:***@{endpoint.partition('@')[2]}"
    return endpoint[:2] + "*" * (len(endpoint) - 4) + endpoint[-2:]


def _refused(message: str) -> Refusal:
    return Refusal(RefusalCode.INVALID_NUMBER, "endpoint", message)


def is_country(text: str) -> bool:
    """Whether numbers can be read as they are written in this country."""
    return text in phonenumbers.SUPPORTED_REGIONS


def _phone(text: str, country: str | None) -> Endpoint | Refusal:
    if not text.startswith("+") and country is None:
        return _refused("The number must start with + and its country code, or be sip:user@domain.")
    if not _PHONE_TEXT.fullmatch(text):
        return _refused("The number may hold only digits, spaces, dashes, dots and brackets.")
    read = read_number(text, country)
    if read is None or not _may_exist(read):
        return _refused("No such number can exist in the country of its code.")
    return Endpoint(
        EndpointKind.PHONE, phonenumbers.format_number(read.number, PhoneNumberFormat.E164)
    )


def _may_exist(read: NumberReading) -> bool:
    if read.type != PhoneNumberType.UNKNOWN:  # which is what makes a number valid
        return True
    number = read.number
    reason = phonenumbers.is_possible_number_with_reason(number)
    known = phonenumbers.region_code_for_country_code(read.code) not in NOWHERE
    return reason == ValidationResult.IS_POSSIBLE and known and not _cannot_exist(number)


def _cannot_exist(number: PhoneNumber) -> bool:
    digits = phonenumbers.national_significant_number(number)
    if len(set(digits)) == 1:
        return True
    # NANP area codes are [2-9]XX and never N11 (NANPA planning letters): 911 must not be reached.
    area = digits[:3]
    return number.country_code == NANP and (area[0] in "01" or area[1:] == "11")


def _sip(text: str) -> Endpoint | Refusal:
    match = _SIP.fullmatch(text)
    if match is None or len(text) > _SIP_LIMIT:
        return _refused("A SIP address looks like sip:user@domain.")
    host = match["host"].lower()
    if not all(_HOST_LABEL.fullmatch(label) for label in host.split(".")):
        return _refused("The domain of the SIP address is not a host name.")
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
