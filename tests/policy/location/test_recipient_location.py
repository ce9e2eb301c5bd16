import json
from importlib.resources import files

import pytest

from policy.location.area_codes import mainland_zones, zones_of_country
from policy.location.recipient_location import (
    EU_MEMBERS,
    RecipientLocation,
    locate_recipient,
    location_of,
)
from policy.model.call import EndpointKind
from tests.policy.make import facts

PHONE, SIP = EndpointKind.PHONE, EndpointKind.SIP
EASTERN, CENTRAL, MOUNTAIN = "America/New_York", "America/Chicago", "America/Denver"
PACIFIC, ARIZONA = "America/Los_Angeles", "America/Phoenix"
TOLL_FREE = "+18005550100"
SIP_ADDRESS = "sip:alice@example.com"

NANP = json.loads(files("policy").joinpath("data", "nanp.json").read_text())


def zones(endpoint, **told):
    return locate_recipient(endpoint, PHONE, **told).zones


def heard(endpoint, kind=PHONE, **told):
    return locate_recipient(endpoint, kind, **told).jurisdictions


# -- what phonenumbers has wrong


@pytest.mark.parametrize(
    ("area", "may_be"),
    [
        ("212", {EASTERN}),
        ("219", {CENTRAL, EASTERN}),
        ("364", {CENTRAL, EASTERN}),
        ("423", {CENTRAL, EASTERN}),
        ("448", {CENTRAL, EASTERN}),
        ("689", {EASTERN}),
        ("729", {CENTRAL, EASTERN}),
        ("812", {CENTRAL, EASTERN}),
        ("850", {CENTRAL, EASTERN}),
        ("930", {CENTRAL, EASTERN}),
        ("402", {CENTRAL, MOUNTAIN}),
        ("605", {CENTRAL, MOUNTAIN}),
        ("915", {CENTRAL, MOUNTAIN}),
        ("713", {CENTRAL}),
        ("480", {ARIZONA}),
        ("928", {ARIZONA, MOUNTAIN}),
        ("458", {PACIFIC, MOUNTAIN}),
        ("503", {PACIFIC}),
        ("775", {PACIFIC, MOUNTAIN}),
        ("986", {PACIFIC, MOUNTAIN}),
        ("907", {"America/Anchorage", "America/Adak"}),
        ("236", {"America/Vancouver", "America/Dawson_Creek", "America/Edmonton"}),
        ("778", {"America/Vancouver", "America/Dawson_Creek", "America/Edmonton"}),
        ("367", {"America/Toronto", "America/Halifax", "America/Blanc-Sablon"}),
        ("416", {"America/Toronto"}),
        ("807", {"America/Toronto", "America/Winnipeg", "America/Atikokan"}),
        ("879", {"America/St_Johns", "America/Halifax"}),
    ],
)
@pytest.mark.parametrize("line", ["2000000", "5550123", "9799999"])
def test_a_number_may_be_anywhere_in_its_area_code_and_its_overlays(area, may_be, line):
    assert set(zones(f"+1{area}{line}")) == may_be


@pytest.mark.parametrize("line", ["9755550", "5550123"])
def test_a_number_of_the_north_may_be_in_any_of_three_territories(line):
    found = set(zones(f"+1867{line}"))
    territories = [NANP["regions"][code] for code in ("CA-NT", "CA-NU", "CA-YT")]
    assert found == {name for names in territories for name in names}
    assert {"America/Whitehorse", "America/Inuvik", "America/Iqaluit"} <= found


def test_the_zone_of_the_numbers_own_block_comes_first():
    assert zones("+18504325550")[0] == CENTRAL
    assert zones("+18502225550")[0] == EASTERN


@pytest.mark.parametrize(
    "area",
    ["800", "822", "833", "844", "855", "866", "877", "888", "500", "521", "533", "588",
     "555", "600", "622", "700", "710", "900", "221"],
)  # fmt: skip
def test_where_the_owner_of_a_number_of_no_area_is_cannot_be_known(area):
    assert zones(f"+1{area}5550123") == ()


