"""What tools answer: typed and bounded, within what the key may do, and clear when they fail."""

import json

import pytest
from mcp.shared.exceptions import MCPError

from cli.assistants import access
from tests.cli.assistants.conftest import CALL, NUMBER, YES, Opened, Person, narrow, refused, use
from tests.client.conftest import AGENT_ID, CONTEXT
from tests.client.test_client import request
from trunkline_client import Trunkline

CHANGES = {
    "schedule_call", "cancel_call", "hang_up_call", "reschedule_call", "pause_campaign",
    "resume_campaign",
}  # fmt: skip


async def test_every_tool_is_described_typed_and_marked_by_what_it_does(assistant: Opened) -> None:
    async with assistant() as mine:
        tools = (await mine.list_tools()).tools
    hints = {one.name: one.annotations for one in tools}
    assert {name for name, hint in hints.items() if hint and not hint.read_only_hint} == CHANGES
    assert None not in hints.values()
    for one in tools:
        assert one.description
        assert one.title
        assert one.output_schema
        properties = one.input_schema["properties"]
        assert ("confirm" in properties) == (one.name in CHANGES)


async def test_only_what_the_key_may_do_is_offered_and_the_rest_is_refused_by_name(
    assistant: Opened, database_url: str, client: Trunkline
) -> None:
    await narrow(database_url, ["calls:read", "agents:*"])
    async with assistant(Person(YES)) as mine:
        names = {one.name for one in (await mine.list_tools()).tools}
        assert names == {"list_calls", "show_call", "explain_call", "show_queue", "list_agents"}
        assert "calls:write" in await refused(mine, "schedule_call", **CALL)
        await narrow(database_url, ["calls:write", "calls:read", "agents:read"])
        told = await use(mine, "schedule_call", **CALL)
        assert told["done"]


async def test_a_key_without_sight_of_the_rates_schedules_all_the_same(
    assistant: Opened, database_url: str
) -> None:
    await narrow(database_url, ["calls:*", "agents:read"])
    async with assistant() as mine:
        dry = await use(mine, "schedule_call", **CALL)
    assert dry["plan"]["cost"]["per_minute"] is None
    assert "rates" in dry["told"]


async def test_a_stranger_is_told_so(assistant: Opened) -> None:
    async with assistant(key="tl_nobody") as mine:
        with pytest.raises(MCPError, match="unauthorized"):
            await mine.list_tools()
        assert "unauthorized" in await refused(mine, "list_calls")


async def test_a_server_that_is_away_is_told(assistant: Opened) -> None:
    async with assistant(url="http://127.0.0.1:1", key="tl_x") as mine:
        assert (await mine.list_tools()).tools
        assert "No Trunkline answers" in await refused(mine, "list_agents")


async def test_may_i_call_says_when_and_why(assistant: Opened) -> None:
    async with assistant() as mine:
        told = await use(mine, "may_i_call", number=NUMBER)
        assert told["permitted"]
        assert told["now"]
        assert [one["timezone"] for one in told["clocks"]] == ["America/New_York"]
        assert told["rules"]
        night = await use(mine, "may_i_call", number=NUMBER, at="2026-11-24T04:00:00Z")
        assert (night["permitted"], night["now"]) == (True, False)
        assert night["next_at"] == "2026-11-24T13:00:00Z"


async def test_what_a_call_would_be_refused_for_is_told_before_anybody_is_asked(
    assistant: Opened, client: Trunkline
) -> None:
    client.add_suppression({"endpoint": NUMBER})
    person = Person(YES)
    async with assistant(person) as mine:
        assert "suppressed" in await refused(mine, "schedule_call", **CALL)
        wrong = await refused(mine, "schedule_call", number="none", context=CONTEXT)
        assert wrong.startswith("endpoint: ")
        assert "no such agent" in await refused(mine, "schedule_call", **CALL, agent="nobody")
        client.create_call(request(endpoint="+12125550124"))
        again = {"number": "+12125550124", "context": CONTEXT}
        assert "show_call" in await refused(mine, "schedule_call", **again)
    assert person.asked == []


