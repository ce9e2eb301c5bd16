"""The column of phone numbers: by its name, else by what it holds, and never by a guess."""

import random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from api.files.column_names import PhoneName, phone_name
from api.http.problems import Problem
from tests.api.compliance.test_suppressions import entries
from tests.api.files.sheets import csv_of, phone_of, read
from tests.api.files.test_uploads import TABLE, people, upload
from tests.api.world import Json, World

ADA, BOB, EVE = "+12125550101", "+12125550102", "+12125550103"


@pytest.mark.parametrize(
    "name",
    ["phone", "Phone", "PHONE NUMBER", "phoneNumber", "phone_no", "Mobile #", "mobile", "Cell",
     "Cell Phone",
     "tel", "Tel.", "Tel.-Nr.", "Telefon", "Telefonnummer", "Telefon-Nr.", "Téléphone",
     "n° de téléphone", "telephone", "Teléfono", "Número de teléfono", "telefono", "Telefone",
     "Celular", "Móvil", "Handy", "Handynummer", "Mobilnummer", "Mobiltelefon", "Rufnummer",
     "Customer Phone", "Primary phone", "contact_phone", "Cellulare", "Telefoonnummer",
     "Телефон", "endpoint", "Phone (main)", "MSISDN"],
)  # fmt: skip
def test_a_name_says_phone_in_the_languages_that_lists_come_in(name: str):
    assert phone_name(name) is PhoneName.SURE


@pytest.mark.parametrize("name", ["número", "Numero", "Nummer", "number", "to", "Home phone"])
def test_a_name_that_says_it_less_surely_says_it_all_the_same(name: str):
    assert phone_name(name) is PhoneName.SOME


@pytest.mark.parametrize(
    "name",
    ["emergency contact", "Emergency Phone", "Notfall Telefon", "fax", "customer_id", "account",
     "Account Number", "order number", "phone type", "phone consent", "Phone 2", "mobile carrier",
     "birthday", "Kundennummer"],
)  # fmt: skip
def test_a_name_of_something_else_is_none_of_the_numbers_to_call(name: str):
    assert phone_name(name) is PhoneName.OTHER


@pytest.mark.parametrize("name", ["name", "reach", "city", "Automobil", "tone", "company"])
def test_most_names_say_nothing_of_it(name: str):
    assert phone_name(name) is PhoneName.NOTHING


def ten(*columns: str) -> list[list[str]]:
    """Ten rows under these columns: each name stands for what is put in it."""
    kinds = {
        "+": lambda n: f"+1212555{n:04}",
        "#": lambda n: f"212555{n:04}",
        "w": lambda n: f"Ada {n}",
    }
    rows = [[kinds[column[0]](100 + 10 * at + n) for at, column in enumerate(columns)]
            for n in range(10)]  # fmt: skip
    return [[column[1:] for column in columns], *rows]


@pytest.mark.parametrize(
    ("rows", "country", "found"),
    [
        (ten("#customer_id", "+phone"), "US", ("phone", "name")),
        (ten("+phone", "#account"), "US", ("phone", "name")),
        (ten("+phone", "+emergency contact"), None, ("phone", "name")),
        (ten("+emergency contact", "+Mobile #"), None, ("Mobile #", "name")),
        (ten("+Emergency Phone", "+Phone"), None, ("Phone", "name")),
        (ten("+home phone", "+phone"), None, ("phone", "name")),
        (ten("wname", "+reach", "#account"), "US", ("reach", "content")),
        (ten("wname", "+number", "wcity"), None, ("number", "name")),
        (ten("wphone type", "#Teléfono"), "US", ("Teléfono", "name")),
    ],
)
def test_the_name_goes_before_what_the_columns_hold(rows: Any, country: Any, found: Any):
    assert phone_of(csv_of(rows), country) == found


def test_one_missing_number_in_ten_does_not_make_another_column_the_better_one():
    rows = ten("+phone", "+emergency contact")
    rows[4][0] = "n/a"
    layout, contacts = read(csv_of(rows))
    assert layout.names[layout.phone] == "phone"
    assert [row.endpoint for row in contacts if row.error is None] == [
        row[0] for row in rows[1:] if row[0] != "n/a"
    ]


@pytest.mark.parametrize(
    "rows",
    [
        ten("+phone", "+mobile"),
        ten("+Home Phone", "+Work Phone"),
        ten("wname", "+reach", "+other"),
        ten("wname", "+a", "+b")[1:],
    ],
)
def test_of_two_possible_columns_none_is_taken_and_both_are_named(rows: list[list[str]]):
    with pytest.raises(Problem) as refused:
        read(csv_of(rows))
    (error,) = refused.value.errors
    assert (refused.value.status, error.code, error.field) == (
        422,
        "ambiguous_column",
        "phoneColumn",
    )
    numbers = [cell for cell in rows[1] if cell.startswith("+")]
    assert all(number in error.message for number in numbers)
    named = [name for name in rows[0] if name[:1] != "+" and name not in ("name", "Ada 100")]
    assert all(name in error.message for name in named)


def test_two_columns_of_the_same_numbers_are_no_choice():
    rows = [["phone", "mobile"], [ADA, "+1 212 555 0101"], [BOB, BOB]]
    assert phone_of(csv_of(rows)) == ("phone", "name")


