"""The contract on rooms tells every way in which the code has left the plan."""

import pytest

from tools.rooms import allowed, faults_of

PLAN = ["tables", "database -> tables", "calls -> tables database"]
CODE = {"tables": set(), "database": {"tables"}, "calls": {"tables", "database"}}


def faults(lines: list[str], **code: set[str]) -> list[str]:
    return faults_of(allowed(lines), {**CODE, **code})


def test_code_as_planned_has_no_fault() -> None:
    assert faults(PLAN) == []


@pytest.mark.parametrize(
    ("lines", "code", "fault"),
    [
        (PLAN, {"events": set()}, "events is in no line of the plan"),
        ([*PLAN, "events"], {}, "events does not exist"),
        (PLAN, {"tables": {"calls"}}, "tables imports calls, which it may not"),
        (PLAN, {"calls": {"tables"}}, "calls -> database: nothing needs it"),
        (
            ["tables -> calls", *PLAN[1:]],
            {"tables": {"calls"}},
            "tables -> calls: not further up",
        ),
    ],
)
def test_each_departure_is_told(lines: list[str], code: dict[str, set[str]], fault: str) -> None:
    assert faults(lines, **code) == [fault]
