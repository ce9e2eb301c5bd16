"""Lists as files: any encoding, any delimiter, the phone column found, bad rows told one by one."""

import csv
import io
import tracemalloc
import zipfile
from typing import Any

import pytest

from tests.api.campaigns.test_campaigns import act, get, made
from tests.api.world import Json, World

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
TABLE = "name,phone,city\nAda,+12125550101,Malmö\nBob,+12125550102,Málaga\n"


async def upload(
    world: World, content: bytes, status: int = 202, kind: str = "text/csv", **query: Any
) -> Json:
    campaign = await made(world, contacts=[])
    return await upload_to(world, campaign, content, status, kind, **query)


async def upload_to(
    world: World,
    campaign: Json,
    content: bytes,
    status: int = 202,
    kind: str = "text/csv",
    **query: Any,
) -> Json:
    path = f"/api/v1/campaigns/{campaign['campaignId']}/contacts/upload"
    headers = {"Content-Type": kind}
    answer = await world.http.post(path, content=content, headers=headers, params=query)
    assert answer.status_code == status, answer.text
    found: Json = answer.json()
    return {**found, "campaignId": campaign["campaignId"]}


async def people(world: World, campaign: Json) -> list[Json]:
    found: list[Json] = (await get(world, campaign, "/contacts", take=1000))["contacts"]
    return found


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252"]
)
async def test_every_usual_encoding_is_read(world: World, encoding: str):
    loaded = await upload(world, TABLE.encode(encoding))
    assert (loaded["accepted"], loaded["rejected"]) == (2, 0)
    ada, bob = await people(world, loaded)
    assert (ada["endpoint"], ada["context"]) == ("+12125550101", {"name": "Ada", "city": "Malmö"})
    assert (bob["row"], bob["context"]["city"]) == (3, "Málaga")


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
async def test_every_usual_delimiter_is_found(world: World, delimiter: str, end: str):
    table = TABLE.replace(",", delimiter).replace("\n", end)
    loaded = await upload(world, table.encode())
    assert loaded["accepted"] == 2
    assert (await people(world, loaded))[0]["context"] == {"name": "Ada", "city": "Malmö"}


@pytest.mark.parametrize(
    ("table", "query", "endpoint", "context"),
    [
        ("phone\n+12125550101\n", {}, "+12125550101", {}),
        ("+12125550101\n+12125550102\n", {}, "+12125550101", {}),
        (
            "id,reach\n7,+1 212-555-0101\n",
            {},
            "+12125550101",
            {"id": "7"},
        ),
        (
            "phone,mobile\niPhone 12,+12125550101\nPixel,+12125550102\n",
            {},
            "+12125550101",
            {"phone": "iPhone 12"},
        ),
        (
            "account;tel\n2125550199;2125550101\n",
            {"defaultCountry": "US"},
            "+12125550101",
            {"account": "2125550199"},
        ),
        (
            "old,new\n+12125550109,+12125550101\n",
            {"phoneColumn": "new"},
            "+12125550101",
            {"old": "+12125550109"},
        ),
        (
            "a,Phone Number\n1,12125550101\n",
            {"phoneColumn": "phone_number", "defaultCountry": "US"},
            "+12125550101",
            {"a": "1"},
        ),
        ('note,phone\n"a, ""b""\nc",+12125550101\n', {}, "+12125550101", {"note": 'a, "b"\nc'}),
        (
            "x,x,,phone\n1,2,3,+12125550101\n",
            {},
            "+12125550101",
            {"x": "1", "x_2": "2", "column3": "3"},
        ),
        ("name,to\nAda,sip:ada@example.com\n", {}, "sip:ada@example.com", {"name": "Ada"}),
    ],
)
async def test_the_phone_column_is_found_by_what_it_holds(
    world: World, table: str, query: Json, endpoint: str, context: Json
):
    loaded = await upload(world, table.encode(), **query)
    assert loaded["errors"] == []
    first = (await people(world, loaded))[0]
    assert (first["endpoint"], first["context"]) == (endpoint, context)


