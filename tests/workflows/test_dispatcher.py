"""Slots as workflows meet them: paused campaigns, reached limits, the pace of the dial queue."""

import asyncio
from datetime import timedelta

import pytest
from temporalio.client import WorkflowHandle
from temporalio.testing import ActivityEnvironment

from activities.clock import utcnow
from contracts.calls import AttemptRef, CallEnd, DialKind
from policy.dispatch.slots import Slot
from policy.model.call import AttemptResult, CampaignStatus, Outcome
from policy.model.reasons import Reason
from settings import Settings
from storage.attempts import attempts
from storage.campaigns import campaigns
from storage.dispatch import dialing_pause, leases
from storage.tables import Account, Agent, Campaign, Spending
from telephony.port import Leg
from tests.databases import SqliteTemplates
from tests.workflows.bench import Bench, open_bench
from tests.workflows.server import start_plain_server

pytestmark = pytest.mark.asyncio(loop_scope="session")
HUMAN = {"answer": {"by": "human"}}
DETECTION = 7_500


async def _campaign(bench: Bench, agent: Agent, status: CampaignStatus) -> Campaign:
    now = utcnow()
    row = Campaign(
        account_id=agent.account_id,
        agent_id=agent.agent_id,
        name="bench",
        timezone="UTC",
        status=status,
        created_time=now,
        updated_time=now,
    )
    async with bench.db.write() as session:
        await campaigns.add(session, row)
    return row


async def _set_status(bench: Bench, campaign: Campaign, status: CampaignStatus) -> None:
    async with bench.db.write() as session:
        row = await campaigns.lock(session, campaign.campaign_id)
        assert row is not None
        await campaigns.set_status(session, row, status, utcnow())


async def _until_queued(
    bench: Bench, handle: WorkflowHandle[object, CallEnd], reason: Reason
) -> None:
    await bench.until(handle, lambda progress: progress.reason == reason)


async def test_calls_of_a_paused_campaign_wait_and_go_on_when_it_resumes(plain_bench: Bench):
    bench = plain_bench
    agent = await bench.agent()
    campaign = await _campaign(bench, agent, CampaignStatus.PAUSED)
    call = await bench.accept(agent, campaign_id=campaign.campaign_id)
    bench.carrier.script(call.endpoint, [HUMAN])
    handle = await bench.start(call)
    await _until_queued(bench, handle, Reason.CAMPAIGN_PAUSED)
    assert await bench.activities.dispatcher.turn() == 0
    assert bench.carrier.dials == []
    await _set_status(bench, campaign, CampaignStatus.RUNNING)
    assert await bench.activities.dispatcher.turn() == 1
    assert (await handle.result()).outcome is Outcome.COMPLETED


async def test_a_dial_that_lay_in_its_queue_while_its_campaign_was_paused_is_not_sent(
    plain_bench: Bench,
):
    bench = plain_bench
    agent = await bench.agent()
    campaign = await _campaign(bench, agent, CampaignStatus.RUNNING)
    call = await bench.accept(agent, campaign_id=campaign.campaign_id)
    async with bench.db.write() as session:
        lifetime = timedelta(minutes=5)
        verdict = await leases.take(session, call, 1, utcnow(), lifetime=lifetime)
        assert verdict.slot is Slot.TAKEN
        await attempts.plan(session, call, 1, utcnow())
    await _set_status(bench, campaign, CampaignStatus.PAUSED)
    result = await ActivityEnvironment().run(
        bench.activities.dial.dial, AttemptRef(call.call_id, 1)
    )
    assert result.kind is DialKind.OVER
    [attempt] = (await bench.story(call.call_id)).attempts
    assert (attempt.result, attempt.error) == (AttemptResult.NOT_SENT, "the campaign is held")
    assert bench.carrier.dials == []


async def test_a_call_waits_for_money_and_goes_on_when_the_limit_is_raised(plain_bench: Bench):
    bench = plain_bench
    await _limit(bench, 0)
    call = await bench.accept(await bench.agent())
    bench.carrier.script(call.endpoint, [HUMAN])
    handle = await bench.start(call)
    await _until_queued(bench, handle, Reason.INSUFFICIENT_BALANCE)
    assert await bench.activities.dispatcher.turn() == 0
    await _limit(bench, 1_000_000)
    assert await bench.activities.dispatcher.turn() == 1
    assert (await handle.result()).outcome is Outcome.COMPLETED


