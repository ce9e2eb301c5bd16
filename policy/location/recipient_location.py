"""Where a recipient may be: every clock that may be theirs, and every jurisdiction to be heard.

A number does not tell where a phone is, and phonenumbers' own zones are wrong for many overlays.
So all places are taken that the number, its area code, its overlays, the address and the stated
country suggest; a place that nothing tells has no zones, and is not called by a clock.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import Protocol

from phonenumbers import PhoneNumberType
from phonenumbers.tzdata import TIMEZONE_DATA, TIMEZONE_LONGEST_PREFIX

from policy.location.area_codes import (
    area,
    area_code,
    country_of_zone,
    current_name,
    mainland_zones,
    zones_of_country,
)
from policy.location.number_metadata import NANP, NumberReading, read_number
from policy.location.postal_codes import ZIP_COUNTRIES, Postal, postal
from policy.model.call import EndpointKind

EU_MEMBERS = frozenset({
    "AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GR", "HR", "HU",
    "IE", "IT", "LT", "LU", "LV", "MT", "NL", "PL", "PT", "RO", "SE", "SI", "SK",
})  # fmt: skip
#: Parts of the United States and of EU members that ISO 3166 lists as countries of their own.
_US_TERRITORIES = frozenset({"AS", "GU", "MP", "PR", "UM", "VI"})
_EU_PARTS = {"AX": "FI", **dict.fromkeys(("GF", "GP", "MF", "MQ", "RE", "YT"), "FR")}
_ANYWHERE = "*"
#: A state of the United States, but nothing tells which.
_SOME_STATE = "US-XX"


@dataclass(frozen=True, slots=True)
class RecipientLocation:
    """`zones`: all that the recipient may be in, the likeliest first; empty: not known.

    `jurisdictions`: the ISO 3166 countries and their states or provinces, "EU", and always "*".
    """

    zones: tuple[str, ...]
    jurisdictions: tuple[str, ...]


class ZoneSource(StrEnum):
    """What tells that a recipient may be in a zone."""

    STATED = "stated"
    POSTAL_CODE = "postal_code"
    NUMBER = "number"
    COUNTRY = "country"


class Recipient(Protocol):
    """What of a call's facts tells where its recipient may be."""

    @property
    def endpoint(self) -> str: ...
    @property
    def endpoint_kind(self) -> EndpointKind: ...
    @property
    def recipient_zone(self) -> str | None: ...
    @property
    def recipient_country(self) -> str | None: ...
    @property
    def recipient_postal_code(self) -> str | None: ...


def location_of(facts: Recipient) -> RecipientLocation:
    """`locate_recipient` for a call."""
    return locate_recipient(
        facts.endpoint,
        facts.endpoint_kind,
        zone=facts.recipient_zone,
        country=facts.recipient_country,
        postal_code=facts.recipient_postal_code,
    )


def locate_recipient(
    endpoint: str,
    kind: EndpointKind,
    *,
    zone: str | None = None,
    country: str | None = None,
    postal_code: str | None = None,
) -> RecipientLocation:
    """Where the owner of a parsed endpoint may be.

    An explicit zone stands alone, and is not checked here; the rules of the number's country and
    state, of the address and of the zone's country are heard all the same.
    """
    home = _home(endpoint, kind)
    stated = country.upper() if country else None
    address = postal(postal_code, _postal_countries(home, stated)) if postal_code else Postal()
    told = (home.country, *home.regions, stated, *address.regions)
    if zone is not None:
        return RecipientLocation((zone,), _jurisdictions((*told, country_of_zone(zone))))
    return RecipientLocation(_zones(home, stated, address), _jurisdictions(told))


def zone_sources(facts: Recipient) -> Mapping[str, ZoneSource]:
    """The zones of `location_of`, in their order, each with the first that tells of it."""
    if facts.recipient_zone is not None:
        return {facts.recipient_zone: ZoneSource.STATED}
    home = _home(facts.endpoint, facts.endpoint_kind)
    stated = facts.recipient_country.upper() if facts.recipient_country else None
    code = facts.recipient_postal_code
    address = postal(code, _postal_countries(home, stated)) if code else Postal()
    told = dict.fromkeys(home.zones, ZoneSource.NUMBER)
    told |= dict.fromkeys(address.zones, ZoneSource.POSTAL_CODE)
    zones = _zones(home, stated, address)
    return {zone: told.get(zone, ZoneSource.COUNTRY) for zone in zones}


