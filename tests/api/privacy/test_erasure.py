"""/api/v1/privacy: a person is forgotten for good, and can see what is known of them."""

from typing import Any

import pytest
from fastapi import FastAPI
from pydantic import SecretStr
from sqlalchemy import text

from api.app import assemble
from bootstrap import require_privacy_key
from policy.model.call import CallStatus, Outcome
from settings import Settings
from storage.database.engine import Database
from storage.facts.gather import FactGatherer
from storage.number_hash import Hasher
from storage.tables import Call
from tests.api.campaigns.test_campaigns import act, made
from tests.api.worker import SLEEPS, Worker, get, upload
from tests.api.world import AUTH_TOKEN, CALLER_ID, ENDPOINT, KEY, PUBLIC_URL, Json, World, sign

ERASE = "/api/v1/privacy/erase"
PRIVACY_KEY = "a secret of this installation"
OTHER = "+12125550124"
#: Everything that tells who the person is; each must be found before the erasure, none after.
SECRETS = [
    "2125550123",
    "Lovelace",
    "insulin",
    "crm-1017",
    "debt-77",
    "form-1017",
    "asked by post",
    "said on the phone",
    "10001-77",
    "RE" + "7" * 32,
    "row-77",
]


@pytest.fixture
def settings() -> Settings:
    return Settings(
        public_url=PUBLIC_URL,
        bootstrap_api_key=SecretStr(KEY),
        twilio_auth_token=SecretStr(AUTH_TOKEN),
        privacy_key=SecretStr(PRIVACY_KEY),
    )


@pytest.fixture
def worker(worker: Worker) -> Worker:
    """Which has the same key."""
    worker.gatherer = FactGatherer(hasher=Hasher.of(PRIVACY_KEY))
    return worker


async def erase(world: World, status: int = 200, endpoint: str = ENDPOINT) -> Json:
    return await world.post(ERASE, {"endpoint": endpoint}, status)


async def everything(db: Database) -> str:
    """All rows of all tables, as text."""
    found: list[str] = []
    async with db.read() as session:
        for table in Call.metadata.sorted_tables:
            rows = await session.exec(text(f"SELECT * FROM {table.name}"))  # type: ignore[call-overload]
            found += [f"{table.name}: {row!r}" for row in rows.all()]
    return "\n".join(found)


def mine(**changes: Any) -> Json:
    """A call that says a lot about its recipient."""
    return {
        "context": {"name": "Ada Lovelace", "drug": "insulin"},
        "additionalData": {"crm": "crm-1017"},
        "subject": "debt-77",
        "consent": {"tier": "express", "method": "web form", "evidence": "form-1017"},
        "recipient": {"timezone": "America/New_York", "postalCode": "10001-77"},
        "voicemail": {"action": "leave_message", "message": "Dear Mrs. Lovelace, call us."},
        "allowDuplicate": True,
        **changes,
    }


async def told(world: World) -> Json:
    """What lists, files and letters have of the same person; gives the campaign."""
    people = [{"endpoint": ENDPOINT, "context": {"name": "Lovelace"}, "clientToken": "row-77"}]
    campaign = await made(world, contacts=people)
    said = {"endpoint": ENDPOINT, "tier": "written", "method": "web form", "evidence": "form-1017"}
    consent = await world.post("/api/v1/consents", said)
    await world.post("/api/v1/consents", said)
    path = f"/api/v1/consents/{consent['consentId']}/revoke"
    await world.post(path, {"method": "mail", "reason": "said on the phone"}, 200)
    lapsed = {"expiresTime": "2026-11-23T15:00:01Z", "reason": "asked by post"}
    await world.post("/api/v1/suppressions", {"endpoint": ENDPOINT, **lapsed})
    world.clock.pass_(seconds=2)
    scrubbed = {"scrubbedTime": "2026-11-20T00:00:00Z"}
    await upload(world, "PUT", "suppressions/registries/us.x", ["phone", ENDPOINT], **scrubbed)
    form = {"CallSid": "CA" + "7" * 32, "From": ENDPOINT, "To": CALLER_ID}
    path = "/twilio/inbound/voice"
    headers = {"X-Twilio-Signature": sign(PUBLIC_URL + path, form)}
    assert (await world.raw_callback(path, form, headers)).status_code == 200
    return campaign


async def talked(world: World) -> str:
    """A call that was answered, recorded and reported on, under an idempotency key."""
    body = await world.body(**mine())
    made_call = await world.post("/api/v1/calls", body, 202, Idempotency_Key="one")
    call_id = str(made_call["callId"])
    attempt = await world.dial(call_id)
    await world.voice(attempt.token)
    transcript = [{"speaker": "callee", "text": "Mrs. Lovelace speaking."}]
    report = {"outcome": "confirmed", "summary": "insulin", "transcript": transcript}
    await world.post(f"/api/v1/calls/{call_id}/outcome", report, 200)
    recording = {"RecordingSid": "RE" + "7" * 32, "RecordingStatus": "completed"}
    url = {"RecordingUrl": f"https://api.twilio.com/{recording['RecordingSid']}"}
    await world.callback("recording", attempt.token, **recording, **url)
    await world.status(attempt.token, "completed", CallDuration="20")
    await world.settle(attempt, Outcome.CONFIRMED)
    return call_id


