"""Nothing is dialed or changed before a person has said yes."""

import pytest
from mcp_types import ElicitResult

from cli.assistants.confirmation import SECONDS, Words
from tests.api.contract.server import Process
from tests.cli.assistants.conftest import CALL, ERAS, NO, NUMBER, YES, Opened, Person, refused, use
from trunkline_client import Trunkline


@pytest.mark.parametrize("era", ERAS)
async def test_the_person_is_asked_with_all_that_matters_and_yes_makes_one_call(
    assistant: Opened, client: Trunkline, era: str
) -> None:
    person = Person(YES)
    async with assistant(person, era) as mine:
        told = await use(mine, "schedule_call", **CALL)
    assert told["done"]
    [call] = client.list_calls().calls
    assert call.call_id == told["call"]["call_id"]
    [question] = person.asked
    for said in (NUMBER, "examples", "at once", "Mon 10:00 in America/New_York", "0.0140 USD"):
        assert said in question


@pytest.mark.parametrize("era", ERAS)
@pytest.mark.parametrize("answer", NO, ids=["unticked", "declined", "canceled"])
async def test_whatever_is_no_yes_does_nothing(
    assistant: Opened, client: Trunkline, era: str, answer: ElicitResult
) -> None:
    async with assistant(Person(answer), era) as mine:
        told = await use(mine, "schedule_call", **CALL)
    assert (told["done"], told["confirm"]) == (False, None)
    assert client.list_calls().total == 0


@pytest.mark.parametrize("era", ERAS)
async def test_where_a_person_can_be_asked_no_word_stands_for_them(
    assistant: Opened, client: Trunkline, era: str
) -> None:
    async with assistant(era=era) as mine:
        word = (await use(mine, "schedule_call", **CALL))["confirm"]
    person = Person(NO[1])
    async with assistant(person, era) as mine:
        told = await use(mine, "schedule_call", **CALL, confirm=word)
    assert not told["done"]
    assert NUMBER in person.asked[0]
    assert client.list_calls().total == 0


@pytest.mark.parametrize("era", ERAS)
async def test_else_the_first_answer_says_what_would_happen_and_a_word_does_it_once(
    assistant: Opened, client: Trunkline, era: str
) -> None:
    async with assistant(era=era) as mine:
        dry = await use(mine, "schedule_call", **CALL)
        assert not dry["done"]
        assert client.list_calls().total == 0
        plan = dry["plan"]
        assert (plan["endpoint"], plan["decision"]) == (NUMBER, "dial")
        assert plan["clocks"][0]["local_time"].startswith("2026-11-23T10:00:00")
        assert plan["cost"] == {"kind": "domestic", "currency": "USD", "per_minute": 14000}
        done = [await use(mine, "schedule_call", **CALL, confirm=dry["confirm"]) for _ in range(2)]
    assert [one["done"] for one in done] == [True, True]
    [call] = client.list_calls().calls
    assert {one["call"]["call_id"] for one in done} == {call.call_id}


async def test_a_word_is_good_for_what_it_was_given_for(
    assistant: Opened, client: Trunkline
) -> None:
    async with assistant() as mine:
        word = (await use(mine, "schedule_call", **CALL))["confirm"]
        for wrong in (
            {**CALL, "number": "+12125550124", "confirm": word},
            {**CALL, "priority": 9, "confirm": word},
            {**CALL, "confirm": f"{word[:-1]}{'0' if word[-1] != '0' else '1'}"},
            {**CALL, "confirm": "yes"},
        ):
            assert "confirm" in await refused(mine, "schedule_call", **wrong)
    assert client.list_calls().total == 0


def test_a_word_grows_old() -> None:
    time = [1000.0]
    words = Words(lambda: time[0])
    word = words.make("act")
    assert (
        words.once(word, "act") == words.once(word, "act") != words.once(words.make("act"), "act")
    )
    assert words.once(word, "another act") is None
    assert Words(lambda: time[0]).once(word, "act") is None
    time[0] += SECONDS
    assert words.once(word, "act") is None


async def test_a_call_is_moved_and_canceled_after_a_yes(
    assistant: Opened, process: Process
) -> None:
    person, gateway = Person(YES), process.app.state.services.calls
    async with assistant(person) as mine:
        later = {**CALL, "not_before": "2026-11-24T10:00:00-05:00"}
        id = (await use(mine, "schedule_call", **later))["call"]["call_id"]
        moved = "2026-11-25T10:00:00-05:00"
        assert (await use(mine, "reschedule_call", call_id=id, not_before=moved))["done"]
        assert [one for one, _ in gateway.rescheduled] == [id]
        person.says = NO[1]
        assert not (await use(mine, "cancel_call", call_id=id))["done"]
        assert gateway.canceled == []
        person.says = YES
        assert (await use(mine, "cancel_call", call_id=id))["done"]
        assert gateway.canceled == [id]
    assert all(NUMBER in one for one in person.asked)


async def test_a_campaign_is_paused_and_resumed_after_a_yes(
    assistant: Opened, client: Trunkline
) -> None:
    [agent] = client.iter_agents()
    contacts = [{"endpoint": NUMBER, "context": CALL["context"]}]
    body = {"name": "spring", "agentId": agent.agent_id, "contacts": contacts}
    made = client.create_campaign(body)
    client.start_campaign(made.campaign_id)
    person = Person(YES)
    async with assistant(person) as mine:
        told = await use(mine, "pause_campaign", campaign="Spring", reason="lines are full")
        assert (told["done"], told["campaign"]["status"]) == (True, "Paused")
        person.says = NO[0]
        assert not (await use(mine, "resume_campaign", campaign="spring"))["done"]
        assert client.get_campaign(made.campaign_id).status == "Paused"
        person.says = YES
        assert (await use(mine, "resume_campaign", campaign="spring"))["done"]
    assert client.get_campaign(made.campaign_id).status == "Running"
