"""What is shown while the carrier refuses the account, and how somebody has a call try at once."""

from datetime import timedelta

import pytest

from policy.model.call import DecisionKind, WaitingFor
from storage.dispatch import dialing_pause
from storage.tables import Call
from tests.api.worker import get
from tests.api.world import World

PROBE = "/api/v1/account/dialing/probe"
CAUSE = "the carrier answered HTTP 401, code 20003: the credentials are wrong"


async def refused(world: World, call_id: str) -> None:
    async with world.db.write() as session:
        call = await session.get(Call, call_id)
        assert call is not None
        await dialing_pause.refused(session, call, CAUSE, world.clock(), status=401, code=20003)


async def resumed(world: World, call_id: str) -> None:
    async with world.db.write() as session:
        call = await session.get(Call, call_id)
        assert call is not None
        await dialing_pause.taken(session, call, world.clock())


async def waiting(world: World, reason: str) -> str:
    call_id = await world.call(allowDuplicate=True)
    await world.decide(
        call_id, DecisionKind.QUEUE, waiting_for=WaitingFor.SLOT, reason=reason, detail="Waits"
    )
    return call_id


async def test_an_account_that_dials_shows_no_pause_and_has_nothing_to_try(world: World):
    assert (await get(world, "account"))["dialingPause"] is None
    assert (await world.post(PROBE, {}, 200))["dialingPause"] is None


async def test_the_account_says_why_dialing_is_paused_and_when_it_is_tried_again(world: World):
    await refused(world, await world.call())
    pause = (await get(world, "account"))["dialingPause"]
    assert (pause["cause"], pause["vainProbes"]) == (CAUSE, 0)
    later = world.clock() + timedelta(seconds=30)
    assert pause["nextProbeAt"] == later.isoformat().replace("+00:00", "Z")
    tried = (await world.post(PROBE, {}, 200))["dialingPause"]
    assert tried["nextProbeAt"] == pause["since"]


async def test_both_are_told_as_events_of_the_account(world: World):
    call_id = await world.call()
    await refused(world, call_id)
    await resumed(world, call_id)
    types = ["account.dialing_paused", "account.dialing_resumed"]
    paused, done = (await get(world, "events", type=types))["events"]
    assert paused["data"] == {"cause": CAUSE, "httpStatus": 401, "code": 20003}
    assert (paused["callId"], paused["endpoint"]) == (None, None)
    assert done["type"] == "account.dialing_resumed"


@pytest.mark.parametrize("stored", ["no_free_slot", "dialing_paused", "campaign_paused"])
async def test_the_queue_says_what_a_call_waits_for_now(world: World, stored: str):
    first = await world.call(allowDuplicate=True)
    call_id = await waiting(world, stored)
    await refused(world, first)
    seen = await get(world, f"calls/{call_id}")
    assert (seen["reason"], CAUSE in seen["detail"]) == ("dialing_paused", True)
    assert seen["expectedStart"] is None
    listed = (await get(world, "calls/queue/list"))["calls"]
    assert {one["callId"]: one["reason"] for one in listed}[call_id] == "dialing_paused"
    await resumed(world, first)
    after = await get(world, f"calls/{call_id}")
    assert after["reason"] == "no_free_slot"
    assert "refuses" not in after["detail"]
