"""No cell that we write is run by whoever opens the file."""

import csv
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.files.csv_writer import line

INVISIBLE = [
    "", "\u200b", "\u200e", "\u2060", "\ufeff", "\u00ad", "\u202e", "\u00a0", "\u3000", " ", "\n",
    "\x00", "\x1f",
]  # fmt: skip
FORMULAS = [
    "=1+1", "\uff1d1+1", "\ufe661+1", "@SUM(A1)", "\uff20SUM(A1)", "+cmd|' /C calc'!A0",
    "\uff0bcmd|' /C calc'!A0", "-cmd|x!A0", "\uff0dcmd|x!A0", "\u2212A1", "\t=1", "\r=1", "-1=1",
]  # fmt: skip


def written(cell: object) -> str:
    ((read,),) = csv.reader([line(cell)])
    return read


@pytest.mark.parametrize("hidden", INVISIBLE)
@pytest.mark.parametrize("formula", FORMULAS)
def test_a_formula_is_text_however_it_is_spelled_or_hidden(hidden: str, formula: str) -> None:
    cell = hidden + formula
    assert line(cell).lstrip('"').startswith("'")
    assert line(cell).count("'") == cell.count("'") + 1


@pytest.mark.parametrize(
    "cell", ["+12125550123", "-5", "+49 30 901820", "a=b", "Ada", "", "\u200bAda", "3 @ 4"]
)
def test_what_is_no_formula_is_written_as_it_is(cell: str) -> None:
    assert written(cell) == cell


@given(st.text(alphabet="=@+-\uff1d\uff20\u200b \taA1", max_size=8))
def test_nothing_visible_begins_a_formula(cell: str) -> None:
    seen = "".join(one for one in written(cell) if one not in "\u200b ")
    assert not seen.startswith(("=", "@", "\uff1d", "\uff20", "\t"))


def test_nothing_and_times_are_written_as_before() -> None:
    assert line(None, datetime(2026, 11, 23, 15, tzinfo=UTC), 5) == ",2026-11-23T15:00:00Z,5\r\n"
