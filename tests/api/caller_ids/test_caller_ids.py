"""/api/v1/caller-ids: numbers held to the carrier's list, at creation and at the dial."""

from datetime import timedelta
from typing import Any

import pytest
from fastapi import FastAPI

from activities.caller_ids.number_care import CallerIdCare
from activities.caller_ids.number_import import NumberImport
from activities.caller_ids.number_sources import NumberSources
from api.app import assemble
from policy.caller_ids.rests import RestState
from policy.caller_ids.standings import CallerIdCheck
from policy.location.caller_ids import choose
from storage.caller_ids import number_lists, watches
from storage.facts.gather import FactGatherer
from storage.tables import Agent, NumberWatchRow
from telephony.errors import Ambiguous, Rejected, RejectedClass, Unreachable
from telephony.memory.numbers import MemoryNumbers
from telephony.port import CarrierNumber, NumberKind
from tests.api.carriers.others import another_account, body, made, refusal, sealing_settings
from tests.api.worker import Worker
from tests.api.world import Json, World

PATH = "/api/v1/caller-ids"
FIRST, SECOND, THIRD = "+12025550100", "+12025550101", "+12025550102"
POOL = [FIRST, SECOND]
PEOPLE = [f"+120255502{index:02}" for index in range(40)]


def number(text: str, **changes: Any) -> CarrierNumber:
    return CarrierNumber(text, NumberKind.OWNED, "PN" + text[1:], **{"voice": True, **changes})


async def imports(world: World, *numbers: CarrierNumber, status: int = 200) -> Json:
    world.numbers.listed = list(numbers)
    world.clock.pass_(minutes=1)
    return await world.post(f"{PATH}/import", {}, status)


async def shown(world: World) -> dict[str, Json]:
    answer = await world.http.get(PATH)
    assert answer.status_code == 200, answer.text
    return {one["number"]: one for one in answer.json()["callerIds"]}


async def test_what_was_not_imported_is_said_to_be_so_and_taken_unless_that_is_required(
    world: World, application: FastAPI
):
    await world.agent(callerIds=POOL)
    assert {one["standing"] for one in (await shown(world)).values()} == {"not_imported"}
    assert (await world.http.get(PATH)).json()["lists"][0]["importedTime"] is None
    strict = sealing_settings(caller_id_check=CallerIdCheck.REQUIRED)
    application.state.services = assemble(strict, world.db, world.gateway, world.clock)
    refused = await world.post("/api/v1/agents", {"name": "b", "callerIds": POOL}, 422)
    assert (refused["code"], refused["errors"][0]["field"]) == ("not_imported", "callerIds.0")
    await imports(world, number(FIRST), number(SECOND))
    await world.post("/api/v1/agents", {"name": "b", "callerIds": POOL})


async def test_an_imported_list_is_shown_with_what_the_carrier_tells(world: World):
    await world.agent(callerIds=POOL)
    said = number(FIRST, name="Front desk", shaken_stir="twilio-approved")
    found = await imports(world, said, number(THIRD, voice=False))
    assert (found["added"], found["lost"], found["of"]["numbers"]) == (2, 0, 2)
    one = (await shown(world))[FIRST]
    assert (one["standing"], one["listed"]["name"]) == ("owned", "Front desk")
    assert one["listed"]["shakenStir"] == "twilio-approved"
    assert (await shown(world))[SECOND]["standing"] == "unlisted"
    listed = (await world.http.get(f"{PATH}/listed")).json()
    assert [one["number"] for one in listed["numbers"]] == [FIRST, THIRD]


@pytest.mark.parametrize(
    ("listed", "code"),
    [((), "unlisted"), ((number(THIRD, voice=False),), "no_voice")],
)
async def test_a_number_the_carrier_would_refuse_is_refused_with_its_field_and_how_to_mend_it(
    world: World, listed: tuple[CarrierNumber, ...], code: str
):
    agent = await world.agent(callerIds=POOL)
    await imports(world, number(FIRST), number(SECOND), *listed)
    said = {"name": "b", "callerIds": [FIRST, THIRD]}
    for method, path in (("POST", "/api/v1/agents"), ("PATCH", f"/api/v1/agents/{agent}")):
        answer = await world.http.request(method, path, json=said)
        problem = answer.json()
        assert (answer.status_code, problem["code"]) == (422, code)
        assert problem["errors"][0]["field"] == "callerIds.1"
        assert "import the list anew" in problem["detail"]


