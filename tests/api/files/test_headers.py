"""First rows: a header only if it looks like one, and no row dropped in silence."""

from typing import Any

import pytest

from tests.api.files.sheets import csv_of, read
from tests.api.files.test_uploads import XLSX, people, upload, workbook
from tests.api.world import World

ADA, BOB = "+12125550101", "+12125550102"


def found(content: bytes, country: str | None = None, column: str | None = None) -> Any:
    """The row of the header, the rows of titles, and the rows that are contacts."""
    layout, contacts = read(content, column, country)
    titles = [number for number, _ in layout.titles]
    return layout.header_row, titles, [row.row_number for row in contacts]


@pytest.mark.parametrize(
    ("table", "header", "titles", "rows"),
    [
        # No header at all.
        (f"{ADA},Ada\n{BOB},Bob\n", None, [], [1, 2]),
        (f"n/a,Ada\n{BOB},Bob\n", None, [], [1, 2]),
        (f",Ada\n{BOB},Bob\n", None, [], [1, 2]),
        (f"12,Ada\n{BOB},Bob\n", None, [], [1, 2]),
        (f"0,Ada\n{BOB},Bob\n", None, [], [1, 2]),
        (f"unknown,Ada,mobile\n{BOB},Bob,mobile\n", None, [], [1, 2]),
        (f"Ada,+1 212 555 010\nBob,{BOB}\n", None, [], [1, 2]),
        # One that is known by its names, or by what stands below.
        (f"phone\n{ADA}\n", 1, [], [2]),
        (f"Vorname;Nachname;x\nAda;Lovelace;{ADA}\n", 1, [], [2]),
        (f"who,where to reach\nAda,{ADA}\n", 1, [], [2]),
        (f"x,y\n7,{ADA}\n", 1, [], [2]),
        (f"phone,2025,2026\n{ADA},1,2\n", 1, [], [2]),
        # Titles.
        (f"Customers of March\nname,phone\nAda,{ADA}\n", 2, [1], [3]),
        (f"Customers of March,,\n\nExported 2026-03-01,,\nname,phone,city\nAda,{ADA},\n",
         4, [1, 3], [5]),
        (f"Report,2026-03-01\nname,phone\nAda,{ADA}\n", 2, [1], [3]),
        (f"Kunden\nwho,where\nAda,{ADA}\n", 2, [1], [3]),
        # A hint is no row.
        (f"sep=;\nname;phone\nAda;{ADA}\n", 1, [], [2]),
        (f'"sep=,"\nname,phone\n"Ada;B",{ADA}\n', 1, [], [2]),
        (f"sep=\t\r\n{ADA}\tAda\r\n", None, [], [1]),
        (f"\ufeffsep=;\n{ADA};Ada, B\n", None, [], [1]),
    ],
)  # fmt: skip
def test_a_first_row_is_a_header_if_it_looks_like_one(
    table: str, header: int | None, titles: list[int], rows: list[int]
):
    assert found(table.encode()) == (header, titles, rows)


def test_a_column_that_is_named_makes_its_row_the_header():
    content = csv_of([["ref one", "ref two"], [ADA, BOB]])
    assert found(content, column="Ref-Two") == (1, [], [2])


def test_a_header_alone_has_no_rows():
    assert found(b"name,phone\n") == (1, [], [])


async def test_what_was_taken_for_a_header_and_for_a_title_is_told(world: World):
    table = f"Customers of March\n\nname,phone\nAda,{ADA}\n"
    loaded = await upload(world, table.encode())
    assert (loaded["accepted"], loaded["rejected"]) == (1, 0)
    assert (loaded["header"], loaded["headerRow"]) == (["name", "phone"], 3)
    assert loaded["titleRows"] == [{"row": 1, "text": "Customers of March"}]
    (ada,) = await people(world, loaded)
    assert (ada["row"], ada["endpoint"], ada["context"]) == (4, ADA, {"name": "Ada"})


async def test_a_bad_first_row_is_a_row_that_is_told(world: World):
    loaded = await upload(world, f"Ada,n/a\nBob,{BOB}\nEve,+12125550103\n".encode())
    assert (loaded["accepted"], loaded["header"]) == (2, None)
    assert [(one["row"], one["code"]) for one in loaded["errors"]] == [(1, "invalid_number")]


async def test_numbers_of_a_workbook_are_whole_or_refused(world: World):
    rows: list[list[Any]] = [
        ["Customers", ""],
        ["Name", "Mobile #"],
        ["Ada", 12125550101.0],
        ["Bob", 2125550102],
        ["Eve", 1.2125550103e22],
        ["Dan", "2.12556E+09"],
        ["Ann", 2125550104.5],
    ]
    loaded = await upload(world, workbook(rows), kind=XLSX, defaultCountry="US")
    assert (loaded["phoneColumn"], loaded["headerRow"]) == ("Mobile #", 2)
    assert [(one["row"], one["code"]) for one in loaded["errors"]] == [
        (5, "rounded_number"),
        (6, "rounded_number"),
        (7, "invalid_number"),
    ]
    message = "the spreadsheet rounded this number; format the column as text"
    assert message in loaded["errors"][0]["message"]
    good = [one["endpoint"] for one in await people(world, loaded) if one["state"] == "staged"]
    assert good == [ADA, BOB]
