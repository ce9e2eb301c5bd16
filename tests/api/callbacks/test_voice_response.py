"""What a leg hears: the admission gate, the wait for the machine verdict, the script."""

from datetime import timedelta
from typing import Any

import pytest

from policy.model.call import AttemptResult, Outcome
from storage.calls import calls
from storage.events import event_log
from tests.api.world import PUBLIC_URL, World, is_hangup

OTHER = "CA" + "9" * 32


async def reported(world: World, call_id: str) -> Outcome | None:
    async with world.db.read() as session:
        call = await calls.load(session, call_id)
    assert call is not None
    return call.reported_outcome


async def test_a_callee_is_kept_quiet_until_the_verdict_and_then_spoken_to(world: World):
    attempt = await world.dial(await world.call())
    held = await world.voice(attempt.token)
    assert "<Pause" in held
    assert f"{PUBLIC_URL}/twilio/voice/{attempt.token}?held=1</Redirect>" in held
    assert "Ada" not in held
    await world.amd(attempt.token, "human")
    spoken = await world.voice(attempt.token, "held=1")
    assert "Hello Ada Lovelace. Press 1 to confirm." in spoken
    assert f"{PUBLIC_URL}/twilio/gather/{attempt.token}?node=ask" in spoken


async def test_the_wait_for_the_verdict_ends(world: World):
    attempt = await world.dial(await world.call())
    assert "<Pause" in await world.voice(attempt.token, "held=2")
    assert "Hello Ada" in await world.voice(attempt.token, "held=3")


@pytest.mark.parametrize("verdict", ["human", "unknown"])
async def test_whoever_is_no_machine_is_spoken_to(world: World, verdict: str):
    attempt = await world.dial(await world.call())
    await world.amd(attempt.token, verdict)
    assert "Hello Ada" in await world.voice(attempt.token)


@pytest.mark.parametrize("verdict", ["machine_end_beep", "machine_start", "fax"])
async def test_a_machine_hears_nothing_but_what_the_workflow_plays(world: World, verdict: str):
    attempt = await world.dial(await world.call())
    await world.amd(attempt.token, verdict)
    assert "<Pause" in await world.voice(attempt.token, "held=50")
    assert is_hangup(await world.voice(attempt.token, "held=90"))


async def test_a_leg_is_served_once_something_is_said_to_it(world: World):
    attempt = await world.dial(await world.call())
    assert "<Pause" in await world.voice(attempt.token)
    row = await world.ledger(attempt)
    assert (row.served_at, row.held_seconds) == (None, 1)
    assert "Hello" in await world.voice(attempt.token, "held=3")
    assert (await world.ledger(attempt)).served_at == world.clock.now


@pytest.mark.parametrize(
    ("asked", "seconds", "result"),
    [
        ([], "0", AttemptResult.NOT_SERVED),
        (["held=3"], "0", AttemptResult.ANSWERED),
        # Hung up on our silence.
        (["held=0"], "1", AttemptResult.ANSWERED),
        (["held=0"], "2", AttemptResult.ANSWERED),
        (["held=0", "held=1"], "3", AttemptResult.ANSWERED),
        # Asked for more than silence, and got no answer.
        (["held=0"], "3", AttemptResult.NOT_SERVED),
        (["held=0", "held=1"], "9", AttemptResult.NOT_SERVED),
        (["held=0", "held=1"], "90", AttemptResult.NOT_SERVED),
        (["held=0", "held=3"], "9", AttemptResult.ANSWERED),
    ],
)
async def test_who_heard_nothing_of_ours_was_not_called(
    world: World, asked: list[str], seconds: str, result: AttemptResult
):
    attempt = await world.dial(await world.call())
    await world.status(attempt.token, "ringing")
    for query in asked:
        assert "Response" in await world.voice(attempt.token, query)
    world.clock.now += timedelta(seconds=max(0, int(seconds) - len(asked) + 1))
    await world.status(attempt.token, "completed", CallDuration=seconds)
    assert (await world.ledger(attempt)).result is result


async def test_a_sip_leg_is_spoken_to_at_once(world: World):
    zone = {"timezone": "America/New_York"}
    call_id = await world.call(endpoint="sip:bob@example.org", recipient=zone)
    assert "Hello Ada" in await world.voice((await world.dial(call_id)).token)


async def test_the_answer_binds_the_leg_before_the_create_request_has_returned(world: World):
    attempt = await world.dial(await world.call())
    await world.voice(attempt.token)
    row = await world.ledger(attempt)
    assert (row.state, row.carrier_sid) == ("answered", "CA" + "1" * 32)
    assert row.answered_at is not None


async def test_the_answer_finds_the_leg_of_an_unknown_attempt(world: World):
    attempt = await world.dial(await world.call())
    await world.lose(attempt)
    assert "<Pause" in await world.voice(attempt.token)
    assert (await world.ledger(attempt)).state == "answered"