@pytest.mark.parametrize(
    ("rows", "code"),
    [
        # Who is meant by these names is not called in place of the customer.
        (ten("wname", "+emergency contact"), "no_phone_column"),
        (ten("wname", "#account"), "no_phone_column"),
        # A name without a number that can be read, beside numbers of another kind.
        (ten("#phone", "+reach"), "no_phone_column"),
    ],
)
def test_what_only_looks_like_the_numbers_to_call_is_refused(rows: Any, code: str):
    with pytest.raises(Problem) as refused:
        read(csv_of(rows))
    assert refused.value.errors[0].code == code


async def test_the_answer_says_which_column_was_taken_and_why(world: World):
    loaded = await upload(world, TABLE.encode())
    assert (loaded["phoneColumn"], loaded["phoneColumnReason"]) == ("phone", "name")
    assert (loaded["header"], loaded["headerRow"]) == (["name", "phone", "city"], 1)
    asked = await upload(world, TABLE.encode(), phoneColumn="Phone")
    assert (asked["phoneColumn"], asked["phoneColumnReason"]) == ("phone", "requested")
    bare = await upload(world, f"Ada,{ADA}\nBob,{BOB}\n".encode())
    assert (bare["phoneColumn"], bare["phoneColumnReason"]) == ("column2", "content")
    assert (bare["header"], bare["headerRow"], bare["titleRows"]) == (None, None, [])


@pytest.mark.parametrize(
    ("path", "query"),
    [
        ("suppressions/import", {}),
        ("consents/import", {"tier": "express", "method": "form"}),
        ("suppressions/registries/us.national_dnc", {"scrubbedTime": "2026-11-20T00:00:00Z"}),
    ],
)
async def test_every_import_reads_its_columns_in_the_same_way(world: World, path: str, query: Json):
    method = "PUT" if "registries" in path else "POST"
    rows = ten("#customer_id", "+phone", "+emergency contact")

    async def sent(rows: list[list[str]], status: int) -> Json:
        answer = await world.http.request(
            method,
            f"/api/v1/{path}",
            content=csv_of(rows),
            params={**query, "defaultCountry": "US"},
        )
        assert answer.status_code == status, answer.text
        found: Json = answer.json()
        return found

    found = await sent(rows, 200)
    assert (found["accepted"], found["phoneColumn"], found["phoneColumnReason"]) == (
        10,
        "phone",
        "name",
    )
    assert found["header"] == rows[0]
    refused = await sent(ten("+phone", "+mobile"), 422)
    assert refused["errors"][0]["code"] == "ambiguous_column"
    if path == "suppressions/import":
        listed = {one["endpoint"] for one in await entries(world, take=100)}
        assert listed == {row[1] for row in rows[1:]}


async def test_a_number_that_opted_out_is_listed_as_it_is(world: World):
    """A decimal tail once listed another number, and who had opted out stayed callable."""
    content = b"phone\n+4930901820.0\n2125550117.0\n2.12556E+09\n"
    answer = await world.http.post(
        "/api/v1/suppressions/import", content=content, params={"defaultCountry": "US"}
    )
    found = answer.json()
    assert [(one["row"], one["code"]) for one in found["errors"]] == [(4, "rounded_number")]
    assert {one["endpoint"] for one in await entries(world)} == {"+4930901820", "+12125550117"}


# -- properties

NAMES = ["phone", "name", "city", "account", "emergency contact", "fax", "note", "birthday"]


@settings(max_examples=60, deadline=None, derandomize=True)
@given(
    st.permutations(range(len(NAMES))),
    st.integers(0, 2**16),
    st.sampled_from([",", ";", "\t"]),
    st.booleans(),
)
def test_a_sheet_and_its_shuffled_columns_give_the_same_people(order, seed, delimiter, has_title):
    chance = random.Random(seed)
    rows = [
        [
            chance.choice([f"+1212555{n:04}", f"(212) 555-{n:04}", "n/a", ""]),
            f"Ada {n}",
            chance.choice(["Malmö", ""]),
            f"212556{n:04}",
            f"+1305555{n:04}",
            f"305556{n:04}",
            "call after 5",
            "1970-01-02",
        ]
        for n in range(100, 112)
    ]
    # A column without one number to read is refused, in any order.
    rows[3][0] = "+12125550103"
    title = [["Customers of March"]] if has_title else []
    _, first = read(csv_of([*title, NAMES, *rows], delimiter), country="US")
    shuffled = [[row[index] for index in order] for row in (NAMES, *rows)]
    layout, second = read(csv_of([*title, *shuffled], delimiter), country="US")
    assert layout.names[layout.phone] == "phone"
    assert [(row.endpoint, row.error, row.context) for row in first] == [
        (row.endpoint, row.error, row.context) for row in second
    ]


async def test_people_are_those_of_the_named_column(world: World):
    loaded = await upload(world, csv_of(ten("wname", "+emergency contact", "+phone")))
    assert {one["endpoint"] for one in await people(world, loaded)} == {
        f"+1212555{n:04}" for n in range(120, 130)
    }
