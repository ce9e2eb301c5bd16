"""/api/v1/consents: who agreed, how far and since when; taken back, never changed."""

from typing import Any

import pytest

from policy.model.call import DecisionKind, Outcome
from tests.api.worker import Worker, ask_for_consent, get, upload
from tests.api.world import ENDPOINT, Json, World

CONSENTS = "/api/v1/consents"
OTHER = "+12125550124"
UTAH = {"rule": "consent", "reason": "Consent is asked for by another system (2026-11)"}


@pytest.fixture(autouse=True)
async def consent_is_asked_for(world: World) -> None:
    await ask_for_consent(world)


async def add(world: World, status: int = 201, **changes: Any) -> Json:
    said = {"endpoint": ENDPOINT, "tier": "express", "method": "web form", **changes}
    return await world.post(CONSENTS, said, status)


async def revoke(world: World, consent: Json, status: int = 200, **changes: Any) -> Json:
    path = f"{CONSENTS}/{consent['consentId']}/revoke"
    return await world.post(path, {"method": "said so in a call", **changes}, status)


async def dry_revoke(world: World, consent: Json, **changes: Any) -> Json:
    path = f"{CONSENTS}/{consent['consentId']}/revoke?dryRun=true"
    return await world.post(path, {"method": "said so", **changes}, 200)


async def test_a_consent_is_kept_as_it_was_given(world: World):
    made = await add(
        world,
        endpoint="+1 212 555 0123",
        tier="written",
        evidence="form 1017, version 3",
        grantedTime="2026-11-01T10:00:00Z",
        expiresTime="2027-11-01T10:00:00Z",
    )
    assert made == {
        "consentId": made["consentId"],
        "endpoint": ENDPOINT,
        "tier": "written",
        "method": "web form",
        "evidence": "form 1017, version 3",
        "scope": "all",
        "scopeId": None,
        "createdTime": "2026-11-23T15:00:00Z",
        "grantedTime": "2026-11-01T10:00:00Z",
        "expiresTime": "2027-11-01T10:00:00Z",
        "revokedTime": None,
        "revocation": None,
    }
    assert await get(world, f"consents/{made['consentId']}") == made


async def test_a_call_that_needs_consent_is_taken_when_one_is_on_file(world: World):
    assert await world.refusal() == ("no_consent", "consent")
    await add(world, endpoint=OTHER)
    assert await world.refusal() == ("no_consent", "consent")
    await add(world)
    await world.call()


async def test_a_consent_stated_with_the_call_will_do_too(world: World):
    await world.call(consent={"tier": "express", "method": "web form"})


@pytest.mark.parametrize(
    ("purpose", "tier", "refusal"),
    [
        ("reminder", "express", None),
        ("telemarketing", "express", ("no_consent", "consent")),
        # In writing it is enough, and lifts the screening against the national registry.
        ("telemarketing", "written", None),
    ],
)
async def test_the_tier_that_is_needed_depends_on_rule_and_purpose(
    world: World, purpose: str, tier: str, refusal: tuple[str, str] | None
):
    agent_id = await world.agent(purpose=purpose)
    await add(world, tier=tier)
    if refusal is None:
        await world.call(agentId=agent_id)
    else:
        assert await world.refusal(agentId=agent_id) == refusal


async def test_a_consent_of_a_scope_holds_for_its_calls_only(world: World):
    one, two = await world.agent(), await world.agent()
    await add(world, scope="agent", scopeId=one)
    await world.call(agentId=one)
    assert await world.refusal(agentId=two) == ("no_consent", "consent")


async def test_a_consent_lapses(world: World):
    await add(world, expiresTime="2026-11-23T15:30:00Z")
    world.clock.pass_(minutes=30)
    assert await world.refusal() == ("no_consent", "consent")


@pytest.mark.parametrize(
    ("said", "code", "field"),
    [
        ({"endpoint": "nonsense"}, "invalid_number", "endpoint"),
        ({"tier": "none"}, "unknown_value", "tier"),
        ({"method": " "}, "too_short", "method"),
        ({"grantedTime": "2026-11-23T15:00:01Z"}, "out_of_range", "grantedTime"),
        ({"scope": "agent", "scopeId": "nobody"}, "unknown_agent", "scopeId"),
        ({"proof": "x"}, "unknown_field", "proof"),
    ],
)
async def test_a_consent_that_cannot_be_is_refused(world: World, said: Json, code: str, field: str):
    [error] = (await add(world, 422, **said))["errors"]
    assert (error["code"], error["field"]) == (code, field)


# -- taking back


async def test_what_was_taken_back_stays_on_record_with_how_and_when(world: World):
    old = await add(world, tier="written")
    world.clock.pass_(minutes=1)
    new = await add(world)
    world.clock.pass_(minutes=1)
    revoked = await revoke(world, old, reason="by mail")
    assert revoked["revokedTime"] == "2026-11-23T15:02:00Z"
    assert revoked["revocation"] == {
        "method": "said so in a call",
        "reason": "by mail",
        "scope": "this",
    }
    history = await get(world, "consents", endpoint=ENDPOINT)
    assert history == {"consents": [new, revoked], "total": 2}
    assert (await get(world, "consents", endpoint=OTHER))["total"] == 0


async def test_a_consent_is_taken_back_once(world: World):
    made = await add(world)
    revoked = await revoke(world, made)
    world.clock.pass_(hours=1)
    assert (await revoke(world, made, 409))["code"] == "revoked"
    assert await get(world, f"consents/{made['consentId']}") == revoked
    await world.post(f"{CONSENTS}/none/revoke", {"method": "x"}, 404)


