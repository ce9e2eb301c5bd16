"""GET /api/v1/calls/{id}/audit: one page on when, why, under which rules, with which consent."""

from html import unescape
from typing import Any

import pytest

from policy.model.call import Outcome
from policy.rules import RULES_VERSION
from storage.tables import DecisionRow
from tests.api.worker import SLEEPS, TOMORROW, Worker, ask_for_consent, get
from tests.api.world import CALLER_ID, ENDPOINT, SID, Json, World


async def audit(world: World, call_id: str) -> Json:
    return await get(world, f"calls/{call_id}/audit")


async def page(world: World, call_id: str) -> str:
    answer = await world.http.get(f"/api/v1/calls/{call_id}/audit", headers={"Accept": "text/html"})
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"].startswith("text/html")
    return str(answer.text)


async def carried(world: World, worker: Worker, **changes: Any) -> str:
    """A call that slept, was dialed and confirmed, by the worker's own decisions."""
    agent_id = await world.agent(callerIds=[CALLER_ID])
    call_id = await worker.sleeping(**{"agentId": agent_id, **changes})
    world.clock.pass_(days=1)
    decision = await worker.decide(call_id)
    assert decision.attempt_number == 1
    attempt = await world.dial(call_id)
    await world.voice(attempt.token, "held=3")
    await world.callback("gather", attempt.token, "node=ask", Digits="1")
    await world.status(attempt.token, "completed", CallDuration="20")
    await world.settle(attempt, Outcome.CONFIRMED)
    return call_id


async def test_it_has_every_decision_with_rules_verdicts_and_digest(world: World, worker: Worker):
    found = await audit(world, await carried(world, worker))
    waits, dials = found["decisions"]
    assert (waits["step"], waits["kind"], waits["reason"]) == (1, "wait", "not_before")
    assert (waits["at"], waits["until"]) == ("2026-11-23T15:00:00Z", TOMORROW)
    assert (dials["step"], dials["kind"], dials["reason"]) == (2, "dial", "first_attempt")
    rules = {one["rule"]: one for one in dials["rules"]}
    assert rules["us.ny.hours"] == {
        "rule": "us.ny.hours",
        "verdict": "open",
        "detail": "Until Tue 24 Nov 21:00 (America/New_York)",
        "demands": "Mon–Sun 08:00–21:00",
        "source": "N.Y. Gen. Bus. Law § 399-z(2)",
        "confidence": "primary",
        "wordsOf": None,
    }
    assert dials["rulesVersion"] == RULES_VERSION
    assert rules["us.federal.consent"]["verdict"] == "waived"
    assert rules["us.federal.identity"]["verdict"] == "said"
    assert f"rules={RULES_VERSION}" in dials["versions"]
    assert any(one.startswith("tzdata=") for one in dials["versions"])
    assert [len(one["inputsSha256"]) for one in (waits, dials)] == [64, 64]


async def test_it_has_every_dial_with_its_carrier_id_and_what_had_to_be_said(
    world: World, worker: Worker
):
    found = await audit(world, await carried(world, worker))
    [dial] = found["attempts"]
    assert (dial["number"], dial["result"], dial["callerId"]) == (1, "answered", CALLER_ID)
    assert dial["carrierSid"] == SID
    assert found["carrierIds"] == [SID]
    assert dial["notices"] == {
        "identity": "us.federal.identity",
        "ai": "default.ai",
        "callback_number": "us.federal.identity",
    }
    assert (found["status"], found["outcome"]) == ("Completed", "confirmed")
    assert (found["endpoint"], found["purpose"], found["voice"]) == (
        ENDPOINT,
        "reminder",
        "artificial",
    )
    types = [one["type"] for one in found["events"]]
    assert types[0] == "call.created"
    assert found["temporalUi"].endswith(f"call-{found['callId']}")