async def test_a_lost_number_takes_no_new_call_and_its_waiting_calls_move_to_another(
    world: World,
):
    agent = await world.agent(callerIds=POOL)
    await imports(world, number(FIRST), number(SECOND))
    theirs = next(one for one in PEOPLE if choose(POOL, one) == FIRST)
    call = await world.call(agentId=agent, endpoint=theirs)
    named = await world.call(agentId=agent, endpoint="+12025550170", callerId=FIRST)
    found = await imports(world, number(SECOND))
    assert found["lost"] == 1
    one = (await shown(world))[FIRST]
    assert (one["standing"], one["marks"]) == ("lost", {agent: "barred"})
    assert (await world.http.get(f"/api/v1/calls/{call}")).json()["callerId"] == SECOND
    still = (await world.http.get(f"/api/v1/calls/{named}")).json()["callerId"]
    assert still == FIRST or choose(POOL, "+12025550170") == FIRST
    said = await world.body(agentId=agent, endpoint="+12025550171", callerId=FIRST)
    problem = await world.post("/api/v1/calls", said, 422)
    assert (problem["code"], problem["errors"][0]["field"]) == ("caller_id_barred", "callerId")
    campaign = {"name": "c", "agentId": agent, "defaults": {"callerId": FIRST}}
    problem = await world.post("/api/v1/campaigns", campaign, 422)
    assert problem["errors"][0]["field"] == "defaults.callerId"
    events = (await world.http.get("/api/v1/events", params={"take": 1000})).json()["events"]
    told = [one for one in events if one["type"].startswith("caller_id.")]
    assert [one["type"] for one in told] == ["caller_id.barred"]
    assert FIRST not in str(told)


async def test_a_number_of_a_prescribed_range_makes_room_for_another_one_of_it_only(
    world: World,
):
    bank, other, office = "+911600000123", "+911600000124", "+912225550100"
    agent = await world.agent(purpose="service", callerIds=[bank, other, office])
    acknowledged = {"prerequisite": "in.dlt", "reference": "1101"}
    await world.post("/api/v1/compliance/acknowledgements", acknowledged, 201)
    everything = [number(one) for one in (bank, other, office)]
    await imports(world, *everything)
    consent = {"tier": "written", "method": "web form"}
    people = [f"+9122255501{index:02}" for index in range(12)]
    said = {"agentId": agent, "consent": consent}
    calls = [await world.call(**said, endpoint=one) for one in people]
    before = [(await world.view(call))["callerId"] for call in calls]
    assert set(before) == {bank, other}
    await imports(world, number(other), number(office))
    assert {(await world.view(call))["callerId"] for call in calls} == {other}
    call = await world.call(**said, endpoint="+912225550199")
    assert (await world.view(call))["callerId"] == other
    await imports(world, number(office))
    assert office not in {(await world.view(call))["callerId"] for call in calls}


async def test_where_no_other_number_is_left_calls_wait_with_the_reason_and_go_on_when_it_is_back(
    world: World, worker: Worker
):
    agent = await world.agent(callerIds=[FIRST])
    await imports(world, number(FIRST))
    call = await world.call(agentId=agent)
    await imports(world)
    decision = await worker.decide(call)
    assert (decision.kind, decision.reason) == ("wait", "caller_id_barred")
    said = await world.body(agentId=agent, endpoint="+12025550171")
    assert (await world.post("/api/v1/calls", said, 422))["code"] == "caller_id_barred"
    await imports(world, number(FIRST))
    assert call in world.gateway.replanned
    assert (await worker.decide(call)).kind == "dial"


