"""Between the grant of a slot and the dial anything may change: then nobody is dialed."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import pytest
from temporalio.testing import ActivityEnvironment

from activities.clock import utcnow
from contracts.calls import DialKind
from policy.caller_ids.pool import Mark
from policy.model.call import AttemptResult, AttemptState
from policy.model.person import Returned
from policy.model.purposes import ConsentTier
from policy.rules import STANDARD
from storage import inbound
from storage.caller_ids import marks
from storage.calls import calls
from storage.compliance import consents, overlays, suppressions, waivers
from storage.compliance.opt_out import opt_out
from storage.tables import Agent, Attempt, Call, Consent, Overlay, Suppression
from tests.activities.conftest import ANY_HOUR, Desk
from tests.storage import make

Change = Callable[[Desk], Awaitable[None]]
RULE = {"source": "tests", "confidence": "convention", "verifiedOn": "2026-11-25"}


async def suppress(desk: Desk) -> None:
    row = Suppression(
        account_id=desk.account.account_id,
        endpoint=desk.call.endpoint,
        source="api",
        created_time=utcnow(),
    )
    async with desk.db.write() as session:
        await suppressions.add(session, row)


async def opt_out_by_text(desk: Desk) -> None:
    account_id, endpoint = desk.account.account_id, desk.call.endpoint
    async with desk.db.write() as session:
        await opt_out(session, account_id, endpoint, "inbound_text", utcnow())


async def take_consent_back(desk: Desk) -> None:
    row = Consent(
        account_id=desk.account.account_id,
        endpoint=desk.call.endpoint,
        tier=ConsentTier.EXPRESS,
        method="tests",
        created_time=utcnow(),
        granted_time=utcnow(),
    )
    async with desk.db.write() as session:
        await consents.add(session, row)
        await consents.revoke(session, row, {"method": "tests", "scope": "this"}, utcnow())


async def overlay(desk: Desk, **rule: Any) -> None:
    row = Overlay(
        account_id=desk.account.account_id,
        rule={"id": "own.x", "jurisdiction": "US", **RULE, **rule},
        created_time=utcnow(),
    )
    async with desk.db.write() as session:
        await overlays.add(session, row)


async def declare_an_emergency(desk: Desk) -> None:
    begun = utcnow() - timedelta(minutes=1)
    await overlay(desk, kind="blackout", startsAt=begun.isoformat())


async def ask_for_paper(desk: Desk) -> None:
    await overlay(desk, kind="consent", tier="written", purposes=["survey"])


async def cap(desk: Desk) -> None:
    await overlay(desk, kind="attempt_cap", most=1, within="PT1H")


async def hold_to_the_hours_of_another_day(desk: Desk) -> None:
    """The waiver of the hours ends, and a rule of the account's own closes today."""
    tomorrow = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")[(utcnow().weekday() + 3) % 7]
    await overlay(desk, kind="calling_hours", windows={tomorrow: [["08:00", "20:00"]]})
    async with desk.db.write() as session:
        await waivers.end(session, desk.account.account_id, ANY_HOUR["rule"], "tests", utcnow())


async def close_the_shop(desk: Desk) -> None:
    async with desk.db.write() as session:
        agent = await session.get(Agent, desk.call.agent_id)
        assert agent is not None
        agent.business_hours_spec = {}
        session.add(agent)


async def lose_the_name(desk: Desk) -> None:
    async with desk.db.write() as session:
        agent = await session.get(Agent, desk.call.agent_id)
        assert agent is not None
        agent.identity_spec = None
        session.add(agent)


async def call_us(desk: Desk, action: Returned) -> None:
    async with desk.db.write() as session:
        call = await calls.lock(session, desk.call.call_id)
        assert call is not None
        await inbound.link(session, call, action, utcnow())


async def call_us_and_be_done(desk: Desk) -> None:
    await call_us(desk, Returned.COMPLETE)


async def call_us_and_wait(desk: Desk) -> None:
    await call_us(desk, Returned.PAUSE)


async def call_us_for_nothing(desk: Desk) -> None:
    await call_us(desk, Returned.KEEP)


async def nothing(desk: Desk) -> None:
    """As it was decided."""


