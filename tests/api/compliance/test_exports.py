"""/api/v1/compliance/exports: dials and consents of a period, as CSV."""

import csv
from io import StringIO
from typing import Any

import pytest

from api.compliance import exports as exporting
from storage.compliance import exports
from tests.api.world import CALLER_ID, ENDPOINT, SID, Json, World

DAY = {"fromDate": "2026-11-23T00:00:00Z", "toDate": "2026-11-24T00:00:00Z"}


async def rows(world: World, name: str, **period: str) -> list[dict[str, str]]:
    path = f"/api/v1/compliance/exports/{name}.csv"
    answer = await world.http.get(path, params={**DAY, **period})
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"].startswith("text/csv")
    assert f'filename="{name}.csv"' in answer.headers["content-disposition"]
    return list(csv.DictReader(StringIO(answer.text, newline="")))


async def dialed(world: World, **changes: Any) -> str:
    call_id = await world.call(**{"allowDuplicate": True, **changes})
    attempt = await world.dial(call_id)
    await world.voice(attempt.token, "held=3", CallSid=SID[:-4] + call_id[:4])
    ended = {"CallSid": SID[:-4] + call_id[:4], "CallDuration": "20"}
    await world.status(attempt.token, "completed", **ended)
    await world.settle(attempt)
    return call_id


async def agreed(world: World, **changes: Any) -> Json:
    said = {"endpoint": ENDPOINT, "tier": "express", "method": "web form", **changes}
    return await world.post("/api/v1/consents", said)


async def test_every_dial_of_the_period_is_a_line(world: World):
    agent_id = await world.agent(callerIds=[CALLER_ID])
    call_id = await dialed(world, agentId=agent_id, subject="debt-1", purpose="survey")
    [line] = await rows(world, "attempts")
    assert line == {
        "callId": call_id,
        "attempt": "1",
        "agentId": agent_id,
        "campaignId": "",
        "endpoint": ENDPOINT,
        "callerId": CALLER_ID,
        "purpose": "survey",
        "subject": "debt-1",
        "dialedAt": "2026-11-23T15:00:00Z",
        "answeredAt": "2026-11-23T15:00:00Z",
        "endedAt": "2026-11-23T15:00:00Z",
        "result": "answered",
        "answeredBy": "",
        "durationSeconds": "20",
        "carrierSid": SID[:-4] + call_id[:4],
        "notices": "",
        "extension": "",
    }


async def test_a_dial_for_the_agents_purpose_names_it(world: World):
    await dialed(world)
    [line] = await rows(world, "attempts")
    assert line["purpose"] == "reminder"


async def test_every_consent_of_the_period_is_a_line(world: World):
    made = await agreed(world, evidence="form 1017", expiresTime="2027-01-01T00:00:00Z")
    world.clock.pass_(hours=1)
    path = f"/api/v1/consents/{made['consentId']}/revoke"
    await world.post(path, {"method": "mail"}, 200)
    [line] = await rows(world, "consents")
    assert line == {
        "consentId": made["consentId"],
        "endpoint": ENDPOINT,
        "tier": "express",
        "method": "web form",
        "evidence": "form 1017",
        "scope": "all",
        "scopeId": "",
        "grantedTime": "2026-11-23T15:00:00Z",
        "expiresTime": "2027-01-01T00:00:00Z",
        "revokedTime": "2026-11-23T16:00:00Z",
        "revokedBy": "mail",
        "recordedTime": "2026-11-23T15:00:00Z",
    }


@pytest.mark.parametrize("name", ["attempts", "consents"])
@pytest.mark.parametrize(
    ("since", "until", "counts"),
    [
        ("2026-11-23T15:00:00Z", "2026-11-23T15:00:01Z", True),
        ("2026-11-23T14:00:00Z", "2026-11-23T15:00:00Z", False),
        ("2026-11-23T15:00:01Z", "2026-11-23T16:00:00Z", False),
        ("2026-11-23T10:00:00-05:00", "2026-11-23T10:00:01-05:00", True),
    ],
)
async def test_a_period_has_its_begin_and_not_its_end(
    world: World, name: str, since: str, until: str, counts: bool
):
    await dialed(world)
    await agreed(world)
    assert len(await rows(world, name, fromDate=since, toDate=until)) == counts


async def test_a_consent_that_was_taken_back_in_the_period_is_in_it(world: World):
    made = await agreed(world)
    world.clock.pass_(days=1)
    path = f"/api/v1/consents/{made['consentId']}/revoke"
    await world.post(path, {"method": "mail"}, 200)
    period = {"fromDate": "2026-11-24T00:00:00Z", "toDate": "2026-11-25T00:00:00Z"}
    [line] = await rows(world, "consents", **period)
    assert line["revokedTime"] == "2026-11-24T15:00:00Z"


async def test_a_long_list_is_read_page_by_page_without_gaps(
    world: World, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(exports, "PAGE", 2)
    monkeypatch.setattr(exporting, "PAGE", 2)
    calls, consents = set(), set()
    agent_id = await world.agent()
    for n in range(5):
        calls.add(await dialed(world, agentId=agent_id, endpoint=f"+1212555012{n}"))
        consents.add((await agreed(world))["consentId"])
        # Some lines are of one moment, others are not.
        world.clock.pass_(seconds=n % 2)
    found = await rows(world, "attempts")
    assert (len(found), {line["callId"] for line in found}) == (5, calls)
    found = await rows(world, "consents")
    assert (len(found), {line["consentId"] for line in found}) == (5, consents)


@pytest.mark.parametrize("text", ["=1+1", "+SUM(1)", "-2+3|cmd", "@x", "\tx", "a\nb", 'a "b", c'])
async def test_a_text_stays_a_text_in_a_spreadsheet(world: World, text: str):
    await agreed(world, evidence=text)
    [line] = await rows(world, "consents")
    assert line["evidence"].removeprefix("'") == text.strip()
    assert line["evidence"][0] not in "=+-@"
    assert line["endpoint"] == ENDPOINT


@pytest.mark.parametrize(
    "query",
    [
        {"fromDate": "2026-11-23T00:00:00Z"},
        {"toDate": "2026-11-23T00:00:00Z"},
        {**DAY, "fromDate": "2026-11-23T00:00:00"},
        {**DAY, "toDate": "9999-12-31T23:59:59-05:00"},
    ],
)
async def test_a_period_needs_both_ends_with_their_offsets(world: World, query: dict[str, str]):
    answer = await world.http.get("/api/v1/compliance/exports/attempts.csv", params=query)
    assert answer.status_code == 422
