"""A contact goes from step to step: texts are sent once, when they may be, and calls follow."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
import pytest_asyncio
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from activities import staged_contacts
from activities.clock import utcnow
from activities.follow_ups import step_walk, text_sender
from activities.follow_ups.text_sender import TextSender
from policy.campaigns.steps import TextResult
from policy.model.call import CampaignStatus, Outcome
from policy.model.person import ScopeKind
from policy.promises import PromisedTime, PromiseSource
from storage.calls import calls
from storage.campaigns import campaigns, contacts
from storage.campaigns.contacts import ContactRow
from storage.compliance import suppressions
from storage.database.engine import Database
from storage.facts import promise_maker
from storage.facts.gather import FactGatherer
from storage.facts.promise_maker import PromiseRequest
from storage.follow_ups import follow_ups, texts
from storage.privacy import retention
from storage.tables import (
    Account,
    Agent,
    Call,
    CallVariant,
    Campaign,
    CheckedNumber,
    Event,
    FollowUp,
    OutgoingText,
    Promise,
    Suppression,
)
from telephony.errors import Ambiguous, Rejected, RejectedClass
from telephony.memory.carrier import MemoryCarrier
from tests.databases import empty_database
from tests.storage import make

pytestmark = pytest.mark.asyncio(loop_scope="session")

TO = "+14155550101"
EXPRESS = {"tier": "express", "method": "web form"}
STEPS: dict[str, Any] = {
    "next": {"no_answer": "text"},
    "steps": {
        "text": {
            "kind": "text",
            "text": "Hello {{name}}, we will call again.",
            "consent": EXPRESS,
            "next": {"sent": "a while", "any": "tell"},
        },
        "a while": {"kind": "wait", "wait": "PT1H", "next": {"any": "tell"}},
        "tell": {"kind": "tell", "next": {"any": "again"}},
        "again": {"kind": "call"},
    },
}
#: Phones of tests may be sent texts at night, and as often as they like.
WAIVERS = ("calling_hours", "registry", "attempt_cap", "disclosure")


@pytest_asyncio.fixture(loop_scope="session", params=["sqlite", "postgresql"])
async def db(request: pytest.FixtureRequest) -> AsyncIterator[Database]:
    async with empty_database(request, "follow_ups") as database:
        yield database


async def running(db: Database, spec: Any = STEPS) -> Campaign:
    waived = [{"rule": one, "reason": "test", "by": "t", "at": "2026-01-01"} for one in WAIVERS]
    agent = await make.agent(db, await make.account(db, waivers=waived), purpose="reminder")
    defaults = {"consent": EXPRESS}
    campaign = await make.campaign(db, agent, steps_spec=spec, defaults_spec=defaults)
    row = ContactRow(1, TO, timezone="America/Los_Angeles", context={"name": "Ada"})
    async with db.write() as session:
        found = await campaigns.set_status(session, campaign, CampaignStatus.RUNNING, utcnow())
        await contacts.insert_rows(session, campaign.campaign_id, [row])
        await staged_contacts.stage(session, found, utcnow(), FactGatherer(), page=10)
    return campaign


async def advanced(db: Database, campaign: Campaign, later: timedelta = timedelta()) -> FollowUp:
    async with db.write() as session:
        row = await campaigns.lock(session, campaign.campaign_id)
        assert row is not None
        await step_walk.advance(session, row, utcnow() + later, page=10)
    return await stands(db)


async def stands(db: Database) -> FollowUp:
    async with db.read() as session:
        return (await session.exec(select(FollowUp))).one()


async def text_of(db: Database) -> OutgoingText:
    async with db.read() as session:
        return (await session.exec(select(OutgoingText))).one()


async def ended(db: Database, call_id: str, outcome: Outcome) -> None:
    async with db.write() as session:
        call = await calls.lock(session, call_id)
        assert call is not None
        await calls.apply_decision(session, call, make.end(outcome), utcnow())


def sender(db: Database, carrier: Any) -> TextSender:
    return TextSender(db, carrier, FactGatherer(), "https://calls.example.test")


async def test_after_no_answer_comes_a_text_a_wait_an_event_and_another_call(db: Database) -> None:
    campaign, carrier = await running(db), MemoryCarrier()
    first = (await stands(db)).call_id
    assert (await advanced(db, campaign)).state == "calling"
    await ended(db, first, Outcome.NO_ANSWER)
    assert (await advanced(db, campaign)).state == "texting"
    await sender(db, carrier).turn()
    assert [one.body for one in carrier.texts] == [
        "Hello Ada, we will call again. Reply STOP to opt out."
    ]
    assert (await advanced(db, campaign)).state == "waiting"
    assert (await advanced(db, campaign)).state == "waiting"
    row = await advanced(db, campaign, timedelta(hours=2))
    assert (row.state, row.step) == ("calling", "again")
    async with db.read() as session:
        another = await session.get(Call, row.call_id)
        told = select(Event.data).where(col(Event.type) == "call.follow_up")
        events = (await session.exec(told.order_by(col(Event.event_id)))).all()
    assert another is not None
    assert (another.endpoint, another.campaign_id) == (TO, campaign.campaign_id)
    assert another.context == {"name": "Ada"}
    assert [(one["step"], one["kind"], one.get("result")) for one in events] == [
        ("text", "text", "sent"),
        ("tell", "tell", None),
    ]
    await ended(db, row.call_id, Outcome.COMPLETED)
    assert (await advanced(db, campaign)).state == "over"


async def due_text(db: Database) -> Campaign:
    campaign = await running(db)
    await ended(db, (await stands(db)).call_id, Outcome.NO_ANSWER)
    await advanced(db, campaign)
    return campaign


@pytest.mark.parametrize(
    ("how", "state"),
    [("invalid", "refused"), ("ambiguous", "unknown"), ("throttled", "due")],
)
async def test_a_text_that_fails_is_not_sent_again_unless_it_surely_was_not(
    db: Database, how: str, state: str
) -> None:
    await due_text(db)
    carrier = Failing(how)
    await sender(db, carrier).turn()
    assert (await text_of(db)).state == state
    await sender(db, carrier).turn()
    assert carrier.asked == 1


class Failing:
    """A carrier that takes no text."""

    def __init__(self, how: str) -> None:
        self.how, self.asked = how, 0

    async def send_text(self, request: Any) -> str:
        self.asked += 1
        if self.how == "invalid":
            raise Rejected("the number is invalid", reason=RejectedClass.NUMBER, code=21211)
        if self.how == "throttled":
            raise Rejected("too many", reason=RejectedClass.THROTTLED, code=20429)
        raise Ambiguous("reset")


async def test_a_text_whose_sender_was_killed_is_unknown_and_never_sent_again(
    db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    await due_text(db)
    carrier = MemoryCarrier()

    class Killed(BaseException):
        pass

    class Dying(MemoryCarrier):
        async def send_text(self, request: Any) -> str:
            raise Killed

    with pytest.raises(Killed):
        await sender(db, Dying()).turn()
    await sender(db, carrier).turn()
    assert (await text_of(db)).state == "sending"
    later = utcnow() + timedelta(minutes=5)
    monkeypatch.setattr(text_sender, "utcnow", lambda: later)
    await sender(db, carrier).turn()
    assert (await text_of(db)).state == "unknown"
    assert carrier.texts == []


async def test_nobody_who_opted_out_is_sent_a_text(db: Database) -> None:
    campaign = await due_text(db)
    async with db.write() as session:
        await suppressions.add(
            session,
            Suppression(
                account_id=campaign.account_id,
                endpoint=TO,
                scope=ScopeKind.ALL,
                source="api",
                created_time=utcnow(),
            ),
        )
    carrier = MemoryCarrier()
    await sender(db, carrier).turn()
    text = await text_of(db)
    assert (text.state, text.reason) == ("refused", "suppressed")
    assert carrier.texts == []


async def test_a_text_without_an_agreement_of_its_own_is_refused(db: Database) -> None:
    bare = {**STEPS["steps"]["text"]}
    del bare["consent"]
    spec = {**STEPS, "steps": {**STEPS["steps"], "text": bare}}
    campaign = await running(db, spec)
    await ended(db, (await stands(db)).call_id, Outcome.NO_ANSWER)
    await advanced(db, campaign)
    carrier = MemoryCarrier()
    await sender(db, carrier).turn()
    text = await text_of(db)
    assert (text.state, text.reason) == ("refused", "no_consent")
    row = await advanced(db, campaign)
    assert (row.state, row.step) == ("calling", "again")


async def two_due_texts(db: Database) -> None:
    """Of one campaign; the other contact's is the later one."""
    campaign = await running(db)
    row = ContactRow(2, "+14155550102", timezone="America/Los_Angeles", context={"name": "Bo"})
    async with db.write() as session:
        held = await campaigns.lock(session, campaign.campaign_id)
        assert held is not None
        await contacts.insert_rows(session, campaign.campaign_id, [row])
        await staged_contacts.stage(session, held, utcnow(), FactGatherer(), page=10)
    async with db.read() as session:
        found = (await session.exec(select(FollowUp.call_id))).all()
    for call_id in found:
        await ended(db, call_id, Outcome.NO_ANSWER)
    async with db.write() as session:
        held = await campaigns.lock(session, campaign.campaign_id)
        assert held is not None
        await step_walk.advance(session, held, utcnow(), page=10)