async def test_a_second_leg_is_hung_up_and_the_first_is_not(world: World):
    attempt = await world.dial(await world.call())
    await world.voice(attempt.token)
    assert is_hangup(await world.voice(attempt.token, CallSid=OTHER))
    assert is_hangup(await _gather(world, attempt.token, "ask", CallSid=OTHER, Digits="1"))
    assert "Hello" in await world.voice(attempt.token, "held=3")


async def test_a_token_that_nobody_knows_is_hung_up(world: World):
    assert is_hangup(await world.voice("no-such-token"))
    assert is_hangup(await _gather(world, "no-such-token", "ask"))


async def test_a_leg_of_an_attempt_that_is_over_is_hung_up(world: World):
    attempt = await world.dial(await world.call())
    await world.voice(attempt.token)
    await world.status(attempt.token, "completed")
    assert is_hangup(await world.voice(attempt.token))
    await world.settle(attempt)
    assert is_hangup(await world.voice(attempt.token, "held=3"))
    assert is_hangup(await _gather(world, attempt.token, "ask", Digits="1"))


async def test_a_leg_that_turns_up_after_its_attempt_was_settled_is_hung_up(world: World):
    attempt = await world.dial(await world.call())
    await world.lose(attempt)
    await world.settle(attempt, Outcome.UNKNOWN)
    assert is_hangup(await world.voice(attempt.token))


@pytest.mark.parametrize(
    ("digits", "outcome"), [("1", Outcome.CONFIRMED), ("2", Outcome.DECLINED), ("7", None)]
)
async def test_a_key_leads_on_and_its_outcome_is_reported(
    world: World, digits: str, outcome: Outcome | None
):
    call_id = await world.call()
    attempt = await world.dial(call_id)
    await world.voice(attempt.token, "held=3")
    said = await _gather(world, attempt.token, "ask", Digits=digits)
    assert "Goodbye." in said
    assert await reported(world, call_id) is outcome


@pytest.mark.parametrize(
    ("said", "is_person"),
    [
        ({"Digits": "7"}, True),
        ({"SpeechResult": "yes"}, True),
        ({"SpeechResult": "who is this"}, True),
        ({"SpeechResult": "Hi, yes, you've reached Ada. Please leave a message."}, False),
        ({}, False),
    ],
)
async def test_a_greeting_that_a_question_takes_down_is_no_person(
    world: World, said: dict[str, str], is_person: bool
):
    attempt = await world.dial(await world.call())
    await world.voice(attempt.token, "held=9")
    await _gather(world, attempt.token, "ask", **said)
    assert ((await world.ledger(attempt)).person_at is not None) is is_person
    await world.amd(attempt.token, "machine_end_beep")
    await world.status(attempt.token, "completed", CallDuration="20")
    result = AttemptResult.ANSWERED if is_person else AttemptResult.VOICEMAIL
    assert (await world.ledger(attempt)).result is result


async def test_silence_takes_the_way_of_everything_else(world: World):
    attempt = await world.dial(await world.call())
    await world.voice(attempt.token, "held=3")
    assert "Goodbye." in await _gather(world, attempt.token, "ask")


@pytest.mark.parametrize("node", ["nowhere", "bye", ""])
async def test_a_node_that_asks_nothing_hangs_up(world: World, node: str):
    attempt = await world.dial(await world.call())
    await world.voice(attempt.token, "held=3")
    assert is_hangup(await _gather(world, attempt.token, node, Digits="1"))


async def _gather(world: World, token: str, node: str, **form: str) -> str:
    fields = {"CallStatus": "in-progress", **form}
    answer = await world.callback("gather", token, f"node={node}", **fields)
    assert answer.status_code == 200
    return str(answer.text)


async def test_a_callee_hears_the_pathway_at_once_where_no_voicemail_is_dealt_with(world: World):
    call_id = await world.call(agentId=await world.agent(voicemail=None))
    attempt = await world.dial(call_id)
    assert "Gather" in await world.voice(attempt.token)


async def reports(world: World, call_id: str) -> int:
    async with world.db.read() as session:
        told = await event_log.of_call(session, call_id)
    return [event.type for event in told].count("call.outcome_reported")


async def test_an_answer_that_the_carrier_repeats_is_reported_once_and_answered_alike(
    world: World,
):
    call_id = await world.call()
    attempt = await world.dial(call_id)
    await world.amd(attempt.token, "human")
    await world.voice(attempt.token)
    said = [
        (await world.callback("gather", attempt.token, "node=ask", Digits="1")).text
        for _ in range(3)
    ]
    assert len(set(said)) == 1
    assert await reports(world, call_id) == 1
    assert await reported(world, call_id) is Outcome.CONFIRMED


