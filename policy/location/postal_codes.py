"""Postal codes of the United States and Canada: the states or provinces they may be in.

Of other countries' codes nothing is known here.
"""

import re
from collections.abc import Collection, Mapping
from functools import cache
from importlib.resources import files
from json import loads
from typing import NamedTuple

from policy.location.area_codes import zones_of_region

#: The countries whose addresses have ZIP codes.
ZIP_COUNTRIES = frozenset({"US", "AS", "GU", "MP", "PR", "VI"})
_ZIP = re.compile(r"(\d{3})\d{2}(?:-?\d{4})?")
_CANADIAN = re.compile(r"([A-Z])\d[A-Z](?:[ -]?\d[A-Z]\d)?")
_PROVINCES = {
    **dict.fromkeys("GHJ", ("CA-QC",)),
    **dict.fromkeys("KLMNP", ("CA-ON",)),
    "A": ("CA-NL",),
    "B": ("CA-NS",),
    "C": ("CA-PE",),
    "E": ("CA-NB",),
    "R": ("CA-MB",),
    "S": ("CA-SK",),
    "T": ("CA-AB",),
    "V": ("CA-BC",),
    "X": ("CA-NT", "CA-NU"),
    "Y": ("CA-YT",),
}


class Postal(NamedTuple):
    """Where a postal code may be: its states or provinces, and all zones of these."""

    regions: tuple[str, ...] = ()
    zones: tuple[str, ...] = ()


def postal(code: str, countries: Collection[str]) -> Postal:
    """What a postal code of one of these countries tells; nothing if it cannot be read."""
    text = code.strip().upper()
    regions: tuple[str, ...] = ()
    if not ZIP_COUNTRIES.isdisjoint(countries) and (match := _ZIP.fullmatch(text)):
        regions = _states().get(match[1], ())
    if "CA" in countries and (match := _CANADIAN.fullmatch(text)):
        regions = _PROVINCES.get(match[1], ())
    zones = (name for region in regions for name in zones_of_region(region))
    return Postal(regions, tuple(dict.fromkeys(zones)))


@cache
def _states() -> Mapping[str, tuple[str, ...]]:
    """The first three digits of a ZIP code → the states they touch."""
    table = loads(files("policy").joinpath("data", "zip3.json").read_text(encoding="utf-8"))
    states: dict[str, tuple[str, ...]] = {}
    for state, prefixes in table["prefixes"].items():
        for span in prefixes.split():
            first, _, last = span.partition("-")
            for number in range(int(first), int(last or first) + 1):
                states[f"{number:03}"] = (*states.get(f"{number:03}", ()), state)
    return states
