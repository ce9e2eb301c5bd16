"""Events are read in an order in which none is missed, whoever is still writing."""

import asyncio
from collections.abc import Sequence
from contextlib import AsyncExitStack

import pytest
from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from policy.model.call import CampaignStatus, Outcome
from policy.model.purposes import ConsentTier
from storage.attempts import attempts
from storage.calls import calls
from storage.campaigns import campaigns
from storage.compliance import consents, opt_out
from storage.database.engine import Database
from storage.events import event_log, event_reader
from storage.events.event_log import EventType
from storage.events.event_reader import (
    ALL,
    START,
    BadEventPosition,
    EventFilter,
    EventPosition,
    placed,
    position_of,
)
from storage.events.payloads import background, payload
from storage.tables import Consent, Event, JsonObject
from tests.storage import make
from tests.storage.make import NOW, later
from tests.wait import PATIENCE


async def read(
    db: Database, account_id: str, place: EventPosition = START, filter_: EventFilter = ALL
) -> Sequence[Event]:
    async with db.read() as session:
        return await event_reader.after(session, account_id, place, 100, filter_)


async def payloads(db: Database, account_id: str, *, mask: bool = False) -> list[JsonObject]:
    found = await read(db, account_id)
    async with db.read() as session:
        known = await background(session, found)
    return [payload(event, known, mask=mask) for event in found]


async def test_a_place_read_up_to_gives_what_came_after_it(db: Database) -> None:
    call = await make.call_of_somebody(db)
    (created,) = await read(db, call.account_id)
    await make.decide(db, call.call_id, make.queue())
    (queued,) = await read(db, call.account_id, placed(created))
    assert (created.type, queued.type) == ("call.created", "call.queued")
    assert await read(db, call.account_id, placed(queued)) == []
    async with db.read() as session:
        assert await event_reader.newest(session, call.account_id) == placed(queued)


async def test_an_event_written_early_and_committed_late_is_not_passed_over(db: Database) -> None:
    owner = await make.account(db)
    agent = await make.agent(db, owner)
    first, second = await make.call(db, agent), await make.call(db, agent)
    begun = placed((await read(db, owner.account_id))[-1])
    if db.dialect == "sqlite":
        pytest.skip("writers on SQLite take turns")
    async with db.write() as slow:
        held = await calls.lock(slow, first.call_id)
        assert held is not None
        await event_log.append(slow, held, EventType.QUEUED, NOW)
        async with db.write() as quick:
            other = await calls.lock(quick, second.call_id)
            assert other is not None
            await event_log.append(quick, other, EventType.QUEUED, NOW)
        seen = await read(db, owner.account_id, begun)
        place = placed(seen[-1]) if seen else begun
    after = await read(db, owner.account_id, place)
    told = [str(event.call_id) for event in (*seen, *after)]
    assert sorted(told) == sorted([first.call_id, second.call_id])


async def append(session: AsyncSession, call_id: str) -> None:
    call = await calls.lock(session, call_id)
    assert call is not None
    await event_log.append(session, call, EventType.QUEUED, NOW)


async def number_of(session: AsyncSession) -> int:
    """The transaction's number, which it has from now on."""
    statement = text("SELECT pg_current_xact_id()::text::bigint")
    return int((await (await session.connection()).execute(statement)).scalar_one())


async def test_a_calls_events_come_in_their_sequence_whichever_transaction_began_first(
    db: Database,
) -> None:
    if db.dialect == "sqlite":
        pytest.skip("writers on SQLite take turns")
    call = await make.call_of_somebody(db)
    told: list[Event] = []
    async with AsyncExitStack() as first, AsyncExitStack() as second:
        early = await first.enter_async_context(db.write())
        bystander = await second.enter_async_context(db.write())
        async with db.write() as late:
            numbers = [await number_of(one) for one in (early, bystander, late)]
            await append(late, call.call_id)
        await append(early, call.call_id)
        await first.aclose()
        # The bystander is still open, and older than one of the two only.
        told += await read(db, call.account_id)
    told += await read(db, call.account_id, placed(told[-1]))
    assert numbers == sorted(numbers)
    assert [event.sequence for event in told] == [1, 2, 3]


async def test_a_campaigns_events_come_in_their_sequence_too(db: Database) -> None:
    if db.dialect == "sqlite":
        pytest.skip("writers on SQLite take turns")
    campaign = await make.campaign_of_somebody(db)
    async with db.write() as early:
        await number_of(early)
        async with db.write() as late:
            await campaigns.set_status(late, campaign, CampaignStatus.RUNNING, NOW)
        await campaigns.set_status(early, campaign, CampaignStatus.PAUSED, NOW)
    assert [event.sequence for event in await read(db, campaign.account_id)] == [1, 2, 3]


async def test_another_accounts_events_are_never_read(db: Database) -> None:
    mine, other = await make.call_of_somebody(db), await make.call_of_somebody(db)
    assert {event.call_id for event in await read(db, mine.account_id)} == {mine.call_id}
    assert {event.call_id for event in await read(db, other.account_id)} == {other.call_id}


