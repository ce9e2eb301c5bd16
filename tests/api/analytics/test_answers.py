"""/api/v1/analytics: as CSV, when it refuses, and whether all is counted."""

import pytest

from policy.model.call import AttemptResult, Outcome
from storage.analytics import rollup
from storage.tables import Account, Agent
from tests.api.analytics.known_calls import (
    NUMBERS,
    OTHER_CALLER,
    Dial,
    Told,
    account_id,
    at,
    called,
    count,
    seven_calls,
)
from tests.api.http.test_auth import bearer, key_with
from tests.api.world import CALLER_ID, World


@pytest.fixture
async def told(world: World) -> Told:
    return await seven_calls(world)


# -- CSV


async def test_a_csv_has_a_line_for_each_group_with_the_numbers_of_the_answer(told: Told):
    query = {"groupBy": "agent", "timezone": "America/New_York", "from": "2026-11-22"}
    ada, bob = await told.rows(**query)
    shown = (await told.get(**query))["groups"][0]
    assert (ada["key"], ada["name"], bob["name"]) == (told.ada, "Ada", "Bob")
    assert (ada["from"], ada["to"]) == ("2026-11-22T05:00:00Z", "2026-11-23T15:00:00Z")
    assert (ada["timezone"], ada["isComplete"], ada["currency"]) == (
        "America/New_York",
        "true",
        "USD",
    )
    for name in set(NUMBERS) - {"optOutRate"}:
        assert ada[name] == str(shown[name]), name
    assert ada["timeToFirstDialMedian"] == str(shown["timeToFirstDial"]["median"])
    assert bob["outcomesOptedOutCalls"] == "1"
    assert bob["outcomesOptedOutCostEach"] == "14000"
    assert bob["outcomesBusyCostEach"] == ""


async def test_a_csv_without_groups_is_one_line_of_totals(told: Told):
    [line] = await told.rows()
    assert {name: line[name] for name in NUMBERS} == {
        name: str(value) for name, value in NUMBERS.items()
    }
    assert "key" not in line
    assert all(name.isalnum() and name[0].islower() for name in line)


async def test_a_csv_of_no_groups_is_its_header(told: Told):
    answer = await told.world.http.get(
        "/api/v1/analytics.csv",
        params={"from": "2026-11-01", "to": "2026-11-02", "groupBy": "day"},
    )
    assert answer.text.startswith("from,to,timezone,isComplete,currency,key,name,scheduled,")
    assert answer.text.count("\n") == 1


async def test_a_name_stays_a_text_in_a_spreadsheet(told: Told):
    path = f"/api/v1/agents/{told.bob}"
    assert (await told.world.http.patch(path, json={"name": "=1+1"})).status_code == 200
    _, bob = await told.rows(groupBy="agent")
    assert bob["name"] == "'=1+1"
    assert {line["key"] for line in await told.rows(groupBy="callerId")} == {
        CALLER_ID,
        OTHER_CALLER,
    }


# -- what is refused


@pytest.mark.parametrize(
    ("query", "refusal"),
    [
        ({"timezone": "Mars/Olympus"}, ("unknown_timezone", "timezone")),
        ({"timezone": ""}, ("too_short", "timezone")),
        ({"groupBy": "week"}, ("unknown_value", "groupBy")),
        ({"from": "yesterday"}, ("malformed", "from")),
        ({"from": "2026-11-23", "to": "2026-11-22"}, ("empty_period", "to")),
        ({"from": "2026-11-22", "to": "2026-11-22"}, ("empty_period", "to")),
        ({"from": "2026-12-24"}, ("empty_period", "from")),
        ({"from": "2025-11-20", "to": "2026-11-22"}, ("period_too_long", "to")),
        ({"from": "2025-11-20"}, ("period_too_long", "from")),
        ({"from": "0001-01-01T00:00:00+02:00"}, ("out_of_range", "from")),
        ({"to": "9999-12-31T23:59:59-05:00"}, ("out_of_range", "to")),
        ({"agentId": "nobody"}, ("unknown_agent", "agentId")),
        ({"campaignId": "none"}, ("unknown_campaign", "campaignId")),
        ({"group_by": "day"}, ("unknown_field", "group_by")),
    ],
)
async def test_what_cannot_be_answered_names_its_field(
    told: Told, query: dict[str, str], refusal: tuple[str, str]
):
    assert await told.refusal(**query) == refusal
    assert await told.refusal(path=".csv", **query) == refusal


async def test_a_leap_year_is_not_too_long(told: Told):
    found = await told.get(from_="2027-03-01", to="2028-03-01")
    assert found["totals"]["scheduled"] == 0


async def test_another_accounts_agent_is_unknown(told: Told):
    async with told.world.db.write() as session:
        now = told.world.clock.now
        other = Account(name="other", created_time=now)
        session.add(other)
        await session.flush()
        foreign = Agent(account_id=other.account_id, name="Eve", created_time=now, updated_time=now)
        session.add(foreign)
    assert await told.refusal(agentId=foreign.agent_id) == ("unknown_agent", "agentId")


@pytest.mark.parametrize("path", ["", ".csv", "/best-hours", "/caller-ids"])
async def test_a_key_needs_the_scope(world: World, path: str):
    url = f"/api/v1/analytics{path}"
    for scope, status in (("calls:*", 403), ("analytics:read", 200)):
        key = await key_with(world, [scope], name=scope)
        assert (await world.http.get(url, headers=bearer(key))).status_code == status


# -- whether all is counted


async def test_numbers_are_complete_once_the_calls_from_before_are_counted(world: World):
    agent_id = await world.agent()
    await called(world, agent_id, at("11-22T14:00:00"), Outcome.BUSY, Dial(1, AttemptResult.BUSY))
    told = Told(world, agent_id, agent_id, "")
    assert (await told.get())["isComplete"] is False
    assert (await told.get(path="/caller-ids"))["isComplete"] is False
    await count(world.db)
    assert (await told.get())["isComplete"] is True
    assert (await told.get(path="/caller-ids"))["isComplete"] is True


async def test_numbers_are_not_complete_while_all_is_counted_anew_and_the_old_ones_are_shown(
    told: Told,
):
    before = (await told.get())["totals"]
    async with told.world.db.write() as session:
        await rollup.begin_anew(session, await account_id(told.world))
    found = await told.get()
    assert (found["isComplete"], found["totals"]) == (False, before)
    await count(told.world.db)
    found = await told.get()
    assert (found["isComplete"], found["totals"]) == (True, before)


async def test_numbers_are_not_complete_when_the_counter_is_more_than_a_minute_behind(told: Told):
    await told.world.call(agentId=told.ada, allowDuplicate=True)
    assert (await told.get())["isComplete"] is True
    told.world.clock.pass_(seconds=61)
    assert (await told.get())["isComplete"] is False
    await count(told.world.db)
    found = await told.get()
    assert (found["isComplete"], found["totals"]["scheduled"]) == (True, 7)
