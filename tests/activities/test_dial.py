"""A dial is sent at most once, and only while it is still allowed."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from temporalio.testing import ActivityEnvironment

from activities.clock import utcnow
from activities.dials import dial
from api.callbacks import attempt_updates
from contracts.calls import DialKind
from policy.model.call import AttemptResult, AttemptState
from storage.attempts import attempts, callback_legs
from storage.calls import calls
from storage.database.locks import lock_account
from storage.dispatch import leases
from storage.tables import Account
from telephony.errors import Ambiguous, Unreachable
from telephony.events import CarrierEvent
from telephony.port import Leg
from telephony.public_address import PublicAddress
from tests.activities.conftest import PUBLIC_URL, Desk


def run_number(number: int) -> ActivityEnvironment:
    """The activity as its `number`-th run sees it."""
    env = ActivityEnvironment()
    env.info = replace(env.info, attempt=number)
    return env


async def test_an_intent_with_a_lease_is_sent(desk: Desk) -> None:
    await desk.plan()
    done = await run_number(1).run(desk.dial.dial, desk.ref)
    assert done.kind is DialKind.SENT
    assert len(desk.carrier.dials) == 1


async def test_while_our_api_does_not_answer_nobody_is_called(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("activities.dials.dial.UNANSWERED_SECONDS", 0.05)
    await desk.plan()
    activities = desk.dial_at(PublicAddress(PUBLIC_URL))
    done = await run_number(1).run(activities.dial, desk.ref)
    assert done.kind is DialKind.OVER
    await nothing_was_sent(desk)


async def nothing_was_sent(desk: Desk) -> None:
    attempt = await desk.attempt()
    assert attempt.result is AttemptResult.NOT_SENT
    assert attempt.error == "our API did not answer at its public address"
    assert desk.carrier.dials == []


class Returning(PublicAddress):
    """It answers from the second look on."""

    looks = 0

    @property
    def answers(self) -> bool:
        self.looks += 1
        return self.looks > 1


async def test_a_dial_that_had_to_wait_for_our_api_goes_back_to_the_queue(desk: Desk) -> None:
    await desk.plan()
    activities = desk.dial_at(Returning(PUBLIC_URL))
    done = await run_number(1).run(activities.dial, desk.ref)
    assert done.kind is DialKind.OVER
    await nothing_was_sent(desk)


async def test_a_dial_that_waits_for_our_api_does_not_hold_up_a_worker_that_leaves(
    desk: Desk,
) -> None:
    await desk.plan()
    env = run_number(1)
    waiting = asyncio.ensure_future(env.run(desk.dial_at(PublicAddress(PUBLIC_URL)).dial, desk.ref))
    await asyncio.sleep(0)
    env.worker_shutdown()
    async with asyncio.timeout(dial.UNANSWERED_SECONDS / 2):
        await waiting
    await nothing_was_sent(desk)


async def test_while_our_api_answers_a_dial_is_sent_at_once(desk: Desk) -> None:
    await desk.plan()
    address = PublicAddress(PUBLIC_URL)
    address.note(True)
    done = await run_number(1).run(desk.dial_at(address).dial, desk.ref)
    assert done.kind is DialKind.SENT
    assert len(desk.carrier.dials) == 1


async def test_a_dial_whose_slot_was_given_back_is_not_sent(desk: Desk) -> None:
    await desk.plan()
    async with desk.db.write() as session:
        await leases.release(session, desk.call.call_id, utcnow())
    done = await run_number(1).run(desk.dial.dial, desk.ref)
    assert done.kind is DialKind.OVER
    assert (await desk.attempt()).result is AttemptResult.NOT_SENT
    assert desk.carrier.dials == []


async def test_a_dial_whose_permission_has_run_out_is_not_sent(desk: Desk) -> None:
    await desk.plan(valid_for=timedelta(seconds=-1))
    done = await run_number(1).run(desk.dial.dial, desk.ref)
    assert done.kind is DialKind.OVER
    assert desk.carrier.dials == []


async def test_a_dial_that_was_canceled_meanwhile_is_not_sent(desk: Desk) -> None:
    await desk.plan()
    async with desk.db.write() as session:
        await calls.request_cancel(session, desk.call.call_id)
    await run_number(1).run(desk.dial.dial, desk.ref)
    assert desk.carrier.dials == []


async def test_a_second_run_withdraws_what_the_first_has_not_sent(desk: Desk) -> None:
    """The first may still be alive: it must find the gate shut."""
    await desk.plan()
    done = await run_number(2).run(desk.dial.dial, desk.ref)
    assert done.kind is DialKind.OVER
    await run_number(1).run(desk.dial.dial, desk.ref)
    assert desk.carrier.dials == []


async def test_a_second_run_never_sends_what_the_first_may_have_sent(desk: Desk) -> None:
    attempt = await desk.plan()
    async with desk.db.write() as session:
        await attempts.begin_sending(session, attempt, utcnow())
    done = await run_number(2).run(desk.dial.dial, desk.ref)
    assert done.kind is DialKind.UNKNOWN
    assert desk.carrier.dials == []


async def test_what_the_carrier_refused_is_over_and_not_taken_for_sent(desk: Desk) -> None:
    attempt = await desk.plan()
    async with desk.db.write() as session:
        await attempts.begin_sending(session, attempt, utcnow())
        await attempts.mark_over(session, attempt, AttemptResult.INVALID, utcnow())
    done = await run_number(2).run(desk.dial.dial, desk.ref)
    assert done.kind is DialKind.OVER


async def test_the_gate_counts_the_lease_from_the_moment_of_sending(desk: Desk) -> None:
    await desk.plan()
    desk.carrier.script(desk.call.endpoint, [{"answer": {"by": "human", "stay": True}}])
    await run_number(1).run(desk.dial.dial, desk.ref)
    async with desk.db.read() as session:
        [lease] = await leases.live(session, utcnow())
    longest = timedelta(seconds=desk.call.ring_timeout + desk.call.max_duration)
    assert lease.expires_at > utcnow() + longest


async def test_a_list_that_cannot_be_read_never_says_that_there_is_no_leg(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Creates and lists fail together in an outage; only a list that was read settles it."""
    await desk.plan()
    desk.carrier.script(desk.call.endpoint, ["ambiguous_silent"])
    await run_number(1).run(desk.dial.dial, desk.ref)
    answers = iter([Unreachable("away"), Ambiguous("late"), None])
    listed = desk.carrier.find

    async def find(**wanted: Any) -> Sequence[Leg]:
        failure = next(answers)
        if failure is not None:
            raise failure
        return await listed(**wanted)

    monkeypatch.setattr(desk.carrier, "find", find)
    monkeypatch.setattr("activities.dials.leg.LIST_EVERY_SECONDS", 0)
    assert await run_number(1).run(desk.leg.find_leg, desk.ref) is True
    assert (await desk.attempt()).carrier_sid == desk.carrier.legs[0].sid


