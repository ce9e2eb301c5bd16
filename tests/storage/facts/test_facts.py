"""What policy is told of a call."""

from datetime import timedelta

import pytest

from policy.facts import AttemptFact, Facts
from policy.model.call import (
    AttemptResult,
    EndpointKind,
    Outcome,
    RetryPlan,
    Span,
    VoicemailAction,
    WeeklyWindow,
)
from policy.model.person import NOBODY
from policy.model.purposes import Notice
from policy.rules import STANDARD
from storage.accounts import agents
from storage.attempts import attempts
from storage.calls import calls
from storage.database.engine import Database
from storage.facts.gather import FactGatherer, facts_of
from storage.tables import Call, specs
from tests.storage import make
from tests.storage.make import CALLEE, NOW, later

MORNING = Span(540, 720)


async def _gather(db: Database, call: Call) -> Facts:
    async with db.read() as session:
        row = await calls.load(session, call.call_id)
        assert row is not None
        return await FactGatherer().gather(session, row, NOW)


async def test_everything_said_of_a_call_is_told(db: Database):
    account = await make.account(db, waivers=[{"rule": "us.hours"}], redial_unknown=True)
    hours = {"mon": [{"start": "09:00", "end": "12:00"}]}
    agent = await make.agent(db, account, timezone="Europe/Rome", business_hours_spec=hours)
    call = await make.call(
        db,
        agent,
        endpoint_kind=EndpointKind.PHONE,
        not_before=later(1),
        call_deadline=later(2),
        window_spec={"days": ["tue"], "start": "09:00", "end": "12:00"},
        retry_spec={"maxAttempts": 5, "busy": "PT1M"},
        voicemail_spec={"action": "retry_later"},
        recipient_spec={"timezone": "Asia/Tokyo", "country": "JP", "postalCode": "100"},
        ring_timeout=20,
        reported_outcome=Outcome.CONFIRMED,
        cancel_requested=True,
    )
    told = await _gather(db, call)
    assert told == Facts(
        endpoint=CALLEE,
        endpoint_kind=EndpointKind.PHONE,
        caller_ids=("+14155550199",),
        agent_enabled=True,
        agent_zone="Europe/Rome",
        business_hours=WeeklyWindow({0: (MORNING,)}),
        call_window=WeeklyWindow({1: (MORNING,)}),
        recipient_zone="Asia/Tokyo",
        recipient_country="JP",
        recipient_postal_code="100",
        not_before=later(1),
        deadline=later(2),
        ring_timeout=20,
        retry=RetryPlan(max_attempts=5, busy=timedelta(minutes=1)),
        voicemail_action=VoicemailAction.RETRY_LATER,
        reported_outcome=Outcome.CONFIRMED,
        cancel_requested=True,
        waived_rules=frozenset({"us.hours"}),
        redial_unknown=True,
        agent_id=agent.agent_id,
        can_say=frozenset({Notice.AI, Notice.RECORDING}),
    )


async def test_a_new_call_is_told_the_same_without_the_database(db: Database):
    account = await make.account(db)
    agent = await make.agent(db, account)
    call = await make.call(db, agent)
    known = FactGatherer().of_agent(agent, account, STANDARD, None)
    unsaved = facts_of(known, make.unsaved_call(agent), NOBODY)
    assert unsaved == await _gather(db, call)


@pytest.mark.parametrize(("own", "told"), [(None, 3), (0, 0), (5, 5)])
async def test_an_agents_own_seconds_go_before_the_accounts(
    db: Database, own: int | None, told: int
):
    account = await make.account(db, hung_up_early_seconds=3)
    agent = await make.agent(db, account, hung_up_early_seconds=own)
    assert (await _gather(db, await make.call(db, agent))).hung_up_early_seconds == told


async def test_only_settled_attempts_are_told_in_their_order(db: Database):
    call = await make.call_of_somebody(db)
    for number in (1, 2):
        attempt = await make.sent(db, call, number)
        async with db.write() as session:
            busy = attempts.CarrierUpdate("busy")
            await attempts.apply_carrier_event(session, attempt, busy, later(5))
            await attempts.settle(session, attempt, later(number * 10))
    await make.planned(db, call, 3)
    assert (await _gather(db, call)).attempts == (
        AttemptFact(1, NOW, later(10), AttemptResult.BUSY),
        AttemptFact(2, NOW, later(20), AttemptResult.BUSY),
    )


async def test_a_disabled_agent_and_a_deleted_one_are_told_apart(db: Database):
    account = await make.account(db)
    disabled = await make.call(db, await make.agent(db, account, is_enabled=False))
    agent = await make.agent(db, account)
    orphaned = await make.call(db, agent)
    async with db.write() as session:
        await agents.delete(session, await session.merge(agent), NOW)
    known = [await _gather(db, call) for call in (disabled, orphaned)]
    assert [facts.agent_deleted for facts in known] == [False, True]
    assert not known[0].agent_enabled


@pytest.mark.parametrize(
    ("spec", "window"),
    [
        (None, None),
        (
            {"start": "09:00", "end": "12:00"},
            WeeklyWindow(dict.fromkeys(range(7), (MORNING,))),
        ),
        (
            {"days": ["sun"], "start": "22:00", "end": "02:00"},
            WeeklyWindow({6: (Span(1320, 1560),)}),
        ),
    ],
)
def test_a_calls_window_is_read(spec, window):
    assert specs.weekly_from_days_spec(spec) == window


@pytest.mark.parametrize(
    ("spec", "window"),
    [
        (None, None),
        ({}, WeeklyWindow({})),
        ({"mon": None, "tue": []}, WeeklyWindow({0: (), 1: ()})),
        (
            {"fri": [{"start": "09:00", "end": "12:00"}, {"start": "13:00", "end": "18:00"}]},
            WeeklyWindow({4: (MORNING, Span(780, 1080))}),
        ),
    ],
)
def test_an_agents_hours_are_read(spec, window):
    assert specs.weekly_from_hours_spec(spec) == window


@pytest.mark.parametrize(
    ("spec", "plan"),
    [
        (None, RetryPlan()),
        ({}, RetryPlan()),
        ({"busy": None, "voicemail": None}, RetryPlan()),
        ({"busy": "PT0S"}, RetryPlan(busy=timedelta(0))),
        (
            {"maxAttempts": 1, "noAnswer": "P1DT1H", "networkError": "PT5S", "voicemail": "PT2H"},
            RetryPlan(
                1,
                no_answer=timedelta(hours=25),
                network_error=timedelta(seconds=5),
                voicemail=timedelta(hours=2),
            ),
        ),
    ],
)
def test_a_retry_plan_is_read(spec, plan):
    assert specs.retry_plan(spec) == plan


def test_the_retry_plan_a_call_shows_is_the_plan_policy_uses():
    assert specs.retry_plan(specs.DEFAULT_RETRY_SPEC) == RetryPlan()


@pytest.mark.parametrize(
    ("spec", "action"),
    [
        (None, VoicemailAction.HANG_UP),
        ({"message": "x"}, VoicemailAction.HANG_UP),
        ({"action": "leave_message"}, VoicemailAction.LEAVE_MESSAGE),
    ],
)
def test_a_voicemail_action_is_read(spec, action):
    assert specs.voicemail_action(spec) is action
