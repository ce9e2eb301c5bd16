"""Agents and pathways: made, read, changed, deleted, refused."""

from typing import Any

import pytest

from api.accounts import agent_routes
from api.accounts import routes as account_routes
from policy.model.call import DecisionKind
from storage.calls import calls
from storage.calls.calls import AffectedCalls
from storage.facts.gather import FactGatherer
from tests.api.world import PATHWAY, World

AGENTS, PATHWAYS = "/api/v1/agents", "/api/v1/pathways"
HOURS = {
    "mon": [{"start": "9:00", "end": "12:00"}, {"start": "13:00", "end": "17:30"}],
    "fri": [{"start": "22:00", "end": "02:00"}],
}


async def test_an_agent_is_made_with_its_defaults_and_found_again(world: World):
    body = {"name": "Ada", "callerIds": ["+1 (212) 555-0100", "+12125550100"]}
    answer = await world.http.post(AGENTS, json=body)
    agent = answer.json()
    assert answer.status_code == 201
    assert answer.headers["Location"] == f"{AGENTS}/{agent['agentId']}"
    assert agent["callerIds"] == ["+12125550100"]
    assert (agent["isEnabled"], agent["timezone"], agent["ringTimeout"]) == (True, "UTC", 30)
    assert (agent["businessHours"], agent["retry"], agent["maxConcurrent"]) == (None, None, None)
    assert (await world.http.get(f"{AGENTS}/{agent['agentId']}")).json() == agent
    assert (await world.http.get(AGENTS)).json() == {"agents": [agent], "total": 1}


async def test_hours_may_have_several_spans_and_pass_midnight(world: World):
    agent = await world.post(AGENTS, {"name": "Ada", "businessHours": HOURS})
    assert agent["businessHours"]["mon"][0] == {"start": "09:00", "end": "12:00"}
    assert agent["businessHours"]["fri"] == HOURS["fri"]


async def test_a_patch_changes_what_it_names_and_null_takes_away(world: World):
    agent_id = await world.agent(businessHours=HOURS, ringTimeout=20, maxConcurrent=3)
    world.clock.pass_(minutes=1)
    path = f"{AGENTS}/{agent_id}"
    changed = await world.http.patch(path, json={"isEnabled": False, "businessHours": None})
    agent = changed.json()
    assert changed.status_code == 200
    assert (agent["isEnabled"], agent["businessHours"]) == (False, None)
    assert (agent["ringTimeout"], agent["maxConcurrent"], agent["name"]) == (20, 3, "tests")
    assert agent["updatedTime"] > agent["createdTime"]
    assert (await world.http.get(path)).json() == agent


async def test_a_put_replaces_the_whole_agent(world: World):
    path = f"{AGENTS}/{await world.agent(ringTimeout=20)}"
    agent = (await world.http.put(path, json={"name": "new"})).json()
    assert (agent["name"], agent["ringTimeout"], agent["callerIds"]) == ("new", 30, [])


async def test_a_deleted_agent_is_gone_but_its_calls_are_not(world: World):
    agent_id = await world.agent()
    call_id = await world.call(agentId=agent_id)
    assert (await world.http.delete(f"{AGENTS}/{agent_id}")).status_code == 204
    assert (await world.http.get(f"{AGENTS}/{agent_id}")).status_code == 404
    assert (await world.http.delete(f"{AGENTS}/{agent_id}")).status_code == 404
    assert (await world.view(call_id))["agentId"] == agent_id


