"""The carrier's news in any order, twice, late or never: the ledger ends up the same."""

import asyncio
from itertools import permutations

import pytest

from policy.model.call import AttemptResult, AttemptState, CallStatus, Outcome
from storage.attempts import attempts
from storage.attempts.attempts import AttemptChange, CarrierUpdate
from storage.calls import calls
from storage.database.engine import Database
from storage.events import event_log
from storage.tables import Attempt
from tests.storage import make
from tests.storage.make import later

INITIATED = CarrierUpdate("initiated", at=later(1))
RINGING = CarrierUpdate("ringing", at=later(2))
ANSWERED = CarrierUpdate("in-progress", at=later(3))
COMPLETED = CarrierUpdate("completed", duration=7, at=later(10))


async def _apply(db: Database, attempt: Attempt, *updates: CarrierUpdate) -> list[AttemptChange]:
    changes = []
    for update in updates:
        async with db.write() as session:
            row = await attempts.reload(session, attempt)
            changes.append(await attempts.apply_carrier_event(session, row, update, later(20)))
    return changes


async def _answered_by(db: Database, attempt: Attempt, who: str) -> bool:
    async with db.write() as session:
        return await attempts.apply_answered_by(session, attempt, who, later(20))


async def _types(db: Database, call_id: str) -> list[str]:
    async with db.read() as session:
        return [event.type for event in await event_log.of_call(session, call_id)]


async def test_a_call_rings_is_answered_and_ends(db: Database):
    call = await make.call_of_somebody(db)
    attempt = await make.sent(db, call)
    changes = await _apply(db, attempt, INITIATED, RINGING, ANSWERED, COMPLETED)
    assert changes == [
        AttemptChange(),
        AttemptChange(),
        AttemptChange(answered=True),
        AttemptChange(ended=True),
    ]
    row = await make.seen(db, attempt)
    assert (row.state, row.result) == (AttemptState.ENDED, AttemptResult.ANSWERED)
    assert (row.ringing_at, row.answered_at, row.ended_at) == (later(2), later(3), later(10))
    assert (row.carrier_status, row.duration_seconds) == ("completed", 7)
    assert (await _types(db, call.call_id))[-3:] == [
        "call.ringing",
        "call.answered",
        "call.attempt_ended",
    ]


async def test_any_order_and_repetition_ends_the_same(db: Database):
    agent = await make.agent(db, await make.account(db))
    seen = set()
    for order in permutations([RINGING, ANSWERED, COMPLETED]):
        attempt = await make.sent(db, await make.call(db, agent))
        changes = await _apply(db, attempt, *order, *order)
        assert sum(change.ended for change in changes) == 1
        row = await make.seen(db, attempt)
        times = (row.ringing_at, row.answered_at, row.ended_at)
        seen.add((row.state, row.result, row.carrier_status, row.duration_seconds, times))
    assert len(seen) == 1


async def test_the_same_news_at_once_is_new_to_one(db: Database):
    call = await make.call_of_somebody(db)
    attempt = await make.sent(db, call)
    changes = await asyncio.gather(*(_apply(db, attempt, COMPLETED) for _ in range(6)))
    assert sum(change.ended for (change,) in changes) == 1
    assert (await _types(db, call.call_id)).count("call.attempt_ended") == 1


async def test_events_are_numbered_without_gaps_whoever_writes_them(db: Database):
    call = await make.call_of_somebody(db)
    attempt = await make.sent(db, call)
    await asyncio.gather(
        *(_apply(db, attempt, update) for update in (RINGING, ANSWERED, COMPLETED) * 2),
        _answered_by(db, attempt, "machine_start"),
    )
    async with db.read() as session:
        numbers = [event.sequence for event in await event_log.of_call(session, call.call_id)]
    assert numbers == list(range(1, len(numbers) + 1))


@pytest.mark.parametrize(
    ("update", "result"),
    [
        (CarrierUpdate("busy"), AttemptResult.BUSY),
        (CarrierUpdate("no-answer"), AttemptResult.NO_ANSWER),
        (CarrierUpdate("failed"), AttemptResult.NETWORK_ERROR),
        (CarrierUpdate("failed", sip_code=404), AttemptResult.INVALID),
        (CarrierUpdate("failed", sip_code=603), AttemptResult.DECLINED),
        (CarrierUpdate("failed", sip_code=503), AttemptResult.NETWORK_ERROR),
        (CarrierUpdate("canceled"), AttemptResult.CANCELED),
        (CarrierUpdate("completed"), AttemptResult.NOT_SERVED),
        (CarrierUpdate("completed", duration=0), AttemptResult.NOT_SERVED),
        (CarrierUpdate("completed", duration=0, answered_by="human"), AttemptResult.NOT_SERVED),
        (CarrierUpdate("completed", duration=3), AttemptResult.ANSWERED),
        (CarrierUpdate("completed", answered_by="machine_start"), AttemptResult.VOICEMAIL),
    ],
)
async def test_an_end_gives_its_result(db: Database, update: CarrierUpdate, result: AttemptResult):
    attempt = await make.sent(db, await make.call_of_somebody(db))
    assert await _apply(db, attempt, RINGING, update) == [
        AttemptChange(),
        AttemptChange(ended=True),
    ]
    assert (await make.seen(db, attempt)).result is result