@pytest.mark.parametrize(
    ("endpoint", "country", "left_out"),
    [
        ("+6281212345678", "ID", set()),
        ("+56221234567", "CL", {"Pacific/Easter"}),
        ("+5511912345678", "BR", {"America/Noronha"}),
        ("+525512345678", "MX", set()),
        ("+79161234567", "RU", set()),
        ("+61491570006", "AU", {"Australia/Lord_Howe", "Antarctica/Macquarie"}),
        ("+34612345678", "ES", set()),
        ("+351912345678", "PT", set()),
        ("+64211234567", "NZ", {"Pacific/Chatham"}),
    ],
)
def test_a_mobile_may_be_anywhere_on_the_mainland(endpoint, country, left_out):
    assert set(zones(endpoint)) == set(zones_of_country(country)) - left_out


def test_the_canaries_the_azores_and_madeira_belong_to_the_mainland():
    assert "Atlantic/Canary" in zones("+34612345678")
    assert {"Atlantic/Azores", "Atlantic/Madeira"} <= set(zones("+351912345678"))


@pytest.mark.parametrize(
    ("endpoint", "expected"),
    [
        ("+61285550123", ("Australia/Sydney",)),
        ("+551133334444", ("America/Sao_Paulo",)),
        ("+34928123456", ("Atlantic/Canary",)),
        ("+541112345678", ("America/Argentina/Buenos_Aires",)),
        ("+911123456789", ("Asia/Kolkata",)),
        ("+353112345678", ("Europe/Dublin",)),
        ("+442079460123", ("Europe/London",)),
        ("+38349123456", ("Europe/Belgrade",)),
    ],
)
def test_a_fixed_line_keeps_to_its_block_and_a_country_of_one_zone_to_that(endpoint, expected):
    assert zones(endpoint) == expected


def test_a_fixed_line_whose_block_has_a_stand_in_from_abroad_may_be_anywhere():
    assert set(zones("+74012123456")) == set(mainland_zones("RU"))


def test_an_unassigned_number_counts_to_its_country():
    assert locate_recipient("+447700900123", PHONE) == RecipientLocation(
        ("Europe/London",), ("GB", "*")
    )


# -- what is told besides the number


def test_an_explicit_zone_stands_alone():
    assert zones("+12125550123", zone="Asia/Tokyo", country="FR") == ("Asia/Tokyo",)
    assert zones(TOLL_FREE, zone="No/Such") == ("No/Such",)


@pytest.mark.parametrize(
    ("endpoint", "told", "expected"),
    [
        ("+12125550123", {"country": "US"}, (EASTERN,)),
        ("+12125550123", {"country": "us"}, (EASTERN,)),
        ("+442079460123", {"country": "FR"}, ("Europe/London", "Europe/Paris")),
        (TOLL_FREE, {"country": "US"}, ()),
        ("+12125550123", {"country": "ZZ"}, ()),
        ("+12125550123", {"country": "ZZ", "postal_code": "90210"}, ()),
        ("+12125550123", {"postal_code": "90210"}, (PACIFIC, EASTERN)),
        ("+12125550123", {"country": "US", "postal_code": "90210"}, (PACIFIC, EASTERN)),
        ("+12125550123", {"postal_code": "T5J 0A1"}, ("America/Edmonton", EASTERN)),
        ("+12125550123", {"postal_code": "nonsense"}, (EASTERN,)),
        ("+442079460123", {"postal_code": "90210"}, ("Europe/London",)),
        ("+442079460123", {"country": "US", "postal_code": "90210"}, (PACIFIC, "Europe/London")),
        (TOLL_FREE, {"postal_code": "33101"}, (EASTERN, CENTRAL)),
    ],
)
def test_address_number_and_another_country_are_united(endpoint, told, expected):
    assert zones(endpoint, **told) == expected


