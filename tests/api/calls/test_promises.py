"""Promises over the API: what may be promised, what the answer assumes, what becomes of them."""

from collections.abc import Awaitable, Callable
from datetime import timedelta

import pytest
from sqlmodel import col, update

from policy.model.call import CampaignStatus, DecisionKind, Outcome, WaitingFor
from policy.model.reasons import Reason
from storage.attempts import attempts
from storage.tables import Agent, Call
from tests.api.calls.test_commands import act, ended, live, waiting
from tests.api.world import ENDPOINT, PATHWAY, Json, World
from tests.storage import make

PROMISES = "/api/v1/promises"
#: Tuesday at four, on the callee's clock; the world stands still on a Monday at ten.
TUESDAY = {"at": "2026-11-24T16:00:00"}
THEN = "2026-11-24T21:00:00Z"


async def listed(world: World, query: str = "") -> list[Json]:
    answer = await world.http.get(f"{PROMISES}{query}")
    assert answer.status_code == 200, answer.text
    found: list[Json] = answer.json()["promises"]
    return found


async def test_a_waiting_call_is_promised_on_the_callees_clock(world: World):
    call_id = await waiting(world)
    status, promise = await act(world, call_id, "promise", TUESDAY)
    assert (status, promise["promisedAt"], promise["dueAt"]) == (200, THEN, THEN)
    assert (promise["assumedTimezone"], promise["state"]) == ("America/New_York", "open")
    assert world.gateway.replanned == [call_id]
    call = await world.view(call_id)
    assert (call["priority"], call["events"][-1]["type"]) == (9, "call.callback_promised")
    assert "promise" not in call["retry"]
    assert await listed(world) == [promise]


async def test_what_is_closed_then_is_put_off_and_says_so(world: World):
    call_id = await waiting(world)
    _, promise = await act(world, call_id, "promise", {"at": "2026-11-24T22:30:00"})
    assert (promise["dueAt"], promise["reason"]) == ("2026-11-25T13:00:00Z", "calling_hours")


async def test_a_promise_that_is_asked_for_again_is_the_same_one(world: World):
    call_id = await waiting(world)
    _, first = await act(world, call_id, "promise", TUESDAY)
    _, again = await act(world, call_id, "promise", TUESDAY)
    world.clock.pass_(seconds=1)
    _, other = await act(world, call_id, "promise", {"at": "2026-11-25T16:00:00"})
    assert first == again
    assert [one["promiseId"] for one in await listed(world)] == [other["promiseId"]]
    former = (await listed(world, f"?callId={call_id}"))[-1]
    assert (former["state"], former["reason"]) == ("withdrawn", "promised_anew")


@pytest.mark.parametrize(
    ("at", "code"),
    [
        ("2026-11-23T09:00:00", "promise_past"),
        ("2027-06-01T16:00:00", "promise_too_far"),
        ("9999-12-31T23:59:00", "promise_too_far"),
        ("9999-12-31T23:59:00-12:00", "promise_too_far"),
        ("0001-01-01T00:00:00+14:00", "promise_past"),
        ("soon", "malformed"),
    ],
)
async def test_what_cannot_be_promised_is_refused_at_its_field(world: World, at: str, code: str):
    call_id = await waiting(world)
    status, problem = await act(world, call_id, "promise", {"at": at})
    assert (status, problem["errors"][0]["field"]) == (422, "at")
    assert code in (problem["errors"][0]["code"], "malformed")
    assert await listed(world) == []


async def test_the_deadline_wins_and_is_named(world: World):
    call_id = await waiting(world, callDeadline="2026-11-24T12:00:00")
    status, problem = await act(world, call_id, "promise", TUESDAY)
    assert (status, problem["code"]) == (422, "deadline_before_start")
    assert "Tue 24 Nov 12:00" in problem["detail"]


async def test_nobody_on_the_do_not_call_list_is_promised_a_call(world: World):
    call_id = await waiting(world)
    await world.post("/api/v1/suppressions", {"endpoint": ENDPOINT})
    status, problem = await act(world, call_id, "promise", TUESDAY)
    assert (status, problem["code"]) == (422, "suppressed")


