"""/twilio/texts: what the carrier tells of a text that a campaign has sent."""

from typing import Any

import pytest

from storage.follow_ups import texts
from storage.tables import OutgoingText
from tests.api.callbacks.test_inbound import entries
from tests.api.worker import get
from tests.api.world import ENDPOINT, MONDAY, PUBLIC_URL, World, sign

SID, OTHER = "SM" + "7" * 32, "SM" + "8" * 32


async def sent(world: World, state: str = "sent", sid: str | None = SID) -> str:
    """A text to the person of a call, so far on."""
    agent = await world.agent()
    campaign = await world.post("/api/v1/campaigns", {"name": "Autumn", "agentId": agent})
    call_id = await world.call()
    account = await get(world, "account")
    row = OutgoingText(
        account_id=account["accountId"],
        campaign_id=campaign["campaignId"],
        call_id=call_id,
        step="text",
        state=state,
        sid=sid,
        due_at=MONDAY,
    )
    async with world.db.write() as session:
        session.add(row)
    return row.text_id


async def tell(world: World, text_id: str, status: str, sid: str = SID, **more: str) -> int:
    fields = {"MessageSid": sid, "MessageStatus": status, "AccountSid": "AC" + "2" * 32, **more}
    path = f"/twilio/texts/{text_id}"
    headers = {"X-Twilio-Signature": sign(PUBLIC_URL + path, fields)}
    answer = await world.raw_callback(path, fields, headers)
    return int(answer.status_code)


async def text_of(world: World, text_id: str) -> Any:
    async with world.db.read() as session:
        return await texts.load(session, text_id)


async def test_the_fate_of_a_text_is_noted_whatever_the_order_it_is_told_in(world: World):
    text_id = await sent(world)
    assert await tell(world, text_id, "delivered") == 204
    assert await tell(world, text_id, "sent") == 204
    text = await text_of(world, text_id)
    assert (text.state, text.delivery, text.error_code) == ("sent", "delivered", None)


async def test_a_text_that_did_not_arrive_says_why(world: World):
    text_id = await sent(world)
    assert await tell(world, text_id, "undelivered", ErrorCode="30003") == 204
    text = await text_of(world, text_id)
    assert (text.delivery, text.error_code) == ("undelivered", 30003)
    assert await entries(world) == []


@pytest.mark.parametrize("state", ["sending", "unknown"])
async def test_the_carriers_word_finds_a_text_whose_answer_was_lost(world: World, state: str):
    text_id = await sent(world, state, sid=None)
    assert await tell(world, text_id, "sent") == 204
    text = await text_of(world, text_id)
    assert (text.state, text.sid, text.reason) == ("sent", SID, None)


async def test_another_text_of_the_carriers_is_not_taken_for_ours(world: World):
    text_id = await sent(world)
    assert await tell(world, text_id, "failed", sid=OTHER, ErrorCode="21610") == 204
    assert (await text_of(world, text_id)).delivery is None
    assert await entries(world) == []


async def test_who_turns_out_to_have_opted_out_is_on_the_do_not_call_list(world: World):
    text_id = await sent(world)
    assert await tell(world, text_id, "failed", ErrorCode="21610") == 204
    assert await entries(world) == [(ENDPOINT, "carrier_opt_out")]


async def test_what_is_not_ours_or_not_signed_changes_nothing(world: World):
    text_id = await sent(world)
    assert await tell(world, "unknown", "delivered") == 404
    assert await tell(world, text_id, "No Word") == 400
    fields = {"MessageSid": SID, "MessageStatus": "delivered"}
    forged = await world.raw_callback(f"/twilio/texts/{text_id}", fields, {})
    assert forged.status_code == 403
    assert (await text_of(world, text_id)).delivery is None
