"""A person with several numbers, through the workflow: each dial goes to the number it is about."""

from typing import Any

import pytest
from sqlmodel import col, select

from activities.clock import utcnow
from policy.model.call import AttemptResult, Outcome
from storage.compliance import opt_out, suppressions
from storage.tables import Call, CallNumber, Suppression
from tests.workflows.bench import Bench

pytestmark = pytest.mark.asyncio(loop_scope="session")

HOME, MOBILE, WORK = "+12125550141", "+12125550142", "+12125550143"
CONFIRMS = {"answer": {"by": "human", "outcome": "confirmed"}}
ZONE = {"timezone": "America/New_York"}


def listed(*endpoints: str, **of_first: Any) -> list[dict[str, Any]]:
    entries = [{"endpoint": one, "kind": "phone", "recipient": ZONE} for one in endpoints]
    entries[0] |= of_first
    return entries


async def to_several(bench: Bench, *endpoints: str, **said: Any) -> Call:
    agent = said.pop("agent", None) or await bench.agent()
    spec = said.pop("numbers_spec", None) or listed(*endpoints)
    return await bench.accept(agent, endpoint=endpoints[0], numbers_spec=spec, **said)


async def test_after_a_number_that_does_not_exist_the_next_is_dialed_at_once(bench: Bench) -> None:
    call = await to_several(bench, HOME, MOBILE)
    bench.carrier.script(HOME, ["invalid"])
    bench.carrier.script(MOBILE, [CONFIRMS])
    end, story = await bench.run_accepted(call)
    assert end.outcome is Outcome.CONFIRMED
    assert [(one.to_endpoint, one.result) for one in story.attempts] == [
        (HOME, AttemptResult.INVALID),
        (MOBILE, AttemptResult.ANSWERED),
    ]
    assert story.call.endpoint == MOBILE


async def test_one_budget_is_shared_by_all_numbers_and_each_is_tried_in_its_turn(
    bench: Bench,
) -> None:
    call = await to_several(bench, HOME, MOBILE, WORK, retry_spec={"maxAttempts": 4})
    for one in (HOME, MOBILE, WORK):
        bench.carrier.script(one, ["busy"])
    end, story = await bench.run_accepted(call)
    assert end.outcome is Outcome.BUSY
    assert [one.to_endpoint for one in story.attempts] == [HOME, MOBILE, WORK, HOME]
    waits = [one.reason for one in story.decisions if one.kind == "wait"]
    assert waits.count("next_number") == 2


async def test_a_number_on_the_list_is_passed_over_and_the_evidence_says_so(bench: Bench) -> None:
    call = await to_several(bench, HOME, MOBILE)
    entry = Suppression(
        account_id=call.account_id, endpoint=HOME, source="tests", created_time=utcnow()
    )
    async with bench.db.write() as session:
        await suppressions.add(session, entry)
    bench.carrier.script(MOBILE, [CONFIRMS])
    end, story = await bench.run_accepted(call)
    assert end.outcome is Outcome.CONFIRMED
    assert [one.to_endpoint for one in story.attempts] == [MOBILE]
    said = {one["rule"]: one for one in story.decisions[0].findings}
    assert (said["number:1"]["verdict"], said["number:2"]["verdict"]) == ("end", "dial")
    assert "do_not_call" in said["number:1"]["detail"]
    assert HOME not in repr(story.decisions[0].findings)


async def test_who_opts_out_at_one_number_is_not_called_at_any_other(bench: Bench) -> None:
    call = await to_several(bench, HOME, MOBILE)
    async with bench.db.write() as session:
        done = await opt_out.opt_out(session, call.account_id, MOBILE, "text", utcnow())
    assert done.call_ids == (call.call_id,)
    async with bench.db.read() as session:
        entries = (
            await session.exec(
                select(Suppression).where(col(Suppression.endpoint).in_([HOME, MOBILE]))
            )
        ).all()
    assert {one.endpoint for one in entries if one.of_person} == {HOME, MOBILE}
    end, story = await bench.run_accepted(call)
    assert (end.outcome, story.attempts) == (Outcome.SUPPRESSED, [])


async def test_each_number_is_dialed_with_its_own_keys_caller_id_and_clock(bench: Bench) -> None:
    near, far = "+12125550100", "+13125550100"
    agent = await bench.agent(caller_ids=[near, far])
    chicago = "+13125550144"
    spec = listed("+12125550145", chicago, extension="12")
    spec[1] |= {"recipient": {"timezone": "America/Chicago"}, "callerId": None}
    call = await to_several(
        bench, "+12125550145", chicago, agent=agent, numbers_spec=spec, extension="12"
    )
    bench.carrier.script("+12125550145", ["invalid"])
    bench.carrier.script(chicago, [CONFIRMS])
    _, story = await bench.run_accepted(call)
    assert [(one.from_endpoint, one.zone) for one in story.attempts] == [
        (near, "America/New_York"),
        (far, "America/Chicago"),
    ]
    assert story.call.extension is None


async def test_two_calls_that_share_a_number_never_have_a_leg_each(bench: Bench) -> None:
    talks = {"answer": {"by": "human", "talk": 30}}
    shared, mine, yours = "+12125550146", "+12125550147", "+12125550148"
    first = await to_several(bench, mine, shared)
    second = await to_several(bench, yours, shared)
    for one in (mine, yours):
        bench.carrier.script(one, [talks])
    handles = [await bench.start(first), await bench.start(second)]
    ends = [await one.result() for one in handles]
    assert [one.outcome for one in ends] == [Outcome.COMPLETED, Outcome.COMPLETED]
    stories = [await bench.story(each.call_id) for each in (first, second)]
    sent = sorted(
        (leg for story in stories for leg in story.attempts if leg.sent_at is not None),
        key=lambda leg: str(leg.sent_at),
    )
    assert len(sent) == 2
    assert sent[0].ended_at is not None
    assert sent[1].sent_at is not None
    assert sent[0].ended_at <= sent[1].sent_at


async def test_a_call_is_found_by_each_of_its_numbers(bench: Bench) -> None:
    call = await to_several(bench, "+12125550149", "+12125550150")
    async with bench.db.read() as session:
        keys = (
            await session.exec(
                select(CallNumber.person_key).where(col(CallNumber.call_id) == call.call_id)
            )
        ).all()
    assert set(keys) == {"+12125550149", "+12125550150"}