async def test_a_carrier_that_does_not_answer_loses_no_number(world: World):
    await world.agent(callerIds=POOL)
    await imports(world, number(FIRST), number(SECOND))
    world.numbers.failure = Ambiguous("the carrier's list of numbers does not end")
    problem = await imports(world, status=503)
    assert problem["code"] == "carrier_away"
    assert {one["standing"] for one in (await shown(world)).values()} == {"owned"}
    assert "does not end" in (await world.http.get(PATH)).json()["lists"][0]["error"]


async def test_a_list_that_was_just_imported_is_not_asked_for_again(world: World):
    await imports(world, number(FIRST))
    world.numbers.failure = Unreachable("away")
    again = await world.post(f"{PATH}/import", {}, 200)
    assert (again["added"], again["of"]["numbers"]) == (0, 1)


async def test_one_account_sees_neither_the_lists_nor_the_unused_numbers_of_others(world: World):
    await world.agent(callerIds=POOL)
    own = (await made(world, callerIds=[THIRD]))["carrierAccountId"]
    await imports(world, number(FIRST), number(SECOND), number("+12025550109"))
    others = await another_account(world)
    listed = await world.http.get(f"{PATH}/listed", headers=others)
    assert listed.json()["numbers"] == []
    assert listed.json()["of"]["numbers"] == 0
    for method, path, said in (
        ("GET", f"{PATH}/listed?carrierAccountId={own}", None),
        ("POST", f"{PATH}/import", {"carrierAccountId": own}),
    ):
        answer = await world.http.request(method, path, json=said, headers=others)
        assert answer.status_code == 404
    # Where there are two, the first sees its own only, too.
    mine = (await world.http.get(f"{PATH}/listed")).json()
    assert [one["number"] for one in mine["numbers"]] == POOL


async def test_a_wrong_token_is_refused_before_anything_is_kept(world: World):
    wrong = Rejected("credentials", reason=RejectedClass.ACCOUNT, code=20003, status=401)
    world.numbers.failure = wrong
    assert await refusal(world) == ("not_taken", "authToken")
    world.numbers.failure = Rejected("closed", reason=RejectedClass.ACCOUNT, code=10001)
    assert await refusal(world) == ("not_active", "accountSid")
    proxy = Rejected("HTTP 403 without a code", reason=RejectedClass.ACCOUNT, status=403)
    for failure in (proxy, Unreachable("no connection"), Ambiguous("HTTP 500")):
        world.numbers.failure = failure
        assert await refusal(world, 503) == ("carrier_away", "")
    assert (await world.http.get("/api/v1/carrier-accounts")).json()["total"] == 0
    world.numbers.failure = None
    path = f"/api/v1/carrier-accounts/{(await made(world))['carrierAccountId']}"
    world.numbers.failure = wrong
    answer = await world.http.post(f"{path}/rotate-token", json={"authToken": "b" * 32})
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "authToken")
    assert body()["authToken"] not in answer.text


async def test_lists_are_imported_again_once_a_day_and_a_failed_one_after_a_while(world: World):
    numbers = MemoryNumbers([number(FIRST)])
    sources = NumberSources(None, ("AC", "token"), lambda *_: numbers)  # type: ignore[arg-type]

    def care(check: CallerIdCheck) -> CallerIdCare:
        runs = NumberImport(world.db, sources, check, FactGatherer(), world.clock)
        return CallerIdCare(world.db, runs, check, now=world.clock)

    loop = care(CallerIdCheck.IMPORTED)
    assert await loop.due() == []
    assert await care(CallerIdCheck.REQUIRED).due() == [number_lists.INSTALLATION]
    await imports(world, number(FIRST))
    assert await loop.due() == []
    world.clock.now += timedelta(days=1)
    numbers.failure = Unreachable("away")
    await loop.round()
    assert await loop.due() == []
    world.clock.now += timedelta(minutes=15)
    numbers.failure = None
    await loop.round()
    assert (await world.http.get(PATH)).json()["lists"][0]["error"] is None
    assert await loop.due() == []


