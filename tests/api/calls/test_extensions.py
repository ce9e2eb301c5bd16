"""Numbers with an extension: refused, or kept and pressed, as the account says."""

from typing import Any

import pytest
from sqlmodel import select

from policy.model.call import EndpointKind
from storage.tables import Call, Consent, Contact, Suppression, specs
from tests.api.campaigns.test_blanks import staged
from tests.api.campaigns.test_campaigns import act, get, made
from tests.api.files.sheets import csv_of
from tests.api.files.test_uploads import people, upload_to, workbook
from tests.api.world import Json, World

NEW_YORK = {"timezone": "America/New_York"}
WITH = "(212) 555-0123 ext. 45*"
SPOKEN = {"endpoint": WITH, "defaultCountry": "US", "recipient": NEW_YORK}
DO_NOT_CALL = "/api/v1/suppressions"


async def dials_extensions(world: World, use: str = "dial", status: int = 200) -> Json:
    answer = await world.http.patch("/api/v1/account", json={"extensions": use})
    assert answer.status_code == status, answer.text
    found: Json = answer.json()
    return found


async def test_an_account_refuses_extensions_until_it_wants_them(world: World):
    assert (await world.http.get("/api/v1/account")).json()["extensions"] == "refuse"
    assert await world.refusal(**SPOKEN) == ("has_extension", "endpoint")
    assert (await dials_extensions(world))["extensions"] == "dial"
    view = await world.view(await world.call(**SPOKEN))
    assert (view["endpoint"], view["extension"]) == ("+12125550123", "45*")
    await dials_extensions(world, "perhaps", 422)


async def test_a_plain_number_has_none(world: World):
    await dials_extensions(world)
    assert (await world.view(await world.call()))["extension"] is None


async def test_each_row_of_a_bulk_request_has_its_own(world: World):
    agent = await world.agent()
    rows = [{"endpoint": "(212) 555-0123 x7"}, {"endpoint": "(212) 555-0124"}]
    body = {"agentId": agent, "defaultCountry": "US", "calls": rows}
    refused = await world.post("/api/v1/calls/bulk", body, 207)
    assert refused["results"][0]["error"]["reason"] == "has_extension"
    await dials_extensions(world)
    rows[1]["endpoint"] = "(212) 555-0125 #8"
    taken = await world.post("/api/v1/calls/bulk", body, 202)
    assert [one["call"]["extension"] for one in taken["results"]] == ["7", "8"]


async def test_another_extension_of_a_number_is_the_same_line(world: World):
    """Duplicates, caps and the do-not-call list go by the number: that is stricter."""
    await dials_extensions(world)
    agent = await world.agent()
    await world.call(agentId=agent, **SPOKEN)
    body = await world.body(agentId=agent, **{**SPOKEN, "endpoint": "(212) 555-0123 ext. 46"})
    assert (await world.post("/api/v1/calls", body, 422))["code"] == "duplicate"
    await world.post(DO_NOT_CALL, {"endpoint": "+12125550123"})
    refused = await world.refusal(agentId=await world.agent(), **SPOKEN)
    assert refused == ("suppressed", "endpoint")


async def test_who_does_not_want_to_be_called_is_listed_with_the_whole_line(world: World):
    await world.post(DO_NOT_CALL, {"endpoint": "+1 212 555 0123 ext. 45"})
    content = b"phone\n+1 212 555 0124 ext. 9\n"
    headers = {"Content-Type": "text/csv"}
    answer = await world.http.post(f"{DO_NOT_CALL}/import", content=content, headers=headers)
    assert answer.json()["accepted"] == 1, answer.text
    async with world.db.read() as session:
        listed = {row.endpoint for row in (await session.exec(select(Suppression))).all()}
    assert listed == {"+12125550123", "+12125550124"}


async def test_who_agreed_behind_an_extension_has_not_agreed_for_the_line(world: World):
    content = b"phone\n+1 212 555 0124 ext. 9\n"
    query = {"tier": "express", "method": "form"}
    answer = await world.http.post(
        "/api/v1/consents/import",
        content=content,
        headers={"Content-Type": "text/csv"},
        params=query,
    )
    assert answer.json()["errors"][0]["code"] == "has_extension", answer.text
    async with world.db.read() as session:
        assert (await session.exec(select(Consent))).all() == []


