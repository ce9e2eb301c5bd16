"""A file that asks for more than there is costs its sender an answer, and nobody else anything."""

import asyncio
import io
import time
import zipfile
from collections.abc import Callable

import pytest

from api.files import workbook_process, workbook_reader
from tests.api.files.test_uploads import TABLE, XLSX, upload, workbook
from tests.api.world import Json, World

CONSENT = {"tier": "written", "method": "web_form", "grantedTime": "2026-11-20T00:00:00Z"}
#: Below this (in seconds of the processor) a measurement is noise.
NOISE = 0.06
IMPORTS = [
    ("POST", "/api/v1/suppressions/import", {}),
    (
        "PUT",
        "/api/v1/suppressions/registries/us_national",
        {"scrubbedTime": "2026-11-20T00:00:00Z"},
    ),
    ("POST", "/api/v1/consents/import", CONSENT),
]


def with_cell_at(place: str) -> bytes:
    """A workbook of one phone number, with one more cell somewhere else."""
    whole = io.BytesIO()
    source = zipfile.ZipFile(io.BytesIO(workbook([["phone"], ["+12125550101"]])))
    row = place.lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
    cell = f'<row r="{row}"><c r="{place}"><v>1</v></c></row></sheetData>'
    with zipfile.ZipFile(whole, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in source.namelist():
            text = source.read(name).decode().replace("</sheetData>", cell)
            archive.writestr(name, text)
    return whole.getvalue()


def repeated(cells: int) -> bytes:
    """A workbook whose cells all show one long text that it holds once."""
    parts = zipfile.ZipFile(io.BytesIO(workbook([["phone"]])))
    sheet = "".join(f'<row r="{n}"><c t="s"><v>0</v></c></row>' for n in range(1, cells + 1))
    text = f"<sst><si><t>{'x' * 30_000}</t></si></sst>"
    package = "http://schemas.openxmlformats.org"
    relation = (
        f'<Relationship Id="r2" Type="{package}/officeDocument/2006/relationships/sharedStrings" '
        'Target="sharedStrings.xml"/></Relationships>'
    )
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in parts.namelist():
            content = parts.read(name).decode()
            if name.endswith("sheet1.xml"):
                content = (
                    content.partition("<sheetData>")[0]
                    + f"<sheetData>{sheet}</sheetData></worksheet>"
                )
            if name == "xl/_rels/workbook.xml.rels":
                content = content.replace("</Relationships>", relation)
            archive.writestr(name, content)
        archive.writestr("xl/sharedStrings.xml", text)
    return whole.getvalue()


@pytest.mark.parametrize("place", ["XFD1048576", "CV1000000", "AAA3"])
async def test_a_cell_far_outside_of_the_list_refuses_the_file(world: World, place: str):
    content = with_cell_at(place)
    assert len(content) < 2000
    problem = await upload(world, content, 422, XLSX)
    assert problem["code"] == "file_too_large"
    assert "copy the list into a new file" in problem["detail"]
    assert (await upload(world, TABLE.encode()))["accepted"] == 2


async def test_a_cell_at_the_end_of_a_narrow_sheet_is_a_row_like_any(world: World):
    loaded = await upload(world, with_cell_at("A1048576"), 202, XLSX)
    assert (loaded["accepted"], loaded["rejected"]) == (1, 1)
    assert loaded["errors"][0]["row"] == 1048576


async def test_a_text_that_is_shown_ten_thousand_times_is_not_unpacked(world: World):
    assert (await upload(world, repeated(30_000), 422, XLSX))["code"] == "file_too_large"


@pytest.mark.parametrize(("method", "path", "query"), IMPORTS)
async def test_every_import_answers_and_lives(world: World, method: str, path: str, query: Json):
    answer = await world.http.request(
        method, path, content=with_cell_at("XFD1048576"), params=query,
        headers={"Content-Type": XLSX},
    )  # fmt: skip
    assert (answer.status_code, answer.json()["code"]) == (422, "file_too_large"), answer.text


async def test_a_form_s_workbook_is_read_as_one_that_is_sent_bare(world: World):
    answer = await world.http.post(
        "/api/v1/suppressions/import",
        files={"file": ("list.xlsx", workbook([["phone"], ["+12125550101"]]), XLSX)},
    )
    assert answer.json()["accepted"] == 1, answer.text


async def test_what_takes_too_long_is_given_up_and_the_api_answers_meanwhile(
    world: World, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(workbook_process, "SECONDS", 0.0)
    reading = asyncio.create_task(upload(world, workbook([["phone"], ["+12125550101"]]), 422, XLSX))
    assert (await world.http.get("/healthz")).status_code == 200
    assert (await reading)["code"] == "file_too_large"


def test_the_reader_takes_no_more_than_it_is_told_to():
    assert workbook_reader.MEMORY <= 1 << 30
    assert workbook_reader.CPU_SECONDS < workbook_process.SECONDS


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (lambda size: b"phone" + b"," * (size >> 12) + b"\n", "file_too_large"),
        (lambda size: b"phone" + b"," * size + b"\n", "unreadable_file"),
        (lambda size: b'phone,"' + b'\n","' * (size >> 3) + b'"\n', "unreadable_file"),
    ],
    ids=["columns", "one line", "quoted lines"],
)
async def test_a_row_of_text_has_its_limits_too_and_costs_in_proportion(
    world: World, content: Callable[[int], bytes], code: str
):
    async def seconds(size: int) -> float:
        began = time.process_time()
        assert (await upload(world, content(size), 422))["code"] == code
        return time.process_time() - began

    few = await seconds(2 << 20)
    # Four times as much: what grows with the square would take sixteen times as long.
    assert await seconds(8 << 20) < max(NOISE, 9 * few)


async def test_a_sheet_of_excel_97_is_a_workbook(world: World):
    # Its mark and nothing else: refused as a workbook, not read as text.
    problem = await upload(world, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), 422)
    assert "no workbook" in problem["detail"]