async def test_it_has_the_consent_the_decision_rests_on_and_those_taken_back(
    world: World, worker: Worker
):
    await ask_for_consent(world)
    said = {"endpoint": ENDPOINT, "tier": "express", "method": "web form"}
    consents = [await world.post("/api/v1/consents", said) for _ in range(2)]
    path = f"/api/v1/consents/{consents[0]['consentId']}/revoke"
    await world.post(path, {"method": "mail"}, 200)
    found = await audit(world, await carried(world, worker))
    assert {one["consentId"]: one["revokedTime"] for one in found["consents"]} == {
        consents[0]["consentId"]: "2026-11-23T15:00:00Z",
        consents[1]["consentId"]: None,
    }
    rules = {one["rule"]: one for one in found["decisions"][-1]["rules"]}
    assert rules["us.federal.consent"]["detail"] == f"Consent {consents[1]['consentId']}"


async def test_a_call_that_was_never_made_says_why(world: World, worker: Worker):
    call_id = await worker.sleeping()
    await world.post("/api/v1/suppressions", {"endpoint": ENDPOINT})
    await worker.decide(call_id)
    found = await audit(world, call_id)
    assert found["decisions"][-1]["reason"] == "do_not_call"
    assert (found["outcome"], found["attempts"], found["carrierIds"]) == ("suppressed", [], [])
    shown = await page(world, call_id)
    assert "Nobody was dialed." in shown
    assert "The number is on the do-not-call list (api)" in shown


async def test_another_decision_of_the_same_facts_has_the_same_digest(world: World, worker: Worker):
    call_id = await worker.sleeping()
    await worker.decide(call_id)
    await world.post("/api/v1/suppressions", {"endpoint": ENDPOINT})
    await worker.decide(call_id)
    one, two, three = [one["inputsSha256"] for one in (await audit(world, call_id))["decisions"]]
    assert one == two != three


async def test_a_rule_that_is_gone_is_still_named(world: World, worker: Worker):
    storm = {
        "id": "storm",
        "kind": "blackout",
        "jurisdiction": "US-NY",
        "startsAt": "2026-11-24T00:00:00Z",
        "endsAt": "2026-11-25T00:00:00Z",
    }
    overlay = await world.post("/api/v1/compliance/overlays", storm)
    call_id = await world.call(**SLEEPS)
    await worker.decide(call_id)
    await world.http.delete(f"/api/v1/compliance/overlays/{overlay['overlayId']}")
    [decision] = (await audit(world, call_id))["decisions"]
    [gone] = [one for one in decision["rules"] if one["rule"] == "own.storm"]
    words = "no calls from 2026-11-24 00:00 UTC until 2026-11-25 00:00 UTC"
    assert (gone["verdict"], gone["demands"], gone["wordsOf"]) == ("open", words, None)
    assert words in unescape(await page(world, call_id))


async def test_the_words_of_an_own_rule_are_those_of_then_though_its_id_was_used_anew(
    world: World, worker: Worker
):
    overlays = "/api/v1/compliance/overlays"
    storm = {"id": "storm", "kind": "blackout", "jurisdiction": "US-NY"}
    first = await world.post(overlays, {**storm, "startsAt": "2026-12-24T00:00:00Z"})
    call_id = await worker.sleeping()
    world.clock.pass_(hours=1)
    await world.http.delete(f"{overlays}/{first['overlayId']}")
    world.clock.pass_(hours=1)
    await world.post(overlays, {**storm, "startsAt": "2027-12-24T00:00:00Z"})
    await worker.decide(call_id)
    found = (await audit(world, call_id))["decisions"]
    told = [
        (one["demands"], one["wordsOf"])
        for decision in found
        for one in decision["rules"]
        if one["rule"] == "own.storm"
    ]
    assert told == [
        ("no calls from 2026-12-24 00:00 UTC until it is taken away", None),
        ("no calls from 2027-12-24 00:00 UTC until it is taken away", None),
    ]