def home_country(endpoint: str, kind: EndpointKind) -> str | None:
    """The ISO 3166 country a number belongs to, None for SIP and for numbers of no country."""
    return _home(endpoint, kind).country


@dataclass(frozen=True, slots=True)
class _Home:
    """Where a number belongs."""

    country: str | None = None
    regions: tuple[str, ...] = ()
    zones: tuple[str, ...] = ()


def _home(endpoint: str, kind: EndpointKind) -> _Home:
    if kind is not EndpointKind.PHONE:
        return _Home()
    code = area_code(endpoint)
    known = area(code) if code is not None else None
    if known is not None:
        return _Home(known.country, known.regions, _likeliest_first(known.zones, endpoint))
    read = read_number(endpoint, None)
    if read is None:
        return _Home()
    # Toll-free, personal, 555, 600, 700, 710, 900: their owners may be anywhere in the plan.
    return _Home(read.country, (), () if read.code == NANP else _zones_abroad(read, endpoint))


def _likeliest_first(zones: tuple[str, ...], endpoint: str) -> tuple[str, ...]:
    """First those that phonenumbers has for the block of the number: it is right about many."""
    if len(zones) == 1:
        return zones
    guess = _block_zones(endpoint)
    return tuple(sorted(zones, key=lambda name: name not in guess))


def _zones_abroad(read: NumberReading, endpoint: str) -> tuple[str, ...]:
    """Fixed lines keep to the zones of their block, all else may be anywhere on the mainland."""
    mainland = mainland_zones(read.country) if read.country else ()
    if len(mainland) == 1 or (mainland and read.type != PhoneNumberType.FIXED_LINE):
        return mainland
    block = tuple(dict.fromkeys(current_name(name) for name in _block_zones(endpoint)))
    if not mainland:  # Kosovo and other places that the tz database does not list
        return block
    # phonenumbers has stand-ins from other countries, whose clocks agreed for a time.
    inside = all(country_of_zone(name) == read.country for name in block)
    return block if block and inside else mainland


def _block_zones(endpoint: str) -> tuple[str, ...]:
    """What phonenumbers lists for the longest beginning of a number that it knows.

    Its own function for this formats the number first, which takes longer than reading it.
    """
    digits = endpoint.removeprefix("+")
    beginnings = (digits[:length] for length in range(TIMEZONE_LONGEST_PREFIX, 0, -1))
    return next((TIMEZONE_DATA[each] for each in beginnings if each in TIMEZONE_DATA), ())


def _postal_countries(home: _Home, stated: str | None) -> frozenset[str]:
    """Whose postal codes are tried. The two formats of North America cannot be confused."""
    if stated is not None:
        return frozenset({stated})
    return frozenset({"US", "CA"}) if home.country in {"CA", *ZIP_COUNTRIES} else frozenset()


def _zones(home: _Home, stated: str | None, address: Postal) -> tuple[str, ...]:
    """Stating the number's own country tells nothing new, and a postal code says it better."""
    of_country = zones_of_country(stated) if stated else ()
    if stated and not of_country:
        return ()
    abroad = of_country if stated != home.country and not address.regions else ()
    return tuple(dict.fromkeys(address.zones + home.zones + abroad))


@lru_cache(maxsize=1024)
def _jurisdictions(told: tuple[str | None, ...]) -> tuple[str, ...]:
    heard = dict.fromkeys(code for place in told if place for code in _heard(place))
    has_state = any(code.startswith("US-") for code in heard)
    return (*_with_some_state(heard, has_state), _ANYWHERE)


def _with_some_state(heard: Iterable[str], has_state: bool) -> Iterator[str]:
    for code in heard:
        yield code
        if code == "US" and not has_state:
            yield _SOME_STATE


def _heard(place: str) -> tuple[str, ...]:
    """The jurisdictions over a country, a state or a province."""
    country = place.partition("-")[0]
    if place in _US_TERRITORIES:
        return ("US", f"US-{place}")
    if country in _EU_PARTS:
        whole = _EU_PARTS[country]
        return (whole, f"{whole}-{country}", "EU")
    union = ("EU",) if country in EU_MEMBERS else ()
    return (country, *union, *((place,) if place != country else ()))
