import json
from datetime import UTC, datetime, timedelta
from importlib.resources import files
from pathlib import Path
from zoneinfo import ZoneInfo

import phonenumbers
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from phonenumbers.timezone import time_zones_for_geographical_number

from policy.location.area_codes import country_of_zone, mainland_zones, zones_of_country
from policy.location.recipient_location import locate_recipient
from policy.model.call import EndpointKind
from policy.time.wall_time import is_zone

DATA = files("policy").joinpath("data")
NANP = json.loads(DATA.joinpath("nanp.json").read_text())
REMOTE = json.loads(DATA.joinpath("remote_zones.json").read_text())["zones"]
TOOLS = Path(__file__).parents[3] / "tools"
REVIEWED = json.loads((TOOLS / "area_codes_reviewed.json").read_text())
AREAS = NANP["areas"]


def clock(name):
    """What a zone's clocks show at noon UTC on every day for five years."""
    noons = (datetime(2026, 1, 1, 12, tzinfo=UTC) + timedelta(days=day) for day in range(1826))
    return tuple(noon.astimezone(ZoneInfo(name)).utcoffset() for noon in noons)


def library_zones(area, line):
    number = phonenumbers.PhoneNumber(country_code=1, national_number=int(f"{area}{line:07}"))
    names = time_zones_for_geographical_number(number)
    wrong = {one["zone"] for one in REVIEWED["corrections"] if one["area"] == area}
    return {REVIEWED["same_clock"].get(name, name) for name in names} - wrong


@given(st.sampled_from(sorted(AREAS)), st.integers(2_000_000, 9_999_999))
@example("850", 4_325_550)
@example("219", 9_995_550)
def test_no_zone_of_phonenumbers_is_lost_but_the_known_wrong_ones(area, line):
    listed = library_zones(area, line)
    if len(listed) < 20:  # more: it does not know the area code, and lists the whole plan
        assert listed <= set(locate_recipient(f"+1{area}{line:07}", EndpointKind.PHONE).zones)


@pytest.mark.parametrize("one", REVIEWED["corrections"], ids=lambda one: one["area"])
def test_what_is_corrected_is_gone_and_says_why(one):
    assert one["zone"] not in AREAS[one["area"]]["zones"]
    assert one["why"]


def test_the_generator_gives_the_table_as_it_is_committed():
    pytest.importorskip("phonenumbers.geodata")
    generator = pytest.importorskip("tools.area_codes")
    assert generator.text(generator.build()) == generator.MADE.read_text(encoding="utf-8")


def test_every_zone_of_the_tables_exists():
    regions, areas = NANP["regions"].values(), (row["zones"] for row in AREAS.values())
    names = {name for zones in (*regions, *areas) for name in zones}
    assert all(is_zone(name) for name in names | REVIEWED["same_clock"].keys())


@pytest.mark.parametrize(("name", "listed"), REVIEWED["same_clock"].items())
def test_a_zone_that_stands_for_another_keeps_its_clocks(name, listed):
    assert clock(name) == clock(listed)


@pytest.mark.parametrize("country", ["US", "CA"])
def test_no_clock_of_north_america_is_missing(country):
    names = {
        name for code, zones in NANP["regions"].items() if code[:2] == country for name in zones
    }
    clocks = {clock(name) for name in names}
    assert all(clock(name) in clocks for name in zones_of_country(country))


def test_overlays_are_mutual_and_lie_in_the_same_places():
    for code, row in AREAS.items():
        for other in row["overlays"]:
            assert code in AREAS[other]["overlays"]
            assert set(AREAS[other]["zones"]) == set(row["zones"])
            assert AREAS[other]["regions"] == row["regions"]


def test_an_area_code_of_two_zones_is_reviewed_or_gets_both():
    for code, row in AREAS.items():
        for region in row["regions"]:
            single = REVIEWED["single_zone"].get(region, {})
            in_one = any(code in codes for codes in single.values())
            assert in_one or set(NANP["regions"][region]) <= set(row["zones"]), code


@pytest.mark.parametrize(("name", "row"), REMOTE.items())
def test_a_remote_zone_is_one_of_several_of_its_country_and_says_why(name, row):
    assert country_of_zone(name) == row["country"]
    assert row["why"]
    assert mainland_zones(row["country"]) or row["country"] == "AQ"