async def test_calls_are_listed_shown_and_explained(assistant: Opened, client: Trunkline) -> None:
    made = [client.create_call(request(number)).call_id for number in range(3)]
    async with assistant() as mine:
        page = await use(mine, "list_calls", limit=2)
        assert {one["call_id"] for one in page["calls"]} < set(made)
        assert (page["total"], page["more"]) == (3, True)
        rest = await use(mine, "list_calls", limit=2, skip=2, agent="examples")
        assert {one["call_id"] for one in [*page["calls"], *rest["calls"]]} == set(made)
        assert not rest["more"]
        shown = await use(mine, "show_call", call_id=made[0])
        assert (shown["context"], shown["dials"]) == (CONTEXT, [])
        assert (await use(mine, "explain_call", call_id=made[0]))["decisions"] == []
        assert (await use(mine, "show_queue"))["total"] == 3
        assert "not_found" in await refused(mine, "show_call", call_id="nothing")


async def test_what_is_large_is_cut(assistant: Opened, client: Trunkline) -> None:
    context = {**CONTEXT, "note": "x" * 20_000}
    id = client.create_call(request(context=context)).call_id
    async with assistant() as mine:
        assert len(json.dumps(await use(mine, "show_call", call_id=id))) < 10_000


async def test_campaigns_agents_and_pathways_are_shown(
    assistant: Opened, client: Trunkline
) -> None:
    contacts = [{"endpoint": NUMBER, "context": CONTEXT}, {"endpoint": "none"}]
    body = {"name": "spring", "agentId": AGENT_ID, "contacts": contacts}
    made = client.create_campaign(body)
    async with assistant() as mine:
        page = await use(mine, "list_campaigns", status=["Draft"])
        assert [one["name"] for one in page["campaigns"]] == ["spring"]
        for name in ("SPRING", made.campaign_id):
            told = await use(mine, "campaign_progress", campaign=name)
            assert (told["contacts"]["staged"], told["contacts"]["invalid"]) == (1, 1)
        assert "There are: spring" in await refused(mine, "campaign_progress", campaign="winter")
        [agent] = (await use(mine, "list_agents"))["agents"]
        assert (agent["agent_id"], agent["name"]) == (AGENT_ID, "examples")
        [pathway] = (await use(mine, "list_pathways"))["pathways"]
        assert pathway["pathway_id"] == agent["pathway_id"]


async def test_a_name_is_found_however_many_there_are_and_few_are_read(
    assistant: Opened, client: Trunkline, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(access, "_FEW", 2)
    for name in ("spring", "summer", "autumn", "Summer"):
        client.create_campaign({"name": name, "agentId": AGENT_ID})
    async with assistant() as mine:
        told = [await use(mine, "campaign_progress", campaign=one) for one in ("spring", "AUTUMN")]
        assert [one["name"] for one in told] == ["spring", "autumn"]
        assert (await use(mine, "list_calls", campaign="spring"))["total"] == 0
        assert "Several" in await refused(mine, "campaign_progress", campaign="summer")
        refusal = await refused(mine, "campaign_progress", campaign="winter")
        assert refusal.endswith(" and 2 more.")


@pytest.mark.parametrize(
    ("tool", "arguments", "said"),
    [
        ("list_calls", {"limit": 51}, "limit"),
        ("list_calls", {"state": "Queued"}, "There is no argument state"),
        ("show_call", {}, "call_id"),
        ("schedule_call", {"number": "1" * 300}, "number"),
        ("schedule_call", {**CALL, "context": {"note": "x" * 3000}}, "context.note"),
        ("schedule_call", {**CALL, "priority": 11}, "priority"),
    ],
)
async def test_what_cannot_be_understood_is_named_and_not_repeated(
    assistant: Opened, tool: str, arguments: dict[str, object], said: str
) -> None:
    async with assistant() as mine:
        told = await refused(mine, tool, **arguments)
    assert said in told
    assert len(told) < 400
