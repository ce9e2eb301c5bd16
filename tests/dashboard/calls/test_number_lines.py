"""Further numbers of a person, as they are typed: one a line."""

import pytest

from api.calls.number_views import number_view
from api.http.problems import Problem
from dashboard.calls import number_lines


def test_a_line_has_a_number_and_what_is_of_it_alone():
    typed = """
    mobile: +1 202 555 0124, America/Chicago, 17:00-20:00

    +12025550125
    Work : sip:desk@example.com, 9:00 \u2013 12:00 Sat sun
    """
    assert number_lines.read(typed) == [
        {
            "type": "mobile",
            "endpoint": "+1 202 555 0124",
            "recipient": {"timezone": "America/Chicago"},
            "hours": {"start": "17:00", "end": "20:00"},
        },
        {"endpoint": "+12025550125"},
        {
            "type": "work",
            "endpoint": "sip:desk@example.com",
            "hours": {"start": "09:00", "end": "12:00", "days": ["sat", "sun"]},
        },
    ]


def test_what_was_said_of_a_number_is_written_as_it_is_read_again():
    consent = {
        "tier": "express",
        "method": 'by mail, "signed"',
        "grantedTime": "2026-03-01T12:00:00Z",
        "evidence": "No. 17,\nfile 3",
    }
    place = {"timezone": "America/Chicago", "country": "US", "postalCode": "60601"}
    said = {"endpoint": "+12025550124", "type": "home", "recipient": place, "consent": consent}
    assert number_lines.read(number_lines.written([number_view(said)])) == [said]
    short = '+12025550124, consent written "form" since 2026-03-01'
    told = {"tier": "written", "method": "form", "grantedTime": "2026-03-01T00:00:00Z"}
    assert number_lines.read(short) == [{"endpoint": "+12025550124", "consent": told}]


@pytest.mark.parametrize(
    "line",
    [
        "+12025550124, country US, country CA",
        '+12025550124, consent express "\\x"',
        "+12025550124, consent express by mail",
        "+12025550124, tomorrow",
        "+12025550124, 9-5",
        "+12025550124, Europe/Paris, Europe/Rome",
        "+12025550124, 09:00-10:00, 11:00-12:00",
    ],
)
def test_what_is_neither_a_zone_nor_hours_is_refused_and_its_line_is_said(line: str):
    with pytest.raises(Problem) as raised:
        number_lines.read(f"+12025550123\n{line}")
    assert raised.value.errors[0].field == "otherNumbers"
    assert "Line 2" in raised.value.errors[0].message
