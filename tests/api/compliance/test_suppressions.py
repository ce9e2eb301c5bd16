"""/api/v1/suppressions: who must not be called, at once and everywhere."""

from typing import Any

import pytest

from policy.model.call import CallStatus, Outcome
from tests.api.campaigns.test_campaigns import made as campaign_made
from tests.api.worker import SLEEPS, TOMORROW, Worker, delete, get, upload
from tests.api.world import ENDPOINT, Json, World

LIST = "/api/v1/suppressions"
OTHER = "+12125550124"
PAST = "2026-11-23T14:59:59Z"


async def add(world: World, endpoint: str = ENDPOINT, status: int = 201, **changes: Any) -> Json:
    return await world.post(LIST, {"endpoint": endpoint, **changes}, status)


async def dry(world: World, **changes: Any) -> Json:
    return await world.post(f"{LIST}?dryRun=true", {"endpoint": ENDPOINT, **changes}, 200)


async def entries(world: World, **query: Any) -> list[Json]:
    found: list[Json] = (await get(world, "suppressions", **query))["suppressions"]
    return found


async def test_an_entry_is_kept_with_all_that_was_said_of_it(world: World):
    made = await add(
        world, "+1 (212) 555-0123", reason="asked by mail", expiresTime="2027-01-01T00:00:00Z"
    )
    assert made.pop("stoppedCalls") == []
    assert made == {
        "suppressionId": made["suppressionId"],
        "endpoint": ENDPOINT,
        "scope": "all",
        "scopeId": None,
        "source": "api",
        "reason": "asked by mail",
        "ofPerson": False,
        "callId": None,
        "createdTime": "2026-11-23T15:00:00Z",
        "expiresTime": "2027-01-01T00:00:00Z",
        "removedTime": None,
        "removedBy": None,
    }
    assert await get(world, f"suppressions/{made['suppressionId']}") == made
    assert await entries(world, endpoint=ENDPOINT) == [made]
    assert await entries(world, endpoint=OTHER) == []


async def test_an_entry_refuses_new_calls_and_one_that_was_taken_back_does_not(world: World):
    made = await add(world)
    assert await world.refusal() == ("suppressed", "endpoint")
    taken_back = await delete(world, f"suppressions/{made['suppressionId']}")
    assert taken_back["removedTime"] == "2026-11-23T15:00:00Z"
    assert taken_back["removedBy"].startswith("key ")
    await world.call()
    assert await entries(world) == [taken_back]
    assert await entries(world, inForce=True) == []


async def test_taking_back_twice_leaves_the_first_time_on_record(world: World):
    path = f"suppressions/{(await add(world))['suppressionId']}"
    first = await delete(world, path)
    world.clock.pass_(hours=1)
    assert await delete(world, path) == first


async def test_an_entry_that_has_expired_refuses_nothing_and_stays_on_record(world: World):
    await add(world, expiresTime="2026-11-23T15:30:00Z")
    assert await world.refusal() == ("suppressed", "endpoint")
    world.clock.pass_(minutes=30)
    await world.call()
    assert len(await entries(world)) == 1
    assert await entries(world, inForce=True) == []


@pytest.mark.parametrize(
    ("said", "code", "field"),
    [
        ({"endpoint": "nonsense"}, "invalid_number", "endpoint"),
        ({"expiresTime": PAST}, "out_of_range", "expiresTime"),
        ({"expiresTime": "2027-01-01T00:00:00"}, "malformed", "expiresTime"),
        ({"scope": "everything"}, "unknown_value", "scope"),
        ({"scope": "agent"}, "malformed", ""),
        ({"scopeId": "a-1"}, "malformed", ""),
        ({"scope": "purpose", "scopeId": "telemarketting"}, "unknown_value", "scopeId"),
        ({"scope": "agent", "scopeId": "nobody"}, "unknown_agent", "scopeId"),
        ({"scope": "campaign", "scopeId": "none"}, "unknown_campaign", "scopeId"),
        ({"comment": "x"}, "unknown_field", "comment"),
    ],
)
async def test_an_entry_that_would_not_hold_is_refused(
    world: World, said: Json, code: str, field: str
):
    problem = await add(world, **{"status": 422, **said})
    [error] = problem["errors"]
    assert (error["code"], error["field"]) == (code, field)
    assert await entries(world) == []