async def test_nothing_that_tells_who_the_person_is_is_left_in_any_table(
    world: World, worker: Worker
):
    await told(world)
    call_id = await talked(world)
    await worker.sleeping(**mine())
    rows = [await world.body(**mine(**SLEEPS))]
    await world.post("/api/v1/calls/bulk", rows, 202, Idempotency_Key="many")  # type: ignore[arg-type]
    before = await everything(world.db)
    assert [secret for secret in SECRETS if secret not in before] == []

    done = await erase(world)

    after = await everything(world.db)
    assert [secret for secret in SECRETS if secret in after] == []
    assert done["erasedAt"] == "2026-11-23T15:00:02Z"
    assert done["counts"] == {
        "calls": 3,
        "attempts": 1,
        "contacts": 1,
        "consents": 2,
        "inbound": 1,
    }
    call = await world.view(call_id)
    assert (call["status"], call["outcome"], call["attemptCount"]) == ("Completed", "confirmed", 1)
    assert (call["context"], call["result"], call["additionalData"]) == ({}, None, {})
    assert call["endpoint"].startswith("erased:")


async def test_a_report_that_comes_after_the_erasure_keeps_the_outcome_and_no_words(world: World):
    call_id = await world.call(**mine())
    attempt = await world.dial(call_id)
    await world.voice(attempt.token)
    await world.status(attempt.token, "completed", CallDuration="20")
    await world.settle(attempt, Outcome.COMPLETED)
    await erase(world)
    transcript = [{"speaker": "callee", "text": "Mrs. Lovelace speaking."}]
    said = {"summary": "insulin", "transcript": transcript, "result": {"name": "Lovelace"}}
    report = {"outcome": "confirmed", **said}
    await world.post(f"/api/v1/calls/{call_id}/outcome", report, 200)
    call = await world.view(call_id)
    assert (call["outcome"], call["result"]) == ("confirmed", None)


async def test_another_persons_data_are_left_alone(world: World):
    body = await world.body(**mine(endpoint=OTHER))
    call = await world.post("/api/v1/calls", body, 202, Idempotency_Key="theirs")
    before = await world.view(call["callId"])
    await erase(world)
    assert await world.view(call["callId"]) == before
    again = await world.post("/api/v1/calls", body, 202, Idempotency_Key="theirs")
    assert again == call


async def test_the_counts_stay(world: World, worker: Worker):
    campaign = await told(world)
    await talked(world)
    statuses = await get(world, "calls/statistics/statuses")
    await erase(world)
    assert await get(world, "calls/statistics/statuses") == statuses
    progress = (await get(world, f"campaigns/{campaign['campaignId']}"))["progress"]
    assert progress["contacts"] == {"staged": 0, "invalid": 0, "called": 0, "dropped": 1}


async def test_the_calls_that_wait_end_at_once(world: World, worker: Worker):
    sleeping, queued = await worker.sleeping(), await worker.queued()
    await worker.sleeping(endpoint=OTHER)
    await erase(world)
    assert sorted(world.gateway.replanned) == sorted([sleeping, queued])
    for call_id in (sleeping, queued):
        call = await world.view(call_id)
        assert (call["status"], call["outcome"]) == (CallStatus.CANCELED, Outcome.SUPPRESSED)
        assert (await worker.decide(call_id)).outcome is Outcome.SUPPRESSED


# -- the tombstone


async def test_an_erased_person_is_not_called_again(world: World, worker: Worker):
    await erase(world)
    assert await world.refusal() == ("suppressed", "endpoint")
    agent_id = await world.agent()
    found = await get(world, "compliance/explain", endpoint=ENDPOINT, agentId=agent_id)
    assert (found["permitted"], found["reason"]) == (False, "do_not_call")
    assert found["detail"] == "The number is on the do-not-call list (erasure)"
    campaign = await made(world, contacts=[{"endpoint": ENDPOINT}])
    preflight = await world.post(f"/api/v1/campaigns/{campaign['campaignId']}/preflight", {}, 200)
    assert preflight["reasons"] == {"suppressed": 1}
    [entry] = (await get(world, "suppressions"))["suppressions"]
    assert (entry["endpoint"], entry["source"]) == (None, "erasure")
    answer = await world.http.delete(f"/api/v1/suppressions/{entry['suppressionId']}")
    assert (answer.status_code, answer.json()["code"]) == (409, "erased")


async def test_an_entry_of_an_erased_person_goes_on_to_hold(world: World):
    await world.post("/api/v1/suppressions", {"endpoint": ENDPOINT, "reason": "asked by post"})
    await erase(world)
    kept = (await get(world, "suppressions"))["suppressions"]
    assert {(one["endpoint"], one["reason"]) for one in kept} == {(None, None)}


