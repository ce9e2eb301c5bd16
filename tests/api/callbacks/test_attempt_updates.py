"""What callbacks do: signature first, then the ledger, then the news that changes a path."""

import itertools
from dataclasses import replace

import pytest
from fastapi import FastAPI
from pydantic import SecretStr
from structlog.testing import capture_logs

from contracts.calls import CarrierNews, NewsKind
from policy.model.call import AttemptResult, AttemptState
from settings import Settings
from storage.tables import Attempt
from tests.api.world import PUBLIC_URL, SID, World, sign

KINDS = ["voice", "gather", "status", "amd", "recording"]
OTHER = "CA" + "9" * 32
ENDED, MACHINE = CarrierNews(1, NewsKind.ENDED), CarrierNews(1, NewsKind.MACHINE)


# -- what the carrier says


async def test_the_sip_code_of_the_end_is_used_and_shown(world: World):
    attempt = await world.dial(await world.call())
    answer = await world.callback(
        "status", attempt.token, CallStatus="failed", SipResponseCode="404"
    )
    assert answer.status_code == 204
    assert (await world.ledger(attempt)).result is AttemptResult.INVALID
    [shown] = (await world.view(attempt.call_id))["attempts"]
    assert (shown["sipCode"], shown["result"]) == (404, "invalid")


async def test_an_unknown_status_is_taken_and_logged_without_what_it_may_hold(world: World):
    attempt = await world.dial(await world.call())
    with capture_logs() as logs:
        for word in ("dancing", "+12125550123"):
            answer = await world.callback("status", attempt.token, CallStatus=word)
            assert answer.status_code == 204
    told = [one["status"] for one in logs if one["event"] == "unknown_carrier_status"]
    assert told == ["dancing", "?"]
    await world.callback("status", attempt.token, CallStatus="answered")
    assert (await world.ledger(attempt)).state is AttemptState.ANSWERED


# -- signature


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("signature", [None, "", "nonsense", "wrong token", "other url"])
async def test_what_the_carrier_did_not_sign_is_refused_unread(
    world: World, kind: str, signature: str | None
):
    attempt = await world.dial(await world.call())
    path = f"/twilio/{kind}/{attempt.token}"
    fields = {"CallSid": SID, "CallStatus": "completed", "AnsweredBy": "human"}
    made = {
        "wrong token": sign(PUBLIC_URL + path, fields, token="other"),
        "other url": sign("http://api" + path, fields),
    }
    headers = {} if signature is None else {"X-Twilio-Signature": made.get(signature, signature)}
    answer = await world.raw_callback(path, fields, headers)
    assert (answer.status_code, answer.json()["code"]) == (403, "bad_signature")
    assert (await world.ledger(attempt)).carrier_sid is None


async def test_a_changed_field_or_query_breaks_the_signature(world: World):
    attempt = await world.dial(await world.call())
    path = f"/twilio/status/{attempt.token}"
    fields = {"CallSid": SID, "CallStatus": "busy"}
    headers = {"X-Twilio-Signature": sign(PUBLIC_URL + path, fields)}
    for other_path, other in [
        (path, {**fields, "CallStatus": "failed"}),
        (f"{path}?x=1", fields),
    ]:
        assert (await world.raw_callback(other_path, other, headers)).status_code == 403
    assert (await world.raw_callback(path, fields, headers)).status_code == 204


async def test_without_an_auth_token_every_callback_is_refused(
    world: World, settings: Settings, application: FastAPI
):
    bare = settings.model_copy(update={"twilio_auth_token": SecretStr("")})
    application.state.services = replace(application.state.services, settings=bare)
    path = "/twilio/status/x"
    fields = {"CallSid": SID, "CallStatus": "busy"}
    headers = {"X-Twilio-Signature": sign(PUBLIC_URL + path, fields, token="")}
    assert (await world.raw_callback(path, fields, headers)).status_code == 403


