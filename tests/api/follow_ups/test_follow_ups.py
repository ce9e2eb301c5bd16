"""Steps over HTTP: said, refused where they are wrong, kept once the campaign runs."""

from typing import Any

import pytest

from tests.api.campaigns.test_campaigns import act, made
from tests.api.world import Json, World

TEXT = {
    "kind": "text",
    "text": "Hello {{name}}",
    "consent": {"tier": "express", "method": "web form"},
    "next": {"sent": "later"},
}
STEPS: Json = {
    "next": {"no_answer": "text"},
    "steps": {
        "text": TEXT,
        "later": {"kind": "wait", "wait": "P1D", "next": {"any": "again"}},
        "again": {"kind": "call"},
    },
}


async def put(world: World, campaign: Json, body: Any, status: int = 200) -> Json:
    path = f"/api/v1/campaigns/{campaign['campaignId']}/steps"
    answer = await world.http.put(path, json=body)
    assert answer.status_code == status, answer.text
    found: Json = answer.json()
    return found


async def test_steps_are_shown_as_they_were_said(world: World) -> None:
    campaign = await made(world)
    path = f"/api/v1/campaigns/{campaign['campaignId']}/steps"
    assert (await world.http.get(path)).status_code == 404
    await put(world, campaign, STEPS)
    shown = (await world.http.get(path)).json()
    assert shown["next"] == STEPS["next"]
    assert shown["steps"]["text"]["next"] == {"sent": "later"}
    assert (shown["contacts"], shown["texts"]) == ([], [])
    copy = await act(world, campaign, "duplicate", {"name": "again"}, status=201)
    copied = await world.http.get(f"/api/v1/campaigns/{copy['campaignId']}/steps")
    assert copied.json()["steps"] == shown["steps"]
    assert (await world.http.delete(path)).status_code == 204


@pytest.mark.parametrize(
    ("changed", "field", "code"),
    [
        ({"again": {"kind": "call", "next": {"any": "text"}}}, None, "bad_steps"),
        ({"again": {"kind": "call", "next": {"sent": "text"}}}, "steps.again.next", "bad_steps"),
        ({"text": {"kind": "text", "text": "Hi"}}, "steps.text.consent", "required"),
        ({"later": {"kind": "wait", "next": {"any": "again"}}}, "steps.later.wait", "required"),
        ({"again": {"kind": "call", "text": "Hi"}}, "steps.again.text", "unknown_field"),
        ({"again": {"kind": "call", "agentId": "x"}}, "steps.again.agentId", "unknown_agent"),
        ({"again": {"kind": "fax"}}, "steps.again.kind", None),
    ],
)
async def test_steps_that_are_wrong_are_refused_at_their_place(
    world: World, changed: Json, field: str | None, code: str | None
) -> None:
    campaign = await made(world)
    body = {**STEPS, "steps": {**STEPS["steps"], **changed}}
    error = (await put(world, campaign, body, status=422))["errors"][0]
    assert field in (None, error["field"])
    assert code in (None, error["code"])


async def test_a_campaign_that_was_started_keeps_its_steps(world: World) -> None:
    campaign = await made(world)
    await put(world, campaign, STEPS)
    await act(world, campaign, "start")
    assert (await put(world, campaign, STEPS, status=409))["code"] == "not_a_draft"
