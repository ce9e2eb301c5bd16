"""/api/v1/carrier-accounts: whose numbers are dialed by which account at Twilio."""

from collections.abc import MutableMapping, Sequence
from datetime import timedelta
from typing import Any

import pytest
from fastapi import FastAPI
from sqlmodel import select

from api.app import assemble
from api.carriers import routes
from policy.model.number_checks import NumberCheck
from settings import Settings
from storage.carriers import carrier_accounts
from storage.carriers.credentials import CredentialBook, Disabled
from storage.carriers.sealer import Sealer, new_key
from storage.carriers.secret_renewal import reseal
from storage.clearances import requests
from storage.tables import Account, Agent, Call, CarrierAccount, CheckedNumber, OutgoingText
from storage.tables.clearances import CheckState
from tests.api.carriers.others import (
    NEXT_TOKEN,
    NUMBER,
    OTHER_SID,
    OWN_SID,
    PATH,
    SID,
    TOKEN,
    another_account,
    body,
    made,
    refusal,
    sealing_settings,
)
from tests.api.worker import Worker
from tests.api.world import CALLER_ID, World
from tests.storage import make


async def row_of(world: World) -> CarrierAccount:
    async with world.db.read() as session:
        return (await session.exec(select(CarrierAccount))).one()


async def test_one_is_made_shown_changed_and_removed(world: World):
    shown = await made(world, region="ie1", edge="dublin", callerIds=[" +1 (202) 555-0155"])
    assert (shown["accountSid"], shown["callerIds"], shown["region"]) == (SID, [NUMBER], "ie1")
    path = f"{PATH}/{shown['carrierAccountId']}"
    assert (await world.http.get(path)).json() == shown
    assert (await world.http.get(PATH)).json() == {"carrierAccounts": [shown], "total": 1}
    changed = await world.http.patch(path, json={"name": "Dublin"})
    assert changed.json() == {
        **shown,
        "name": "Dublin",
        "updatedTime": changed.json()["updatedTime"],
    }
    assert (await world.http.delete(path)).status_code == 204
    assert (await world.http.get(path)).status_code == 404
    assert (await world.http.get(PATH)).json()["total"] == 0
    row = await row_of(world)
    assert (row.sealed_token, row.sealed_former) == (None, None)


async def test_a_token_is_kept_sealed_and_stands_in_no_answer_and_no_log(
    world: World, logged: list[MutableMapping[str, Any]]
):
    shown = await made(world)
    path = f"{PATH}/{shown['carrierAccountId']}"
    answers = [
        await world.http.post(f"{path}/rotate-token", json={"authToken": NEXT_TOKEN}),
        await world.http.get(path),
        await world.http.get(PATH),
        await world.http.post(PATH, json=body(authToken=TOKEN, accountSid="x")),
        await world.http.post(PATH, json=body(authToken=TOKEN[:9])),
        await world.http.post(PATH, json=body(authToken=TOKEN + " ")),
        await world.http.post(PATH, json=body(authToken=[TOKEN])),
    ]
    told = str(shown) + "".join(answer.text for answer in answers) + str(logged)
    row = await row_of(world)
    for token in (TOKEN, NEXT_TOKEN, TOKEN[:9]):
        assert token not in told
        assert token not in str(row.model_dump())
        assert token not in repr(row)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"accountSid": OWN_SID}, ("installations", "accountSid")),
        ({"accountSid": "AC1"}, ("malformed", "accountSid")),
        ({"region": "ie1"}, ("required", "edge")),
        ({"edge": "dublin"}, ("required", "region")),
        ({"region": "evil.example/", "edge": "dublin"}, ("malformed", "region")),
        ({"authToken": "short"}, ("too_short", "authToken")),
        ({"authToken": "sixteen letters and spaces"}, ("malformed", "authToken")),
        ({"callerIds": ["12"]}, ("invalid_number", "callerIds.0")),
    ],
)
async def test_what_cannot_be_is_refused_by_its_field(
    world: World, changes: dict[str, Any], expected: tuple[str, str]
):
    assert await refusal(world, **changes) == expected
    assert (await world.http.get(PATH)).json()["total"] == 0


