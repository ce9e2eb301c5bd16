"""Campaigns over HTTP: from draft to end, changed live, copied."""

from datetime import timedelta
from typing import Any

import pytest

from policy.model.call import DecisionKind, Outcome, WaitingFor
from storage.calls import calls
from storage.campaigns import campaigns, contacts
from storage.tables import Call
from tests.api.world import CALLER_ID, Json, World

DENVER, CHICAGO = "America/Denver", "America/Chicago"


def person(number: int, **changes: Any) -> Json:
    return {"endpoint": f"+1212555{number:04}", **changes}


async def made(world: World, **changes: Any) -> Json:
    agent_id = changes.pop("agentId", None) or await world.agent()
    body = {"name": "spring", "agentId": agent_id, "contacts": [person(1), person(2)], **changes}
    return await world.post("/api/v1/campaigns", body)


async def act(world: World, campaign: Json, verb: str, body: Any = None, status: int = 200) -> Json:
    path = f"/api/v1/campaigns/{campaign['campaignId']}/{verb}"
    answer = await world.http.post(path, json=body)
    assert answer.status_code == status, answer.text
    found: Json = answer.json()
    return found


async def patch(world: World, campaign: Json, body: Json, status: int = 200) -> Json:
    answer = await world.http.patch(f"/api/v1/campaigns/{campaign['campaignId']}", json=body)
    assert answer.status_code == status, answer.text
    found: Json = answer.json()
    return found


async def get(world: World, campaign: Json, part: str = "", **query: Any) -> Json:
    path = f"/api/v1/campaigns/{campaign['campaignId']}{part}"
    answer = await world.http.get(path, params=query)
    assert answer.status_code == 200, answer.text
    found: Json = answer.json()
    return found


async def called(world: World, campaign: Json) -> list[Call]:
    """What the worker does: each staged contact becomes a call."""
    made_calls = []
    campaign_id = campaign["campaignId"]
    async with world.db.write() as session:
        row = await campaigns.load(session, campaign_id)
        assert row is not None
        for contact in await contacts.staged(session, campaign_id, world.clock.now, 100):
            call = Call(
                account_id=row.account_id,
                agent_id=row.agent_id,
                campaign_id=campaign_id,
                endpoint=contact.endpoint or "",
                caller_id=CALLER_ID,
                timezone=row.timezone,
            )
            await calls.insert_many(session, [call], world.clock.now)
            await contacts.mark_called(session, {contact.contact_id or 0: call.call_id})
            made_calls.append(call)
    return made_calls


async def test_a_campaign_is_a_draft_with_its_contacts_and_the_agents_zone(world: World):
    created = await made(world, contacts=[person(1), {"phone": "nonsense"}, person(1)])
    assert created["status"] == "Draft"
    assert created["timezone"] == "America/New_York"
    assert created["workflowId"] == f"campaign-{created['campaignId']}"
    assert (created["contacts"]["accepted"], created["contacts"]["rejected"]) == (1, 2)
    errors = created["contacts"]["errors"]
    assert [(one["row"], one["code"], one["field"]) for one in errors] == [
        (2, "invalid_number", "endpoint"),
        (3, "duplicate", "endpoint"),
    ]
    found = await get(world, created)
    assert found["progress"]["contacts"] == {"staged": 1, "invalid": 2, "called": 0, "dropped": 0}
    assert (found["progress"]["eta"], found["progress"]["deadlineRisk"]) == (None, None)
    listed = (await world.http.get("/api/v1/campaigns", params={"status": "Draft"})).json()
    assert (listed["total"], listed["campaigns"][0]["campaignId"]) == (1, created["campaignId"])


async def test_the_other_spelling_of_a_campaign_is_understood(world: World):
    body = {
        "name": "spring",
        "agent_id": await world.agent(),
        "contacts": [{"phone": "+12125550123", "context": {"name": "Ada"}}],
        "schedule": {
            "start": "2026-11-24T09:00:00",
            "end": "2026-11-27T17:00:00",
            "timezone": CHICAGO,
        },
    }
    created = await world.post("/api/v1/campaigns", body)
    assert created["timezone"] == CHICAGO
    assert created["schedule"]["notBefore"] == "2026-11-24T15:00:00Z"
    assert created["schedule"]["callDeadline"] == "2026-11-27T23:00:00Z"
    found = await get(world, created, "/contacts")
    assert found["contacts"][0]["context"] == {"name": "Ada"}