async def be_called_by_another(desk: Desk) -> None:
    """A dial by another agent of the account, under a cap of one an hour."""
    await cap(desk)
    call = await make.call(desk.db, await make.agent(desk.db, desk.account))
    row = Attempt(
        call_id=call.call_id,
        account_id=call.account_id,
        number=1,
        token="another's",
        to_endpoint=desk.call.endpoint,
        from_endpoint=make.CALLER,
        dialed_at=utcnow() - timedelta(minutes=5),
    )
    async with desk.db.write() as session:
        session.add(row)


async def ring(desk: Desk, state: AttemptState, *numbers: str) -> None:
    """Another call lists these numbers of its person, and dials the last of them."""
    async with desk.db.read() as session:
        agent = await session.get_one(Agent, desk.call.agent_id)
    spec = [{"endpoint": one, "kind": "phone"} for one in numbers]
    call = await make.call(desk.db, agent, at=utcnow(), endpoint=numbers[-1], numbers_spec=spec)
    row = Attempt(
        call_id=call.call_id,
        account_id=call.account_id,
        number=1,
        token="another line",
        to_endpoint=call.endpoint,
        from_endpoint=make.CALLER,
        state=state,
        dialed_at=utcnow() - timedelta(minutes=1),
    )
    async with desk.db.write() as session:
        session.add(row)


async def be_on_another_line(desk: Desk) -> None:
    await ring(desk, AttemptState.ANSWERED, desk.call.endpoint, "+12125550171")


async def be_rung_perhaps(desk: Desk) -> None:
    await ring(desk, AttemptState.UNKNOWN, desk.call.endpoint, "+12125550171")


async def be_rung_no_more(desk: Desk) -> None:
    await ring(desk, AttemptState.ENDED, desk.call.endpoint, "+12125550171")


async def let_others_talk(desk: Desk) -> None:
    await ring(desk, AttemptState.ANSWERED, "+12125550172", "+12125550173")


async def lose_the_caller_id(desk: Desk) -> None:
    """And the call, which waits, has moved to the other one."""
    async with desk.db.write() as session:
        agent = await session.get_one(Agent, desk.call.agent_id)
        agent.caller_ids = [make.CALLER, "+14155550180"]
        agent.caller_id_marks = {make.CALLER: Mark.BARRED.value}
        session.add(agent)
        await session.flush()
        await marks.move_waiting(session, agent, STANDARD, "")
        call = await session.get_one(Call, desk.call.call_id, populate_existing=True)
        assert call.caller_id != make.CALLER


async def dialed(desk: Desk, change: Change) -> DialKind:
    await desk.plan(valid_for=timedelta(hours=1))
    await change(desk)
    done = await ActivityEnvironment().run(desk.dial.dial, desk.ref)
    kind: DialKind = done.kind
    return kind


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (suppress, "The number is on the do-not-call list (api)"),
        (opt_out_by_text, "The number is on the do-not-call list (inbound_text)"),
        (take_consent_back, "No express consent is on file"),
        (declare_an_emergency, "not open any more: blackout"),
        (hold_to_the_hours_of_another_day, "not open any more: calling_hours"),
        (close_the_shop, "not open any more: business_hours"),
        (be_called_by_another, "the person was called too often"),
        (lose_the_name, "us.federal.identity asks for a notice"),
        (call_us_and_be_done, "the recipient called back"),
        (call_us_and_wait, "the recipient called back"),
        (be_on_another_line, "another call has the person on the line"),
        (be_rung_perhaps, "another call has the person on the line"),
        (lose_the_caller_id, "the carrier would refuse the caller ID"),
    ],
)
async def test_what_forbids_the_call_meanwhile_keeps_it_from_being_dialed(
    desk: Desk, change: Change, why: str
):
    assert await dialed(desk, change) is DialKind.OVER
    assert desk.carrier.dials == []
    attempt = await desk.attempt()
    assert attempt.result is AttemptResult.NOT_SENT
    assert (attempt.error or "").startswith(why)


@pytest.mark.parametrize(
    "change", [nothing, ask_for_paper, cap, call_us_for_nothing, be_rung_no_more, let_others_talk]
)
async def test_what_does_not_concern_the_call_lets_it_be_dialed(desk: Desk, change: Change):
    assert await dialed(desk, change) is DialKind.SENT
    assert [dial.to for dial in desk.carrier.dials] == [desk.call.endpoint]
