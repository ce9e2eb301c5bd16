"""A callee put through: what each request of the carrier is answered with, and what is written."""

import pytest

from tests.api.transfers.desk import AGENT, AT_ONCE, SCRIPT, TARGET_SID, V1, Desk
from tests.api.world import Json, World, is_hangup


async def test_a_callee_who_presses_the_key_is_put_through_and_the_script_goes_on(world: World):
    desk = await Desk.of(world, SCRIPT)
    await desk.answered()
    dialed = await desk.asked(await desk.pressed("1"))
    assert "<Number" in dialed
    assert "+12125550140</Number>" in dialed
    assert f'callerId="{desk.attempt.from_endpoint}"' in dialed
    assert 'timeout="20"' in dialed
    transfer = desk.of_transfer(dialed)
    world.clock.pass_(seconds=6)
    # Without a whisper and a key they are bridged at once.
    assert await desk.whispered(transfer) == '<?xml version="1.0" encoding="UTF-8"?><Response />'
    world.clock.pass_(seconds=90)
    assert "Goodbye." in await desk.over(transfer, "completed", DialCallDuration="90")
    (one,) = await desk.transfers()
    assert (one["state"], one["waitedSeconds"], one["durationSeconds"]) == ("completed", 6.0, 90)
    assert (one["wasAsked"], one["abandoned"]) == (True, None)
    assert await desk.events() == ["call.transfer_asked", "call.transferred", "call.transfer_ended"]
    view = await world.view(desk.call_id)
    assert view["result"]["transfer"] == {"target": "desk", "state": "reached", "reason": None}


async def test_a_request_that_comes_again_is_answered_alike_and_dials_no_second_leg(world: World):
    desk = await Desk.of(world, SCRIPT)
    await desk.answered()
    document = await desk.pressed("1")
    dialed = await desk.asked(document)
    assert await desk.asked(document) == dialed
    transfer = desk.of_transfer(dialed)
    assert not is_hangup(await desk.whispered(transfer))
    # Another leg for the same transfer is hung up, and changes nothing.
    assert is_hangup(await desk.whispered(transfer, CallSid="CA" + "7" * 32))
    first = await desk.over(transfer, "completed", DialCallDuration="30")
    assert await desk.over(transfer, "completed", DialCallDuration="30") == first
    (one,) = await desk.transfers()
    assert one["cost"] == 14_000
    assert len(await desk.events()) == 3


async def test_who_has_answered_for_the_target_stays_though_the_first_answer_is_lost(world: World):
    desk = await Desk.of(world, SCRIPT)
    await desk.answered()
    document = await desk.pressed("1")
    dialed = await desk.asked(document)
    transfer = desk.of_transfer(dialed)
    told = await desk.whispered(transfer)
    assert await desk.whispered(transfer) == told
    assert not is_hangup(told)
    # What is repeated late takes nothing back.
    assert await desk.asked(document) == dialed
    (one,) = await desk.transfers()
    assert one["state"] == "connected"
    assert (await desk.events()).count("call.transferred") == 1


@pytest.mark.parametrize(
    ("status", "reason"),
    [("busy", "busy"), ("no-answer", "no_answer"), ("failed", "failed"),
     ("completed", "not_accepted")],
)  # fmt: skip
async def test_a_target_that_is_not_reached_leads_to_the_other_way(
    world: World, status: str, reason: str
):
    desk = await Desk.of(world, SCRIPT)
    await desk.answered()
    transfer = desk.of_transfer(await desk.asked(await desk.pressed("1")))
    spoken = await desk.over(transfer, status)
    assert "Nobody is there." in spoken
    assert "<Record" in spoken
    assert "/twilio/recording/" in spoken
    (one,) = await desk.transfers()
    assert (one["state"], one["reason"]) == ("missed", reason)
    assert await desk.events() == ["call.transfer_asked", "call.transfer_missed"]


async def test_a_closed_target_is_not_dialed(world: World):
    desk = await Desk.of(world, SCRIPT, {"hours": {"tue": [{"start": "09:00", "end": "17:00"}]}})
    await desk.answered()
    spoken = await desk.asked(await desk.pressed("1"))
    assert "<Dial" not in spoken
    assert "Nobody is there." in spoken
    (one,) = await desk.transfers()
    assert (one["state"], one["reason"]) == ("missed", "closed")