async def test_the_sip_code_is_kept_and_told_and_counts_when_it_comes_after_a_poll(db: Database):
    call = await make.call_of_somebody(db)
    attempt = await make.sent(db, call)
    await _apply(db, attempt, CarrierUpdate("failed"), CarrierUpdate("failed", sip_code=404))
    seen = await make.seen(db, attempt)
    assert (seen.sip_code, seen.result) == (404, AttemptResult.INVALID)


SHORT = CarrierUpdate("completed", duration=0, at=later(4))


async def _end(db: Database, *updates: CarrierUpdate, **known: object) -> AttemptResult | None:
    attempt = await make.sent(db, await make.call_of_somebody(db))
    async with db.write() as session:
        row = await attempts.reload(session, attempt)
        for name, value in known.items():
            setattr(row, name, value)
    await _apply(db, attempt, *updates)
    return (await make.seen(db, attempt)).result


async def test_who_picks_up_and_hears_nothing_of_ours_was_not_served(db: Database):
    for order in permutations([RINGING, ANSWERED, SHORT]):
        assert await _end(db, *order) is AttemptResult.NOT_SERVED


@pytest.mark.parametrize(
    ("known", "length", "result"),
    [
        ({"served_at": later(3)}, 0, AttemptResult.ANSWERED),
        ({"end_asked_at": later(3)}, 0, AttemptResult.ANSWERED),
        ({}, 2, AttemptResult.ANSWERED),
        ({"has_fallback": True}, 6, AttemptResult.NOT_SERVED),
        ({"has_fallback": True, "served_at": later(3)}, 6, AttemptResult.ANSWERED),
        ({"has_fallback": True}, 60, AttemptResult.ANSWERED),
    ],
)
async def test_an_answer_counts_by_what_the_leg_can_have_heard(
    db: Database, known: dict[str, object], length: int, result: AttemptResult
):
    end = CarrierUpdate("completed", duration=length, at=later(9))
    assert await _end(db, ANSWERED, end, **known) is result


async def test_we_hung_up_only_where_we_asked_for_it(db: Database):
    attempt = await make.sent(db, await make.call_of_somebody(db))
    async with db.write() as session:
        await attempts.note_end_asked(session, attempt, later(3))
    await _apply(db, attempt, RINGING, SHORT)
    assert (await make.seen(db, attempt)).result is AttemptResult.CANCELED


async def test_a_call_that_was_not_served_is_told_once_it_is_settled(db: Database):
    call = await make.call_of_somebody(db)
    attempt = await make.sent(db, call)
    await _apply(db, attempt, ANSWERED, SHORT)
    for _ in range(2):
        async with db.write() as session:
            row = await attempts.reload(session, attempt)
            assert await attempts.settle(session, row, later(20)) is AttemptResult.NOT_SERVED
    assert (await _types(db, call.call_id)).count("call.not_served") == 1


async def test_a_status_nobody_knows_changes_nothing(db: Database):
    attempt = await make.sent(db, await make.call_of_somebody(db))
    assert await _apply(db, attempt, CarrierUpdate("teleported")) == [AttemptChange()]
    assert (await make.seen(db, attempt)).state is AttemptState.SENT


async def test_news_of_an_unknown_attempt_resolve_it(db: Database):
    call = await make.call_of_somebody(db)
    attempt = await make.sending(db, call)
    async with db.write() as session:
        await attempts.mark_unknown(session, attempt, later(1), "reset")
    assert await _apply(db, attempt, ANSWERED) == [AttemptChange(answered=True, bound=True)]