async def test_neither_a_sid_nor_a_number_is_given_twice(world: World):
    first = await made(world)
    assert await refusal(world) == ("taken", "accountSid")
    assert await refusal(world, accountSid=OTHER_SID) == ("taken", "callerIds.0")
    second = await made(world, accountSid=OTHER_SID, callerIds=[])
    path = f"{PATH}/{second['carrierAccountId']}"
    answer = await world.http.patch(path, json={"callerIds": [NUMBER]})
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "callerIds.0")
    await world.http.patch(f"{PATH}/{first['carrierAccountId']}", json={"callerIds": []})
    assert (await world.http.patch(path, json={"callerIds": [NUMBER]})).status_code == 200


async def test_two_tokens_are_known_at_once_and_the_former_ends_at_its_time(world: World):
    path = f"{PATH}/{(await made(world))['carrierAccountId']}"
    again = await world.http.post(f"{path}/rotate-token", json={"authToken": TOKEN})
    assert (again.status_code, again.json()["code"]) == (422, "unchanged")
    world.clock.pass_(minutes=1)
    said = {"authToken": NEXT_TOKEN, "overlap": "PT1H"}
    shown = (await world.http.post(f"{path}/rotate-token", json=said)).json()
    assert (shown["tokenTime"], shown["formerTokenEndsTime"]) == (
        "2026-11-23T15:01:00Z",
        "2026-11-23T16:01:00Z",
    )
    world.clock.pass_(hours=1)
    assert (await world.http.get(path)).json()["formerTokenEndsTime"] is None


async def test_another_account_sees_and_changes_nothing_of_it(world: World):
    path = f"{PATH}/{(await made(world))['carrierAccountId']}"
    others = await another_account(world)
    asked = [
        await world.http.get(path, headers=others),
        await world.http.patch(path, json={"name": "mine"}, headers=others),
        await world.http.delete(path, headers=others),
        await world.http.post(
            f"{path}/rotate-token", json={"authToken": NEXT_TOKEN}, headers=others
        ),
    ]
    assert {answer.status_code for answer in asked} == {404}
    assert (await world.http.get(PATH, headers=others)).json()["total"] == 0
    assert (await world.http.get(path)).json()["name"] == "Ireland"


async def test_calls_of_a_disabled_one_move_or_wait_and_come_back_with_it(
    world: World, worker: Worker
):
    shown = await made(world)
    path = f"{PATH}/{shown['carrierAccountId']}"
    agents = [await world.agent(callerIds=pool) for pool in ([NUMBER], [NUMBER, CALLER_ID])]
    alone = await world.call(agentId=agents[0], endpoint="+12125550170")
    # The number of the pool that is nearest.
    moves = await world.call(agentId=agents[1], endpoint="+12025550171")
    async with world.db.read() as session:
        assert (await session.get_one(Call, moves)).caller_id == NUMBER
    disabled = (await world.http.post(f"{path}/disable")).json()
    assert disabled["disabledTime"] is not None
    assert (await world.http.post(f"{path}/disable")).json() == disabled
    decision = await worker.decide(alone)
    assert (decision.kind, decision.reason) == ("wait", "caller_id_barred")
    assert (await worker.decide(moves)).kind == "dial"
    async with world.db.read() as session:
        assert (await session.get_one(Call, moves)).caller_id == CALLER_ID
    said = await world.body(agentId=agents[0], endpoint="+12125550169")
    assert (await world.post("/api/v1/calls", said, 422))["code"] == "caller_id_barred"
    changed = await world.http.patch(f"/api/v1/agents/{agents[1]}", json={"callerIds": [CALLER_ID]})
    assert changed.status_code == 200
    refused = await world.http.patch(f"/api/v1/agents/{agents[1]}", json={"callerIds": [NUMBER]})
    assert refused.json()["errors"][0]["code"] == "disabled"
    world.gateway.replanned.clear()
    await resting(world, alone)
    assert (await world.http.post(f"{path}/enable")).json()["disabledTime"] is None
    assert world.gateway.replanned == [alone]
    assert (await worker.decide(alone)).kind == "dial"
    async with world.db.read() as session:
        text = (await session.exec(select(OutgoingText))).one()
        question = (await session.exec(select(CheckedNumber))).one()
    assert (text.due_at, question.due_at) == (world.clock.now, world.clock.now)