@pytest.mark.parametrize("by", ["types", "agent_id", "campaign_id", "call_id"])
async def test_a_filter_says_the_same_in_a_query_and_of_a_row(db: Database, by: str) -> None:
    owner = await make.account(db)
    campaign = await make.campaign(db, await make.agent(db, owner))
    one = await make.call(db, await make.agent(db, owner), campaign_id=campaign.campaign_id)
    await make.call(db, await make.agent(db, owner))
    await make.decide(db, one.call_id, make.queue())
    wanted = EventFilter(
        **{by: ("call.queued",) if by == "types" else getattr(one, by)}  # type: ignore[arg-type]
    )
    everything = await read(db, owner.account_id)
    filtered = await read(db, owner.account_id, START, wanted)
    assert 0 < len(filtered) < len(everything)
    assert filtered == [event for event in everything if wanted.lets(event)]


def test_a_place_is_read_as_it_was_written() -> None:
    assert position_of(str(EventPosition(7, 12))) == EventPosition(7, 12)


@pytest.mark.parametrize("text", ["", "7", "a-b", "1-2-3", "12-", f"{2**63}-1", f"1-{2**63}"])
def test_what_is_no_place_is_refused(text: str) -> None:
    with pytest.raises(BadEventPosition):
        position_of(text)


async def test_the_events_of_an_answered_call_tell_its_state_at_each_step(db: Database) -> None:
    call = await make.call_of_somebody(db)
    await make.decide(db, call.call_id, make.dial())
    attempt = await make.sent(db, call)
    for status in ("ringing", "in-progress", "completed"):
        async with db.write() as session:
            news = attempts.CarrierUpdate(status, duration=30 if status == "completed" else None)
            await attempts.apply_carrier_event(session, attempt, news, later(1))
    async with db.write() as session:
        await attempts.settle(session, attempt, later(2))
    await make.decide(db, call.call_id, make.end(Outcome.COMPLETED))
    told = await payloads(db, call.account_id)
    assert [(one["type"], one["status"]) for one in told] == [
        ("call.created", "Created"),
        ("call.dialing", "Pending"),
        ("call.ringing", "InProgress"),
        ("call.answered", "InProgress"),
        ("call.attempt_ended", "InProgress"),
        ("call.completed", "Completed"),
    ]
    assert [one["sequence"] for one in told] == [1, 2, 3, 4, 5, 6]
    last = told[-1]
    assert (last["outcome"], last["durationSeconds"]) == ("completed", 30)
    assert (last["endpoint"], last["callId"]) == (call.endpoint, call.call_id)
    assert isinstance(last["cost"], int)


async def test_a_masked_payload_hides_most_of_the_number(db: Database) -> None:
    call = await make.call_of_somebody(db)
    (told,) = await payloads(db, call.account_id, mask=True)
    assert told["endpoint"] == call.endpoint[:2] + "*" * 8 + call.endpoint[-2:]


async def test_a_campaigns_events_are_counted_without_gaps(db: Database) -> None:
    campaign = await make.campaign_of_somebody(db)
    for status in (CampaignStatus.RUNNING, CampaignStatus.PAUSED, CampaignStatus.RUNNING):
        async with db.write() as session:
            await campaigns.set_status(session, campaign, status, NOW)
    told = await payloads(db, campaign.account_id)
    assert [(one["sequence"], one["type"]) for one in told][-3:] == [
        (told[-1]["sequence"] - 2, "campaign.started"),
        (told[-1]["sequence"] - 1, "campaign.paused"),
        (told[-1]["sequence"], "campaign.resumed"),
    ]
    assert {one["campaignId"] for one in told} == {campaign.campaign_id}


async def test_an_opt_out_tells_of_the_entry_and_of_each_consent(db: Database) -> None:
    owner = await make.account(db)
    async with db.write() as session:
        given = Consent(
            account_id=owner.account_id,
            endpoint="+12125550123",
            tier=ConsentTier.WRITTEN,
            method="web form",
            granted_time=NOW,
            created_time=NOW,
        )
        await consents.add(session, given)
        await opt_out.opt_out(session, owner.account_id, "+12125550123", "sms", NOW)
        await opt_out.opt_out(session, owner.account_id, "+12125550123", "sms", NOW)
    told = await payloads(db, owner.account_id)
    assert [one["type"] for one in told] == ["number.suppressed", "consent.revoked"]
    assert {one["endpoint"] for one in told} == {"+12125550123"}


async def test_many_writers_leave_no_gap_for_a_reader_that_follows_them(db: Database) -> None:
    owner = await make.account(db)
    agent = await make.agent(db, owner)
    made = [await make.call(db, agent, endpoint=f"+121255501{n:02d}") for n in range(4)]
    told: list[tuple[str | None, int]] = []

    async def write(call_id: str) -> None:
        for _ in range(10):
            async with db.write() as session:
                call = await calls.lock(session, call_id)
                assert call is not None
                await event_log.append(session, call, EventType.QUEUED, NOW)

    async def follow() -> None:
        place = START
        while len(told) < 44:
            for event in await read(db, owner.account_id, place):
                told.append((event.call_id, event.sequence))
                place = placed(event)

    writers = [write(call.call_id) for call in made]
    await asyncio.wait_for(asyncio.gather(follow(), *writers), PATIENCE)
    for call in made:
        assert [number for one, number in told if one == call.call_id] == list(range(1, 12))
