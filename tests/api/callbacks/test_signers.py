"""Callbacks of several accounts at the carrier: each speaks of its own legs and numbers only."""

from typing import Any
from urllib.parse import urlencode

import pytest
from fastapi import FastAPI
from pydantic import SecretStr
from sqlmodel import select

from api.app import assemble
from settings import Settings
from storage.carriers.credentials import CredentialBook
from storage.tables import Attempt, Inbound
from tests.api.callbacks import hostile
from tests.api.carriers.others import (
    NEXT_TOKEN,
    NUMBER,
    OTHER_SID,
    OTHER_TOKEN,
    OWN_SID,
    PATH,
    TOKEN,
    another_account,
    body,
    made,
    sealing_settings,
)
from tests.api.carriers.others import SID as ACCOUNT_SID
from tests.api.world import AUTH_TOKEN, ENDPOINT, PUBLIC_URL, SID, World, sign


@pytest.fixture
def settings() -> Settings:
    return sealing_settings()


async def leg_at(world: World, carrier_account_id: str | None) -> str:
    """The token of an attempt that was sent by an account at the carrier."""
    attempt = await world.dial(await world.call())
    async with world.db.write() as session:
        row = await session.get_one(Attempt, attempt.attempt_id)
        row.carrier_account_id = carrier_account_id
        session.add(row)
    return attempt.token


async def says(world: World, path: str, token: str, account_sid: str, **form: str) -> Any:
    """A request of the carrier, signed with an auth token."""
    fields = {"CallSid": SID, "AccountSid": account_sid, "CallStatus": "ringing", **form}
    headers = {"X-Twilio-Signature": sign(PUBLIC_URL + path, fields, token)}
    return await world.raw_callback(path, fields, headers)


async def status(world: World, leg: str, token: str, account_sid: str) -> int:
    return int((await says(world, f"/twilio/status/{leg}", token, account_sid)).status_code)


async def test_a_leg_is_told_of_by_its_own_account_alone(world: World):
    ireland = (await made(world))["carrierAccountId"]
    leg = await leg_at(world, ireland)
    with hostile.unchanged(world):
        assert await status(world, leg, AUTH_TOKEN, OWN_SID) == 404
        assert await status(world, leg, OTHER_TOKEN, ACCOUNT_SID) == 403
        assert await status(world, leg, TOKEN, OTHER_SID) == 403
        assert await status(world, leg, TOKEN, "AC" + "9" * 32) == 403
    assert await status(world, leg, TOKEN, ACCOUNT_SID) == 204


async def test_another_accounts_signature_opens_no_leg_though_it_claims_the_same_sid(world: World):
    ireland = (await made(world))["carrierAccountId"]
    others = await another_account(world)
    mine = body(authToken=OTHER_TOKEN, callerIds=[])
    answer = await world.http.post(PATH, json=mine, headers=others)
    assert answer.status_code == 201
    own, theirs = await leg_at(world, None), await leg_at(world, ireland)
    with hostile.unchanged(world):
        for leg in (own, theirs):
            assert await status(world, leg, OTHER_TOKEN, ACCOUNT_SID) == 404
            answer = await says(world, f"/twilio/voice/{leg}", OTHER_TOKEN, ACCOUNT_SID)
            assert "<Hangup" in answer.text
            assert "<Say" not in answer.text
    assert await status(world, theirs, TOKEN, ACCOUNT_SID) == 204


async def test_either_token_is_taken_until_the_former_ends(world: World):
    ireland = await made(world)
    leg = await leg_at(world, ireland["carrierAccountId"])
    assert await status(world, leg, NEXT_TOKEN, ACCOUNT_SID) == 403
    said = {"authToken": NEXT_TOKEN, "overlap": "PT1H"}
    await world.http.post(f"{PATH}/{ireland['carrierAccountId']}/rotate-token", json=said)
    world.clock.pass_(minutes=59)
    await seen_again(world)
    assert await status(world, leg, TOKEN, ACCOUNT_SID) == 204
    assert await status(world, leg, NEXT_TOKEN, ACCOUNT_SID) == 204
    world.clock.pass_(minutes=1)
    assert await status(world, leg, TOKEN, ACCOUNT_SID) == 403
    assert await status(world, leg, NEXT_TOKEN, ACCOUNT_SID) == 204


async def seen_again(world: World) -> None:
    """As a second later."""
    world_app: Any = world.http._transport
    world_app.app.state.services.credentials._read_at = float("-inf")


async def test_a_removed_account_is_not_heard_any_more(world: World):
    ireland = (await made(world))["carrierAccountId"]
    leg = await leg_at(world, None)
    assert await status(world, leg, TOKEN, ACCOUNT_SID) == 404
    await world.http.delete(f"{PATH}/{ireland}")
    await seen_again(world)
    assert await status(world, leg, TOKEN, ACCOUNT_SID) == 403


async def test_a_text_that_another_account_signs_stops_nobody_elses_calls(world: World):
    await world.agent(callerIds=[NUMBER])
    others = await another_account(world)
    mine = body(accountSid=OTHER_SID, authToken=OTHER_TOKEN)
    assert (await world.http.post(PATH, json=mine, headers=others)).status_code == 201
    form = {"MessageSid": "SM" + "3" * 32, "From": ENDPOINT, "To": NUMBER, "Body": "STOP"}
    path = "/twilio/inbound/sms"
    assert (await says(world, path, OTHER_TOKEN, OTHER_SID, **form)).status_code == 200
    async with world.db.read() as session:
        assert (await session.exec(select(Inbound))).all() == []
    await made(world, callerIds=[])
    await seen_again(world)
    assert (await says(world, path, TOKEN, ACCOUNT_SID, **form)).status_code == 200
    async with world.db.read() as session:
        assert len((await session.exec(select(Inbound))).all()) == 1


async def test_the_installations_former_token_is_taken_until_its_time(
    world: World, application: FastAPI
):
    former = sealing_settings(
        twilio_former_auth_token=SecretStr("former-token"),
        twilio_former_token_ends="2026-11-23T10:30:00-05:00",
    )
    application.state.services = assemble(former, world.db, world.gateway, world.clock)
    leg = await leg_at(world, None)
    assert await status(world, leg, "former-token", OWN_SID) == 204
    assert await status(world, leg, AUTH_TOKEN, OWN_SID) == 204
    world.clock.pass_(minutes=30)
    assert await status(world, leg, "former-token", OWN_SID) == 403


async def test_strangers_who_name_many_accounts_have_few_secrets_tried(
    world: World, monkeypatch: pytest.MonkeyPatch
):
    await made(world)
    tried: list[str] = []
    asked = CredentialBook.with_sid

    async def noted(book: CredentialBook, sid: str, **how: Any) -> Any:
        tried.append(sid)
        return await asked(book, sid, **how)

    monkeypatch.setattr(CredentialBook, "with_sid", noted)
    pairs = [("AccountSid", f"AC{number:032x}") for number in range(150)]
    headers = {"X-Twilio-Signature": "x", "Content-Type": "application/x-www-form-urlencoded"}
    answer = await world.http.post("/twilio/status/x", content=urlencode(pairs), headers=headers)
    assert answer.status_code == 403
    assert len(tried) == 2
