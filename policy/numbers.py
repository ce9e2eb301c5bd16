"""Endpoints: what may be dialed, where its owner may be, and what the clocks may show there.

No message made here repeats what was given: refusals are logged and shown.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import NamedTuple

import phonenumbers
from phonenumbers import (
    PhoneNumber,
    PhoneNumberFormat,
    PhoneNumberType,
    ValidationResult,
    is_number_type_geographical,
)
from phonenumbers.timezone import time_zones_for_geographical_number, time_zones_for_number

from policy.call import EndpointKind, Facts, Refusal
from policy.reasons import RefusalCode

NANP = 1
_NOWHERE = frozenset({"ZZ", "001"})
_UNKNOWN_ZONE = "Etc/Unknown"
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
    read = _read(text, country)
    if read is None or not _may_exist(read):
        return _refused("No such number can exist in the country of its code.")
    return Endpoint(
        EndpointKind.PHONE, phonenumbers.format_number(read.number, PhoneNumberFormat.E164)
    )


class _Read(NamedTuple):
    """A number and what phonenumbers says of it, which takes a while to find out."""

    number: PhoneNumber
    region: str | None
    type: int


# One number is read for its normal form, its zones and its country, one right after the other.
@lru_cache(maxsize=8)
def _read(text: str, country: str | None) -> _Read | None:
    try:
        number = phonenumbers.parse(text, country)
    except phonenumbers.NumberParseException:
        return None
    region = phonenumbers.region_code_for_number(number)
    return _Read(number, region, phonenumbers.number_type(number))


def _may_exist(read: _Read) -> bool:
    if read.type != PhoneNumberType.UNKNOWN:  # which is what makes a number valid
        return True
    number = read.number
    reason = phonenumbers.is_possible_number_with_reason(number)
    code = number.country_code or 0
    known = phonenumbers.region_code_for_country_code(code) not in _NOWHERE
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

    An unassigned number counts to the main country of its code (+1 to US), whose rules then hold.
    """
    read = _read(endpoint, None) if kind is EndpointKind.PHONE else None
    if read is None:
        return None
    code = read.number.country_code or 0
    region = read.region or phonenumbers.region_code_for_country_code(code)
    return None if region in _NOWHERE else region


def candidate_zones(
    endpoint: str,
    kind: EndpointKind,
    recipient_zone: str | None,
    recipient_country: str | None,
    recipient_postal_code: str | None,
) -> tuple[str, ...]:
    """All zones the recipient may be in, the likeliest first; empty when nothing is known.

    An explicit zone stands alone, and is not checked here. Otherwise: the zones phonenumbers lists
    for the number's block, and all zones of the recipient's country where one is given. A country
    that is not in the tz database gives none at all, because its hours cannot be known. The postal
    code is not used yet: a country's zones include those of all its postal codes.
    """
    if recipient_zone is not None:
        return (recipient_zone,)
    found = _zones_of_number(endpoint) if kind is EndpointKind.PHONE else ()
    if not recipient_country:
        return found
    of_country = _COUNTRY_ZONES.get(recipient_country.upper())
    return tuple(dict.fromkeys(found + of_country)) if of_country else ()


def zones_of(facts: Facts) -> tuple[str, ...]:
    """`candidate_zones` of a call."""
    return candidate_zones(
        facts.endpoint,
        facts.endpoint_kind,
        facts.recipient_zone,
        facts.recipient_country,
        facts.recipient_postal_code,
    )


def _zones_of_number(endpoint: str) -> tuple[str, ...]:
    read = _read(endpoint, None)
    if read is None:
        return ()
    if is_number_type_geographical(read.type, read.number.country_code or 0):
        zones = time_zones_for_geographical_number(read.number)
    else:
        zones = time_zones_for_number(read.number)
    return tuple(name for name in zones if name != _UNKNOWN_ZONE)


def _read_country_zones() -> Mapping[str, tuple[str, ...]]:
    """ISO country → zones, from the tz database's zone.tab (country, coordinates, zone, note)."""
    zones: dict[str, tuple[str, ...]] = {}
    table = files("tzdata").joinpath("zoneinfo", "zone.tab").read_text(encoding="utf-8")
    for line in table.splitlines():
        if line and not line.startswith("#"):
            country, _coordinates, name = line.split("\t")[:3]
            zones[country] = (*zones.get(country, ()), name)
    return zones


_COUNTRY_ZONES = _read_country_zones()