@pytest.mark.parametrize(
    ("changes", "code", "field"),
    [
        ({"name": ""}, "too_short", "name"),
        ({"name": None}, "wrong_type", "name"),
        ({"timezone": "Mars/Olympus"}, "unknown_timezone", "timezone"),
        ({"callerIds": ["+12125550100", "12"]}, "invalid_number", "callerIds.1"),
        ({"pathwayId": "nothing"}, "unknown_pathway", "pathwayId"),
        ({"businessHours": {"funday": []}}, "unknown_value", "businessHours.funday"),
        (
            {"businessHours": {"mon": [{"start": "9", "end": "17:00"}]}},
            "malformed",
            "businessHours.mon.0.start",
        ),
        (
            {"businessHours": {"mon": [{"start": "24:00", "end": "01:00"}]}},
            "bad_window",
            "businessHours",
        ),
        ({"voicemail": {"action": "leave_message"}}, "required", "voicemail.message"),
        ({"retry": {"busy": "soon"}}, "malformed", "retry.busy"),
        ({"maxConcurrent": 0}, "out_of_range", "maxConcurrent"),
        ({"maxConcurrent": "3"}, "wrong_type", "maxConcurrent"),
        ({"recording": "yes"}, "wrong_type", "recording"),
        ({"isEnabled": 0}, "wrong_type", "isEnabled"),
        (
            {"voicemail": {"action": "leave_message", "message": "Hello {{name"}},
            "malformed",
            "voicemail.message",
        ),
        ({"favourite": 1}, "unknown_field", "favourite"),
    ],
)
@pytest.mark.parametrize("method", ["POST", "PATCH"])
async def test_an_agent_that_cannot_work_is_refused(
    world: World, method: str, changes: dict[str, Any], code: str, field: str
):
    path = AGENTS if method == "POST" else f"{AGENTS}/{await world.agent()}"
    body = {"name": "Ada", **changes} if method == "POST" else changes
    answer = await world.http.request(method, path, json=body)
    error = answer.json()["errors"][0]
    assert (answer.status_code, error["code"], error["field"]) == (422, code, field)


async def test_a_pathway_is_made_found_changed_and_deleted(world: World):
    made = await world.post(PATHWAYS, PATHWAY)
    path = f"{PATHWAYS}/{made['pathwayId']}"
    assert {name: made[name] for name in PATHWAY} == PATHWAY
    assert (await world.http.get(path)).json() == made
    assert (await world.http.get(PATHWAYS)).json() == {"pathways": [made], "total": 1}
    patched = (await world.http.patch(path, json={"name": "better"})).json()
    assert (patched["name"], patched["definition"]) == ("better", PATHWAY["definition"])
    stream = {"name": "live", "kind": "stream", "definition": {"url": "wss://ai.example.com/s"}}
    assert (await world.http.put(path, json=stream)).json()["kind"] == "stream"
    assert (await world.http.delete(path)).status_code == 204
    assert (await world.http.get(path)).status_code == 404


async def test_a_pathway_in_use_is_not_deleted(world: World):
    pathway_id = await world.pathway()
    await world.agent(pathwayId=pathway_id)
    answer = await world.http.delete(f"{PATHWAYS}/{pathway_id}")
    assert (answer.status_code, answer.json()["code"]) == (409, "in_use")


async def test_everything_wrong_with_a_pathway_is_named(world: World):
    nodes = {
        "a": {"kind": "say", "text": "Hello {{stranger}}.", "next": "b"},
        "b": {"kind": "dance"},
    }
    body = {"name": "bad", "kind": "script", "definition": {"start": "a", "nodes": nodes}}
    problem = await world.post(PATHWAYS, body, 422)
    found = {(error["code"], error["field"]) for error in problem["errors"]}
    assert found == {
        ("unknown_variable", "definition.nodes.a.text"),
        ("unknown_kind", "definition.nodes.b.kind"),
    }


async def test_a_change_that_breaks_a_pathway_is_refused_and_undone(world: World):
    path = f"{PATHWAYS}/{await world.pathway()}"
    answer = await world.http.patch(path, json={"kind": "stream"})
    assert answer.status_code == 422
    assert (await world.http.get(path)).json()["kind"] == "script"


@pytest.mark.parametrize("path", [AGENTS, PATHWAYS])
async def test_a_list_refuses_a_filter_it_does_not_have(world: World, path: str):
    answer = await world.http.get(path, params={"called": "Ada"})
    error = answer.json()["errors"][0]
    assert (answer.status_code, error["code"], error["field"]) == (422, "unknown_field", "called")