async def test_a_machine_is_news_until_it_is_dealt_with(db: Database):
    call = await make.call_of_somebody(db)
    attempt = await make.sent(db, call)
    await _apply(db, attempt, CarrierUpdate("in-progress", answered_by="machine_start"))
    assert await _answered_by(db, attempt, "machine_end_beep")
    assert await _answered_by(db, attempt, "machine_end_beep")
    async with db.write() as session:
        (await attempts.reload(session, attempt)).message_left = True
    assert not await _answered_by(db, attempt, "machine_end_beep")
    assert (await _types(db, call.call_id)).count("call.voicemail") == 1
    await _apply(db, attempt, COMPLETED)
    assert (await make.seen(db, attempt)).result is AttemptResult.VOICEMAIL


async def test_a_person_is_no_machine(db: Database):
    attempt = await make.sent(db, await make.call_of_somebody(db))
    assert not await _answered_by(db, attempt, "human")
    assert (await make.seen(db, attempt)).answered_by == "human"


async def test_a_verdict_after_the_end_still_counts_until_the_attempt_is_settled(db: Database):
    attempt = await make.sent(db, await make.call_of_somebody(db))
    await _apply(db, attempt, ANSWERED, COMPLETED)
    assert await _answered_by(db, attempt, "machine_end_beep")
    assert (await make.seen(db, attempt)).result is AttemptResult.VOICEMAIL


async def test_a_settled_result_stands_whatever_comes_later(db: Database):
    call = await make.call_of_somebody(db)
    attempt = await make.sent(db, call)
    async with db.write() as session:
        assert await attempts.settle(session, attempt, later(5)) is AttemptResult.UNKNOWN
    assert not await _answered_by(db, attempt, "machine_start")
    await _apply(db, attempt, ANSWERED, COMPLETED)
    row = await make.seen(db, attempt)
    assert (row.state, row.result) == (AttemptState.ENDED, AttemptResult.UNKNOWN)


async def test_news_of_an_old_attempt_do_not_touch_the_next_one(db: Database):
    call = await make.call_of_somebody(db)
    old = await make.sent(db, call)
    async with db.write() as session:
        await attempts.settle(session, old, later(5))
    await make.planned(db, call, 2)
    await _apply(db, old, ANSWERED)
    assert (await make.call_seen(db, call.call_id)).status is CallStatus.PENDING


async def test_the_duration_reaches_the_call_when_the_attempt_is_settled(db: Database):
    call = await make.call_of_somebody(db)
    attempt = await make.sent(db, call)
    await _apply(db, attempt, ANSWERED, COMPLETED)
    async with db.write() as session:
        await attempts.settle(session, attempt, later(20))
    seen = await make.call_seen(db, call.call_id)
    assert (seen.duration_seconds, seen.attempt_count) == (7, 1)


@pytest.mark.parametrize(
    ("updates", "result"),
    [
        ([], AttemptResult.UNKNOWN),
        ([RINGING], AttemptResult.UNKNOWN),
        ([ANSWERED], AttemptResult.ANSWERED),
    ],
)
async def test_an_attempt_settled_without_its_end_is_what_was_seen(
    db: Database, updates: list[CarrierUpdate], result: AttemptResult
):
    attempt = await make.sent(db, await make.call_of_somebody(db))
    await _apply(db, attempt, *updates)
    async with db.write() as session:
        assert await attempts.settle(session, attempt, later(9)) is result


async def test_what_a_pathway_told_a_machine_is_no_answer_of_a_person(db: Database):
    call = await make.call_of_somebody(db)
    attempt = await make.sent(db, call)
    async with db.write() as session:
        row = await calls.lock(session, call.call_id)
        assert row is not None
        row.reported_outcome = Outcome.CONFIRMED
    await _apply(db, attempt, CarrierUpdate("in-progress"))
    await _answered_by(db, attempt, "machine_end_beep")
    await _apply(db, attempt, COMPLETED)
    async with db.write() as session:
        await attempts.settle(session, attempt, make.NOW)
    async with db.read() as session:
        seen = await calls.load(session, call.call_id)
    assert seen is not None
    assert seen.reported_outcome is None


@pytest.mark.parametrize("order", list(permutations(("machine", "person", "end"))))
async def test_a_person_outranks_a_machine_in_any_order_until_it_is_settled(
    db: Database, order: tuple[str, ...]
):
    attempt = await make.sent(db, await make.call_of_somebody(db))
    await _apply(db, attempt, ANSWERED)
    for news in order:
        if news == "machine":
            await _answered_by(db, attempt, "machine_end_beep")
        elif news == "person":
            async with db.write() as session:
                await attempts.note_person(session, attempt, later(5))
        else:
            await _apply(db, attempt, COMPLETED)
    async with db.write() as session:
        assert await attempts.settle(session, attempt, later(9)) is AttemptResult.ANSWERED
