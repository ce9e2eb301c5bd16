import pytest

from policy.location.endpoints import (
    Endpoint,
    candidate_zones,
    country_of,
    is_country,
    parse_endpoint,
    zones_of,
)
from policy.model.call import EndpointKind, Refusal
from tests.policy.make import facts

PHONE, SIP = EndpointKind.PHONE, EndpointKind.SIP


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("+12125550123", "+12125550123"),
        (" +1 (212) 555-0123 ", "+12125550123"),
        ("+1.212.555.0199", "+12125550199"),
        ("+1 [415] 555 0142", "+14155550142"),
        ("+1-555-123-4567", "+15551234567"),
        ("+15005550001", "+15005550001"),
        ("+44 (0)20 7946 0123", "+442079460123"),
        ("+61 491 570 006", "+61491570006"),
        ("+33 1 99 00 12 34", "+33199001234"),
        ("+1 212\u2013555\u20130123", "+12125550123"),
        ("+1 212\u2011555\u20110123", "+12125550123"),
        ("\uff0b12125550123", "+12125550123"),
    ],
)
def test_a_number_is_read_with_its_punctuation_and_stored_without(text, value):
    assert parse_endpoint(text) == Endpoint(PHONE, value)


@pytest.mark.parametrize("area", ["201", "305", "312", "448", "702", "907", "808"])
@pytest.mark.parametrize("line", ["0100", "0155", "0199"])
def test_the_fictional_numbers_of_north_america_are_accepted(area, line):
    assert parse_endpoint(f"+1{area}555{line}") == Endpoint(PHONE, f"+1{area}555{line}")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "+",
        "2125550123",
        "0044 20 7946 0123",
        "+12",
        "+1212555",
        "+1212555012345678",
        "+1 911 555 0100",
        "+1 123 555 0100",
        "+99912345678",
        "+33000000000",
        "+1 212 555 CALL",
        "+١٢١٢٥٥٥٠١٢٣",
    ],
)
def test_what_cannot_be_a_number_is_refused_without_repeating_it(text):
    refused = parse_endpoint(text)
    assert isinstance(refused, Refusal)
    assert (refused.code, refused.field) == ("invalid_number", "endpoint")
    assert len(text) < 3 or text not in refused.message


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("sip:alice@example.com", "sip:alice@example.com"),
        ("SIP:Alice@Example.COM:5060", "sip:Alice@example.com:5060"),
        ("sip:a.b+c@10.0.0.1;transport=tls", "sip:a.b+c@10.0.0.1;transport=tls"),
    ],
)
def test_a_sip_address_is_kept_with_its_domain_in_small_letters(text, value):
    assert parse_endpoint(text) == Endpoint(SIP, value)


@pytest.mark.parametrize(
    "text",
    ["sip:", "sip:alice", "sip:@x.org", "sip:al ice@x.org", "sip:a@-x.org", "sip:a@x..org",
     "sip:a@x.org?Subject=1", "sip:a@x.org\r\nX: y", "sip:" + "a" * 70 + "@x.org"],
)  # fmt: skip
def test_a_bad_sip_address_is_refused(text):
    assert isinstance(parse_endpoint(text), Refusal)


def zones(endpoint, kind=PHONE, zone=None, country=None):
    return candidate_zones(endpoint, kind, zone, country, None)


def test_an_explicit_zone_stands_alone():
    assert zones("+12125550123", zone="Asia/Tokyo", country="US") == ("Asia/Tokyo",)


def test_the_numbers_zones_and_those_of_another_country_are_united_the_numbers_first():
    assert zones("+12125550123") == ("America/New_York",)
    assert zones("+12125550123", country="us") == ("America/New_York",)
    assert zones("+442079460123", country="FR") == ("Europe/London", "Europe/Paris")
    found = zones("+442079460123", country="us")
    assert {"America/Los_Angeles", "Pacific/Honolulu"} <= set(found)
    assert len(found) == len(set(found))


@pytest.mark.parametrize(
    ("endpoint", "kind", "country"),
    [
        ("+15551234567", PHONE, None),
        ("+18005550100", PHONE, None),
        ("sip:alice@example.com", SIP, None),
        ("+12125550123", PHONE, "ZZ"),
    ],
)
def test_where_nothing_is_known_there_is_no_zone(endpoint, kind, country):
    assert zones(endpoint, kind, country=country) == ()


def test_sip_takes_the_zones_of_its_country():
    assert zones("sip:alice@example.com", SIP, country="DE") == ("Europe/Berlin", "Europe/Busingen")


def test_a_call_has_the_zones_of_all_that_its_facts_tell():
    call = facts(recipient_country="US", recipient_postal_code="90210")
    assert zones_of(call) == ("America/Los_Angeles", "America/New_York")


@pytest.mark.parametrize(
    ("endpoint", "kind", "country"),
    [
        ("+12125550123", PHONE, "US"),
        ("+16135550123", PHONE, "CA"),
        ("+15551234567", PHONE, "US"),
        ("+12425550123", PHONE, "BS"),
        ("+17875550123", PHONE, "PR"),
        ("+442079460123", PHONE, "GB"),
        ("+80012345678", PHONE, None),
        ("sip:alice@example.com", SIP, None),
    ],
)
def test_a_number_has_a_country(endpoint, kind, country):
    assert country_of(endpoint, kind) == country


@pytest.mark.parametrize(
    ("text", "country", "value"),
    [
        ("2125550123", "US", "+12125550123"),
        ("(212) 555-0123", "US", "+12125550123"),
        ("12125550123", "US", "+12125550123"),
        ("020 7946 0123", "GB", "+442079460123"),
        ("0044 20 7946 0123", "DE", "+442079460123"),
        ("+33 1 99 00 12 34", "US", "+33199001234"),
    ],
)
def test_a_national_number_is_read_as_people_of_the_country_write_it(text, country, value):
    assert is_country(country)
    assert parse_endpoint(text, country) == Endpoint(PHONE, value)


@pytest.mark.parametrize(
    ("text", "country"), [("12", "US"), ("", "US"), ("Ada", "US"), ("911", "US")]
)
def test_what_no_number_of_the_country_can_be_is_refused_there_too(text, country):
    assert isinstance(parse_endpoint(text, country), Refusal)
    assert not is_country("Mars")