@pytest.mark.parametrize(
    ("kind", "form"),
    [
        ("status", {}),
        ("status", {"CallStatus": "busy", "CallSid": ""}),
        ("amd", {}),
        ("recording", {}),
        ("gather", {"CallSid": "<script>"}),
    ],
)
async def test_a_signed_callback_that_says_nothing_is_a_problem(
    world: World, kind: str, form: dict[str, str]
):
    answer = await world.callback(kind, "token", **form)
    assert (answer.status_code, answer.json()["code"]) == (400, "bad_callback")


@pytest.mark.parametrize(
    ("kind", "form"),
    [
        ("status", {"CallStatus": "busy"}),
        ("amd", {"AnsweredBy": "human"}),
        ("recording", {"RecordingSid": "RE1"}),
    ],
)
async def test_a_token_that_nobody_knows_is_not_found(
    world: World, kind: str, form: dict[str, str]
):
    assert (await world.callback(kind, "no-such-token", **form)).status_code == 404


# -- status


async def test_only_the_end_is_news(world: World):
    call_id = await world.call()
    attempt = await world.dial(call_id)
    for status in ("initiated", "ringing", "in-progress"):
        assert await world.status(attempt.token, status) == 204
    assert world.gateway.news == []
    assert await world.status(attempt.token, "completed", CallDuration="31") == 204
    assert world.gateway.news == [(call_id, ENDED)]
    row = await world.ledger(attempt)
    assert (row.state, row.result, row.duration_seconds) == ("ended", "answered", 31)


async def test_a_repeated_end_is_no_news(world: World):
    attempt = await world.dial(await world.call())
    for _ in range(3):
        assert await world.status(attempt.token, "no-answer") == 204
    assert len(world.gateway.news) == 1


@pytest.mark.parametrize(
    "order", list(itertools.permutations(["ringing", "in-progress", "completed"]))
)
async def test_any_order_of_callbacks_ends_the_same(world: World, order: tuple[str, ...]):
    attempt = await world.dial(await world.call())
    for status in (*order, *order):
        assert await world.status(attempt.token, status, CallDuration="5") == 204
    row = await world.ledger(attempt)
    assert (row.state, row.result, row.carrier_status) == ("ended", "answered", "completed")
    assert len(world.gateway.news) == 1


async def test_the_end_of_another_leg_ends_nothing(world: World):
    attempt = await world.dial(await world.call())
    await world.status(attempt.token, "ringing")
    assert await world.status(attempt.token, "completed", CallSid=OTHER) == 204
    assert (await world.ledger(attempt)).state == "ringing"
    assert world.gateway.news == []


async def test_news_that_could_not_be_told_are_told_at_the_carriers_repeat(world: World):
    call_id = await world.call()
    attempt = await world.dial(call_id)
    world.gateway.away = True
    assert await world.status(attempt.token, "busy") == 503
    assert (await world.ledger(attempt)).state == "ended"
    world.gateway.away = False
    assert await world.status(attempt.token, "busy") == 204
    assert await world.status(attempt.token, "busy") == 204
    assert world.gateway.news == [(call_id, ENDED)]


async def test_news_of_a_call_whose_workflow_is_over_are_nobodys(world: World):
    attempt = await world.dial(await world.call())
    world.gateway.not_running = True
    assert await world.status(attempt.token, "busy") == 204


# -- machine detection


async def test_a_machine_is_news_until_it_is_dealt_with(world: World):
    call_id = await world.call()
    attempt = await world.dial(call_id)
    await world.status(attempt.token, "in-progress")
    for _ in range(2):
        assert await world.amd(attempt.token, "machine_end_beep") == 204
    assert world.gateway.news == [(call_id, MACHINE)] * 2


async def test_a_human_is_no_news(world: World):
    attempt = await world.dial(await world.call())
    assert await world.amd(attempt.token, "human") == 204
    assert world.gateway.news == []
    assert (await world.ledger(attempt)).answered_by == "human"


async def test_a_verdict_after_the_end_is_written_down_and_no_news(world: World):
    attempt = await world.dial(await world.call())
    await world.status(attempt.token, "in-progress")
    await world.status(attempt.token, "completed")
    world.gateway.news.clear()
    assert await world.amd(attempt.token, "machine_end_other") == 204
    row = await world.ledger(attempt)
    assert (row.answered_by, row.result) == ("machine_end_other", "voicemail")
    assert world.gateway.news == []