@pytest.mark.parametrize(
    "over",
    [
        {"status": CampaignStatus.CANCELED},
        {"goal_closed": {"at": THEN, "met": "count", "variable": None, "full": []}},
    ],
)
@pytest.mark.parametrize("make_call", [waiting, ended])
async def test_nobody_is_promised_a_call_that_their_campaign_will_never_make(
    world: World, over: Json, make_call: Callable[[World], Awaitable[str]]
):
    call_id = await make_call(world)
    async with world.db.read() as session:
        call = await session.get_one(Call, call_id)
        agent = await session.get_one(Agent, call.agent_id)
    campaign = await make.campaign(world.db, agent, **over)
    async with world.db.write() as session:
        values = {"campaign_id": campaign.campaign_id}
        await session.exec(update(Call).where(col(Call.call_id) == call_id).values(**values))
    status, problem = await act(world, call_id, "promise", TUESDAY)
    assert (status, problem["code"]) == (422, "promise_not_needed")
    assert await listed(world) == []


REPORT = {"outcome": "completed", "summary": "Call on Tuesday.", "callBackAt": TUESDAY["at"]}


async def test_an_agents_report_promises_in_a_live_call(world: World):
    call_id = await live(world)
    status, call = await act(world, call_id, "outcome", REPORT)
    assert (status, call["promise"]["promisedAt"]) == (200, THEN)
    assert (call["promise"]["source"], call["promise"]["callId"]) == ("agent", call_id)


async def test_a_report_after_the_end_makes_the_call_that_comes_back(world: World):
    call_id = await ended(world)
    _, call = await act(world, call_id, "outcome", REPORT)
    promise = call["promise"]
    assert (promise["madeInCallId"], promise["promisedAt"]) == (call_id, THEN)
    back = await world.view(promise["callId"])
    assert (back["endpoint"], back["status"]) == (ENDPOINT, "Created")
    assert (back["nextAttemptAt"], back["context"]) == (THEN, {"name": "Ada Lovelace"})
    _, again = await act(world, call_id, "outcome", REPORT)
    assert again["promise"] == promise


async def test_another_time_is_not_kept_by_a_leg_that_was_live_when_it_was_said(world: World):
    call_id = await ended(world)
    _, call = await act(world, call_id, "outcome", REPORT)
    back = call["promise"]["callId"]
    leg = await world.dial(back)
    status, promise = await act(world, call_id, "promise", {"at": "2026-11-25T16:00:00"})
    assert (status, promise["callId"]) == (200, back)
    await world.status(leg.token, "no-answer", CallSid="CA" + "9" * 32)
    async with world.db.write() as session:
        await attempts.settle(session, await attempts.reload(session, leg), world.clock.now)
    await world.decide(back, DecisionKind.WAIT, waiting_for=WaitingFor.RETRY)
    assert await listed(world) == [{**promise, "reason": "test"}]


async def test_a_report_long_after_the_end_promises_nothing(world: World):
    call_id = await ended(world)
    world.clock.pass_(hours=2)
    status, problem = await act(world, call_id, "promise", TUESDAY)
    assert (status, problem["code"]) == (409, "already_final")


@pytest.mark.parametrize("outcome", ["opted_out", "declined", "confirmed"])
async def test_who_said_otherwise_is_not_called_back(world: World, outcome: str):
    call_id = await live(world)
    status, problem = await act(world, call_id, "outcome", {**REPORT, "outcome": outcome})
    assert (status, await listed(world)) == (422, [])
    assert problem["errors"]


async def test_a_canceled_call_withdraws_its_promise_and_others_are_counted(world: World):
    agent_id = await world.agent()
    kept, missed, canceled = [
        await waiting(world, agentId=agent_id, endpoint=f"+1212555012{n}") for n in range(3)
    ]
    for call_id in (kept, missed, canceled):
        await act(world, call_id, "promise", TUESDAY)
    await world.decide(canceled, DecisionKind.END, outcome=Outcome.CANCELED)
    await world.decide(
        missed, DecisionKind.END, outcome=Outcome.SUPPRESSED, reason=Reason.DO_NOT_CALL
    )
    world.clock.pass_(days=1, hours=6)
    attempt = await world.dial(kept)
    await world.voice(attempt.token)
    await world.status(attempt.token, "completed", CallDuration="12")
    await world.settle(attempt)
    states = {one["callId"]: (one["state"], one["reason"]) for one in await listed(world, "?all=1")}
    assert states == {
        kept: ("kept", None),
        missed: ("missed", "do_not_call"),
        canceled: ("withdrawn", "test"),
    }
    figures = (await world.http.get(f"{PROMISES}/figures")).json()
    assert (figures["kept"], figures["missed"], figures["withdrawn"]) == (1, 1, 1)
    assert (figures["keptShare"], figures["open"]) == (0.5, 0)