async def resting(world: World, call_id: str) -> None:
    """A text from the number, and a question about its callee, that wait until it is enabled."""
    async with world.db.read() as session:
        call = await session.get_one(Call, call_id)
        agent = await session.get_one(Agent, call.agent_id)
    campaign = await make.campaign(world.db, agent)
    rests: dict[str, Any] = {
        "due_at": world.clock.now + timedelta(days=1),
        "reason": "caller_id_barred",
    }
    of: dict[str, Any] = {
        "account_id": call.account_id,
        "campaign_id": campaign.campaign_id,
        "call_id": call_id,
    }
    async with world.db.write() as session:
        session.add(OutgoingText(**of, **rests, step="text"))
        session.add(
            CheckedNumber(
                **of,
                endpoint=call.endpoint,
                number_check=NumberCheck.LINE_TYPE,
                question="line_type:",
                state=CheckState.GIVEN_UP,
                error=requests.DISABLED,
            )
        )


async def test_no_answer_waits_for_calls_to_move_and_a_name_moves_none(
    world: World, monkeypatch: pytest.MonkeyPatch
):
    told: list[str] = []

    async def replan_numbers(_uses: object, agent_ids: Sequence[str]) -> None:
        """In the place of what is done after the answer."""
        told.extend(agent_ids)

    monkeypatch.setattr(routes, "replan_numbers", replan_numbers)
    agent = await world.agent(callerIds=[NUMBER, CALLER_ID])
    path = f"{PATH}/{(await made(world))['carrierAccountId']}"
    call = await world.call(agentId=agent, endpoint="+12025550171")
    await world.http.patch(path, json={"name": "Dublin", "region": "ie1", "edge": "dublin"})
    await world.http.patch(path, json={"callerIds": [NUMBER]})
    assert told == []
    for _ in range(2):
        assert (await world.http.post(f"{path}/disable")).status_code == 200
    assert told == [agent]
    async with world.db.read() as session:
        assert (await session.get_one(Call, call)).caller_id == NUMBER


async def test_the_default_dials_from_all_numbers_that_none_has(world: World):
    first = await made(world)
    second = await made(world, accountSid=OTHER_SID, callerIds=[])
    paths = [f"{PATH}/{one['carrierAccountId']}" for one in (first, second)]
    book = CredentialBook(world.db, Sealer.of(new_key()))

    async def by(number: str) -> str | None:
        async with world.db.read() as session:
            account = (await session.exec(select(Account))).one()
            return await book.for_dial(session, account, number)

    assert await by(CALLER_ID) is None
    for path in paths:
        assert (await world.http.patch(path, json={"isDefault": True})).json()["isDefault"]
    shown = (await world.http.get(PATH)).json()["carrierAccounts"]
    chosen = [one["carrierAccountId"] for one in shown if one["isDefault"]]
    assert chosen == [second["carrierAccountId"]]
    assert await by(CALLER_ID) == second["carrierAccountId"]
    assert await by(NUMBER) == first["carrierAccountId"]
    for answer in (
        await world.http.post(f"{paths[1]}/disable"),
        await world.http.delete(paths[1]),
    ):
        assert (answer.status_code, answer.json()["code"]) == (409, "is_default")
    await world.http.post(f"{paths[0]}/disable")
    refused = await world.http.patch(paths[0], json={"isDefault": True})
    assert (refused.status_code, refused.json()["code"]) == (409, "disabled")
    with pytest.raises(Disabled):
        await by(NUMBER)
    assert not (await world.http.patch(paths[1], json={"isDefault": False})).json()["isDefault"]
    assert await by(CALLER_ID) is None
    assert (await world.http.delete(paths[1])).status_code == 204


