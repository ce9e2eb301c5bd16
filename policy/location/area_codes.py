"""What is on file about places: the zones of area codes, of states and of countries.

All of it is data, read once: `data/nanp.json`, which tools/area_codes.py makes, the reviewed
`data/remote_zones.json`, and the tables of the pinned tz database.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from typing import Any


@dataclass(frozen=True, slots=True)
class Area:
    """A North American area code: all zones its numbers may be in, those of its overlays too.

    `country` is ISO 3166, `regions` are the states or provinces it lies in, such as "US-FL",
    `overlays` the other codes that serve the same area.
    """

    country: str
    regions: tuple[str, ...]
    zones: tuple[str, ...]
    overlays: tuple[str, ...] = ()


_NUMBER = re.compile(r"\+1(\d{3})\d{7}")


def area_code(number: str) -> str | None:
    """The area code of a North American number in E.164, None for any other."""
    match = _NUMBER.fullmatch(number)
    return match[1] if match else None


def area(code: str) -> Area | None:
    """What is known of a geographic area code, such as "850"."""
    return _AREAS.get(code)


def zones_of_region(code: str) -> tuple[str, ...]:
    """All zones of a state or province, "US-FL", or of a country, "FR"; empty if not known."""
    return _REGION_ZONES.get(code) or zones_of_country(code)


def zones_of_country(code: str) -> tuple[str, ...]:
    """All zones of an ISO 3166 country; empty if it is not in the tz database."""
    return _COUNTRY_ZONES.get(code, ())


def mainland_zones(code: str) -> tuple[str, ...]:
    """The zones of a country without its few remote islands and stations."""
    return tuple(name for name in zones_of_country(code) if name not in _REMOTE)


def country_of_zone(name: str) -> str | None:
    """The ISO 3166 country of a zone; None for "Etc/UTC" and what is no zone."""
    return _ZONE_COUNTRY.get(current_name(name))


def current_name(name: str) -> str:
    """The name a zone now has: "Asia/Kolkata" for "Asia/Calcutta"."""
    # Names without a "/" are no places: "EST" is a link to Panama.
    return name if name in _ZONE_COUNTRY or "/" not in name else _LINKS.get(name, name)


def _data(name: str) -> Any:
    return json.loads(files("policy").joinpath("data", name).read_text(encoding="utf-8"))


def _tz_lines(name: str) -> list[str]:
    return files("tzdata").joinpath("zoneinfo", name).read_text(encoding="utf-8").splitlines()


def _read_areas(rows: Mapping[str, Any]) -> Mapping[str, Area]:
    return {
        code: Area(
            row["country"], tuple(row["regions"]), tuple(row["zones"]), tuple(row["overlays"])
        )
        for code, row in rows.items()
    }


def _read_country_zones() -> Mapping[str, tuple[str, ...]]:
    """From zone.tab: country, coordinates, zone, note."""
    zones: dict[str, tuple[str, ...]] = {}
    for line in _tz_lines("zone.tab"):
        if line and not line.startswith("#"):
            country, _coordinates, name = line.split("\t")[:3]
            zones[country] = (*zones.get(country, ()), name)
    return zones


def _read_links() -> Mapping[str, str]:
    """From tzdata.zi, where "L" links a former name to the present one."""
    links = (line.split() for line in _tz_lines("tzdata.zi") if line.startswith("L "))
    return {former: present for _, present, former in links}


_NANP = _data("nanp.json")
_AREAS = _read_areas(_NANP["areas"])
_REGION_ZONES = {code: tuple(zones) for code, zones in _NANP["regions"].items()}
_REMOTE = frozenset(_data("remote_zones.json")["zones"])
_COUNTRY_ZONES = _read_country_zones()
_ZONE_COUNTRY = {name: code for code, names in _COUNTRY_ZONES.items() for name in names}
_LINKS = _read_links()
