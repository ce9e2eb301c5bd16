"""errors.csv has all that a refused row had: mended, it is uploaded as it is."""

import csv
import io
import json

import pytest

from api.files.contact_rows import MAX_KEPT, contact_of_object
from tests.api.campaigns.test_campaigns import made
from tests.api.files.sheets import csv_of
from tests.api.files.test_uploads import people, upload, upload_to
from tests.api.world import Json, World

COLUMNS = ["Kunde", "Mobile #", "timezone", "row", "code", "Bemerkung"]
NOTED = ["phone", "name", "notes"]
ROWS = [
    ["Ada", "+12125550101", "", "7", "A", "good"],
    ["Bob", "2.12556E+09", "Europe/Paris", "8", "B", 'says "no", often'],
    ["Eve", "+12125550103 ext. 4", "", "9", "C", "=SUM(1)"],
]


async def error_file(world: World, campaign: Json) -> str:
    path = f"/api/v1/campaigns/{campaign['campaignId']}/contacts/errors.csv"
    answer = await world.http.get(path)
    assert answer.status_code == 200, answer.text
    return str(answer.text)


async def test_every_column_of_a_refused_row_is_kept_and_the_mended_file_is_taken(world: World):
    loaded = await upload(world, csv_of([COLUMNS, *ROWS]))
    assert (loaded["accepted"], loaded["rejected"]) == (1, 2)
    header, *rows = list(csv.reader(io.StringIO(await error_file(world, loaded))))
    assert header == [
        *("row", "code", "field", "message", "endpoint", "clientToken", "timezone"),
        *("Kunde", "row", "code", "Bemerkung"),
    ]
    assert [row[:2] + row[4:] for row in rows] == [
        ["3", "rounded_number", "2.12556E+09", "", "Europe/Paris", "Bob", "8", "B", ROWS[1][5]],
        ["4", "has_extension", "'+12125550103 ext. 4", "", "", "Eve", "9", "C", "'=SUM(1)"],
    ]

    rows[0][4], rows[1][4] = "+12125550102", "+12125550103"
    again = await upload_to(world, await made(world, contacts=[]), csv_of([header, *rows]))
    assert (again["accepted"], again["rejected"], again["phoneColumn"]) == (2, 0, "endpoint")
    bob, eve = await people(world, again)
    assert (bob["endpoint"], bob["timezone"]) == ("+12125550102", "Europe/Paris")
    assert bob["context"] == {"Kunde": "Bob", "row": "8", "code": "B", "Bemerkung": ROWS[1][5]}
    assert (eve["endpoint"], eve["context"]["Kunde"]) == ("+12125550103", "Eve")
    assert eve["context"]["Bemerkung"] == "=SUM(1)"


async def test_cells_beyond_the_header_are_kept_too(world: World):
    loaded = await upload(world, b"phone,name\n+12125550101,Ada\n+12125550102,Bob,more,,last\n")
    (row,) = csv.DictReader(io.StringIO(await error_file(world, loaded)))
    assert (row["code"], row["name"], row["column3"], row["column5"]) == (
        "invalid_field",
        "Bob",
        "more",
        "last",
    )


async def test_contacts_of_a_request_are_told_in_the_same_way(world: World):
    contact = {"endpoint": "12", "clientToken": "C-1", "context": {"name": "Ada", "cars": [1, 2]}}
    campaign = await made(world, contacts=[contact])
    (row,) = csv.DictReader(io.StringIO(await error_file(world, campaign)))
    assert (row["endpoint"], row["clientToken"], row["name"], row["cars"]) == (
        "12",
        "C-1",
        "Ada",
        "[1, 2]",
    )
    mended = {**row, "endpoint": "+12125550101"}
    again = await upload_to(world, campaign, csv_of([list(mended), list(mended.values())]))
    (ada,) = [one for one in await people(world, again) if one["state"] == "staged"]
    assert (ada["clientToken"], ada["context"]["name"]) == ("C-1", "Ada")


async def test_a_row_with_too_much_context_keeps_all_its_columns(world: World):
    long = "x" * 20_000
    loaded = await upload(world, csv_of([NOTED, ["+12125550101", "Ada", long]]))
    (row,) = csv.DictReader(io.StringIO(await error_file(world, loaded)))
    assert (row["code"], row["field"], row["endpoint"]) == (
        "invalid_field",
        "context",
        "+12125550101",
    )
    assert (row["name"], row["notes"]) == ("Ada", long)
    mended = {**row, "notes": "short"}
    again = await upload_to(world, loaded, csv_of([list(mended), list(mended.values())]))
    assert (again["accepted"], again["rejected"]) == (1, 0)


@pytest.mark.parametrize("phone", ["+12125550101", "none"])
def test_what_is_kept_of_a_refused_row_is_bounded_and_has_every_column(phone: str):
    context = {f"column{n}": "😀" * 10_000 for n in range(400)}
    given = {"endpoint": phone, "context": {**context, "nested": [["y"] * 100_000], "name": "Ada"}}
    row = contact_of_object(given, 1, None)
    assert row.error is not None
    assert list(row.context) == list(given["context"])
    assert row.context["name"] == "Ada"
    assert len(json.dumps(row.context, ensure_ascii=False).encode()) <= MAX_KEPT


async def test_further_numbers_of_a_refused_row_are_kept_and_read_again(world: World):
    others = [{"endpoint": "+12125550105"}, {"endpoint": "+12125550106 ext. 4"}]
    bad = {"endpoint": "nobody", "otherNumbers": others, "context": {"name": "Ada"}}
    campaign = await made(world, contacts=[bad])
    header, row = list(csv.reader(io.StringIO(await error_file(world, campaign))))
    assert header[7:] == ["otherNumber1", "otherNumber2", "name"]
    row[4], row[8] = "+12125550104", "+12125550107"
    again = await upload_to(world, await made(world, contacts=[]), csv_of([header, row]))
    assert again["accepted"] == 1
    [ada] = await people(world, again)
    numbers = [one["endpoint"] for one in ada["numbers"]]
    assert numbers == ["+12125550104", "+12125550105", "+12125550107"]
    assert ada["context"] == {"name": "Ada"}