@pytest.mark.parametrize("then", ["2020-01-01", "2020-01-01+5a0df630"])
async def test_words_of_a_later_version_of_the_packs_are_not_shown_as_those_of_then(
    world: World, worker: Worker, then: str
):
    call_id = await worker.sleeping()
    async with world.db.write() as session:
        row = await session.get(DecisionRow, (call_id, 1))
        assert row is not None
        row.versions = [f"rules={then}"]
        row.findings = [*row.findings, {"rule": "us.zz.hours", "verdict": "open", "detail": ""}]
        session.add(row)
    [decision] = (await audit(world, call_id))["decisions"]
    assert {one["wordsOf"] for one in decision["rules"]} == {RULES_VERSION}
    shown = unescape(await page(world, call_id))
    note = f"The words marked * are of version {RULES_VERSION} of the rules, in force now;"
    assert f"{note} the decision used version {then}." in shown
    assert "Mon–Sun 08:00–21:00*" in shown
    assert "No rule of this id is in force now." in shown


async def test_words_of_then_are_not_marked(world: World, worker: Worker):
    await world.post(
        "/api/v1/compliance/overlays",
        {"kind": "attempt_cap", "jurisdiction": "FR", "most": 9, "within": "P1D"},
    )
    assert "*" not in await page(world, await worker.sleeping())


# -- the page


async def test_the_page_says_what_the_json_says(world: World, worker: Worker):
    call_id = await carried(world, worker)
    found, shown = await audit(world, call_id), unescape(await page(world, call_id))
    told = [found["callId"], found["endpoint"], found["agentName"], SID, CALLER_ID]
    for decision in found["decisions"]:
        told += [decision["detail"], decision["reason"], decision["inputsSha256"][:16]]
        told += decision["versions"]
        for rule in decision["rules"]:
            told += [rule["rule"], rule["verdict"], rule["detail"], rule["demands"], rule["source"]]
    told += [one["type"] for one in found["events"]]
    told += ["2026-11-23 15:00:00 UTC", "us.federal.identity"]
    assert [text for text in told if text not in shown] == []


@pytest.mark.parametrize(
    "stated",
    [
        None,
        {"tier": "express", "method": "web form"},
        {"tier": "written", "method": "letter", "evidence": "form 1017"},
    ],
)
async def test_the_page_shows_the_consent_that_was_stated_with_the_call(
    world: World, worker: Worker, stated: Json | None
):
    shown = await page(world, await worker.sleeping(**({"consent": stated} if stated else {})))
    if stated is None:
        assert "None is on file." in shown
        return
    said = f"Stated with the call: {stated['tier']}, by {stated['method']}"
    assert said + (f" ({stated['evidence']})." if "evidence" in stated else ".") in shown


async def test_no_name_can_break_the_page(world: World, worker: Worker):
    nasty = "</title><script>alert('{{ audit }}')</script>"
    agent_id = await world.agent(name=nasty)
    said = {"tier": "express", "method": nasty, "evidence": nasty}
    consent = {"endpoint": ENDPOINT, **said}
    await world.post("/api/v1/consents", consent)
    call_id = await worker.sleeping(agentId=agent_id, subject=nasty[:100], consent=said)
    shown = await page(world, call_id)
    assert "<script" not in shown
    assert unescape(shown).count(nasty) >= 4


async def test_it_is_json_unless_a_page_is_asked_for(world: World, worker: Worker):
    call_id = await worker.sleeping()
    answer = await world.http.get(f"/api/v1/calls/{call_id}/audit")
    assert answer.headers["content-type"] == "application/json"


async def test_another_accounts_call_has_no_audit(world: World):
    assert (await get(world, "calls/nobodys/audit", 404))["code"] == "not_found"


async def test_the_entries_that_forbid_calls_to_the_number_are_in_it(world: World, worker: Worker):
    call_id = await worker.sleeping()
    entry = {"endpoint": ENDPOINT, "reason": "asked by mail"}
    made = await world.post("/api/v1/suppressions", entry)
    await world.post("/api/v1/suppressions", {**entry, "endpoint": "+12125550124"})
    assert (await worker.decide(call_id)).reason == "do_not_call"
    [found] = (await audit(world, call_id))["suppressions"]
    assert found == {name: said for name, said in made.items() if name != "stoppedCalls"}
    shown = await page(world, call_id)
    assert all(text in shown for text in ("asked by mail", made["suppressionId"]))