@pytest.mark.parametrize("path", [AGENTS, PATHWAYS])
async def test_lists_are_paged(world: World, path: str):
    for _ in range(3):
        await world.agent()
    noun = path.rsplit("/", 1)[1]
    page = (await world.http.get(path, params={"skip": 2, "take": 5})).json()
    assert (len(page[noun]), page["total"]) == (1, 3)
    assert (await world.http.get(path, params={"take": 0})).status_code == 422


@pytest.mark.parametrize("path", [AGENTS, PATHWAYS])
async def test_a_whole_name_finds_what_is_called_so(world: World, path: str):
    for name in ("Front desk", "FRONT DESK", "Front desk 2"):
        said = {"name": name} if path == AGENTS else {**PATHWAY, "name": name}
        assert (await world.http.post(path, json=said)).status_code == 201
    page = (await world.http.get(path, params={"name": "front desk", "take": 1})).json()
    assert page["total"] == 2
    assert (await world.http.get(path, params={"name": "front"})).json()["total"] == 0
    assert (await world.http.get(path, params={"name": " "})).status_code == 422


async def test_a_changed_agent_has_its_waiting_calls_decide_again(world: World):
    agent_id, other = await world.agent(), await world.agent()
    waiting = await world.call(agentId=agent_id)
    elsewhere = await world.call(agentId=other, endpoint="+12125550144")
    for call_id in (waiting, elsewhere):
        await world.decide(call_id, DecisionKind.WAIT)
    answer = await world.http.patch(f"{AGENTS}/{agent_id}", json={"isEnabled": False})
    assert answer.status_code == 200
    assert world.gateway.replanned == [waiting]


async def test_what_no_decision_rests_on_has_nothing_decided_again(
    world: World, monkeypatch: pytest.MonkeyPatch
):
    replanned: list[AffectedCalls] = []

    async def replan(_uses: object, _account: object, affected: AffectedCalls) -> None:
        replanned.append(affected)

    monkeypatch.setattr(agent_routes, "replan", replan)
    monkeypatch.setattr(account_routes, "replan", replan)

    async def change(path: str, **said: Any) -> int:
        answer = await world.http.patch(path, json=said)
        assert answer.status_code == 200, answer.text
        return len(replanned)

    path = f"{AGENTS}/{await world.agent(callReason=None)}"
    assert await change(path, name="Front desk") == 0
    assert await change(path, name="Front desk", maxDuration=900) == 0
    assert await change(path, name="Desk", purpose="reminder") == 0
    assert await change(path, purpose="survey") == 1
    # Repeated by who got no answer: of a killed process nothing else looks at refused rows.
    assert await change(path, purpose="survey") == 2
    for times in (3, 4):
        assert await change("/api/v1/account", sector="bank") == times
    assert await change("/api/v1/account", name="Clinic") == 4


async def test_the_waiting_calls_of_a_deleted_agent_decide_again_and_know_why(world: World):
    agent_id = await world.agent()
    call_id = await world.call(agentId=agent_id)
    await world.decide(call_id, DecisionKind.WAIT)
    assert (await world.http.delete(f"{AGENTS}/{agent_id}")).status_code == 204
    assert world.gateway.replanned == [call_id]
    async with world.db.read() as session:
        call = await calls.load(session, call_id)
        assert call is not None
        known = await FactGatherer().gather(session, call, world.clock.now)
    assert (known.agent_deleted, known.agent_enabled) == (True, False)


async def test_an_agent_that_is_not_there_has_no_calls_to_tell(world: World):
    assert (await world.http.delete(f"{AGENTS}/nothing")).status_code == 404
    assert world.gateway.replanned == []


async def test_without_a_voicemail_setting_agent_and_call_show_none(world: World):
    agent_id = await world.agent(voicemail=None)
    agent = (await world.http.get(f"{AGENTS}/{agent_id}")).json()
    call = await world.view(await world.call(agentId=agent_id))
    assert (agent["voicemail"], call["voicemail"]) == (None, None)
