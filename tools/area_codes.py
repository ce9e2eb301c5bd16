"""Makes policy/data/nanp.json: where each North American area code may be.

What phonenumbers knows of a code (its geocoder: the state; its blocks: zones) is corrected and
completed by the reviewed table beside this file. A code that is not reviewed as lying in one zone
gets all zones of its state, and every code gets the zones of its overlays.
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

from phonenumbers import COUNTRY_CODE_TO_REGION_CODE, PhoneMetadata
from phonenumbers.geodata import GEOCODE_DATA
from phonenumbers.tzdata import TIMEZONE_DATA

REVIEWED = Path(__file__).with_name("area_codes_reviewed.json")
MADE = Path(__file__).parents[1] / "policy" / "data" / "nanp.json"

_PREFIX = re.compile(r"1(\d{3})\d*")
_TOWN = re.compile(r".*, ([A-Z]{2})")
#: Countries of phonenumbers that the rules know as parts of the United States.
_TERRITORIES = frozenset({"AS", "GU", "MP", "PR", "VI"})
Codes = tuple[str, ...]


@dataclass(frozen=True)
class Reviewed:
    """The hand table; see its own notes."""

    names: Mapping[str, str]
    zones: Mapping[str, list[str]]
    same_clock: Mapping[str, str]
    single_zone: Mapping[str, Mapping[str, list[str]]]
    unplaced: Mapping[str, list[str]]
    overlays: list[list[str]]
    corrections: list[Mapping[str, str]]
    notes: list[str]
    source: str
    reviewed_on: str

    def overlays_of(self, area: str) -> list[str]:
        groups = [group for group in self.overlays if area in group]
        return sorted({code for group in groups for code in group} - {area})

    def single_zone_of(self, area: str, region: str) -> list[str]:
        zones = self.single_zone.get(region, {})
        return [zone for zone, codes in zones.items() if area in codes]

    def wrong_zones_of(self, area: str) -> set[str]:
        return {one["zone"] for one in self.corrections if one["area"] == area}


def reviewed() -> Reviewed:
    return Reviewed(**json.loads(REVIEWED.read_text(encoding="utf-8")))


def countries() -> dict[str, str]:
    """Area code → country, of the countries that phonenumbers tells by their leading digits."""
    found: dict[str, str] = {}
    for country in COUNTRY_CODE_TO_REGION_CODE[1]:
        metadata = PhoneMetadata.metadata_for_region(country)
        if metadata is not None and metadata.leading_digits is not None:
            leading = re.compile(metadata.leading_digits)
            areas = (area for area in _areas(TIMEZONE_DATA) if leading.fullmatch(area))
            found.update(dict.fromkeys(areas, country))
    return found


def _areas(prefixes: Iterable[str]) -> list[str]:
    matches = (_PREFIX.fullmatch(prefix) for prefix in prefixes)
    return sorted({match[1] for match in matches if match})


def regions(known: Reviewed) -> dict[str, Codes]:
    """Area code → states or provinces, by what the geocoder says of the code or its blocks."""
    names: dict[str, set[str]] = {}
    whole = {prefix for prefix in GEOCODE_DATA if len(prefix) == 4}
    for prefix, texts in GEOCODE_DATA.items():
        match = _PREFIX.fullmatch(prefix)
        if match and (prefix in whole or prefix[:4] not in whole) and "en" in texts:
            names.setdefault(match[1], set()).update(_named(texts["en"], known))
    found = {area: tuple(sorted(codes)) for area, codes in names.items() if codes}
    return {**found, **{area: tuple(codes) for area, codes in known.unplaced.items()}}


def _named(text: str, known: Reviewed) -> Iterator[str]:
    """The regions in "Chicago, IL", "Ohio" or "Nova Scotia/Prince Edward Island"."""
    town = _TOWN.fullmatch(text)
    if town:
        yield from (code for code in set(known.names.values()) if code[3:] == town[1])
    else:
        yield from (known.names[name] for name in text.split("/") if name in known.names)


def listed_zones(area: str, known: Reviewed) -> list[str]:
    """All zones phonenumbers has for blocks of the code, without those known to be wrong."""
    names = [
        known.same_clock.get(name, name)
        for prefix, zones in sorted(TIMEZONE_DATA.items())
        if prefix.startswith(f"1{area}")
        for name in zones
    ]
    wrong = known.wrong_zones_of(area)
    return [name for name in dict.fromkeys(names) if name not in wrong]


def own_zones(area: str, places: Codes, known: Reviewed) -> list[str]:
    """The zones of a code by itself: of its one zone or of all its states, and the listed ones."""
    zones = [
        zone
        for region in places
        for zone in known.single_zone_of(area, region) or known.zones[region]
    ]
    return list(dict.fromkeys(zones + listed_zones(area, known)))


def build() -> dict[str, Any]:
    known = reviewed()
    by_digits, placed = countries(), regions(known)
    for area, country in by_digits.items():
        placed[area] = (f"US-{country}",) if country in _TERRITORIES else ()
    own = {area: own_zones(area, places, known) for area, places in placed.items()}
    return {
        "source": known.source,
        "generated_from": f"phonenumbers {version('phonenumbers')}, tools/{REVIEWED.name}",
        "reviewed_on": known.reviewed_on,
        "notes": known.notes,
        "regions": known.zones,
        "areas": {
            area: _row(area, by_digits.get(area), placed[area], own, known)
            for area in sorted(placed)
        },
    }


def _row(
    area: str,
    country: str | None,
    places: Codes,
    own: Mapping[str, list[str]],
    known: Reviewed,
) -> dict[str, Any]:
    overlays = known.overlays_of(area)
    zones = [zone for code in (area, *overlays) for zone in own[code]]
    return {
        "country": country or places[0][:2],
        "regions": list(places),
        "zones": list(dict.fromkeys(zones)),
        "overlays": overlays,
    }


def text(table: Mapping[str, Any]) -> str:
    """JSON with a line for each area code and each region, so that a change shows as one line."""
    parts = [f"  {json.dumps(name)}: {_value(value)}" for name, value in table.items()]
    return "{\n" + ",\n".join(parts) + "\n}\n"


def _value(value: Any) -> str:
    if isinstance(value, dict):
        rows = [f"    {json.dumps(key)}: {json.dumps(row)}" for key, row in value.items()]
        return "{\n" + ",\n".join(rows) + "\n  }"
    if isinstance(value, list):
        return "[\n" + ",\n".join(f"    {json.dumps(row)}" for row in value) + "\n  ]"
    return json.dumps(value)


if __name__ == "__main__":
    MADE.write_text(text(build()), encoding="utf-8")
