"""Any way of writing a number gives that number or a refusal, and never another number."""

import phonenumbers
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from phonenumbers import PhoneNumberFormat

from policy.location.endpoints import Endpoint, parse_endpoint
from policy.model.call import EndpointKind, Refusal


def read(text, country=None):
    found = parse_endpoint(text, country)
    return found.value if isinstance(found, Endpoint) else found.code


@pytest.mark.parametrize(
    ("text", "country", "value"),
    [
        # What a data frame or a workbook makes of a whole number.
        ("+4930901820.0", None, "+4930901820"),
        ("2125550117.0", "US", "+12125550117"),
        ("2125550117.00", "US", "+12125550117"),
        ("4930901820,0", "DE", "+4930901820"),
        # Separators, and nothing but separators.
        ("030/901820", "DE", "+4930901820"),
        ("0171/2345678", "DE", "+491712345678"),
        ("(+49) 30 901820", None, "+4930901820"),
        ("+49 (0)30 901820-0", None, "+49309018200"),
        ("+33.1.99.00.12.34", None, "+33199001234"),
        ("+39 (0)6 1234 5678", None, "+390612345678"),
        ("01.99.00.12.00", "FR", "+33199001200"),
        ("+41 44 668 18 00", None, "+41446681800"),
        # What cannot be seen.
        ("\u202a+1 212 555 0120\u202c", None, "+12125550120"),
        ("\ufeff+1212\u200b555\u00ad0120\u200e", None, "+12125550120"),
        ("\u2066+12125550120\u2069", None, "+12125550120"),
        ("+1\u2007212\u3000555\u20090120\u2028", None, "+12125550120"),
        ("＋１（２１２）５５５－０１２０", None, "+12125550120"),
        ("２１２５５５０１２０", "US", "+12125550120"),
        ("'+12125550120", None, "+12125550120"),
        ("\u20192125550120", "US", "+12125550120"),
        # As an address.
        ("tel:+1-212-555-0120", None, "+12125550120"),
        ("TEL:%2B1(212)555%200120", None, "+12125550120"),
        ("tel:2125550120", "US", "+12125550120"),
        # With the prefix for calls abroad.
        ("0049 170 1234567", "FR", "+491701234567"),
        ("00491701234567", "DE", "+491701234567"),
        ("011 44 20 7946 0018", "US", "+442079460018"),
        ("010 1 212 555 0120", "JP", "+12125550120"),
        ("0061 491 570 214", "AU", "+61491570214"),
        ("0044 20 7946 0018", "US", "+442079460018"),
        ("011 1 212 555 0120", "DE", "+12125550120"),
        ("011 5612 3456", "IT", "+3901156123456"),
        ("011 91234-5678", "BR", "+5511912345678"),
        ("0012644612345", "BR", "+12644612345"),
        # With the country's code but no plus: only one of two readings is a number.
        ("491701234567", "DE", "+491701234567"),
        ("393471234567", "IT", "+393471234567"),
        ("447700900123", "GB", "+447700900123"),
        ("5511998765432", "BR", "+5511998765432"),
        ("5599887766", "BR", "+5555999887766"),
        # As it was written before a change.
        ("+5215512345678", None, "+525512345678"),
        ("044 55 1234 5678", "MX", "+525512345678"),
        ("+551198765432", None, "+5511998765432"),
        ("+22507123456", None, "+2250707123456"),
        ("+22997123456", None, "+2290197123456"),
        ("+5712345678", None, "+576012345678"),
        ("+841234567890", None, "+84834567890"),
        ("011 15-2345-6789", "AR", "+5491123456789"),
    ],
)
def test_what_is_meant_by_a_form_is_what_is_read(text, country, value):
    assert read(text, country) == value