async def test_a_column_named_timezone_is_the_recipients_zone(world: World):
    table = "phone,Timezone\n+12125550101,Europe/Paris\n+12125550102,\n+12125550103,Mars\n"
    loaded = await upload(world, table.encode())
    assert [(one["row"], one["code"]) for one in loaded["errors"]] == [(4, "unknown_timezone")]
    first, second, _ = await people(world, loaded)
    assert (first["timezone"], first["context"]) == ("Europe/Paris", {})
    assert second["timezone"] is None


async def test_a_bad_row_rejects_itself_and_is_told_in_the_file_of_errors(world: World):
    table = (
        "phone,name\n+12125550101,Ada\n\n12,Bob\n+12125550101,Ann\n,Eve\n"
        "=HYPERLINK(1),Mal\n+12125550102,Dan,extra\n"
    )
    loaded = await upload(world, table.encode())
    assert (loaded["accepted"], loaded["rejected"]) == (1, 5)
    campaign = f"/api/v1/campaigns/{loaded['campaignId']}"
    answer = await world.http.get(f"{campaign}/contacts/errors.csv")
    assert answer.headers["content-type"].startswith("text/csv")
    assert "errors.csv" in answer.headers["content-disposition"]
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    assert [(row["row"], row["code"], row["endpoint"]) for row in rows] == [
        ("4", "invalid_number", "12"),
        ("5", "duplicate", "+12125550101"),
        ("6", "invalid_number", ""),
        ("7", "invalid_number", "'=HYPERLINK(1)"),
        ("8", "invalid_field", "+12125550102"),
    ]


async def test_a_file_sent_twice_adds_nobody_twice(world: World):
    first = await upload(world, TABLE.encode())
    again = await upload_to(world, first, TABLE.encode())
    assert (again["accepted"], again["rejected"]) == (0, 2)
    assert {error["code"] for error in again["errors"]} == {"duplicate"}


async def test_a_form_is_read_as_well(world: World):
    campaign = await made(world, contacts=[])
    path = f"/api/v1/campaigns/{campaign['campaignId']}/contacts/upload"
    files = {"file": ("list.csv", TABLE.encode(), "text/csv")}
    answer = await world.http.post(path, files=files)
    assert (answer.status_code, answer.json()["accepted"]) == (202, 2)
    empty = await world.http.post(path, files={"other": (None, b"x")})
    assert (empty.status_code, empty.json()["errors"][0]["field"]) == (422, "file")


async def test_a_workbook_is_read_with_its_numbers_as_people_see_them(world: World):
    rows: list[list[Any]] = [
        ["Name", "Phone", "Age"],
        ["Ada", 12125550101, 36],
        ["Bob", "+12125550102", 4.5],
    ]
    kinds = [XLSX, "application/octet-stream"]
    for kind in kinds:
        loaded = await upload(world, workbook(rows), kind=kind, defaultCountry="US")
        ada, bob = await people(world, loaded)
        assert (ada["endpoint"], ada["context"]) == (
            "+12125550101",
            {"Name": "Ada", "Age": "36", "name": "Ada"},
        )
        assert (bob["endpoint"], bob["context"]["Age"]) == ("+12125550102", "4.5")


@pytest.mark.parametrize(
    ("content", "kind", "query", "status", "code"),
    [
        (b"", "text/csv", {}, 422, "unreadable_file"),
        (b"\n\n", "text/csv", {}, 422, "unreadable_file"),
        (b"name,city\nAda,Malmo\n", "text/csv", {}, 422, "no_phone_column"),
        (b"name,phone\nAda,2125550101\n", "text/csv", {}, 422, "no_phone_column"),
        (TABLE.encode(), "text/csv", {"phoneColumn": "fax"}, 422, "no_phone_column"),
        (TABLE.encode(), "text/csv", {"defaultCountry": "XX"}, 422, "unknown_country"),
        (b"PK\x03\x04 no workbook", XLSX, {}, 422, "unreadable_file"),
        (b'phone,a\n+12125550101,"' + b"x" * 200_000, "text/csv", {}, 422, "unreadable_file"),
        (b'{"contacts": []}', "application/json", {}, 415, "unsupported_media_type"),
    ],
)
async def test_a_file_that_cannot_be_used_is_refused_as_a_whole(
    world: World, content: bytes, kind: str, query: Json, status: int, code: str
):
    campaign = await made(world, contacts=[])
    problem = await upload_to(world, campaign, content, status, kind, **query)
    assert problem["code"] == code
    assert await people(world, campaign) == []