async def test_a_number_that_changes_hands_lets_calls_decide_again(world: World, worker: Worker):
    shown = await made(world)
    path = f"{PATH}/{shown['carrierAccountId']}"
    agent = await world.agent(callerIds=[NUMBER])
    call = await world.call(agentId=agent)
    await world.http.post(f"{path}/disable")
    assert (await worker.decide(call)).kind == "wait"
    await world.http.patch(path, json={"callerIds": []})
    assert world.gateway.replanned == [call]


async def test_it_is_not_removed_while_a_call_of_it_is_under_way(world: World):
    shown = await made(world)
    attempt = await world.dial(await world.call())
    async with world.db.write() as session:
        row = await session.get(type(attempt), attempt.attempt_id)
        assert row is not None
        row.carrier_account_id = shown["carrierAccountId"]
        session.add(row)
    answer = await world.http.delete(f"{PATH}/{shown['carrierAccountId']}")
    assert (answer.status_code, answer.json()["code"]) == (409, "in_use")


async def test_without_a_key_no_secret_is_taken(world: World, application: FastAPI):
    bare = sealing_settings().model_copy(update={"secret_keys": Settings().secret_keys})
    application.state.services = assemble(bare, world.db, world.gateway, world.clock)
    assert await refusal(world, 409) == ("no_secret_key", "")


async def test_secrets_are_sealed_anew_under_the_newest_key_once(world: World):
    path = f"{PATH}/{(await made(world))['carrierAccountId']}"
    await world.http.post(f"{path}/rotate-token", json={"authToken": NEXT_TOKEN})
    key = new_key()
    both = Sealer.of(f"{key} {sealing_settings().secret_keys.get_secret_value()}")
    assert await reseal(world.db, both) == 1
    assert await reseal(world.db, both) == 0
    alone, row = Sealer.of(key), await row_of(world)
    opened = [alone.open(text or "", row.carrier_account_id) for text in _sealed(row)]
    assert opened == [NEXT_TOKEN, TOKEN]


def _sealed(row: CarrierAccount) -> tuple[str | None, str | None]:
    return row.sealed_token, row.sealed_former


async def test_every_change_is_noticed_by_those_who_dial(world: World):
    async def version() -> int:
        async with world.db.read() as session:
            row = await carrier_accounts.every(session)
            owner = await session.get_one(Account, row[0].account_id)
            return int(owner.carriers_version)

    path = f"{PATH}/{(await made(world))['carrierAccountId']}"
    seen = {0, await version()}
    await world.http.patch(path, json={"name": "Dublin"})
    seen.add(await version())
    await world.http.post(f"{path}/rotate-token", json={"authToken": NEXT_TOKEN})
    seen.add(await version())
    assert len(seen) == 4


async def test_one_account_has_no_more_than_there_is_room_for(
    world: World, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(carrier_accounts, "MOST_OF_ACCOUNT", 1)
    await made(world)
    assert await refusal(world, 409, accountSid=OTHER_SID, callerIds=[]) == (
        "too_many_carrier_accounts",
        "",
    )


async def test_a_new_key_seals_all_however_many_there_are(
    world: World, monkeypatch: pytest.MonkeyPatch
):
    for name in ("MOST", "_PAGE"):
        monkeypatch.setattr(carrier_accounts, name, 1)
    await made(world)
    await made(world, accountSid=OTHER_SID, callerIds=[])
    both = Sealer.of(f"{new_key()} {sealing_settings().secret_keys.get_secret_value()}")
    assert await reseal(world.db, both) == 2