async def test_a_leg_that_is_nowhere_is_parked_after_the_quiet_period(desk: Desk) -> None:
    await desk.plan()
    desk.carrier.script(desk.call.endpoint, ["ambiguous_lost"])
    await run_number(1).run(desk.dial.dial, desk.ref)
    assert await run_number(1).run(desk.leg.find_leg, desk.ref) is False
    assert (await desk.attempt()).result is AttemptResult.UNKNOWN


async def test_a_create_that_hangs_does_not_hold_up_a_leg_that_a_webhook_named(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    attempt = await desk.plan()

    async def dial(request: Any) -> Leg:
        async with desk.db.write() as session:
            held = await callback_legs.with_rates(session, attempt.token)
            assert held is not None
            event = CarrierEvent("CA" + "1" * 32)
            await attempt_updates.bound(session, held, event, utcnow())
        await asyncio.Event().wait()
        raise AssertionError

    monkeypatch.setattr(desk.carrier, "dial", dial)
    monkeypatch.setattr("activities.dials.dial.BOUND_CHECK_SECONDS", 0.01)
    done = await run_number(1).run(desk.dial.dial, desk.ref)
    assert done.kind is DialKind.SENT
    assert (await desk.attempt()).state is AttemptState.SENT


async def test_what_we_ask_to_end_is_noted_before_it_is_asked(desk: Desk) -> None:
    await desk.plan()
    await run_number(1).run(desk.dial.dial, desk.ref)
    asked: list[object] = []

    async def hang_up(_sid: str) -> None:
        asked.append((await desk.attempt()).end_asked_at)

    desk.carrier.hang_up = hang_up  # type: ignore[assignment, method-assign]
    await run_number(1).run(desk.leg.hang_up, desk.ref)
    assert len(asked) == 1
    assert asked[0] is not None


async def test_an_extension_is_pressed_and_nobody_listens_for_machines(desk: Desk) -> None:
    async with desk.db.write() as session:
        call = await session.merge(desk.call)
        call.extension = "5*2"
        call.voicemail_spec = {"action": "hang_up"}
    await desk.plan()
    await run_number(1).run(desk.dial.dial, desk.ref)
    [request] = desk.carrier.dials
    assert (request.to, request.keys, request.amd_url) == (desk.call.endpoint, "5*2", None)
    assert "5*2" not in repr(request)


async def test_the_carrier_is_told_what_to_play_where_we_do_not_answer(desk: Desk) -> None:
    await desk.plan()
    activities = desk.dial_at(None, "https://carrier.test/sorry")
    await run_number(1).run(activities.dial, desk.ref)
    assert desk.carrier.dials[0].fallback_url == "https://carrier.test/sorry"
    assert (await desk.attempt()).has_fallback


async def refused(desk: Desk) -> Account:
    desk.carrier.script(desk.call.endpoint, ["account"])
    done = await run_number(1).run(desk.dial.dial, desk.ref)
    assert done.kind is DialKind.OVER
    return await account_of(desk)


async def account_of(desk: Desk) -> Account:
    async with desk.db.read() as session:
        row = await session.get(Account, desk.account.account_id)
    assert row is not None
    return row


async def test_a_refusal_of_the_account_pauses_it_and_counts_for_nobody(desk: Desk) -> None:
    await desk.plan()
    account = await refused(desk)
    assert account.paused_since is not None
    assert account.pause_cause == "scripted: account"
    attempt = await desk.attempt()
    assert (attempt.result, attempt.error_code) == (AttemptResult.ACCOUNT_REFUSED, 20003)
    async with desk.db.write() as session:
        await attempts.settle(session, attempt, utcnow())
    async with desk.db.read() as session:
        call = await calls.load(session, desk.call.call_id)
    assert call is not None
    assert call.attempt_count == 0


async def paused(desk: Desk, *, probe: bool) -> None:
    """The account is paused, and its one attempt is the probe or a slot from before the pause."""
    async with desk.db.write() as session:
        account = await lock_account(session, desk.account.account_id)
        assert account is not None
        account.paused_since, account.pause_cause = utcnow(), "HTTP 401"
        account.probe_at = utcnow()
        account.probe_call_id = desk.call.call_id if probe else "another"
        session.add(account)


async def test_a_dial_that_passes_no_gate_any_more_is_not_sent_while_dialing_is_paused(
    desk: Desk,
) -> None:
    await desk.plan()
    await paused(desk, probe=False)
    assert (await run_number(1).run(desk.dial.dial, desk.ref)).kind is DialKind.OVER
    attempt = await desk.attempt()
    assert attempt.result is AttemptResult.NOT_SENT
    assert attempt.error == "dialing is paused for the account"
    assert desk.carrier.dials == []


@pytest.mark.parametrize("word", ["busy", "invalid", "refused", "ambiguous_created"])
async def test_a_probe_about_which_the_carrier_says_anything_ends_the_pause(
    desk: Desk, word: str
) -> None:
    await desk.plan()
    await paused(desk, probe=True)
    desk.carrier.script(desk.call.endpoint, [word])
    done = await run_number(1).run(desk.dial.dial, desk.ref)
    if done.kind is DialKind.UNKNOWN:
        account = await account_of(desk)
        assert account.paused_since is not None
        assert await run_number(1).run(desk.leg.find_leg, desk.ref) is True
    assert (await account_of(desk)).paused_since is None


@pytest.mark.parametrize("word", ["account", "throttled", "unreachable", "ambiguous_lost"])
async def test_a_probe_about_which_nothing_is_known_leaves_the_pause(desk: Desk, word: str) -> None:
    await desk.plan()
    await paused(desk, probe=True)
    desk.carrier.script(desk.call.endpoint, [word])
    done = await run_number(1).run(desk.dial.dial, desk.ref)
    if done.kind is DialKind.UNKNOWN:
        assert await run_number(1).run(desk.leg.find_leg, desk.ref) is False
    account = await account_of(desk)
    assert account.paused_since is not None
    assert account.vain_probes == 1
    assert account.probe_at is not None
    assert account.probe_at > utcnow()


async def test_a_probe_whose_worker_died_ends_the_pause_when_its_leg_is_seen(desk: Desk) -> None:
    attempt = await desk.plan()
    await paused(desk, probe=True)
    async with desk.db.write() as session:
        await attempts.begin_sending(session, attempt, utcnow())
        await attempts.mark_sent(session, attempt, "CA" + "1" * 32, "queued", utcnow())
    assert (await run_number(2).run(desk.dial.dial, desk.ref)).kind is DialKind.SENT
    assert (await account_of(desk)).paused_since is None