async def test_a_promise_moves_when_the_hours_do(world: World):
    call_id = await waiting(world)
    await act(world, call_id, "promise", TUESDAY)
    later = world.clock.now + timedelta(days=2)
    await world.decide(
        call_id,
        DecisionKind.WAIT,
        until=later,
        reason=Reason.BUSINESS_HOURS,
        waiting_for=WaitingFor.WINDOW,
    )
    [promise] = await listed(world)
    assert promise["reason"] == "business_hours"
    assert promise["dueAt"] == later.isoformat().replace("+00:00", "Z")


async def test_pages_of_promises_follow_each_other(world: World):
    agent_id = await world.agent()
    for n in range(3):
        call_id = await waiting(world, agentId=agent_id, endpoint=f"+1212555012{n}")
        await act(world, call_id, "promise", {"at": f"2026-11-24T1{n}:00:00"})
    first = (await world.http.get(f"{PROMISES}?take=2")).json()
    rest = (await world.http.get(f"{PROMISES}?take=2&cursor={first['nextCursor']}")).json()
    times = [one["promisedAt"] for one in (*first["promises"], *rest["promises"])]
    assert times == sorted(times)
    assert (len(times), rest["nextCursor"]) == (3, None)


def asking(when: str) -> Json:
    """A pathway in which 3 asks for a call at that time."""
    nodes: Json = PATHWAY["definition"]["nodes"]
    branches = [*nodes["ask"]["branches"], {"digits": "3", "speech": ["later"], "next": "later"}]
    return {
        **PATHWAY["definition"],
        "nodes": {
            **nodes,
            "ask": {**nodes["ask"], "branches": branches},
            "later": {"kind": "call_back", "when": when, "next": "then", "otherwise": "bye"},
            "then": {"kind": "hang_up", "text": "We will call you then."},
        },
    }


async def pressed(world: World, definition: Json, **changes: str) -> tuple[str, str]:
    """The call, and what it heard after the 3, which the carrier told twice."""
    pathway_id = await world.pathway(definition=definition)
    call_id = await world.call(agentId=await world.agent(pathwayId=pathway_id), **changes)
    attempt = await world.dial(call_id)
    await world.voice(attempt.token)
    answers = [
        (await world.callback("gather", attempt.token, "node=ask", Digits="3")).text
        for _ in range(2)
    ]
    assert answers[0] == answers[1]
    return call_id, answers[0]


async def test_a_key_of_a_pathway_promises_and_says_so(world: World):
    call_id, heard = await pressed(world, asking("tue 16:00"))
    assert "We will call you then." in heard
    [promise] = await listed(world)
    assert (promise["callId"], promise["source"]) == (call_id, "pathway")
    assert (promise["promisedAt"], promise["assumedTimezone"]) == (THEN, "America/New_York")


async def test_what_a_pathway_cannot_promise_it_does_not_say(world: World):
    _, heard = await pressed(world, asking("tue 16:00"), callDeadline="2026-11-24T12:00:00")
    assert "Goodbye." in heard
    assert "then" not in heard
    assert await listed(world) == []


async def test_nothing_is_promised_where_nobody_is_known_to_listen(world: World):
    definition = asking("tue 16:00")
    definition["nodes"]["ask"]["otherwise"] = "later"
    pathway_id = await world.pathway(definition=definition)
    call_id = await world.call(agentId=await world.agent(pathwayId=pathway_id))
    attempt = await world.dial(call_id)
    await world.voice(attempt.token)
    heard = (await world.callback("gather", attempt.token, "node=ask")).text
    assert "Goodbye." in heard
    assert await listed(world) == []


async def test_a_time_that_a_pathway_cannot_mean_is_refused_when_it_is_saved(world: World):
    body = {**PATHWAY, "name": "later", "definition": asking("some day")}
    problem = await world.post("/api/v1/pathways", body, 422)
    assert problem["errors"][0]["field"] == "definition.nodes.later.when"


async def test_a_rehearsal_makes_no_promise_and_goes_on_as_if(world: World):
    pathway_id = await world.pathway(definition=asking("tue 16:00"))
    said = await world.post(f"/api/v1/pathways/{pathway_id}/rehearsal", {"steps": ["3"]}, 200)
    assert "We will call you then." in str(said["turns"][-1]["said"])
    assert await listed(world) == []