async def test_a_verdict_about_another_leg_counts_for_nothing(world: World):
    attempt = await world.dial(await world.call())
    await world.status(attempt.token, "in-progress")
    assert await world.amd(attempt.token, "machine_end_beep", CallSid=OTHER) == 204
    assert (await world.ledger(attempt)).answered_by is None


async def test_an_owed_verdict_is_told_before_the_end(world: World):
    call_id = await world.call()
    attempt = await world.dial(call_id)
    await world.status(attempt.token, "in-progress")
    world.gateway.away = True
    assert await world.amd(attempt.token, "machine_end_beep") == 503
    world.gateway.away = False
    assert await world.status(attempt.token, "completed") == 204
    assert world.gateway.news == [(call_id, MACHINE), (call_id, ENDED)]


# -- recording


async def test_a_recording_is_kept_with_its_attempt(world: World):
    call_id = await world.call()
    attempt = await world.dial(call_id)
    await world.status(attempt.token, "in-progress")
    form = {
        "RecordingSid": "RE" + "3" * 32,
        "RecordingUrl": "https://api.example.com/RE3",
        "RecordingStatus": "completed",
    }
    assert (await world.callback("recording", attempt.token, **form)).status_code == 204
    [shown] = (await world.view(call_id))["attempts"]
    assert shown["recordingUrl"] == f"/api/v1/calls/{call_id}/recordings/1"
    assert world.gateway.news == []


# -- a person outranks a machine


async def _hears(world: World, attempt: Attempt, **form: str) -> None:
    fields = {"CallStatus": "in-progress", **form}
    answer = await world.callback("gather", attempt.token, "node=ask", **fields)
    assert answer.status_code == 200


@pytest.mark.parametrize("heard", [{"Digits": "1"}, {"SpeechResult": "hello, who is it"}])
@pytest.mark.parametrize("verdict", ["machine_end_beep", "machine_start", "fax"])
async def test_a_machine_verdict_on_somebody_who_was_heard_changes_nothing(
    world: World, heard: dict[str, str], verdict: str
):
    attempt = await world.dial(await world.call())
    await world.voice(attempt.token, "held=3")
    await _hears(world, attempt, **heard)
    assert await world.amd(attempt.token, verdict) == 204
    assert world.gateway.news == []
    await world.status(attempt.token, "completed", CallDuration="20")
    assert (await world.ledger(attempt)).result == "answered"


async def test_a_key_pressed_after_a_machine_verdict_outranks_it_too(world: World):
    call_id = await world.call()
    attempt = await world.dial(call_id)
    await world.voice(attempt.token, "held=3")
    await world.amd(attempt.token, "machine_end_beep")
    await _hears(world, attempt, Digits="1")
    await world.status(attempt.token, "completed", CallDuration="20")
    assert (await world.ledger(attempt)).result == "answered"


async def test_an_outcome_that_an_agent_reported_outranks_a_machine_verdict(world: World):
    call_id = await world.call()
    attempt = await world.dial(call_id)
    await world.voice(attempt.token, "held=3")
    await world.post(f"/api/v1/calls/{call_id}/outcome", {"outcome": "confirmed"}, 200)
    await world.amd(attempt.token, "machine_end_beep")
    assert world.gateway.news == []
    await world.status(attempt.token, "completed", CallDuration="20")
    assert (await world.ledger(attempt)).result == "answered"


async def test_silence_and_the_keys_of_another_leg_prove_nobody(world: World):
    call_id = await world.call()
    attempt = await world.dial(call_id)
    await world.voice(attempt.token, "held=3")
    await _hears(world, attempt)
    await _hears(world, attempt, CallSid=OTHER, Digits="1")
    await world.amd(attempt.token, "machine_end_beep")
    assert world.gateway.news == [(call_id, MACHINE)]
    await world.status(attempt.token, "completed", CallDuration="20")
    assert (await world.ledger(attempt)).result == "voicemail"