async def test_an_entry_of_nobody_is_not_found(world: World):
    await get(world, "suppressions/none", 404)
    await delete(world, "suppressions/none", 404)


# -- scopes


@pytest.mark.parametrize("scope", ["agent", "campaign", "purpose"])
async def test_an_entry_of_a_scope_holds_for_its_calls_only(world: World, scope: str):
    one, two = await world.agent(), await world.agent(purpose="survey")
    campaign = await campaign_made(world, agentId=one, contacts=[{"endpoint": ENDPOINT}])
    of = {"agent": one, "campaign": campaign["campaignId"], "purpose": "reminder"}
    made = await add(world, scope=scope, scopeId=of[scope])
    assert (made["scope"], made["scopeId"]) == (scope, of[scope])
    await world.call(agentId=two)
    found = await get_preflight(world, campaign)
    assert found["reasons"] == {"suppressed": 1}
    if scope == "campaign":
        await world.call(agentId=one)
    else:
        assert await world.refusal(agentId=one) == ("suppressed", "endpoint")


async def get_preflight(world: World, campaign: Json) -> Json:
    return await world.post(f"/api/v1/campaigns/{campaign['campaignId']}/preflight", {}, 200)


async def test_a_call_that_names_no_purpose_might_be_of_the_one_that_is_refused(world: World):
    anything = await world.agent(purpose=None)
    await add(world, scope="purpose", scopeId="survey")
    body = await world.body(agentId=anything, recipient={"timezone": "America/New_York"})
    problem = await world.post("/api/v1/calls", body, 422)
    assert problem["errors"][0]["code"] == "suppressed"


# -- the calls that wait


async def test_adding_an_entry_says_which_waiting_calls_it_stops_and_tells_just_them(
    world: World, worker: Worker
):
    agents = [await world.agent(), await world.agent()]
    stopped = [
        await worker.sleeping(agentId=agents[0]),
        await worker.queued(agentId=agents[1]),
        await world.call(**SLEEPS, agentId=agents[1]),
    ]
    await worker.sleeping(endpoint=OTHER)
    live = await world.call(allowDuplicate=True)
    await world.voice((await world.dial(live)).token)
    ended = await world.call(allowDuplicate=True)
    await world.settle(await world.dial(ended))

    made = await add(world)

    assert sorted(made["stoppedCalls"]) == sorted(stopped)
    assert sorted(world.gateway.replanned) == sorted(stopped)
    for call_id in stopped:
        decision = await worker.decide(call_id)
        assert (decision.outcome, decision.reason) == (Outcome.SUPPRESSED, "do_not_call")


async def test_an_entry_of_a_scope_stops_the_calls_of_that_scope_only(world: World, worker: Worker):
    one, two = await world.agent(), await world.agent()
    mine, theirs = await worker.sleeping(agentId=one), await worker.sleeping(agentId=two)
    made = await add(world, scope="agent", scopeId=one)
    assert made["stoppedCalls"] == [mine]
    assert world.gateway.replanned == [mine]
    assert (await worker.decide(theirs)).outcome is None


async def test_a_far_call_without_a_workflow_is_stopped_at_once_too(world: World, worker: Worker):
    row = await world.body(schedule={"notBefore": TOMORROW})
    [result] = (await world.post("/api/v1/calls/bulk", [row], 202))["results"]  # type: ignore[arg-type]
    call_id = result["call"]["callId"]
    world.gateway.not_running = True
    assert (await add(world))["stoppedCalls"] == [call_id]
    assert world.gateway.started == [call_id]
    assert (await worker.decide(call_id)).outcome is Outcome.SUPPRESSED


async def test_while_temporal_is_away_the_entry_holds_all_the_same(world: World, worker: Worker):
    call_id = await worker.sleeping()
    world.gateway.away = True
    assert (await add(world))["stoppedCalls"] == [call_id]
    assert (await worker.decide(call_id)).outcome is Outcome.SUPPRESSED


