"""Warm transfers: what each request is answered with while nobody is to wait in vain."""

import pytest

from storage.attempts import costs
from storage.tables import Account
from storage.transfers import warm_transfers
from tests.api.transfers.desk import AGENT, AT_ONCE, SCRIPT, TARGET_SID, V1, Desk
from tests.api.world import Json, World, is_hangup

WARM: Json = {
    "warm": True,
    "whisper": "A call about {{name}}.",
    "introduction": "Here is the desk, {{name}}.",
    "holdText": "We ask a colleague.",
    "holdMusic": "https://cdn.example.com/hold.mp3",
}


async def _dialed(world: World, transfer_id: str) -> None:
    """As the worker does it."""
    async with world.db.write() as session:
        file = await warm_transfers.hold(session, transfer_id)
        assert file is not None
        assert await warm_transfers.begin_sending(session, file.row, world.clock.now)
        await warm_transfers.name_leg(session, file.row, TARGET_SID)


async def _ringing(world: World, target: Json = WARM) -> tuple[Desk, str]:
    """A callee who waits while the target's phone rings."""
    desk = await Desk.of(world, SCRIPT, target)
    await desk.answered()
    transfer = desk.of_transfer(await desk.asked(await desk.pressed("1")))
    await desk.held(transfer)
    await _dialed(world, transfer)
    return desk, transfer


async def test_the_callee_waits_with_us_until_it_is_taken_and_then_they_meet(world: World):
    desk = await Desk.of(world, SCRIPT, WARM)
    await desk.answered()
    asked = await desk.asked(await desk.pressed("1"))
    assert "<Dial" not in asked
    transfer = desk.of_transfer(asked)
    waits = await desk.held(transfer)
    assert "We ask a colleague.</Say><Play>https://cdn.example.com/hold.mp3</Play>" in waits
    assert "We ask a colleague." not in await desk.held(transfer, 1)
    # Told again until somebody has dialed, which is done once.
    assert world.gateway.targets_dialed == [transfer, transfer]
    await _dialed(world, transfer)
    await desk.held(transfer, 2)
    assert len(world.gateway.targets_dialed) == 2
    # Whoever answers takes it with the key, whatever the target says of one.
    own = {"ParentCallSid": ""}
    assert "A call about Ada Lovelace. Press 1" in await desk.whispered(transfer, **own)
    taken = await desk.whispered(transfer, "taken", Digits="1", **own)
    assert "One moment." in taken
    assert "<Conference" not in await desk.whispered(transfer, "enter", **own)
    world.clock.pass_(seconds=2)
    callee = await desk.held(transfer, 3)
    assert "Here is the desk, Ada Lovelace." in callee
    assert 'startConferenceOnEnter="false"' in callee
    assert 'endConferenceOnExit="true"' in callee
    assert await desk.held(transfer, 3) == callee
    target = await desk.whispered(transfer, "enter", **own)
    assert 'startConferenceOnEnter="true"' in target
    assert all(f">{transfer}</Conference>" in document for document in (callee, target))
    assert (await desk.transfers())[0]["state"] == "dialing"
    await desk.met(transfer)
    await desk.met(transfer)
    world.clock.pass_(seconds=60)
    assert "Goodbye." in await desk.over(transfer, "answered")
    await desk.whispered(transfer, "target", CallStatus="completed", CallDuration="75", **own)
    (one,) = await desk.transfers()
    assert (one["state"], one["warm"], one["waitedSeconds"]) == ("completed", True, 2.0)
    # The target's leg costs from its answer on.
    assert (one["durationSeconds"], one["cost"]) == (75, 28_000)
    assert await desk.events() == ["call.transfer_asked", "call.transferred", "call.transfer_ended"]


@pytest.mark.parametrize(
    ("status", "reason"),
    [("busy", "busy"), ("no-answer", "no_answer"), ("completed", "not_accepted")],
)  # fmt: skip
async def test_a_target_that_does_not_take_it_leads_to_the_other_way(
    world: World, status: str, reason: str
):
    desk, transfer = await _ringing(world)
    await desk.whispered(transfer, "target", CallStatus=status, ParentCallSid="")
    spoken = await desk.held(transfer, 1)
    assert "Nobody is there." in spoken
    assert await desk.held(transfer, 1) == spoken
    (one,) = await desk.transfers()
    assert (one["state"], one["reason"]) == ("missed", reason)
    assert one["detail"].endswith(".")
    # Whoever answers late is let go.
    assert is_hangup(await desk.whispered(transfer, ParentCallSid=""))


async def test_nobody_waits_for_ever_though_no_worker_is_there(world: World):
    desk = await Desk.of(world, SCRIPT, WARM)
    world.gateway.away = True
    await desk.answered()
    transfer = desk.of_transfer(await desk.asked(await desk.pressed("1")))
    await desk.held(transfer)
    world.clock.pass_(seconds=19)
    assert "<Play>" in await desk.held(transfer, 1)
    world.clock.pass_(seconds=1)
    assert "Nobody is there." in await desk.held(transfer, 2)
    assert (await desk.transfers())[0]["reason"] == "failed"