async def test_what_a_killed_import_has_left_undone_is_done_by_the_loop(
    world: World, monkeypatch: pytest.MonkeyPatch
):
    agent = await world.agent(callerIds=POOL)
    await imports(world, number(FIRST), number(SECOND))
    theirs = next(one for one in PEOPLE if choose(POOL, one) == FIRST)
    call = await world.call(agentId=agent, endpoint=theirs)
    numbers = MemoryNumbers([number(SECOND)])
    sources = NumberSources(None, ("AC", "token"), lambda *_: numbers)  # type: ignore[arg-type]
    runs = NumberImport(world.db, sources, CallerIdCheck.IMPORTED, FactGatherer(), world.clock)
    loop = CallerIdCare(world.db, runs, CallerIdCheck.IMPORTED, now=world.clock)

    async def killed(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(NumberImport, "refresh", killed)
        with pytest.raises(KeyboardInterrupt):
            await runs.run(number_lists.INSTALLATION)
    world.clock.now += timedelta(minutes=15)
    with monkeypatch.context() as patch:
        patch.setattr(NumberImport, "move_waiting", killed)
        with pytest.raises(KeyboardInterrupt):
            await loop.round()
    assert (await shown(world))[FIRST]["marks"] == {agent: "barred"}
    assert (await world.view(call))["callerId"] == FIRST
    await loop.round()
    assert (await world.view(call))["callerId"] == SECOND
    world.clock.now += timedelta(minutes=15)
    await loop.round()
    assert (await http_lists(world))[0]["error"] is None
    assert await loop.due() == []


async def http_lists(world: World) -> list[Json]:
    found: list[Json] = (await world.http.get(PATH)).json()["lists"]
    return found


async def test_a_pool_that_heals_itself_is_shown_and_a_rested_number_is_brought_back(world: World):
    agent = await world.agent(callerIds=POOL, healsCallerIds=True)
    assert (await world.http.get(f"/api/v1/agents/{agent}")).json()["healsCallerIds"] is True
    async with world.db.write() as session:
        row = await session.get_one(Agent, agent)
        await watches.look(session, row.account_id, agent, world.clock.now)
    [watch] = (await shown(world))[FIRST]["watches"]
    assert (watch["state"], watch["agentId"], watch["expectedRate"]) == ("watched", agent, None)
    said = {"agentId": agent, "number": FIRST}
    assert (await world.post(f"{PATH}/return", said, 409))["code"] == "not_rested"
    calm = await world.agent(callerIds=[THIRD], healsCallerIds=True)
    async with world.db.write() as session:
        row = await session.get_one(Agent, calm)
        await watches.look(session, row.account_id, calm, world.clock.now)
    await world.http.patch(f"/api/v1/agents/{calm}", json={"healsCallerIds": False})
    assert (await shown(world))[THIRD]["watches"] == []
    async with world.db.write() as session:
        kept = await session.get_one(NumberWatchRow, (agent, FIRST))
        kept.state, kept.until = RestState.RESTED, world.clock.now + timedelta(days=3)
        row = await session.get_one(Agent, agent)
        row.caller_id_marks = {FIRST: "rested"}
        session.add_all([kept, row])
    theirs = next(one for one in PEOPLE if choose(POOL, one) == FIRST)
    call = await world.call(agentId=agent, endpoint=theirs)
    assert (await world.http.get(f"/api/v1/calls/{call}")).json()["callerId"] == SECOND
    others = await another_account(world)
    answer = await world.http.post(f"{PATH}/return", json=said, headers=others)
    assert answer.status_code == 404
    assert (await world.post(f"{PATH}/return", said, 200))["state"] == "probation"
    assert (await shown(world))[FIRST]["marks"] == {agent: "probation"}
    await world.http.patch(f"/api/v1/agents/{agent}", json={"healsCallerIds": False})
    one = (await shown(world))[FIRST]
    assert (one["marks"], one["watches"]) == ({}, [])
