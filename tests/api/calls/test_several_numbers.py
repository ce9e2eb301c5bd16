"""POST /api/v1/calls for a person with several numbers, and who is found by each of them."""

from typing import Any

import pytest

from tests.api.world import ENDPOINT, World

CALLS, SUPPRESSIONS = "/api/v1/calls", "/api/v1/suppressions"
HOME, WORK = "+12125550151", "+13125550152"
OTHERS = [
    {"endpoint": "+1 (212) 555-0151", "type": "home", "hours": {"start": "18:00", "end": "20:00"}},
    {"endpoint": WORK, "type": "work", "recipient": {"timezone": "America/Chicago"}},
]


async def refused(world: World, **said: Any) -> tuple[str, str]:
    answer = await world.http.post(CALLS, json=await world.body(**said))
    assert answer.status_code == 422, answer.text
    error = answer.json()["errors"][0]
    return error["code"], error["field"]


async def test_all_numbers_are_kept_in_their_order_and_shown(world: World):
    call = await world.view(await world.call(endpointType="mobile", otherNumbers=OTHERS))
    assert [(one["endpoint"], one["type"]) for one in call["numbers"]] == [
        (ENDPOINT, "mobile"),
        (HOME, "home"),
        (WORK, "work"),
    ]
    assert call["numbers"][1]["hours"] == {"start": "18:00", "end": "20:00"}
    assert call["endpoint"] == ENDPOINT


async def test_a_call_with_one_number_lists_none(world: World):
    assert (await world.view(await world.call()))["numbers"] == []


@pytest.mark.parametrize(
    ("others", "code", "field"),
    [
        ([{"endpoint": "+1 212 555"}], "invalid_number", "otherNumbers.0.endpoint"),
        ([{"endpoint": HOME}, {"endpoint": HOME}], "repeated", "otherNumbers.1.endpoint"),
        ([{"endpoint": ENDPOINT}], "repeated", "otherNumbers.0.endpoint"),
        (
            [{"endpoint": HOME, "recipient": {"timezone": "Mars/Base"}}],
            "unknown_timezone",
            "otherNumbers.0.recipient.timezone",
        ),
        ([{"endpoint": f"+1212555{n:04}"} for n in range(100, 110)], "too_long", "otherNumbers"),
    ],
)
async def test_what_cannot_be_is_refused_at_its_number(
    world: World, others: list[Any], code: str, field: str
):
    assert await refused(world, otherNumbers=others) == (code, field)


async def test_a_number_of_the_person_is_a_duplicate_at_whichever_place(world: World):
    agent_id = await world.agent()
    made = await world.call(agentId=agent_id, otherNumbers=OTHERS)
    assert await refused(world, agentId=agent_id, endpoint=HOME) == ("duplicate", "endpoint")
    others = [{"endpoint": "+12125550159"}, {"endpoint": WORK}]
    said = {"agentId": agent_id, "endpoint": "+12125550158", "otherNumbers": others}
    assert await refused(world, **said) == ("duplicate", "endpoint")
    found = await world.http.get(CALLS, params={"endpoint": WORK})
    assert [one["callId"] for one in found.json()["calls"]] == [made]


async def test_one_listed_number_leaves_the_others_and_all_listed_refuse(world: World):
    await world.post(SUPPRESSIONS, {"endpoint": ENDPOINT}, 201)
    await world.call(otherNumbers=OTHERS)
    await world.post(SUPPRESSIONS, {"endpoint": HOME}, 201)
    await world.post(SUPPRESSIONS, {"endpoint": WORK}, 201)
    code, _ = await refused(world, otherNumbers=OTHERS, allowDuplicate=True)
    assert code == "suppressed"


async def test_an_entry_of_the_person_is_made_and_taken_back_for_all_their_numbers(world: World):
    call_id = await world.call(otherNumbers=OTHERS)
    entry = await world.post(SUPPRESSIONS, {"endpoint": WORK, "ofPerson": True}, 201)
    assert (entry["ofPerson"], entry["stoppedCalls"]) == (True, [call_id])

    async def held() -> set[str]:
        found = await world.http.get(SUPPRESSIONS, params={"inForce": "true", "take": 50})
        return {one["endpoint"] for one in found.json()["suppressions"]}

    assert await held() == {ENDPOINT, HOME, WORK}
    new = {"endpoint": "+12125550157", "otherNumbers": [{"endpoint": HOME}]}
    assert (await refused(world, **new))[0] == "suppressed"
    moves = await world.http.delete(
        f"{SUPPRESSIONS}/{entry['suppressionId']}", params={"dryRun": "true"}
    )
    # None ends any more, as it would if an entry stayed.
    assert moves.json()["moves"] == []
    answer = await world.http.delete(f"{SUPPRESSIONS}/{entry['suppressionId']}")
    assert answer.status_code == 200
    assert await held() == set()


async def test_a_dry_run_of_an_entry_of_the_person_looks_at_all_their_numbers(world: World):
    """As calls list them: one that has only the other number is among them."""
    await world.call(otherNumbers=OTHERS)
    await world.call(endpoint=HOME, allowDuplicate=True)
    said = {"endpoint": WORK, "ofPerson": True}
    answer = await world.http.post(SUPPRESSIONS, json=said, params={"dryRun": "true"})
    assert answer.status_code == 200, answer.text
    told = answer.json()
    assert (told["lookedAt"], told["moved"]) == (2, 2)
    entry = await world.post(SUPPRESSIONS, said, 201)
    assert len(entry["stoppedCalls"]) == told["moved"]
    path = f"{SUPPRESSIONS}/{entry['suppressionId']}"
    assert (await world.http.delete(path, params={"dryRun": "true"})).json()["lookedAt"] == 2


async def test_an_entry_of_a_number_stops_only_the_calls_that_have_no_other(world: World):
    alone = await world.call(endpoint=WORK)
    await world.call(otherNumbers=OTHERS, allowDuplicate=True)
    entry = await world.post(SUPPRESSIONS, {"endpoint": WORK}, 201)
    assert entry["stoppedCalls"] == [alone]


async def test_a_preview_and_bulk_take_several_numbers_too(world: World):
    body = await world.body(otherNumbers=OTHERS)
    answer = await world.http.post(f"{CALLS}/preview", json=body)
    assert answer.status_code == 200, answer.text
    rows = [
        {**body, "clientToken": "a"},
        {**body, "endpoint": HOME, "otherNumbers": None, "clientToken": "b"},
    ]
    bulk = await world.http.post(f"{CALLS}/bulk", json=rows)
    assert bulk.status_code in (200, 202, 207), bulk.text
    told = [one["status"] for one in bulk.json()["results"]]
    assert told == ["accepted", "rejected"]
    assert bulk.json()["results"][1]["error"]["code"] == "duplicate_in_request"


async def test_the_audit_has_all_numbers_and_what_is_on_file_of_each(world: World):
    call_id = await world.call(otherNumbers=OTHERS)
    await world.post(SUPPRESSIONS, {"endpoint": HOME}, 201)
    audit = (await world.http.get(f"{CALLS}/{call_id}/audit")).json()
    assert [one["endpoint"] for one in audit["numbers"]] == [ENDPOINT, HOME, WORK]
    assert [one["endpoint"] for one in audit["suppressions"]] == [HOME]