async def _limit(bench: Bench, limit: int) -> None:
    async with bench.db.write() as session:
        account = await session.get(Account, bench.account.account_id)
        assert account is not None
        account.spend_limit = limit
        session.add(account)


async def test_the_watch_replaces_what_was_reckoned_by_the_carriers_price(
    plain_bench: Bench, monkeypatch: pytest.MonkeyPatch
):
    bench = plain_bench
    call = await bench.accept(await bench.agent())
    bench.carrier.script(call.endpoint, [HUMAN])
    _, story = await bench.run_accepted(call)
    [attempt] = story.attempts
    assert attempt.cost == 14_000 + DETECTION

    async def fetch(sid: str) -> Leg:
        leg = next(leg for leg in bench.carrier.legs if leg.sid == sid).as_leg()
        return Leg(sid, leg.status, leg.to, leg.from_, price="-0.00850", price_unit="USD")

    monkeypatch.setattr(bench.carrier, "fetch", fetch)
    async with bench.db.write() as session:
        row = await attempts.reload(session, attempt)
        row.price_due_at = utcnow()
    await bench.activities.carrier_watch.price()
    [attempt] = (await bench.story(call.call_id)).attempts
    assert attempt.cost == 8_500 + DETECTION
    async with bench.db.read() as session:
        found = await session.get(Spending, (call.account_id, ""))
    assert found is not None
    assert found.spent == 8_500 + DETECTION


async def test_the_server_holds_dials_to_the_carriers_pace_whatever_waits(
    sqlite_templates: SqliteTemplates,
):
    paced = Settings(carrier_calls_per_second=4, twilio_api_url="http://sim")
    async with (
        await start_plain_server() as env,
        open_bench(env, sqlite_templates, waived=True, dialing=paced) as bench,
    ):
        agent = await bench.agent()
        handles = []
        for number in range(12):
            call = await bench.accept(agent, endpoint=f"+121255501{number:02}")
            bench.carrier.script(call.endpoint, [HUMAN])
            handles.append(await bench.start(call))
        await asyncio.gather(*(handle.result() for handle in handles))
        created = sorted(leg.created_at for leg in bench.carrier.legs)
    within_a_second = max(
        sum(timedelta(0) <= later - begun < timedelta(seconds=1) for later in created)
        for begun in created
    )
    assert len(created) == 12
    # A second's worth may go out at once at first.
    assert within_a_second <= 8
    assert created[-1] - created[0] >= timedelta(seconds=1.5)


@pytest.mark.parametrize(
    ("said", "url", "pace"),
    [(0, "", 1.0), (0, "http://sim", None), (5, "", 5.0), (5, "http://sim", 5.0)],
)
async def test_the_real_twilio_is_dialed_once_a_second_unless_told_otherwise(said, url, pace):
    settings = Settings(carrier_calls_per_second=said, twilio_api_url=url)
    assert settings.dials_per_second == pace


async def _account(bench: Bench) -> Account:
    async with bench.db.read() as session:
        account = await session.get(Account, bench.account.account_id)
    assert account is not None
    return account


async def _probe_is_due(bench: Bench) -> None:
    async with bench.db.write() as session:
        await dialing_pause.probe_now(session, bench.account.account_id, utcnow())


async def test_a_call_that_was_refused_for_the_account_loses_nothing(plain_bench: Bench):
    bench = plain_bench
    call = await bench.accept(await bench.agent())
    bench.carrier.script(call.endpoint, ["account", "account", HUMAN])
    handle = await bench.start(call)
    await _until_queued(bench, handle, Reason.DIALING_PAUSED)
    assert await bench.activities.dispatcher.turn() == 0
    for vain in (0, 1):
        assert (await _account(bench)).vain_probes == vain
        await _probe_is_due(bench)
        assert await bench.activities.dispatcher.turn() == 1
        if vain == 0:
            await bench.until(handle, lambda progress: progress.step == 4)
    assert (await handle.result()).outcome is Outcome.COMPLETED
    assert (await _account(bench)).paused_since is None
    story = await bench.story(call.call_id)
    refused, answered = AttemptResult.ACCOUNT_REFUSED, AttemptResult.ANSWERED
    assert [one.result for one in story.attempts] == [refused, refused, answered]
    assert story.call.attempt_count == 1
    assert "scripted: account" in story.decisions[1].detail