async def test_a_dry_run_says_which_calls_would_end_and_changes_nothing(
    world: World, worker: Worker
):
    sleeping, queued = await worker.sleeping(), await worker.queued()
    await worker.sleeping(endpoint=OTHER)
    found = await dry(world)
    assert (found["dryRun"], found["lookedAt"], found["moved"]) == (True, 2, 2)
    moves = {move["callId"]: move for move in found["moves"]}
    assert moves.keys() == {sleeping, queued}
    assert moves[sleeping]["was"] == {
        "status": "Queued",
        "waitingFor": "window",
        "nextAttemptAt": TOMORROW,
        "reason": "not_before",
    }
    assert moves[queued]["was"]["waitingFor"] == "slot"
    assert moves[queued]["becomes"] == {
        "kind": "end",
        "reason": "do_not_call",
        "detail": "The number is on the do-not-call list (api)",
        "until": None,
        "outcome": "suppressed",
    }
    assert await entries(world) == []
    assert world.gateway.replanned == []
    assert (await worker.decide(sleeping)).outcome is None


async def test_a_dry_run_of_a_scope_without_calls_moves_none(world: World, worker: Worker):
    await worker.sleeping()
    found = await dry(world, scope="purpose", scopeId="survey")
    assert (found["lookedAt"], found["moved"], found["moves"]) == (1, 0, [])


async def test_a_dry_run_of_taking_back_changes_nothing(world: World, worker: Worker):
    await worker.sleeping()
    made = await add(world)
    found = await delete(world, f"suppressions/{made['suppressionId']}", dryRun=True)
    # Without the entry the call would go on as it stands: it has not decided anew yet.
    assert (found["lookedAt"], found["moved"]) == (1, 0)
    assert (await entries(world, inForce=True))[0]["suppressionId"] == made["suppressionId"]


# -- files


async def test_a_file_of_numbers_is_put_on_the_list(world: World, worker: Worker):
    stopped = await worker.sleeping(endpoint=OTHER)
    kept = await worker.sleeping(endpoint="+12125550125")
    await add(world)
    lines = ["Name,Phone", f"Ada,{ENDPOINT}", f"Bob,{OTHER}", f"Bob,{OTHER}", "Eve,nonsense"]
    found = await upload(world, "POST", "suppressions/import", lines)
    assert (found["accepted"], found["rejected"]) == (3, 1)
    assert [(row["row"], row["code"]) for row in found["errors"]] == [(5, "invalid_number")]
    assert (found["reasons"], found["added"]) == ({"invalid_number": 1}, 1)
    assert {row["endpoint"]: row["source"] for row in await entries(world)} == {
        ENDPOINT: "api",
        OTHER: "import",
    }
    assert world.gateway.replanned == [stopped]
    assert (await worker.decide(kept)).outcome is None


async def test_a_file_that_is_imported_twice_adds_nothing(world: World):
    lines = ["phone", ENDPOINT, OTHER]
    added = [(await upload(world, "POST", "suppressions/import", lines))["added"] for _ in range(2)]
    assert added == [2, 0]
    assert (await get(world, "suppressions"))["total"] == 2


# -- registries


LONDON = "+442079460123"
TPS = "suppressions/registries/gb.tps"


async def sales_to_london(world: World, **changes: Any) -> Json:
    """A live sales call, which has to be screened against the TPS; against the CTPS it is."""
    day = "2026-11-20T00:00:00Z"
    await upload(world, "PUT", f"{TPS[:-3]}ctps", ["phone", OTHER], scrubbedTime=day)
    agent_id = await world.agent(purpose="telemarketing", voice="live")
    return await world.body(agentId=agent_id, endpoint=LONDON, **changes)


@pytest.mark.parametrize(
    ("scrubbed", "numbers", "refusal"),
    [
        ("2026-11-20T00:00:00Z", [OTHER], None),
        ("2026-11-20T00:00:00Z", [LONDON], ("registry_listed", "endpoint")),
        ("2026-10-27T00:00:00Z", [OTHER], None),
        ("2026-10-26T15:00:00Z", [OTHER], ("registry_stale", "purpose")),
        ("2026-10-01T00:00:00Z", [LONDON], ("registry_stale", "purpose")),
    ],
)
async def test_an_imported_registry_must_be_fresh_and_must_not_list_the_number(
    world: World, scrubbed: str, numbers: list[str], refusal: tuple[str, str] | None
):
    body = await sales_to_london(world)
    never = await world.post("/api/v1/calls", body, 422)
    assert never["errors"][0]["code"] == "registry_stale"
    assert "gb.tps" in never["detail"]
    await upload(world, "PUT", TPS, ["phone", *numbers], scrubbedTime=scrubbed)
    answer = await world.post("/api/v1/calls", body, 422 if refusal else 202)
    if refusal:
        assert (answer["errors"][0]["code"], answer["errors"][0]["field"]) == refusal