async def test_a_second_erasure_finds_nothing_and_is_on_record_too(world: World):
    await talked(world)
    await erase(world)
    world.clock.pass_(days=1)
    again = await erase(world)
    assert set(again["counts"].values()) == {0}
    assert len((await get(world, "suppressions"))["suppressions"]) == 1
    found = await get(world, "privacy/export", endpoint=ENDPOINT)
    assert found["erased"] == ["2026-11-23T15:00:00Z", "2026-11-24T15:00:00Z"]


# -- when it is refused


@pytest.mark.parametrize("answered", [False, True])
async def test_while_a_call_is_in_progress_nothing_is_erased(world: World, answered: bool):
    call_id = await world.call(**mine())
    attempt = await world.dial(call_id)
    if answered:
        await world.voice(attempt.token)
    problem = await erase(world, 409)
    assert problem["code"] == "in_progress"
    assert (await world.view(call_id))["context"]["drug"] == "insulin"
    assert (await get(world, "suppressions"))["total"] == 0
    await world.status(attempt.token, "completed")
    await world.settle(attempt)
    await erase(world)


async def test_a_number_that_is_none_is_refused(world: World):
    [error] = (await erase(world, 422, "nonsense"))["errors"]
    assert (error["code"], error["field"]) == ("invalid_number", "endpoint")


class TestWithoutAKey:
    @pytest.fixture
    def settings(self) -> Settings:
        return Settings(public_url=PUBLIC_URL, bootstrap_api_key=SecretStr(KEY))

    async def test_nothing_can_be_erased(self, world: World):
        call_id = await world.call(**mine(**SLEEPS))
        problem = await erase(world, 409)
        assert problem["code"] == "no_privacy_key"
        call = await world.view(call_id)
        assert (call["status"], call["endpoint"]) == ("Created", ENDPOINT)


# -- the key


def gatherer(key: str) -> FactGatherer:
    return FactGatherer(hasher=Hasher.of(key))


async def test_a_worker_with_another_key_refuses_to_start(world: World):
    for key in ("", PRIVACY_KEY, "another"):
        await require_privacy_key(world.db, gatherer(key))
    await erase(world)
    await require_privacy_key(world.db, gatherer(PRIVACY_KEY))
    for key in ("", "another"):
        with pytest.raises(SystemExit, match="PRIVACY_KEY is not the one"):
            await require_privacy_key(world.db, gatherer(key))


async def test_nobody_is_erased_under_another_key_than_those_before(
    application: FastAPI, world: World, settings: Settings
):
    """Or those before would be dialed by a worker that has the new one."""
    await erase(world)
    other = settings.model_copy(update={"privacy_key": SecretStr("another")})
    application.state.services = assemble(other, world.db, world.gateway, world.clock)
    problem = await erase(world, 409, OTHER)
    assert problem["code"] == "other_privacy_key"
    with pytest.raises(SystemExit):
        await require_privacy_key(world.db, gatherer("another"))


# -- what is known of a person


async def test_a_person_gets_all_that_is_on_file(world: World, worker: Worker):
    campaign = await told(world)
    call_id = await talked(world)
    await talked_to_other(world)
    found = await get(world, "privacy/export", endpoint=ENDPOINT)
    [call] = found["calls"]
    assert call["callId"] == call_id
    assert call["context"] == {"name": "Ada Lovelace", "drug": "insulin"}
    assert call["additionalData"] == {"crm": "crm-1017"}
    assert call["recipient"] == {"timezone": "America/New_York", "postalCode": "10001-77"}
    assert call["statedConsent"]["evidence"] == "form-1017"
    assert call["subject"] == "debt-77"
    assert call["result"]["transcript"][0]["text"] == "Mrs. Lovelace speaking."
    assert call["recordings"] == [f"/api/v1/calls/{call_id}/recordings/1"]
    [contact] = found["contacts"]
    assert (contact["campaignId"], contact["context"]) == (
        campaign["campaignId"],
        {"name": "Lovelace"},
    )
    assert [one["evidence"] for one in found["consents"]] == ["form-1017"] * 2
    assert [one["reason"] for one in found["suppressions"]] == ["asked by post"]
    assert [one["kind"] for one in found["inbound"]] == ["call"]
    assert found["registries"] == ["us.x"]
    assert found["erased"] == []
    await erase(world)
    gone = await get(world, "privacy/export", endpoint=ENDPOINT)
    assert {name for name, value in gone.items() if value} == {"endpoint", "erased"}


async def talked_to_other(world: World) -> None:
    await world.call(**mine(endpoint=OTHER))


async def test_of_a_stranger_nothing_is_on_file(world: World):
    found = await get(world, "privacy/export", endpoint=OTHER)
    assert {name for name, value in found.items() if value} == {"endpoint"}


async def test_a_contact_that_was_erased_is_called_by_no_campaign(world: World):
    campaign = await made(world, contacts=[{"endpoint": ENDPOINT}, {"endpoint": OTHER}])
    await erase(world)
    await act(world, campaign, "start")
    progress = (await get(world, f"campaigns/{campaign['campaignId']}"))["progress"]
    assert progress["contacts"]["staged"] == 1