async def test_a_text_that_cannot_be_judged_does_not_hold_up_the_next(
    db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    await two_due_texts(db)
    carrier, asked = MemoryCarrier(), []
    of_it = FactGatherer.gather

    async def gather(self: FactGatherer, session: Any, call: Call, *rest: Any) -> Any:
        asked.append(call.call_id)
        if len(asked) == 1:
            raise LookupError("a row that nobody can read")
        return await of_it(self, session, call, *rest)

    monkeypatch.setattr(FactGatherer, "gather", gather)
    await sender(db, carrier).turn()
    assert len(carrier.texts) == 1


async def test_a_carrier_that_hangs_keeps_the_sweep_no_longer_than_one_text_takes(
    db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    await two_due_texts(db)
    seconds = [0.0]
    monkeypatch.setattr("time.monotonic", lambda: seconds[0])

    class Hanging(MemoryCarrier):
        async def send_text(self, request: Any) -> str:
            seconds[0] += 35
            return await super().send_text(request)

    carrier = Hanging()
    await sender(db, carrier).turn()
    assert len(carrier.texts) == 1


async def test_what_a_text_needs_to_know_of_its_number_is_asked(db: Database) -> None:
    campaign = await due_text(db)
    async with db.write() as session:
        agent = await session.get(Agent, campaign.agent_id)
        assert agent is not None
        agent.clearance_spec = [{"check": "line_type", "maxAge": "P30D"}]
        session.add(agent)
    await sender(db, MemoryCarrier()).turn()
    text = await text_of(db)
    assert (text.state, text.reason) == ("due", "clearance_pending")
    async with db.read() as session:
        asked = (await session.exec(select(CheckedNumber))).one()
    assert (asked.endpoint, asked.state) == (TO, "wanted")


async def test_while_dialing_is_paused_no_text_is_sent(db: Database) -> None:
    campaign = await due_text(db)
    async with db.write() as session:
        account = await session.get(Account, campaign.account_id)
        assert account is not None
        account.paused_since, account.pause_cause = utcnow(), "the account is suspended"
        account.probe_at = utcnow() + timedelta(hours=1)
        session.add(account)
    carrier = MemoryCarrier()
    await sender(db, carrier).turn()
    text = await text_of(db)
    assert (text.state, text.reason) == ("due", "dialing_paused")
    assert carrier.texts == []


async def due_next(db: Database, campaign: Campaign, now: datetime) -> datetime | None:
    async with db.read() as session:
        return await follow_ups.next_due(session, campaign.campaign_id, now)


async def test_the_feed_looks_when_a_step_may_end_and_not_all_the_time(db: Database) -> None:
    campaign, now = await running(db), utcnow()
    assert await due_next(db, campaign, now) is None  # The call is open, and may be for days.
    await ended(db, (await stands(db)).call_id, Outcome.NO_ANSWER)
    assert await due_next(db, campaign, now) == now
    await advanced(db, campaign)
    tomorrow = now + timedelta(days=1)
    async with db.write() as session:
        text = (await session.exec(select(OutgoingText))).one()
        texts.put_off(session, text, tomorrow, "calling_hours")
    assert await due_next(db, campaign, now) == tomorrow
    async with db.write() as session:
        text = (await session.exec(select(OutgoingText))).one()
        texts.end(session, text, TextResult.SENT)
    assert await due_next(db, campaign, now) == now
    row = await advanced(db, campaign)
    assert await due_next(db, campaign, now) == row.due_at
    assert row.state == "waiting"


async def test_a_call_that_follows_rings_and_lasts_as_the_campaign_says(db: Database) -> None:
    spec = {"next": {"no_answer": "again"}, "steps": {"again": {"kind": "call"}}}
    campaign = await running(db, spec)
    async with db.write() as session:
        held = await campaigns.lock(session, campaign.campaign_id)
        assert held is not None
        held.defaults_spec = {**held.defaults_spec, "ringTimeout": 17, "maxDuration": 90}
        session.add(held)
    await ended(db, (await stands(db)).call_id, Outcome.NO_ANSWER)
    row = await advanced(db, campaign)
    async with db.read() as session:
        another = await session.get(Call, row.call_id)
    assert another is not None
    assert (another.ring_timeout, another.max_duration) == (17, 90)


async def forgotten(db: Database) -> None:
    """The contents of all calls are over the time for which they are kept."""
    async with db.write() as session:
        await retention.forget(session, utcnow() + timedelta(days=1), 10)


async def test_nothing_follows_a_call_whose_zone_and_words_are_forgotten(db: Database) -> None:
    campaign = await running(db)
    await ended(db, (await stands(db)).call_id, Outcome.NO_ANSWER)
    await forgotten(db)
    assert (await advanced(db, campaign)).state == "over"


async def test_a_text_is_not_sent_from_what_is_left_of_a_call(db: Database) -> None:
    await due_text(db)
    await forgotten(db)
    carrier = MemoryCarrier()
    await sender(db, carrier).turn()
    text = await text_of(db)
    assert (text.state, text.reason, carrier.texts) == ("refused", "not_kept", [])


def promised(at: datetime) -> PromiseRequest:
    return PromiseRequest(
        lambda _zones, _zone, _now: PromisedTime(at, "UTC"), PromiseSource.API, "callBackAt", 0
    )


async def promise_in(db: Database, call_id: str, at: datetime) -> Any:
    async with db.write() as session:
        call = await calls.lock(session, call_id)
        assert call is not None
        return await promise_maker.promise(session, FactGatherer(), call, promised(at), utcnow())


async def waits(db: Database) -> tuple[Campaign, str]:
    """Somebody whom a text was sent, and who is called again an hour later; their first call."""
    campaign = await running(db)
    first = (await stands(db)).call_id
    await ended(db, first, Outcome.NO_ANSWER)
    await advanced(db, campaign)
    await sender(db, MemoryCarrier()).turn()
    assert (await advanced(db, campaign)).state == "waiting"
    return campaign, first


async def number_of_calls(db: Database) -> int:
    async with db.read() as session:
        return len((await session.exec(select(Call.call_id))).all())


async def test_a_call_promised_in_a_wait_takes_its_place_and_what_follows_follows_that(
    db: Database,
) -> None:
    campaign, first = await waits(db)
    made = await promise_in(db, first, utcnow() + timedelta(hours=30))
    row = await advanced(db, campaign, timedelta(hours=2))
    assert (row.state, row.step, row.call_id) == ("calling", "", made.call_id)
    await ended(db, made.call_id, Outcome.CONFIRMED)
    assert (await advanced(db, campaign)).state == "over"
    assert await number_of_calls(db) == 2


@pytest.mark.parametrize("is_sent", [True, False])
async def test_of_somebody_who_was_promised_a_call_a_text_is_waited_for_or_not_sent_at_all(
    db: Database, is_sent: bool
) -> None:
    campaign, carrier = await due_text(db), MemoryCarrier()
    if is_sent:
        await sender(db, carrier).turn()
    first = (await stands(db)).call_id
    made = await promise_in(db, first, utcnow() + timedelta(hours=30))
    await sender(db, carrier).turn()
    row = await advanced(db, campaign)
    assert (row.state, row.step, row.call_id) == ("calling", "", made.call_id)
    assert len(carrier.texts) == is_sent
    await ended(db, made.call_id, Outcome.CONFIRMED)
    assert (await advanced(db, campaign, timedelta(hours=2))).state == "over"
    assert await number_of_calls(db) == 2


@pytest.mark.parametrize("is_promise_first", [True, False])
async def test_a_promise_in_the_moment_in_which_a_wait_is_over_makes_one_call_with_it(
    db: Database, is_promise_first: bool
) -> None:
    campaign, first = await waits(db)
    at = utcnow() + timedelta(hours=30)

    async def promise(session: AsyncSession) -> None:
        call = await calls.lock(session, first)
        assert call is not None
        await promise_maker.promise(session, FactGatherer(), call, promised(at), utcnow())

    async def go_on(session: AsyncSession) -> None:
        row = await campaigns.lock(session, campaign.campaign_id)
        assert row is not None
        await step_walk.advance(session, row, utcnow() + timedelta(hours=2), page=10)

    async def alone(work: Callable[[AsyncSession], Awaitable[None]]) -> None:
        async with db.write() as session:
            await work(session)

    earlier, later = (promise, go_on) if is_promise_first else (go_on, promise)
    async with db.write() as session:
        await earlier(session)
        other = asyncio.create_task(alone(later))
        # It has to wait for what is not written yet; else it is done with in no time.
        await asyncio.wait({other}, timeout=0.2)
    await other
    assert await number_of_calls(db) == 2
    row = await stands(db)
    async with db.read() as session:
        call = await session.get(Call, row.call_id)
        made = (await session.exec(select(Promise))).one()
    assert call is not None
    assert (row.state, call.outcome, made.call_id) == ("calling", None, row.call_id)


async def test_a_promise_is_kept_by_the_call_of_a_later_step_that_there_is(db: Database) -> None:
    campaign = await running(db)
    first = (await stands(db)).call_id
    await ended(db, first, Outcome.NO_ANSWER)
    await advanced(db, campaign)
    await sender(db, MemoryCarrier()).turn()
    await advanced(db, campaign)
    row = await advanced(db, campaign, timedelta(hours=2))
    assert (row.state, row.step) == ("calling", "again")
    made = await promise_in(db, first, utcnow() + timedelta(hours=30))
    assert (made.call_id, made.made_in_call_id) == (row.call_id, first)
    async with db.read() as session:
        assert len((await session.exec(select(Call))).all()) == 2


async def test_the_call_that_was_promised_is_of_the_same_variant(db: Database) -> None:
    campaign = await running(db)
    first = (await stands(db)).call_id
    async with db.write() as session:
        session.add(CallVariant(call_id=first, campaign_id=campaign.campaign_id, variant="brief"))
    await ended(db, first, Outcome.NO_ANSWER)
    made = await promise_in(db, first, utcnow() + timedelta(hours=30))
    async with db.read() as session:
        variant = await session.get(CallVariant, made.call_id)
    assert variant is not None
    assert variant.variant == "brief"