def test_another_country_brings_all_its_zones():
    found = zones("+12125550123", country="CA")
    assert found[0] == EASTERN
    assert set(zones_of_country("CA")) < set(found)


def test_a_sip_address_is_where_it_is_said_to_be():
    def told(**given):
        return locate_recipient(SIP_ADDRESS, SIP, **given)

    assert told() == RecipientLocation((), ("*",))
    assert told(postal_code="33101") == RecipientLocation((), ("*",))
    assert told(zone="Asia/Tokyo") == RecipientLocation(("Asia/Tokyo",), ("JP", "*"))
    assert told(country="DE").zones == ("Europe/Berlin", "Europe/Busingen")
    in_florida = RecipientLocation((EASTERN, CENTRAL), ("US", "US-FL", "*"))
    assert told(country="US", postal_code="33101") == in_florida


def test_a_calls_facts_are_asked_for_all_of_it():
    call = facts(recipient_postal_code="90210", recipient_country="US")
    assert location_of(call) == RecipientLocation((PACIFIC, EASTERN), ("US", "US-NY", "US-CA", "*"))
    assert location_of(facts(recipient_zone=CENTRAL)).zones == (CENTRAL,)


# -- whose rules are heard


@pytest.mark.parametrize(
    ("endpoint", "told", "expected"),
    [
        ("+14485550123", {}, ("US", "US-FL", "*")),
        ("+14165550123", {}, ("CA", "CA-ON", "*")),
        ("+18675550123", {}, ("CA", "CA-NT", "CA-NU", "CA-YT", "*")),
        ("+19025550123", {}, ("CA", "CA-NS", "CA-PE", "*")),
        ("+16005550123", {}, ("CA", "*")),
        (TOLL_FREE, {}, ("US", "US-XX", "*")),
        (TOLL_FREE, {"postal_code": "33101"}, ("US", "US-FL", "*")),
        (TOLL_FREE, {"zone": "US/Eastern"}, ("US", "US-XX", "*")),
        ("+12215550123", {}, ("US", "US-XX", "*")),
        ("+17875550123", {}, ("US", "US-PR", "*")),
        ("+16715550123", {}, ("US", "US-GU", "*")),
        ("+18765550123", {}, ("JM", "*")),
        ("+16585550123", {}, ("JM", "*")),
        ("+18095550123", {}, ("DO", "*")),
        ("+13455550123", {}, ("KY", "*")),
        ("+12425550123", {}, ("BS", "*")),
        ("+33612345678", {}, ("FR", "EU", "*")),
        ("+262692123456", {}, ("FR", "FR-RE", "EU", "*")),
        ("+358181234", {}, ("FI", "FI-AX", "EU", "*")),
        ("+4740612345", {}, ("NO", "*")),
        ("+442079460123", {"country": "fr"}, ("GB", "FR", "EU", "*")),
        ("+442079460123", {"country": "US"}, ("GB", "US", "US-XX", "*")),
        ("+12125550123", {"postal_code": "33101"}, ("US", "US-NY", "US-FL", "*")),
        ("+12125550123", {"zone": CENTRAL}, ("US", "US-NY", "*")),
        ("+12125550123", {"zone": "Asia/Calcutta"}, ("US", "US-NY", "IN", "*")),
        ("+12125550123", {"zone": "Etc/UTC"}, ("US", "US-NY", "*")),
        ("+12125550123", {"zone": "EST"}, ("US", "US-NY", "*")),
        ("+80012345678", {}, ("*",)),
    ],
)
def test_every_jurisdiction_is_heard_that_anything_suggests(endpoint, told, expected):
    assert heard(endpoint, **told) == expected


def test_the_union_has_27_members():
    assert len(EU_MEMBERS) == 27
    assert EU_MEMBERS.isdisjoint({"NO", "IS", "LI", "CH", "GB"})
