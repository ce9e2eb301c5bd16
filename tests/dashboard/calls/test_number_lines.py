"""Further numbers of a person, as they are typed: one a line."""

import pytest

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


@pytest.mark.parametrize(
    "line",
    [
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