async def test_a_target_that_was_deleted_is_not_reached(world: World):
    desk = await Desk.of(world, SCRIPT)
    await desk.answered()
    document = await desk.pressed("1")
    (target,) = (await world.http.get(f"{V1}/transfer-targets")).json()["targets"]
    gone = await world.http.delete(f"{V1}/transfer-targets/{target['targetId']}")
    assert gone.status_code == 204
    assert "Nobody is there." in await desk.asked(document)
    (one,) = await desk.transfers()
    assert one["reason"] == "no_such_target"


async def test_who_answers_is_told_the_context_and_takes_the_call_with_the_key(world: World):
    whisper = {"whisper": "About {{name}}.", "needsKey": True}
    desk = await Desk.of(world, SCRIPT, whisper)
    await desk.answered()
    transfer = desk.of_transfer(await desk.asked(await desk.pressed("1")))
    told = await desk.whispered(transfer)
    assert "About Ada Lovelace. Press 1 to take the call." in told
    assert is_hangup(await desk.whispered(transfer, "taken", Digits="3"))
    assert (await desk.transfers())[0]["state"] == "dialing"
    assert not is_hangup(await desk.whispered(transfer, "taken", Digits="1"))
    assert (await desk.transfers())[0]["state"] == "connected"


async def test_a_whisper_without_a_key_is_heard_out_before_they_are_bridged(world: World):
    desk = await Desk.of(world, SCRIPT, {"whisper": "A call."})
    await desk.answered()
    transfer = desk.of_transfer(await desk.asked(await desk.pressed("1")))
    told = await desk.whispered(transfer)
    assert "A call." in told
    assert f"{transfer}/taken</Redirect>" in told
    assert (await desk.transfers())[0]["connectedTime"] is None
    await desk.whispered(transfer, "taken")
    assert (await desk.transfers())[0]["state"] == "connected"


async def test_a_callee_who_hangs_up_while_it_rings_is_told_by_the_targets_own_leg(world: World):
    desk = await Desk.of(world, SCRIPT)
    await desk.answered()
    transfer = desk.of_transfer(await desk.asked(await desk.pressed("1")))
    answer = await desk.whispered(transfer, "target", CallStatus="canceled")
    assert answer == ""
    (one,) = await desk.transfers()
    assert (one["state"], one["reason"]) == ("missed", "hung_up")


async def test_both_legs_are_in_the_cost_of_the_call(world: World):
    desk = await Desk.of(world, SCRIPT)
    await desk.answered()
    transfer = desk.of_transfer(await desk.asked(await desk.pressed("1")))
    await desk.whispered(transfer)
    await desk.over(transfer, "completed", DialCallDuration="61")
    await world.status(desk.attempt.token, "completed", CallDuration="130")
    row = await world.ledger(desk.attempt)
    # Three minutes of the callee's leg, two of the target's.
    assert (row.cost, row.transfer_cost) == (5 * 14_000, 2 * 14_000)


@pytest.mark.parametrize(("waits", "abandoned"), [(2, False), (3, True)])
async def test_who_was_called_for_one_talk_is_abandoned_after_two_seconds(
    world: World, waits: int, abandoned: bool
):
    desk = await Desk.of(world, AT_ONCE)
    transfer = desk.of_transfer(await desk.asked(await desk.answered()))
    world.clock.pass_(seconds=waits)
    await desk.whispered(transfer)
    (one,) = await desk.transfers()
    assert (one["wasAsked"], one["abandoned"]) == (False, abandoned)
    figures = (await world.http.get(f"{V1}/transfers/figures")).json()
    assert (figures["unasked"], figures["abandoned"]) == (1, int(abandoned))
    assert figures["prompt"] == int(not abandoned)


async def test_nobody_but_the_carrier_is_answered_and_nobody_elses_leg(world: World):
    desk = await Desk.of(world, SCRIPT)
    await desk.answered()
    document = await desk.pressed("1")
    assert is_hangup(await desk.asked(document, CallSid="CA" + "9" * 32))
    transfer = desk.of_transfer(await desk.asked(document))
    other = await desk.whispered(transfer, ParentCallSid="CA" + "8" * 32)
    assert is_hangup(other)
    path = f"/twilio/transfer/{desk.attempt.token}/{transfer}/taken"
    forged = await world.raw_callback(path, {"CallSid": TARGET_SID}, {"X-Twilio-Signature": "x"})
    assert forged.status_code == 403
    assert (await desk.transfers())[0]["state"] == "dialing"