@pytest.mark.parametrize(
    ("changes", "code", "field"),
    [
        ({"agentId": "nobody"}, "unknown_agent", "agentId"),
        ({"pathwayId": "none"}, "unknown_pathway", "pathwayId"),
        ({"timezone": "Mars/Base"}, "unknown_timezone", "timezone"),
        ({"priority": 11}, "out_of_range", "priority"),
        ({"maxConcurrent": 0}, "out_of_range", "maxConcurrent"),
        ({"nmae": "x"}, "unknown_field", "nmae"),
        ({"defaults": {"endpoint": "x"}}, "unknown_field", "defaults.endpoint"),
        ({"defaults": {"callerId": "+12125550177"}}, "not_the_agents", "defaults.callerId"),
        (
            {"defaults": {"voicemail": {"action": "leave_message"}}},
            "required",
            "voicemail.message",
        ),
        (
            {"schedule": {"callDeadline": "2026-11-01T00:00:00Z"}},
            "deadline_past",
            "schedule.callDeadline",
        ),
        (
            {"schedule": {"notBefore": "2026-12-01T00:00", "callDeadline": "2026-11-30T00:00"}},
            "deadline_before_start",
            "schedule.callDeadline",
        ),
        (
            {"schedule": {"window": {"start": "24:00", "end": "09:00"}}},
            "bad_window",
            "schedule.window",
        ),
    ],
)
async def test_what_cannot_be_is_refused(world: World, changes: Json, code: str, field: str):
    body = {"name": "spring", "agentId": await world.agent(), **changes}
    problem = await world.post("/api/v1/campaigns", body, 422)
    assert (problem["errors"][0]["code"], problem["errors"][0]["field"]) == (code, field)


async def test_a_repeated_create_makes_one_campaign(world: World):
    body = {"name": "spring", "agentId": await world.agent()}
    first = await world.post("/api/v1/campaigns", body, Idempotency_Key="k")
    again = await world.post("/api/v1/campaigns", body, Idempotency_Key="k")
    assert first == again
    assert (await world.http.get("/api/v1/campaigns")).json()["total"] == 1


async def test_start_pause_resume_and_cancel_reach_the_workflow(world: World):
    campaign = await made(world)
    assert (await act(world, campaign, "start"))["status"] == "Running"
    paused = await act(world, campaign, "pause", {"detail": "Lines are full"})
    assert (paused["status"], paused["reason"]) == ("Paused", "paused_by_request")
    assert (paused["detail"], paused["progress"]["inFlight"]) == ("Lines are full", 0)
    assert (await act(world, campaign, "resume"))["status"] == "Running"
    canceled = await act(world, campaign, "cancel")
    assert canceled["status"] == "Canceled"
    assert canceled["progress"]["contacts"]["dropped"] == 2
    assert world.gateway.campaigns_started == [campaign["campaignId"]] * 4


async def test_temporal_being_away_keeps_no_campaign_from_its_step(world: World):
    campaign = await made(world)
    world.gateway.away = True
    assert (await act(world, campaign, "start"))["status"] == "Running"
    assert (await act(world, campaign, "cancel"))["status"] == "Canceled"


@pytest.mark.parametrize(
    ("before", "verb", "code"),
    [
        ([], "pause", "wrong_status"),
        ([], "resume", "wrong_status"),
        (["start"], "start", "wrong_status"),
        (["start"], "resume", "wrong_status"),
        (["start", "pause"], "pause", "wrong_status"),
        (["cancel"], "start", "campaign_over"),
        (["cancel"], "cancel", "wrong_status"),
        (["start", "cancel"], "resume", "campaign_over"),
    ],
)
async def test_steps_that_make_no_sense_are_conflicts(world: World, before, verb, code):
    campaign = await made(world)
    for earlier in before:
        await act(world, campaign, earlier)
    problem = await act(world, campaign, verb, status=409)
    assert problem["code"] == code


async def test_nothing_is_started_without_contacts_or_with_a_disabled_agent(world: World):
    empty = await made(world, contacts=[])
    assert (await act(world, empty, "start", status=409))["code"] == "no_contacts"
    assert (await get(world, empty))["status"] == "Draft"
    agent_id = await world.agent()
    campaign = await made(world, agentId=agent_id)
    await world.http.patch(f"/api/v1/agents/{agent_id}", json={"isEnabled": False})
    assert (await act(world, campaign, "start", status=409))["code"] == "agent_disabled"