async def test_registries_are_listed_with_their_age_and_their_size(world: World):
    found = await upload(
        world, "PUT", TPS, ["phone", LONDON, OTHER, "x"], scrubbedTime="2026-11-20T00:00:00Z"
    )
    shown = {
        "registry": "gb.tps",
        "scrubbedTime": "2026-11-20T00:00:00Z",
        "importedTime": "2026-11-23T15:00:00Z",
        "entries": 2,
    }
    read = {
        "phoneColumn": "phone",
        "phoneColumnReason": "name",
        "header": ["phone"],
        "headerRow": 1,
        "titleRows": [],
        "otherColumns": [],
    }
    counts = {"accepted": 2, "rejected": 1, "reasons": {"invalid_number": 1}}
    assert found == {**shown, **read, **counts, "errors": found["errors"]}
    assert (await get(world, "suppressions/registries"))["registries"] == [shown]


@pytest.mark.parametrize(("keep", "left"), [(False, 1), (True, 2)])
async def test_an_import_takes_the_place_of_the_last_one_or_adds_to_it(
    world: World, keep: bool, left: int
):
    day = {"scrubbedTime": "2026-11-20T00:00:00Z"}
    await upload(world, "PUT", TPS, ["phone", LONDON], **day)
    found = await upload(world, "PUT", TPS, ["phone", OTHER], **day, keep=keep)
    assert found["entries"] == left


@pytest.mark.parametrize("keep", [False, True])
@pytest.mark.parametrize("lines", [["phone"], ["phone", "x", "nobody"]])
async def test_a_registry_without_a_number_is_refused_unless_it_is_meant(
    world: World, lines: list[str], keep: bool
):
    """It would empty what is there."""
    day = {"scrubbedTime": "2026-11-20T00:00:00Z"}
    await upload(world, "PUT", TPS, ["phone", LONDON], **day)
    query: Json = {**day, "keep": keep, "phoneColumn": "phone"}
    answer = await world.http.put(f"/api/v1/{TPS}", content="\n".join(lines), params=query)
    assert (answer.status_code, answer.json()["code"]) == (422, "no_numbers")
    assert (await get(world, "suppressions/registries"))["registries"][0]["entries"] == 1
    found = await upload(world, "PUT", TPS, lines, **query, allowEmpty=True)
    assert found["entries"] == (1 if keep else 0)


@pytest.mark.parametrize(
    ("verb", "path", "query"),
    [
        ("POST", "suppressions/import", {}),
        ("POST", "consents/import", {"tier": "express", "method": "web form"}),
        ("PUT", TPS, {"scrubbedTime": "2026-11-20T00:00:00Z"}),
    ],
)
async def test_a_file_of_several_megabytes_is_taken(
    world: World, verb: str, path: str, query: Json
):
    lines = ["phone,note", *(f"+1212555{n:04},{'x' * 400}" for n in range(100, 4000))]
    assert (await upload(world, verb, path, lines, **query))["accepted"] == 3900


async def test_a_scrub_of_the_future_is_refused(world: World):
    path, query = f"/api/v1/{TPS}", {"scrubbedTime": "2026-11-23T15:00:01Z"}
    answer = await world.http.put(path, content=b"phone\n", params=query)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == "scrubbedTime"


async def test_a_registry_that_lists_a_number_ends_the_calls_that_wait_for_it(
    world: World, worker: Worker
):
    day = {"scrubbedTime": "2026-11-20T00:00:00Z"}
    await upload(world, "PUT", TPS, ["phone", OTHER], **day)
    body = await sales_to_london(world, schedule={"notBefore": TOMORROW})
    call_id = (await world.post("/api/v1/calls", body, 202))["callId"]
    await worker.decide(call_id)
    await upload(world, "PUT", TPS, ["phone", LONDON], **day)
    assert world.gateway.replanned == [call_id]
    assert (await worker.decide(call_id)).reason == "registry_listed"
    assert (await world.view(call_id))["status"] == CallStatus.CANCELED