async def test_the_same_answer_to_a_later_question_is_another_one(world: World):
    again = {
        "kind": "gather",
        "text": "Press 1, twice.",
        "branches": [{"digits": "1", "next": "noted"}],
        "otherwise": "bye",
    }
    noted = {"kind": "outcome", "outcome": "confirmed", "next": "ask"}
    nodes = {"ask": again, "noted": noted, "bye": {"kind": "hang_up"}}
    definition = {"variables": [], "start": "ask", "nodes": nodes}
    call_id = await world.call(
        agentId=await world.agent(pathwayId=await world.pathway(definition=definition))
    )
    attempt = await world.dial(call_id)
    await world.amd(attempt.token, "human")
    await world.voice(attempt.token)
    first = await world.callback("gather", attempt.token, "node=ask", Digits="1")
    assert f"/twilio/gather/{attempt.token}/1?node=ask" in first.text
    second = await world.callback("gather", f"{attempt.token}/1", "node=ask", Digits="1")
    assert f"/twilio/gather/{attempt.token}/2?node=ask" in second.text
    # Said again, the same outcome is no news.
    assert await reports(world, call_id) == 1


async def test_a_key_that_is_repeated_does_not_restore_an_entry_that_was_lifted(world: World):
    attempt = await world.dial(await world.call())
    await world.amd(attempt.token, "human")
    await world.voice(attempt.token)
    speech = {"SpeechResult": "do not call me again"}
    said = (await world.callback("gather", attempt.token, "node=ask", **speech)).text
    (entry,) = (await world.http.get("/api/v1/suppressions")).json()["suppressions"]
    await world.http.delete(f"/api/v1/suppressions/{entry['suppressionId']}")
    assert (await world.callback("gather", attempt.token, "node=ask", **speech)).text == said
    left = await world.http.get("/api/v1/suppressions?inForce=true")
    assert left.json()["total"] == 0


SECRET = {"kind": "say", "text": "Your balance is 12.", "private": True, "next": "bye"}
BYE = {"kind": "hang_up", "text": "Goodbye."}


def _private(**changes: Any) -> dict[str, Any]:
    ask = {
        "kind": "gather",
        "text": "Am I speaking with Ada?",
        "branches": [{"digits": "1", "speech": ["yes"], "next": "tell"}],
        "otherwise": "bye",
    }
    return {"start": "ask", "nodes": {"ask": ask, "tell": SECRET, "bye": BYE}, **changes}


async def _asked(world: World, verdict: str, **changes: Any) -> str:
    """The token of a leg on a pathway with something private, after the detector's verdict."""
    pathway = await world.pathway(definition=_private(**changes))
    agent = await world.agent(pathwayId=pathway)
    attempt = await world.dial(await world.call(agentId=agent))
    await world.amd(attempt.token, verdict)
    return attempt.token


@pytest.mark.parametrize(
    ("verdict", "heard", "is_told"),
    [
        ("unknown", {"Digits": "1"}, True),
        ("unknown", {"SpeechResult": "Yes"}, True),
        ("unknown", {"SpeechResult": "yes please leave a message after the tone"}, False),
        ("unknown", {}, False),
        ("human", {"SpeechResult": "yes I can come to the phone"}, True),
    ],
)
async def test_what_is_private_is_said_to_a_confirmed_person_alone(
    world: World, verdict: str, heard: dict[str, str], is_told: bool
):
    token = await _asked(world, verdict)
    assert "balance" not in await world.voice(token)
    assert ("Your balance is 12." in await _gather(world, token, "ask", **heard)) is is_told


@pytest.mark.parametrize(("verdict", "is_told"), [("human", True), ("unknown", False)])
async def test_what_is_left_to_detection_waits_for_the_verdict(
    world: World, verdict: str, is_told: bool
):
    token = await _asked(world, verdict, start="tell", privateAfter="detection", nodes={
        "tell": SECRET, "bye": BYE,
    })  # fmt: skip
    said = await world.voice(token)
    assert ("Your balance is 12." in said) is is_told
    assert "<Hangup" in said


async def test_an_edit_under_a_live_call_opens_no_way_to_what_is_private(world: World):
    attempt = await world.dial(await world.call())
    await world.amd(attempt.token, "unknown")
    await world.voice(attempt.token)
    call = await world.view((await world.ledger(attempt)).call_id)
    edited = _private(privateAfter="detection")
    edited["nodes"]["ask"]["otherwise"] = "tell"
    body = {"name": "edited", "kind": "script", "definition": edited}
    answer = await world.http.put(f"/api/v1/pathways/{call['pathwayId']}", json=body)
    assert answer.status_code == 200, answer.text
    assert "balance" not in await _gather(world, attempt.token, "ask")