async def test_a_deadline_that_passed_while_it_lay_keeps_it_from_starting(world: World):
    campaign = await made(world, schedule={"callDeadline": "2026-11-24T00:00:00Z"})
    world.clock.pass_(days=2)
    problem = await act(world, campaign, "start", status=422)
    assert problem["code"] == "deadline_past"


KEY_NINE: Json = {
    "start": "ask",
    "nodes": {
        "ask": {
            "kind": "gather",
            "text": "Press 9 to confirm.",
            "branches": [{"digits": "9", "next": "yes"}],
            "otherwise": "bye",
        },
        "yes": {"kind": "outcome", "outcome": "confirmed", "next": "bye"},
        "bye": {"kind": "hang_up"},
    },
}
SALES: Json = {"purpose": "telemarketing"}


@pytest.mark.parametrize(
    ("agent", "definition", "code", "rule"),
    [
        ({"identity": None}, None, "cannot_disclose", "us.federal.identity"),
        (SALES, KEY_NINE, "cannot_disclose", "us.federal.opt_out"),
        ({**SALES, "ringTimeout": 10}, None, "ring_too_short", "us.federal.ring_time"),
    ],
)
async def test_what_a_rule_asks_for_and_the_agent_cannot_do_is_refused_at_start_with_the_rule(
    world: World, agent: Json, definition: Json | None, code: str, rule: str
):
    """Though only one of the contacts is of the rule's country, and is not the first."""
    pathway_id = await world.pathway(**({"definition": definition} if definition else {}))
    agent_id = await world.agent(**{**agent, "pathwayId": pathway_id})
    abroad = [{"endpoint": "+819012345678"}, {"endpoint": "+819012345679"}]
    campaign = await made(world, agentId=agent_id, contacts=[*abroad, person(1)])
    problem = await act(world, campaign, "start", status=422)
    assert (problem["code"], rule in problem["detail"]) == (code, True)
    assert (await get(world, campaign))["status"] == "Draft"
    elsewhere = await made(world, agentId=agent_id, contacts=abroad)
    assert (await act(world, elsewhere, "start"))["status"] == "Running"


async def test_those_whom_a_segment_leaves_out_do_not_keep_it_from_starting(world: World):
    agent_id = await world.agent(identity=None)
    there = {"endpoint": "+819012345678", "context": {"place": "there"}}
    campaign = await made(world, agentId=agent_id, contacts=[there, person(1)])
    started = await act(world, campaign, "start", {"segment": {"place": "there"}})
    assert started["status"] == "Running"


async def test_a_segment_chooses_whom_to_call(world: World):
    people = [
        person(1, context={"city": "Chicago"}),
        person(2, context={"city": "Boston"}),
        person(3),
    ]
    campaign = await made(world, contacts=people)
    none = await act(world, campaign, "start", {"segment": {"city": "Paris"}}, 409)
    assert none["code"] == "no_contacts"
    await act(world, campaign, "start", {"segment": {"city": "Chicago"}})
    dropped = await get(world, campaign, "/contacts", state="dropped")
    assert [one["row"] for one in dropped["contacts"]] == [2, 3]
    assert {one["error"]["code"] for one in dropped["contacts"]} == {"segment"}


async def test_a_change_while_it_runs_reaches_the_calls_that_wait(world: World):
    campaign = await made(world)
    await act(world, campaign, "start")
    waiting, live = await called(world, campaign)
    later = world.clock.now + timedelta(hours=1)
    said: Json = {"waiting_for": WaitingFor.WINDOW, "until": later}
    await world.decide(waiting.call_id, DecisionKind.WAIT, **said)
    await world.dial(live.call_id)
    body = {
        "priority": 9,
        "maxConcurrent": 3,
        "schedule": {"callDeadline": "2026-11-27T17:00:00", "window": None},
    }
    changed = await patch(world, campaign, body)
    assert (changed["priority"], changed["maxConcurrent"]) == (9, 3)
    assert changed["schedule"]["callDeadline"] == "2026-11-27T22:00:00Z"
    assert (await world.view(waiting.call_id))["priority"] == 9
    assert (await world.view(waiting.call_id))["callDeadline"] == "2026-11-27T22:00:00Z"
    assert (await world.view(live.call_id))["priority"] == 5
    assert world.gateway.replanned == [waiting.call_id]
    assert world.gateway.campaigns_nudged == [campaign["campaignId"]]