@pytest.mark.parametrize(
    ("text", "country", "code"),
    [
        ("+4930901820.5", None, "invalid_number"),
        ("212.555.0117.0", "US", "invalid_number"),
        ("2125550117.50", "US", "invalid_number"),
        ("030901820 030901", "DE", "invalid_number"),
        ("+4930901820 030901", None, "invalid_number"),
        ("+4930901820 4930", None, "invalid_number"),
        ("030901820/21", "DE", "invalid_number"),
        ("0170 1234567 12", "DE", "invalid_number"),
        ("+33 1 99 00 12 34 01 99", None, "invalid_number"),
        ("+49 30 901820 0", None, "invalid_number"),
        ("+39 (0)02 1234 5678", None, "invalid_number"),
        ("+39 (0)347 123 4567", None, "invalid_number"),
        ("0012644612345 0", "BR", "invalid_number"),
        ("+12125550117²", None, "invalid_number"),
        ("+1 212 555 0120 / 212 555 0121", None, "invalid_number"),
        ("2.12556E+09", "US", "rounded_number"),
        ("2,12556e+09", "DE", "rounded_number"),
        ("+4.93E+10", None, "rounded_number"),
        ("(212) 555 0114 ext. 5", "US", "has_extension"),
        ("(212) 555-0114 x5", "US", "has_extension"),
        ("+1 212 555 0114 extension: 1234", None, "has_extension"),
        ("+1 212 555 0114;ext=9", None, "has_extension"),
        ("tel:+1-212-555-0114;ext=9", None, "has_extension"),
        ("2125550114,,5", "US", "has_extension"),
        ("2125550114, 5", "US", "has_extension"),
        ("030 901820 Durchwahl 12", "DE", "has_extension"),
        ("030 901820 DW 12", "DE", "has_extension"),
        ("390612345", "IT", "ambiguous_number"),
        ("49030901820", "DE", "ambiguous_number"),
    ],
)
def test_what_may_be_another_number_is_refused(text, country, code):
    assert read(text, country) == code


def test_a_number_with_two_readings_is_refused_with_both():
    found = parse_endpoint("390612345", "IT")
    assert isinstance(found, Refusal)
    assert "+39390612345" in found.message
    assert "+390612345." in found.message


def test_a_rounded_number_says_how_to_mend_it():
    found = parse_endpoint("2.12556E+09", "US")
    assert isinstance(found, Refusal)
    assert "the spreadsheet rounded this number; format the column as text" in found.message


# -- properties

_KINDS = (0, 1, 2, 3, 6)
EXAMPLES = [
    (region, number)
    for region in sorted(phonenumbers.SUPPORTED_REGIONS)
    for kind in _KINDS
    if (number := phonenumbers.example_number_for_type(region, kind)) is not None
]
UNSEEN = ["", "\u200b", "\u200f", "\u202d", "\u2068", "\ufeff", "\u00ad"]
SPACES = [" ", "\u00a0", "\u2009", "\u3000", "\t"]
SEPARATORS = ["", " ", "-", ".", "\u2011", *SPACES]


def e164(number):
    return phonenumbers.format_number(number, PhoneNumberFormat.E164)


@st.composite
def written(draw):
    """A valid number, a way of writing it, and the country it is read in."""
    region, number = draw(st.sampled_from(EXAMPLES))
    code, national = str(number.country_code), phonenumbers.national_significant_number(number)
    text, country = draw(
        st.sampled_from(
            [
                *(
                    (phonenumbers.format_number(number, style), region)
                    for style in (
                        PhoneNumberFormat.E164,
                        PhoneNumberFormat.INTERNATIONAL,
                        PhoneNumberFormat.NATIONAL,
                        PhoneNumberFormat.RFC3966,
                    )
                ),
                (national, region),
                (code + national, region),
                *(
                    (f"{abroad}{code}{national}", where)
                    for abroad in ("00", "011")
                    for where in ("DE", "US", "AU", "BR", region)
                ),
                (f"+{code} (0){national}", None),
            ]
        )
    )
    separator = draw(st.sampled_from(SEPARATORS))
    text = "".join(separator if letter in " -" else letter for letter in text)
    return e164(number), draw(dressed(text)), country


@st.composite
def dressed(draw, text):
    """The same with what nobody sees, with other digits, and with what programs add."""
    if draw(st.booleans()):
        text = text.translate({ord("0") + digit: 0xFF10 + digit for digit in range(10)})
    place = draw(st.integers(0, len(text)))
    text = text[:place] + draw(st.sampled_from(UNSEEN)) + text[place:]
    tail = draw(st.sampled_from(["", "", ".0", ".00", " ext 5", "x12", ".5", " 0", " 030901"]))
    return draw(st.sampled_from(["", "'", *SPACES])) + text + tail


@settings(max_examples=600, deadline=None, derandomize=True)
@given(written())
def test_any_way_of_writing_a_number_gives_that_number_or_a_refusal(said):
    value, text, country = said
    found = parse_endpoint(text, country)
    if isinstance(found, Endpoint):
        assert found.kind is EndpointKind.PHONE
        assert found.value == value


@settings(max_examples=300, deadline=None, derandomize=True)
@given(st.text(alphabet="0123456789+-. ()/xEe,'\u200b\uff11", max_size=24), st.booleans())
def test_no_text_makes_a_digit_that_it_does_not_say(text, has_country):
    found = parse_endpoint(text, "DE" if has_country else None)
    if isinstance(found, Endpoint) and found.kind is EndpointKind.PHONE:
        said = "".join(letter for letter in text.replace("\uff11", "1") if letter.isdigit())
        assert found.value.removeprefix("+").removeprefix("49") in said