async def test_whoever_took_it_and_finds_nobody_is_told(world: World):
    desk, transfer = await _ringing(world)
    own = {"ParentCallSid": ""}
    await desk.whispered(transfer, **own)
    await desk.whispered(transfer, "taken", Digits="1", **own)
    # Another leg is hung up, whatever it presses.
    other = {**own, "CallSid": "CA" + "7" * 32}
    assert is_hangup(await desk.whispered(transfer, "taken", Digits="1", **other))
    assert is_hangup(await desk.whispered(transfer, "enter", **other))
    world.clock.pass_(seconds=20)
    gone = await desk.whispered(transfer, "enter", **own)
    assert "The caller is not there any more." in gone
    assert "<Hangup" in gone
    assert "Nobody is there." in await desk.held(transfer, 1)
    assert (await desk.transfers())[0]["reason"] == "failed"


async def test_a_warm_transfer_is_held_to_the_two_seconds_as_well(world: World):
    desk = await Desk.of(world, AT_ONCE, WARM)
    transfer = desk.of_transfer(await desk.asked(await desk.answered()))
    await desk.held(transfer)
    await _dialed(world, transfer)
    own = {"ParentCallSid": ""}
    await desk.whispered(transfer, **own)
    await desk.whispered(transfer, "taken", Digits="1", **own)
    world.clock.pass_(seconds=3)
    await desk.held(transfer, 1)
    await desk.whispered(transfer, "enter", **own)
    await desk.met(transfer)
    (one,) = await desk.transfers()
    assert (one["wasAsked"], one["abandoned"]) == (False, True)


async def test_a_machine_that_was_found_out_late_waits_for_its_message_and_meets_nobody(
    world: World,
):
    desk = await Desk.of(world, AT_ONCE, WARM)
    transfer = desk.of_transfer(await desk.asked(await desk.answered()))
    await desk.held(transfer)
    await _dialed(world, transfer)
    own = {"ParentCallSid": ""}
    await desk.whispered(transfer, **own)
    await desk.whispered(transfer, "taken", Digits="1", **own)
    assert await world.amd(desk.attempt.token, "machine_start") == 204
    kept = await desk.held(transfer, 1)
    assert "<Conference" not in kept
    assert f"/twilio/voice/{desk.attempt.token}" in kept
    gone = await desk.whispered(transfer, "enter", **own)
    assert "The caller is not there any more." in gone


async def test_an_ai_agent_stays_until_it_is_taken_and_goes_on_if_it_is_not(world: World):
    desk = await Desk.of(world, AGENT, WARM)
    first = await desk.answered()
    await world.status(desk.attempt.token, "in-progress")
    path, asked = f"{V1}/calls/{desk.call_id}/transfer", {"target": "desk"}
    made = await world.post(path, asked, 202)
    # It is dialed at once, while they talk.
    assert (made["state"], made["warm"], made["waitingSince"]) == ("dialing", True, None)
    transfer = made["transferId"]
    assert (await world.post(path, asked, 202))["transferId"] == transfer
    await world.post(path, {"target": "desk", "whisper": "Another."}, 409)
    await _dialed(world, transfer)
    await desk.whispered(transfer, "target", CallStatus="busy", ParentCallSid="")
    # Who lets go now has not heard of it yet, and is connected again.
    back = await desk.asked(first)
    assert 'name="transfer" value="busy"' in back
    # Of one that it knows of, it ends the call.
    assert is_hangup(await desk.asked(first))


async def test_an_ai_agent_is_told_at_once_that_nobody_can_be_dialed(world: World):
    desk = await Desk.of(world, AGENT, {"warm": True, "whisper": "{{name}} " + "a" * 480})
    await desk.answered()
    await world.status(desk.attempt.token, "in-progress")
    path = f"{V1}/calls/{desk.call_id}/transfer"
    world.gateway.away = True
    made = await world.post(path, {"target": "desk"}, 202)
    assert (made["state"], made["reason"]) == ("missed", "failed")
    assert made["detail"] == "The carrier could not reach the target."
    problem = await world.post(path, {"target": "desk", "whisper": "a" * 4097}, 422)
    assert problem["errors"][0]["field"] == "whisper"


@pytest.mark.parametrize(("target", "reason"), [({}, "spend_limit"), (WARM, "paused")])
async def test_what_keeps_calls_from_being_dialed_keeps_callees_from_being_put_through(
    world: World, target: Json, reason: str
):
    desk = await Desk.of(world, SCRIPT, target)
    await desk.answered()
    document = await desk.pressed("1")
    async with world.db.write() as session:
        account = await session.get(Account, desk.attempt.account_id)
        assert account is not None
        if reason == "paused":
            account.paused_since = world.clock.now
        else:
            account.spend_limit = 1
            await costs.spend(session, account.account_id, None, 1)
        session.add(account)
    assert "Nobody is there." in await desk.asked(document)
    (one,) = await desk.transfers()
    assert (one["state"], one["reason"]) == ("missed", reason)
    assert one["detail"]