TABLE = [["phone", "name"], ["+1 212 555 0101 ext. 5", "Ada"], ["+12125550102", "Bob"]]


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (csv_of(TABLE), "text/csv"),
        (
            workbook(TABLE),
            "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        ),
    ],
)
async def test_a_file_keeps_them_and_the_preflight_counts_them(
    world: World, content: bytes, kind: str
):
    draft = await made(world, contacts=[])
    loaded = await upload_to(world, draft, content, kind=kind)
    assert (loaded["accepted"], loaded["errors"][0]["code"]) == (1, "has_extension")
    assert await extensions(world, draft) == {"contacts": 1, "use": "refuse"}
    errors = await world.http.get(f"/api/v1/campaigns/{draft['campaignId']}/contacts/errors.csv")
    assert "'+12125550101 ext. 5" in errors.text

    await dials_extensions(world)
    assert await extensions(world, draft) == {"contacts": 1, "use": "dial"}
    ada, bob = await people(world, draft)
    assert (ada["state"], ada["endpoint"], ada["extension"]) == ("staged", "+12125550101", "5")
    assert bob["extension"] is None
    await staged(world, draft)
    async with world.db.read() as session:
        calls = (await session.exec(select(Call).order_by(Call.endpoint))).all()
    assert [(one.endpoint, one.extension) for one in calls] == [
        ("+12125550101", "5"),
        ("+12125550102", None),
    ]


async def extensions(world: World, draft: Json) -> Any:
    return (await act(world, draft, "preflight"))["extensions"]


async def test_rows_that_were_taken_in_are_refused_when_the_account_wants_none_any_more(
    world: World,
):
    await dials_extensions(world)
    contact = {"endpoint": "+12125550101 ext. 5", "context": {"name": "Ada"}}
    draft = await made(world, contacts=[contact])
    assert (await act(world, draft, "preflight"))["refused"] == 0
    await dials_extensions(world, "refuse")
    found = await act(world, draft, "preflight")
    assert (found["refused"], found["reasons"]) == (1, {"has_extension": 1})
    await staged(world, draft)
    [row] = (await get(world, draft, "/contacts"))["contacts"]
    assert (row["state"], row["error"]["code"]) == ("invalid", "has_extension")


async def test_a_copy_of_a_campaign_has_them_too(world: World):
    await dials_extensions(world)
    contact = {"endpoint": "+12125550101 ext. 5", "context": {"name": "Ada"}}
    draft = await made(world, contacts=[contact])
    copied = await world.post(f"/api/v1/campaigns/{draft['campaignId']}/duplicate", {})
    assert (await people(world, copied))[0]["extension"] == "5"


async def test_where_keys_are_pressed_nobody_waits_for_a_machine(world: World):
    await dials_extensions(world)
    call_id = await world.call(**SPOKEN)
    async with world.db.read() as session:
        call = await session.get(Call, call_id)
    assert call is not None
    assert call.endpoint_kind is EndpointKind.PHONE
    assert call.voicemail_spec["action"]
    assert not specs.detects_machines(call)
    assert "Hello Ada" in await world.voice((await world.dial(call_id)).token)


async def test_an_extension_is_as_private_as_its_number(world: World, logged: list[object]):
    await dials_extensions(world)
    ask = {**SPOKEN, "endpoint": "(212) 555-0123 ext. 86420"}
    call_id = await world.call(**ask)
    contact = {"endpoint": "+12125550123 ext. 86420", "context": {"name": "Ada"}}
    await made(world, contacts=[contact])
    known = await world.http.get("/api/v1/privacy/export", params={"endpoint": "+12125550123"})
    assert [one["extension"] for one in known.json()["calls"]] == ["86420"], known.text
    assert [one["extension"] for one in known.json()["contacts"]] == ["86420"]
    audit = await world.http.get(f"/api/v1/calls/{call_id}/audit")
    assert audit.json()["extension"] == "86420"
    assert "86420" not in str(logged)
    async with world.db.read() as session:
        assert (await session.exec(select(Contact))).one().extension == "86420"
