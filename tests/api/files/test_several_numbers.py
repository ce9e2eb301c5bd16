"""Lists with several columns of numbers: which are further numbers of the same person is said."""

from dataclasses import replace

import pytest

from api.files.contact_rows import checked, with_first
from api.files.layouts import with_others
from api.http.problems import Problem
from policy.model.call import NumberType
from storage.campaigns.contacts import ContactRow
from tests.api.files import sheets
from tests.api.files.sheets import csv_of

HEADER = ["Name", "Mobile", "Home phone", "Büro", "City"]
ADA = ["Ada", "+12025550123", "+12025550124", "+442079460123", "Austin"]


def read(rows: list[list[str]], others: list[str], phone: str = "Mobile") -> list[ContactRow]:
    layout, _ = sheets.read(csv_of([HEADER, *rows]), phone)
    return sheets.rows_by(csv_of([HEADER, *rows]), with_others(layout, others))


def test_further_columns_are_numbers_of_the_person_in_the_order_in_which_they_are_named():
    [ada] = read([ADA], ["Büro", "home:Home phone"])
    assert ada.numbers_spec is not None
    assert [(one["endpoint"], one.get("type")) for one in ada.numbers_spec] == [
        ("+12025550123", None),
        ("+442079460123", "work"),
        ("+12025550124", "home"),
    ]
    assert ada.context == {"Name": "Ada", "City": "Austin"}


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("Home phone", NumberType.HOME),
        ("Handy", NumberType.MOBILE),
        ("Cell #", NumberType.MOBILE),
        ("Bureau", NumberType.WORK),
        ("Phone 2", None),
        ("Home or mobile", None),
    ],
)
def test_whose_phone_it_is_is_read_off_the_name_where_that_says_one_thing(
    name: str, kind: NumberType | None
):
    layout, _ = sheets.read(csv_of([["Phone", name], ["+12025550123", "+12025550124"]]), "Phone")
    assert with_others(layout, [name]).others[0].type is kind


def test_an_empty_cell_and_the_same_number_again_are_left_out():
    [one] = read([["Ada", "+12025550123", "", "+1 202 555 0123", ""]], ["Home phone", "Büro"])
    assert (one.error, one.numbers_spec) == (None, None)


def test_a_further_number_that_cannot_be_read_refuses_the_row_and_loses_no_cell():
    [one] = read([["Ada", "+12025550123", "ask her", "", "Austin"]], ["Home phone"])
    assert one.error is not None
    assert (one.error.field, one.context["Home phone"]) == ("otherNumbers", "ask her")
    assert "Home phone" in one.error.message


def test_where_the_first_number_is_wrong_the_others_are_there_once_it_is_corrected():
    [one] = read([["Ada", "ask him", "+12025550124", "", "Austin"]], ["Home phone"])
    assert one.error is not None
    assert one.error.field == "endpoint"
    mended = with_first(checked(replace(one, endpoint="+12025550123", error=None), None))
    assert [each["endpoint"] for each in mended.numbers_spec or ()] == [
        "+12025550123",
        "+12025550124",
    ]


def test_where_the_first_and_another_are_wrong_the_other_is_said():
    [one] = read([["Ada", "ask him", "ask her", "", "Austin"]], ["Home phone"])
    assert one.error is not None
    assert (one.error.field, one.context["Home phone"]) == ("otherNumbers", "ask her")


@pytest.mark.parametrize(
    ("others", "code"),
    [(["Fax"], "no_phone_column"), (["Mobile"], "repeated"), (["Büro", "work:Büro"], "repeated")],
)
def test_a_column_that_is_not_there_or_is_used_already_is_refused(others: list[str], code: str):
    with pytest.raises(Problem) as raised:
        read([ADA], others)
    assert raised.value.errors[0].code == code
    assert raised.value.errors[0].field == "otherColumns"


def test_without_a_word_several_columns_of_numbers_are_still_refused():
    with pytest.raises(Problem) as raised:
        sheets.read(csv_of([["Cell", "Mobile"], ["+12025550123", "+12025550124"]]))
    assert raised.value.errors[0].code == "ambiguous_column"
    assert "otherColumns" in raised.value.errors[0].message