async def test_a_list_that_is_too_long_is_refused_before_its_first_row(
    world: World, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("api.files.uploads.MAX_ROWS", 1)
    campaign = await made(world, contacts=[])
    assert (await upload_to(world, campaign, TABLE.encode(), 413))["code"] == "too_many_rows"
    assert await people(world, campaign) == []


async def test_a_workbook_that_unpacks_to_too_much_is_not_unpacked(
    world: World, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("api.files.spreadsheets._MOST_UNPACKED", 100)
    problem = await upload(world, workbook([["phone"], ["+12125550101"]]), 422, XLSX)
    assert problem["code"] == "unreadable_file"


async def test_a_campaign_that_is_over_takes_no_file(world: World):
    campaign = await made(world)
    await act(world, campaign, "cancel")
    assert (await upload_to(world, campaign, TABLE.encode(), 409))["code"] == "campaign_over"


async def test_a_running_campaign_learns_of_its_new_contacts(world: World):
    campaign = await made(world, contacts=[{"endpoint": "+12125550199"}])
    await act(world, campaign, "start")
    await upload_to(world, campaign, TABLE.encode())
    assert world.gateway.campaigns_nudged == [campaign["campaignId"]]


async def test_five_thousand_rows_are_never_in_memory_together(world: World):
    wide = "x" * 1000
    lines = (f"+1212{n // 10000 + 555}{n % 10000:04},{wide},{n}\n" for n in range(5000))
    content = ("phone,note,n\n" + "".join(lines)).encode()
    campaign = await made(world, contacts=[])
    tracemalloc.start()
    try:
        before, _ = tracemalloc.get_traced_memory()
        loaded = await upload_to(world, campaign, content)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert (loaded["accepted"], loaded["rejected"]) == (5000, 0)
    assert peak - before < 4 * len(content)


def workbook(rows: list[list[Any]]) -> bytes:
    """The least that Excel, and we, take for a workbook."""
    sheet = "".join(f"<row>{''.join(_cell(value) for value in row)}</row>" for row in rows)
    space = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    package = "http://schemas.openxmlformats.org/package/2006"
    parts = {
        "[Content_Types].xml": f'<Types xmlns="{package}/content-types"></Types>',
        "_rels/.rels": (
            f'<Relationships xmlns="{package}/relationships"><Relationship Id="r1" '
            f'Type="{office}/officeDocument" Target="xl/workbook.xml"/></Relationships>'
        ),
        "xl/workbook.xml": (
            f'<workbook {space} xmlns:r="{office}"><sheets>'
            '<sheet name="one" sheetId="1" r:id="r1"/></sheets></workbook>'
        ),
        "xl/_rels/workbook.xml.rels": (
            f'<Relationships xmlns="{package}/relationships"><Relationship Id="r1" '
            f'Type="{office}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>'
        ),
        "xl/worksheets/sheet1.xml": (
            f"<worksheet {space}><sheetData>{sheet}</sheetData></worksheet>"
        ),
    }
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name, text in parts.items():
            archive.writestr(name, f'<?xml version="1.0" encoding="UTF-8"?>{text}')
    return file.getvalue()


def _cell(value: Any) -> str:
    if isinstance(value, str):
        return f'<c t="inlineStr"><is><t>{value}</t></is></c>'
    return f"<c><v>{value}</v></c>"