async def test_what_is_asked_after_a_long_talk_with_a_target_is_still_heard(world: World):
    nodes: Json = SCRIPT["definition"]["nodes"]
    helped = {**nodes["ask"], "text": "Were you helped?",
              "branches": [{"digits": "1", "next": "yes"}]}  # fmt: skip
    yes = {"kind": "outcome", "outcome": "confirmed", "next": "thanks"}
    thanks = {"kind": "hang_up", "text": "Thank you."}
    desk_node = {**nodes["desk"], "next": "helped"}
    more = {**nodes, "desk": desk_node, "helped": helped, "yes": yes, "thanks": thanks}
    definition = {**SCRIPT["definition"], "nodes": more}
    desk = await Desk.of(world, {**SCRIPT, "definition": definition})
    await desk.answered()
    await world.status(desk.attempt.token, "in-progress")
    transfer = desk.of_transfer(await desk.asked(await desk.pressed("1")))
    await desk.whispered(transfer)
    world.clock.pass_(minutes=15)
    assert "Were you helped?" in await desk.over(transfer, "completed", DialCallDuration="900")
    assert "Thank you." in await desk.pressed("1", node="helped")


# -- an AI agent asks


async def test_an_ai_agent_asks_and_lets_go_and_takes_over_again_if_nobody_is_reached(world: World):
    desk = await Desk.of(world, AGENT)
    first = await desk.answered()
    assert "<Connect" in first
    assert "node=~agent</Redirect>" in first.replace("%7E", "~")
    await world.status(desk.attempt.token, "in-progress")
    asked = {"target": "desk", "whisper": "Wants the larger model."}
    made = await world.post(f"{V1}/calls/{desk.call_id}/transfer", asked, 202)
    assert made["state"] == "asked"
    again = await world.post(f"{V1}/calls/{desk.call_id}/transfer", asked, 202)
    assert again["transferId"] == made["transferId"]
    dialed = await desk.asked(first)
    transfer = desk.of_transfer(dialed)
    assert "Wants the larger model." in await desk.whispered(transfer)
    back = await desk.over(transfer, "completed", turns=0)
    assert "<Connect" in back
    assert 'name="transfer" value="not_accepted"' in back
    assert "Hello." not in back


async def test_an_agent_that_lets_go_without_having_asked_ends_the_call(world: World):
    desk = await Desk.of(world, AGENT)
    assert is_hangup(await desk.asked(await desk.answered()))


async def test_what_an_agent_may_not_ask_for_is_refused(world: World):
    desk = await Desk.of(world, AGENT)
    other = {"endpoint": "+12125550141", "name": "other"}
    await world.post(f"{V1}/transfer-targets", other)
    await world.post(f"{V1}/calls/{desk.call_id}/transfer", {"target": "desk"}, 409)
    await desk.answered()
    problem = await world.post(f"{V1}/calls/{desk.call_id}/transfer", {"target": "other"}, 422)
    assert problem["errors"][0]["code"] == "target_not_allowed"
    await world.post(f"{V1}/calls/nowhere/transfer", {"target": "desk"}, 404)


async def test_a_closed_target_is_told_to_the_agent_at_once_with_when_it_opens(world: World):
    desk = await Desk.of(world, AGENT, {"hours": {"tue": [{"start": "09:00", "end": "17:00"}]}})
    await desk.answered()
    await world.status(desk.attempt.token, "in-progress")
    made = await world.post(f"{V1}/calls/{desk.call_id}/transfer", {"target": "desk"}, 202)
    assert (made["state"], made["reason"]) == ("missed", "closed")
    assert made["opensAt"] == "2026-11-24T14:00:00Z"


async def test_a_target_that_has_closed_before_the_agent_lets_go_is_not_dialed(world: World):
    desk = await Desk.of(world, AGENT)
    first = await desk.answered()
    await world.status(desk.attempt.token, "in-progress")
    await world.post(f"{V1}/calls/{desk.call_id}/transfer", {"target": "desk"}, 202)
    (target,) = (await world.http.get(f"{V1}/transfer-targets")).json()["targets"]
    closed = {"hours": {"tue": [{"start": "09:00", "end": "17:00"}]}}
    path = f"{V1}/transfer-targets/{target['targetId']}"
    assert (await world.http.patch(path, json=closed)).status_code == 200
    back = await desk.asked(first)
    assert 'name="transfer" value="closed"' in back
    assert "<Dial" not in back