async def test_taking_back_one_leaves_the_others(world: World, worker: Worker):
    one, two = await add(world), await add(world)
    call_id = await worker.sleeping()
    await revoke(world, one)
    assert world.gateway.replanned == []
    await world.call(allowDuplicate=True)
    await revoke(world, two)
    assert world.gateway.replanned.count(call_id) == 1
    decision = await worker.decide(call_id)
    assert (decision.outcome, decision.reason) == (Outcome.SUPPRESSED, "no_consent")
    assert await world.refusal() == ("no_consent", "consent")


async def test_what_a_call_states_does_not_outlive_a_revocation(world: World, worker: Worker):
    made = await add(world)
    stated = {"tier": "express", "method": "web form", "grantedTime": "2026-11-20T10:00:00Z"}
    call_id = await worker.sleeping(consent=stated)
    await revoke(world, made)
    assert world.gateway.replanned == [call_id]
    assert (await worker.decide(call_id)).reason == "no_consent"
    assert await world.refusal(consent=stated) == ("no_consent", "consent")


async def test_taking_back_all_puts_the_person_on_the_do_not_call_list(
    world: World, worker: Worker
):
    one, two = await add(world), await add(world, tier="written")
    waiting = [await worker.sleeping(), await worker.queued()]
    await revoke(world, one, scope="all")
    assert sorted(world.gateway.replanned) == sorted(waiting)
    assert (await get(world, f"consents/{two['consentId']}"))["revocation"] == {
        "method": "revocation",
        "scope": "all",
    }
    assert await world.refusal() == ("suppressed", "endpoint")
    [entry] = (await get(world, "suppressions"))["suppressions"]
    assert (entry["endpoint"], entry["source"]) == (ENDPOINT, "revocation")


@pytest.mark.parametrize("scope", ["some", ""])
async def test_a_consent_is_taken_back_alone_or_with_all(world: World, scope: str):
    made = await add(world)
    [error] = (await revoke(world, made, 422, scope=scope))["errors"]
    assert (error["code"], error["field"]) == ("malformed", "scope")


async def test_a_call_that_only_moves_to_another_time_is_told_of_a_revocation(
    world: World, worker: Worker
):
    """Who consented may be called on Sundays in Utah, and nobody else."""
    utah = "+18015550123"
    await world.post("/api/v1/compliance/waivers", UTAH)
    made = await add(world, endpoint=utah)
    sunday = {"notBefore": "2026-11-29T18:00:00Z"}
    call_id = await worker.sleeping(endpoint=utah, schedule=sunday)
    await revoke(world, made)
    assert world.gateway.replanned == [call_id]
    decision = await worker.decide(call_id)
    assert (decision.kind, decision.reason) == (DecisionKind.WAIT, "calling_hours")


# -- what if


async def test_a_dry_run_says_which_calls_a_revocation_would_end(world: World, worker: Worker):
    made = await add(world)
    call_id = await worker.sleeping()
    await worker.sleeping(endpoint=OTHER, consent={"tier": "express", "method": "web form"})
    found = await dry_revoke(world, made)
    assert (found["lookedAt"], found["moved"]) == (1, 1)
    [move] = found["moves"]
    assert (move["callId"], move["becomes"]["reason"]) == (call_id, "no_consent")
    assert (await get(world, f"consents/{made['consentId']}"))["revokedTime"] is None
    assert world.gateway.replanned == []


async def test_a_dry_run_of_taking_back_all_counts_the_calls_that_rest_on_another(
    world: World, worker: Worker
):
    made = await add(world)
    await add(world, tier="written")
    call_id = await worker.sleeping()
    assert (await dry_revoke(world, made))["moved"] == 0
    [move] = (await dry_revoke(world, made, scope="all"))["moves"]
    assert (move["callId"], move["becomes"]["reason"]) == (call_id, "do_not_call")
    assert (await get(world, "suppressions"))["total"] == 0


async def test_a_dry_run_of_a_new_consent_records_none(world: World, worker: Worker):
    await worker.sleeping(consent={"tier": "express", "method": "web form"})
    said = {"endpoint": ENDPOINT, "tier": "written", "method": "web form"}
    found = await world.post(f"{CONSENTS}?dryRun=true", said, 200)
    assert (found["lookedAt"], found["moved"]) == (1, 0)
    assert (await get(world, "consents"))["total"] == 0


# -- files


async def test_a_file_of_consents_is_taken_over_row_by_row(world: World):
    lines = [
        "Phone,granted,evidence,note",
        f"{ENDPOINT},2026-11-01T10:00:00Z,form 1,x",
        f"{OTHER},2026-11-02,,",
        "+12125550125,,,",
        "+12125550126,2026-12-24,,",
        "+12125550127,soon,,",
        "nonsense,,,",
    ]
    found = await upload(
        world, "POST", "consents/import", lines, tier="written", method="old system"
    )
    assert (found["accepted"], found["rejected"]) == (3, 3)
    assert [(row["row"], row["code"]) for row in found["errors"]] == [
        (7, "invalid_number"),
        (5, "malformed"),
        (6, "malformed"),
    ]
    kept = (await get(world, "consents"))["consents"]
    assert {(one["tier"], one["method"]) for one in kept} == {("written", "old system")}
    assert {one["endpoint"]: (one["grantedTime"], one["evidence"]) for one in kept} == {
        ENDPOINT: ("2026-11-01T10:00:00Z", "form 1"),
        OTHER: ("2026-11-02T00:00:00Z", None),
        "+12125550125": ("2026-11-23T15:00:00Z", None),
    }
    await world.call(endpoint="+12125550125")


@pytest.mark.parametrize("missing", ["tier", "method"])
async def test_a_file_says_how_far_and_how_they_agreed(world: World, missing: str):
    query = {"tier": "written", "method": "old system"}
    del query[missing]
    answer = await world.http.post(f"{CONSENTS}/import", content=b"phone\n", params=query)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == missing
