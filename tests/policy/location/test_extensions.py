"""An extension is pressed after the answer: it is told from the number, or the row is refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policy.location.endpoints import Endpoint, parse_endpoint
from policy.model.call import EndpointKind, Refusal


def read(text: str, country: str | None) -> tuple[str, str | None] | str:
    found = parse_endpoint(text, country, with_extension=True)
    return (found.value, found.extension) if isinstance(found, Endpoint) else str(found.code)


@pytest.mark.parametrize(
    ("text", "country", "number", "extension"),
    [
        ("(212) 555 0114 ext. 5", "US", "+12125550114", "5"),
        ("(212) 555-0114 x5", "US", "+12125550114", "5"),
        ("212-555-0114x0042", "US", "+12125550114", "0042"),
        ("212.555.0114 Ext: 77", "US", "+12125550114", "77"),
        ("+1 212 555 0114 extension 1234", None, "+12125550114", "1234"),
        ("+1 212 555 0114, ext 9", None, "+12125550114", "9"),
        ("+12125550114 #12", None, "+12125550114", "12"),
        ("+12125550114;ext=9", None, "+12125550114", "9"),
        ("tel:+1-212-555-0114;ext=9", None, "+12125550114", "9"),
        ("2125550114,,5", "US", "+12125550114", "5"),
        ("2125550114 ext. 5*2#", "US", "+12125550114", "5*2#"),
        ("2125550114 ext. 12345678901", "US", "+12125550114", "12345678901"),
        ("01 99 00 12 34 poste 12", "FR", "+33199001234", "12"),
        ("02 1234 5678 int. 12", "IT", "+390212345678", "12"),
        ("02 1234 5678 interno 12", "IT", "+390212345678", "12"),
        ("(212) 555\u00a00114 ext.\u00a0\uff15", "US", "+12125550114", "5"),
        ("2125550114", "US", "+12125550114", None),
    ],
)
def test_a_number_and_its_extension_are_told_apart(text, country, number, extension):
    assert read(text, country) == (number, extension)


@pytest.mark.parametrize(
    ("text", "country", "code"),
    [
        ("2125550114 ext. 123456789012", "US", "has_extension"),
        ("2125550114 ext. *#", "US", "has_extension"),
        # A list of two numbers, or an extension?
        ("2125550114, 5", "US", "has_extension"),
        ("2125550114; 5", "US", "has_extension"),
        # A direct line: its digits are dialed with the number.
        ("030 901820 DW 12", "DE", "has_extension"),
        ("030 901820 Durchwahl 12", "DE", "has_extension"),
        ("2125550114 ext. five", "US", "invalid_number"),
        ("2125550114 ext. 5 or 6", "US", "invalid_number"),
        ("2125550114 ext.", "US", "invalid_number"),
        ("212555011.4 ext. 5", "US", "invalid_number"),
        ("ext. 5", "US", "invalid_number"),
        ("911 ext. 5", "US", "invalid_number"),
    ],
)
def test_what_may_be_something_else_is_refused(text, country, code):
    assert read(text, country) == code


LABELS = [
    " ext. ",
    " ext",
    "x",
    " x ",
    ", ext. ",
    " extension ",
    ";ext=",
    " #",
    ",,",
    " extensión ",
]


@given(
    st.from_regex(r"\(?212\)?[ .-]?555[ .-]?01[0-9]{2}", fullmatch=True),
    st.sampled_from(LABELS),
    st.text("0123456789*#", min_size=1, max_size=14),
)
def test_an_extension_never_changes_the_number(number: str, label: str, keys: str):
    plain = parse_endpoint(number, "US")
    both = parse_endpoint(number + label + keys, "US", with_extension=True)
    assert isinstance(plain, Endpoint)
    if isinstance(both, Endpoint):
        assert both.value == plain.value
        # The # of the label may be one of several.
        assert both.extension is not None
        assert keys.endswith(both.extension.lstrip("#")) or both.extension.endswith(keys)
    assert isinstance(parse_endpoint(number + label + keys, "US"), Refusal)


def test_a_sip_address_has_none():
    found = parse_endpoint("sip:bob@example.org;ext=5", with_extension=True)
    assert found == Endpoint(EndpointKind.SIP, "sip:bob@example.org;ext=5")
