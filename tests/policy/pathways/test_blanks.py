"""Nobody is greeted with a blank: what a call must bring along, and which column has it."""

from typing import Any

import pytest

from policy.pathways.blanks import likely_columns, refusal, variables

MESSAGE = {"action": "leave_message", "message": "Call us, {{name}}, by {{day|Friday}}."}
SCRIPT: dict[str, Any] = {"nodes": {"a": {"text": "It is {{time}}, {{name|there}}."}}}


def test_what_is_wanted_has_no_default_and_is_not_given_to_all():
    found = variables(SCRIPT, MESSAGE)
    assert found.wanted == {"time", "name"}
    assert found.used == {"time", "name", "day"}
    assert variables(SCRIPT, MESSAGE, {"time": "ten"}).wanted == {"name"}
    assert variables(SCRIPT, {**MESSAGE, "action": "hang_up"}).wanted == {"time"}


def test_what_has_no_variables_wants_nothing():
    stream = {"url": "wss://agent.example/stream"}
    assert refusal(variables(stream).wanted, {}) is None


def test_the_missing_ones_are_named():
    found = refusal({"time", "name"}, {"name": " ", "time": ""})
    assert found is not None
    assert (found.code, found.field) == ("missing_variable", "context")
    assert "name, time" in found.message


@pytest.mark.parametrize(
    ("names", "columns", "found"),
    [
        (["name"], ["Customer Name", "city"], {"name": "Customer Name"}),
        (["first_name"], ["First Name", "Last Name"], {"first_name": "First Name"}),
        (["firstName"], ["first name"], {"firstName": "first name"}),
        (["name"], ["Customer Name", "Company Name"], {}),
        (["name"], ["name", "Customer Name"], {}),
        (["name"], ["Name", "Company Name"], {"name": "Name"}),
        (["name"], ["username", "city"], {}),
        (["time"], [], {}),
    ],
)
def test_a_column_is_taken_for_a_variable_only_where_it_is_the_only_one_like_it(
    names: list[str], columns: list[str], found: dict[str, str]
):
    assert likely_columns(names, columns) == found