async def test_a_change_of_caps_alone_wakes_no_call(world: World):
    campaign = await made(world, schedule={"notBefore": "2026-11-25T09:00:00"})
    changed = await patch(world, campaign, {"callsPerMinute": 7, "spendLimit": 5_000_000})
    assert (changed["callsPerMinute"], changed["spendLimit"]) == (7, 5_000_000)
    assert changed["schedule"]["notBefore"] == "2026-11-25T14:00:00Z"
    cleared = await patch(world, campaign, {"schedule": None, "spendLimit": None})
    assert (cleared["schedule"]["notBefore"], cleared["spendLimit"]) == (None, None)
    assert world.gateway.replanned == world.gateway.campaigns_nudged == []


async def test_a_campaign_that_was_started_keeps_its_agent(world: World):
    campaign = await made(world)
    other = await world.agent()
    assert (await patch(world, campaign, {"agentId": other}))["agentId"] == other
    await act(world, campaign, "start")
    problem = await patch(world, campaign, {"agentId": campaign["agentId"]}, 409)
    assert problem["code"] == "not_a_draft"
    await act(world, campaign, "cancel")
    assert (await patch(world, campaign, {"priority": 1}, 409))["code"] == "campaign_over"


async def test_contacts_can_be_added_until_it_is_over(world: World):
    campaign = await made(world)
    await act(world, campaign, "start")
    body = {"contacts": [{"to": "(212) 555-0142", "clientToken": "C-1"}, person(2), 7]}
    added = await act(world, campaign, "contacts", body | {"defaultCountry": "US"}, 202)
    assert (added["accepted"], added["rejected"]) == (1, 2)
    assert [one["code"] for one in added["errors"]] == ["duplicate", "invalid_field"]
    assert world.gateway.campaigns_nudged == [campaign["campaignId"]]
    found = await get(world, campaign, "/contacts", skip=2, take=1)
    assert found["total"] == 5
    assert found["contacts"][0]["endpoint"] == "+12125550142"
    assert found["contacts"][0]["clientToken"] == "C-1"
    await act(world, campaign, "cancel")
    problem = await act(world, campaign, "contacts", {"contacts": [person(9)]}, 409)
    assert problem["code"] == "campaign_over"


async def test_the_same_number_twice_is_welcome_where_the_campaign_says_so(world: World):
    people = [person(1), person(1)]
    campaign = await made(world, contacts=people, defaults={"allowDuplicate": True})
    assert campaign["contacts"]["accepted"] == 2


@pytest.mark.parametrize(
    ("contact", "code", "field"),
    [
        ({}, "invalid_number", "endpoint"),
        ({"endpoint": 12}, "invalid_field", "endpoint"),
        ({"endpoint": "+12125550123", "name": "Ada"}, "invalid_field", "name"),
        ({"endpoint": "+12125550123", "context": []}, "invalid_field", "context"),
        ({"endpoint": "+12125550123", "context": {"a": "x" * 20000}}, "invalid_field", "context"),
        ({"endpoint": "+12125550123", "clientToken": "x" * 300}, "invalid_field", "clientToken"),
        ({"endpoint": "+12125550123", "timezone": "Mars"}, "unknown_timezone", "timezone"),
        ({"endpoint": "2125550123"}, "invalid_number", "endpoint"),
    ],
)
async def test_a_bad_contact_says_what_is_wrong(world: World, contact, code, field):
    campaign = await made(world, contacts=[contact])
    error = campaign["contacts"]["errors"][0]
    assert (error["code"], error["field"]) == (code, field)


async def test_progress_tells_what_is_in_flight_and_what_came_out(world: World):
    campaign = await made(world, contacts=[person(n) for n in range(1, 5)])
    await act(world, campaign, "start")
    one, two, *_ = await called(world, campaign)
    attempt = await world.dial(one.call_id)
    await world.settle(attempt, Outcome.COMPLETED)
    await world.dial(two.call_id)
    progress = (await act(world, campaign, "pause"))["progress"]
    assert progress["contacts"]["called"] == 4
    assert progress["outcomes"] == {"completed": 1}
    assert progress["statuses"]["Created"] == 2
    assert (progress["attempts"], progress["inFlight"]) == (2, 1)
    assert progress["lastInFlightEndsBy"] == "2026-11-23T15:30:30Z"
    assert progress["endedPerMinute"] == 0.2
    assert progress["eta"] is None


