import pytest

from policy.location.area_codes import zones_of_region
from policy.location.postal_codes import Postal, postal

EASTERN, CENTRAL = "America/New_York", "America/Chicago"


@pytest.mark.parametrize(
    ("code", "regions"),
    [
        ("10001", ("US-NY",)),
        ("10001-0123", ("US-NY",)),
        (" 02134 ", ("US-MA",)),
        ("20500", ("US-DC", "US-MD", "US-VA")),
        ("06390", ("US-CT", "US-NY")),
        ("42223", ("US-KY", "US-TN")),
        ("73301", ("US-TX",)),
        ("83414", ("US-ID", "US-WY")),
        ("86515", ("US-AZ", "US-NM", "US-UT")),
        ("90210", ("US-CA",)),
        ("96799", ("US-AS", "US-HI")),
        ("00901", ("US-PR",)),
        ("00802", ("US-VI",)),
        ("96910", ("FM", "MH", "PW", "US-GU", "US-MP")),
    ],
)
def test_a_zip_code_tells_the_states_its_beginning_touches(code, regions):
    assert postal(code, {"US"}).regions == regions


@pytest.mark.parametrize(
    ("code", "regions"),
    [
        ("A1A 1A1", ("CA-NL",)),
        ("b3h4r2", ("CA-NS",)),
        ("C1A-1A1", ("CA-PE",)),
        ("E1A", ("CA-NB",)),
        ("G1A 1A1", ("CA-QC",)),
        ("M5V 2T6", ("CA-ON",)),
        ("R3C 0A1", ("CA-MB",)),
        ("S4P 0A1", ("CA-SK",)),
        ("T5J 0A1", ("CA-AB",)),
        ("V6B 0A1", ("CA-BC",)),
        ("X0A 0A1", ("CA-NT", "CA-NU")),
        ("Y1A 0A1", ("CA-YT",)),
    ],
)
def test_a_canadian_code_tells_its_province(code, regions):
    assert postal(code, {"CA"}).regions == regions


def test_a_place_has_all_zones_of_its_states():
    assert postal("32501", {"US"}).zones == (EASTERN, CENTRAL)
    assert postal("42223", {"US"}).zones == (EASTERN, CENTRAL)
    assert set(postal("X0A 0A1", {"CA"}).zones) == {
        *zones_of_region("CA-NT"),
        *zones_of_region("CA-NU"),
    }
    assert {"Pacific/Guam", "Pacific/Palau"} < set(postal("96910", {"US"}).zones)


@pytest.mark.parametrize(
    ("code", "countries"),
    [
        ("10001", {"CA"}),
        ("10001", {"DE"}),
        ("10001", set()),
        ("M5V 2T6", {"US"}),
        ("SW1A 1AA", {"GB"}),
        ("SW1A 1AA", {"US", "CA"}),
        ("1000", {"US"}),
        ("100011", {"US"}),
        ("D1A 1A1", {"CA"}),
        ("09012", {"US"}),
        ("00000", {"US"}),
        ("", {"US", "CA"}),
        ("FL 33101", {"US"}),
        ("\u0661\u0660\u0660\u0660\u0661", {"US"}),
    ],
)
def test_what_cannot_be_read_for_its_country_tells_nothing(code, countries):
    assert postal(code, countries) == Postal()


@pytest.mark.parametrize("country", ["US", "PR", "GU", "VI", "AS", "MP"])
def test_the_territories_have_zip_codes(country):
    assert postal("00901", {country}).regions == ("US-PR",)


def test_either_country_is_tried_where_both_may_be():
    assert postal("10001", {"US", "CA"}).regions == ("US-NY",)
    assert postal("M5V 2T6", {"US", "CA"}).regions == ("CA-ON",)
