"""Any file is read or refused, in a sentence, whatever it is; nothing else happens."""

import os
from collections.abc import MutableMapping
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from tests.api.campaigns.test_campaigns import made
from tests.api.files import hostile
from tests.api.files.test_uploads import XLSX, people, upload
from tests.api.world import Json, World

#: In the suite; docs/hostile-input.md tells how to try more.
FEW = 40
EXAMPLES = int(os.environ.get("HOSTILE_EXAMPLES", FEW))
shared = settings(
    deadline=None,
    derandomize=EXAMPLES == FEW,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
#: Refused as a whole; a row that is bad by itself is told of in a 202.
REFUSED = {
    "unreadable_file", "file_too_large", "no_phone_column", "ambiguous_column", "too_many_rows",
}  # fmt: skip


@pytest.fixture
async def campaign(world: World) -> Json:
    return await made(world, contacts=[])


async def is_answered(world: World, campaign: Json, content: bytes, kind: str) -> None:
    path = f"/api/v1/campaigns/{campaign['campaignId']}/contacts/upload"
    answer = await world.http.post(path, content=content, headers={"Content-Type": kind})
    said = answer.json()
    if answer.status_code == 202:
        assert said["phoneColumn"] or said["header"] is False
        return
    assert answer.status_code in {413, 422}, answer.text
    assert said["code"] in REFUSED, said
    assert len(said["detail"]) < 500


@settings(shared, max_examples=EXAMPLES)
@given(content=hostile.texts)
async def test_any_text_is_read_or_refused(world: World, campaign: Json, content: bytes) -> None:
    await is_answered(world, campaign, content, "text/csv")


# Each is read by a process of its own.
@settings(shared, max_examples=EXAMPLES // 4)
@given(content=hostile.workbooks)
async def test_any_workbook_is_read_or_refused(
    world: World, campaign: Json, content: bytes
) -> None:
    await is_answered(world, campaign, content, XLSX)


@pytest.mark.parametrize("name", hostile.TEXTS)
async def test_what_is_no_list_is_refused_in_a_sentence(
    world: World, campaign: Json, name: str
) -> None:
    await is_answered(world, campaign, hostile.TEXTS[name], "text/csv")
    assert await people(world, campaign) == []


@pytest.mark.parametrize("name", hostile.MAIMED)
async def test_a_list_in_a_rare_encoding_is_read_as_far_as_its_numbers(
    world: World, name: str
) -> None:
    loaded = await people(world, await upload(world, hostile.MAIMED[name]))
    assert [one["endpoint"] for one in loaded] == ["+12125550101", "+12125550102"]


@pytest.mark.parametrize("name", hostile.WORKBOOKS)
async def test_a_workbook_that_is_none_is_refused_as_such(
    world: World, logged: list[MutableMapping[str, Any]], name: str
) -> None:
    content, code = hostile.WORKBOOKS[name]
    problem = await upload(world, content, 422, XLSX)
    assert problem["code"] == code, problem
    assert "root:" not in str(problem)
    assert [one for one in logged if one["event"] == "unhandled_error"] == []


async def test_a_formula_is_a_text_and_is_never_worked_out(world: World) -> None:
    sheet = hostile.with_sheet(
        '<sheetData><row><c t="inlineStr"><is><t>phone</t></is></c>'
        '<c t="inlineStr"><is><t>note</t></is></c></row>'
        '<row><c t="inlineStr"><is><t>+12125550101</t></is></c>'
        '<c t="str"><f>WEBSERVICE("http://169.254.169.254/")</f><v>=1+1</v></c></row></sheetData>'
    )
    (person,) = await people(world, await upload(world, sheet, 202, XLSX))
    assert person["context"] == {"note": "=1+1"}