async def test_a_running_campaign_has_an_eta_and_a_deadline_risk(world: World):
    people = [person(n) for n in range(1, 101)]
    soon = {"callDeadline": "2026-11-23T15:10:00Z"}
    campaign = await made(world, contacts=people, schedule=soon, maxConcurrent=5)
    await act(world, campaign, "start")
    progress = (await get(world, campaign))["progress"]
    # Five slots of 75 seconds make four calls a minute.
    assert progress["eta"] == "2026-11-23T15:25:00Z"
    risk = progress["deadlineRisk"]
    assert (risk["willMiss"], risk["moreSlots"], risk["moreMinutes"]) == (60, 8, 15)
    assert risk["detail"] == (
        "60 calls will miss the deadline; 8 more slots or 15 more minutes would do."
    )
    await patch(world, campaign, {"maxConcurrent": 13})
    assert (await get(world, campaign))["progress"]["deadlineRisk"]["willMiss"] == 0


async def test_a_redial_that_matches_nobody_is_refused_and_makes_no_draft(world: World):
    campaign = await made(world, contacts=[person(1)])
    problem = await act(world, campaign, "redial", {"outcomes": ["busy"]}, 422)
    assert problem["code"] == "no_match"
    listed = (await world.http.get("/api/v1/campaigns")).json()
    assert [one["campaignId"] for one in listed["campaigns"]] == [campaign["campaignId"]]


async def test_a_redial_takes_the_chosen_outcomes_only(world: World):
    people = [person(n, context={"city": "Boston" if n == 1 else "Chicago"}) for n in (1, 2, 3)]
    campaign = await made(world, contacts=people, priority=8, name="spring")
    await act(world, campaign, "start")
    outcomes = [Outcome.NO_ANSWER, Outcome.NO_ANSWER, Outcome.CONFIRMED]
    for call, outcome in zip(await called(world, campaign), outcomes, strict=True):
        await world.decide(call.call_id, DecisionKind.END, outcome=outcome)
    again = await act(world, campaign, "redial", {"outcomes": ["no_answer", "busy"]}, 201)
    assert (again["status"], again["contacts"], again["priority"]) == ("Draft", 2, 8)
    assert (again["name"], again["sourceCampaignId"]) == ("spring (again)", campaign["campaignId"])
    body = {"outcomes": ["no_answer"], "segment": {"city": "Boston"}, "name": "Boston"}
    boston = await act(world, campaign, "redial", body, 201)
    assert (boston["contacts"], boston["name"]) == (1, "Boston")


async def test_a_duplicate_has_the_contacts_and_no_time_that_has_passed(world: World):
    schedule = {"callDeadline": "2026-11-24T00:00:00Z", "notBefore": "2026-11-23T18:00:00Z"}
    campaign = await made(world, schedule=schedule)
    world.clock.pass_(hours=5)
    copy = await act(world, campaign, "duplicate", status=201)
    assert copy["contacts"] == 2
    assert copy["schedule"]["notBefore"] is None
    assert copy["schedule"]["callDeadline"] == "2026-11-24T00:00:00Z"
    empty = await act(world, campaign, "duplicate", {"contacts": False, "name": "bare"}, 201)
    assert (empty["contacts"], empty["name"]) == (0, "bare")


async def test_only_a_draft_can_be_deleted(world: World):
    draft, running = await made(world), await made(world)
    await act(world, running, "start")
    path = "/api/v1/campaigns/"
    assert (await world.http.delete(path + draft["campaignId"])).status_code == 204
    assert (await world.http.get(path + draft["campaignId"])).status_code == 404
    refused = await world.http.delete(path + running["campaignId"])
    assert (refused.status_code, refused.json()["code"]) == (409, "not_a_draft")


async def test_an_unknown_campaign_is_not_found_by_any_way(world: World):
    path = "/api/v1/campaigns/none"
    for verb in ("start", "pause", "resume", "cancel", "duplicate", "preflight"):
        assert (await world.http.post(f"{path}/{verb}")).status_code == 404, verb
    for part in ("", "/contacts", "/contacts/errors.csv"):
        assert (await world.http.get(path + part)).status_code == 404, part
    body = {"contacts": [person(1)]}
    assert (await world.http.post(f"{path}/contacts", json=body)).status_code == 404
    assert (await world.http.post(f"{path}/contacts/upload", content=b"x")).status_code == 404
    assert (await world.http.patch(path, json={"name": "x"})).status_code == 404
