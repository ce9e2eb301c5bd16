"""Numbers are asked about at the carrier, once each, however it fails; nobody is dialed before."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from unittest.mock import patch

import httpx2
import pytest
from sqlmodel import col, select, update

from activities.clearances.look_ahead import LookAhead
from activities.clearances.lookup_loop import LookupLoop
from activities.clearances.lookup_payers import PayerDisabled, TwilioPayers
from activities.clock import utcnow
from activities.decide import DecideActivities
from contracts.calls import Decide
from policy.model.call import Decision, DecisionKind, Outcome
from policy.model.purposes import Purpose
from simulator.app import create_app
from simulator.config import SimulatorConfig
from storage.attempts import costs
from storage.clearances import requests
from storage.database.engine import Database
from storage.facts.gather import FactGatherer
from storage.tables import (
    Account,
    Agent,
    Call,
    Campaign,
    CheckedNumber,
    CheckRequest,
    DecisionRow,
)
from tests.activities.conftest import ANY_HOUR
from tests.databases import SqliteTemplates
from tests.permits import CONSENT, IDENTITY
from tests.simulator.harness import ACCOUNT, TOKEN, serving
from tests.storage import make

LINE = {"check": "line_type", "maxAge": "P30D", "refuse": ["nonFixedVoip"]}
OWNER = {"check": "reassigned", "maxAge": "P30D"}
DIAL, WAIT, END = DecisionKind.DIAL, DecisionKind.WAIT, DecisionKind.END


class Heard:
    """Which calls were told to decide again."""

    def __init__(self) -> None:
        self.calls: list[str] = []

    async def replan(self, call_id: str) -> bool:
        self.calls.append(call_id)
        return True


@dataclass
class Bench:
    db: Database
    account: Account
    agent: Agent
    loop: LookupLoop
    heard: Heard
    carrier: httpx2.AsyncClient
    decider: DecideActivities
    steps: int = 0

    async def call(self, number: str = make.CALLEE, **more: Any) -> Call:
        said = {"consent_spec": CONSENT, "purpose": Purpose.REMINDER, "endpoint": number, **more}
        return await make.call(self.db, self.agent, at=utcnow(), **said)

    async def decide(self, call: Call) -> Decision:
        self.steps += 1
        return await self.decider.decide(Decide(call.call_id, self.steps, utcnow(), False))

    async def turns(self) -> None:
        """Until nothing is due and nothing is under way."""
        async with asyncio.timeout(60):
            while await self.loop.round() < 0.05:
                pass

    async def asked(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = (await self.carrier.get("/_sim/lookups")).json()["lookups"]
        return found

    async def fail(self, **faults: Any) -> None:
        assert (await self.carrier.put("/_sim/faults", json=faults)).status_code == 200

    async def line(self, number: str, **said: Any) -> None:
        assert (await self.carrier.put(f"/_sim/lines/{number}", json=said)).status_code == 200

    async def ledger(self) -> list[CheckRequest]:
        async with self.db.read() as session:
            rows = select(CheckRequest).order_by(col(CheckRequest.request_id))
            return list((await session.exec(rows)).all())

    async def hurry(self) -> None:
        """Whatever waits for its next try is due."""
        self.loop._resting.clear()
        async with self.db.write() as session:
            late = col(CheckedNumber.due_at).is_not(None)
            await session.exec(update(CheckedNumber).where(late).values(due_at=utcnow()))

    async def spent(self) -> int:
        async with self.db.read() as session:
            return await costs.of_account(session, self.account.account_id)


@pytest.fixture
async def bench(sqlite_templates: SqliteTemplates) -> AsyncIterator[Bench]:
    config = SimulatorConfig(ACCOUNT, TOKEN, hang_seconds=0.5)
    async with sqlite_templates.opened("lookups") as db, serving(create_app(config)) as url:
        account = await make.account(db, waivers=[ANY_HOUR])
        demands = {"identity_spec": IDENTITY, "clearance_spec": [LINE, OWNER]}
        agent = await make.agent(db, account, **demands)
        heard, gatherer = Heard(), FactGatherer()
        payers = TwilioPayers(db, None, (ACCOUNT, TOKEN), url)
        signals: Any = heard
        loop = LookupLoop(db, payers, signals, LookAhead(db, gatherer), interval=0.05)
        async with httpx2.AsyncClient(base_url=url) as carrier:
            decider = DecideActivities(db, gatherer)
            yield Bench(db, account, agent, loop, heard, carrier, decider)
        await loop.end(0)


async def test_a_call_waits_is_told_and_dialed_with_every_answer_in_its_evidence(bench: Bench):
    call = await bench.call()
    first = await bench.decide(call)
    assert (first.kind, first.reason) == (WAIT, "clearance_pending")
    await bench.turns()
    assert set(bench.heard.calls) == {call.call_id}
    assert (await bench.decide(call)).kind is DIAL
    async with bench.db.read() as session:
        row = await session.get(DecisionRow, (call.call_id, bench.steps))
    assert row is not None
    said = {one["rule"]: one["verdict"] for one in row.findings}
    assert (said["clearance.line_type"], said["clearance.reassigned"]) == ("mobile", "no")
    asked = {(one["number"], one["fields"], one["since"]) for one in await bench.asked()}
    assert asked == {
        (make.CALLEE, "line_type_intelligence", ""),
        (make.CALLEE, "reassigned_number", "20191231"),
    }


@pytest.mark.parametrize(
    ("line", "kind"),
    [
        ({"type": "nonFixedVoip"}, END),
        ({"reassigned": "yes"}, END),
        ({"reassigned": "no_data_available"}, END),
        ({"valid": False}, END),
        ({"type": "landline"}, DIAL),
    ],
)
async def test_what_the_carrier_says_decides(
    bench: Bench, line: dict[str, Any], kind: DecisionKind
):
    await bench.line(make.CALLEE, **line)
    call = await bench.call()
    await bench.decide(call)
    await bench.turns()
    decision = await bench.decide(call)
    assert decision.kind is kind
    if kind is END:
        assert (decision.outcome, decision.reason) == (Outcome.SUPPRESSED, "clearance_refused")


async def test_one_number_is_paid_for_once_however_many_calls_want_it(bench: Bench):
    calls = [await bench.call() for _ in range(5)]
    for call in calls:
        await bench.decide(call)
    await bench.turns()
    for call in calls:
        # The person's cap is another matter.
        assert (await bench.decide(call)).reason in ("first_attempt", "attempt_cap")
    await bench.turns()
    assert len(await bench.asked()) == 2
    assert await bench.spent() == 28_000
    assert set(bench.heard.calls) == {call.call_id for call in calls}


async def test_a_stale_answer_is_asked_again_and_waited_for(bench: Bench):
    call = await bench.call()
    await bench.decide(call)
    await bench.turns()
    async with bench.db.write() as session:
        old = utcnow() - timedelta(days=30)
        await session.exec(update(CheckedNumber).values(answered_at=old))
    assert (await bench.decide(call)).kind is WAIT
    await bench.turns()
    assert (await bench.decide(call)).kind is DIAL
    assert len(await bench.asked()) == 4


@pytest.mark.parametrize("mode", ["429", "500", "hang", "drop_response", "wrong", "no_package"])
async def test_however_the_carrier_fails_the_call_waits_and_is_asked_about_again(
    bench: Bench, mode: str
):
    await bench.fail(lookups=[{"mode": mode}])
    call = await bench.call()
    await bench.decide(call)
    await bench.turns()
    assert (await bench.decide(call)).kind is WAIT
    assert {one.answer for one in await bench.ledger()} == {None}
    assert all(one.error and make.CALLEE not in one.error for one in await bench.ledger())
    # What was surely refused is not paid for.
    spent = await bench.spent()
    assert (spent == 0) == (mode == "429")
    await bench.hurry()
    await bench.turns()
    # Nobody knows whether it was answered; asked again it is charged no second time.
    assert await bench.spent() == spent
    await bench.fail()
    await bench.hurry()
    await bench.turns()
    assert (await bench.decide(call)).kind is DIAL
    assert await bench.spent() == 28_000


async def test_what_a_disabled_account_at_the_carrier_would_ask_waits_and_holds_up_no_other(
    bench: Bench,
):
    class Payers(TwilioPayers):
        async def _payer(self, claim: Any) -> str | None:
            if claim.endpoint == make.CALLEE:
                raise PayerDisabled
            return None

    url = str(bench.carrier.base_url)
    bench.loop._payers = Payers(bench.db, None, (ACCOUNT, TOKEN), url)
    for number in (make.CALLEE, "+14155550117"):
        await bench.decide(await bench.call(number))
    await bench.turns()
    await bench.hurry()
    await bench.turns()
    assert {one["number"] for one in await bench.asked()} == {"+14155550117"}
    rows = [one for one in await bench.ledger() if one.endpoint == make.CALLEE]
    # Asked for once each, told why, and unpaid.
    assert [(one.error, one.cost) for one in rows] == [(requests.DISABLED, 0)] * 2
    bench.loop._payers = TwilioPayers(bench.db, None, (ACCOUNT, TOKEN), url)
    async with bench.db.write() as session:
        account_id = bench.account.account_id
        await requests.ask_anew(session, account_id, requests.DISABLED, utcnow())
    await bench.turns()
    assert make.CALLEE in {one["number"] for one in await bench.asked()}


@pytest.mark.parametrize("whose", [Account, Campaign])
async def test_nothing_is_asked_beyond_a_spend_limit(
    bench: Bench, whose: type[Account] | type[Campaign]
):
    campaign = await make.campaign(bench.db, bench.agent)

    async def limit(most: int) -> None:
        async with bench.db.write() as session:
            await session.exec(update(whose).values(spend_limit=most))

    await limit(0)
    call = await bench.call(campaign_id=campaign.campaign_id)
    await bench.decide(call)
    await bench.turns()
    assert (await bench.asked(), await bench.spent()) == ([], 0)
    await limit(1_000_000)
    assert (await bench.decide(call)).kind is WAIT
    await bench.turns()
    assert len(await bench.asked()) == 2


async def test_a_carrier_that_is_slow_or_away_holds_back_nothing_else(bench: Bench):
    call = await bench.call()
    await bench.decide(call)
    bases = bench.loop._payers._own._http._bases  # type: ignore[attr-defined]
    with patch.dict(bases, dict.fromkeys(bases, "http://127.0.0.1:9")):
        await bench.turns()
    assert (await bench.decide(call)).kind is WAIT
    assert await bench.spent() == 0
    await bench.hurry()
    await bench.turns()
    assert (await bench.decide(call)).kind is DIAL


async def test_an_answer_that_is_lost_with_its_worker_is_asked_for_again_and_not_before(
    bench: Bench,
):
    call = await bench.call()
    await bench.decide(call)
    # Killed between the intent and the answer.
    async with bench.db.write() as session:
        claims = await requests.claim(session, utcnow(), 20)
    assert len(claims) == 2
    await bench.turns()
    assert await bench.asked() == []
    await bench.hurry()
    await bench.turns()
    assert (await bench.decide(call)).kind is DIAL
    ledger = await bench.ledger()
    assert [one.ended_at is None for one in ledger] == [True, True, False, False]


async def test_what_was_claimed_too_long_ago_is_not_asked_and_costs_nothing(bench: Bench):
    await bench.decide(await bench.call())
    with patch("activities.clearances.lookup_loop.ASKED_WITHIN", -1):
        await bench.turns()
    assert (await bench.asked(), await bench.spent()) == ([], 0)


async def test_two_loops_at_once_ask_nothing_twice(bench: Bench):
    for n in range(12):
        await bench.decide(await bench.call(f"+1415555{n + 100:04}"))
    payers = TwilioPayers(bench.db, None, (ACCOUNT, TOKEN), str(bench.carrier.base_url))
    signals: Any = bench.heard
    other = LookupLoop(bench.db, payers, signals, LookAhead(bench.db, FactGatherer()))

    async def other_turns() -> None:
        with suppress(asyncio.CancelledError):
            while True:
                await other.round()

    task = asyncio.create_task(other_turns())
    await bench.turns()
    task.cancel()
    await task
    await other.end(10)
    asked = [(one["number"], one["fields"]) for one in await bench.asked()]
    assert len(asked) == len(set(asked)) == 24


async def test_what_is_ahead_is_asked_before_its_window_opens(bench: Bench):
    soon, late = utcnow() + timedelta(minutes=30), utcnow() + timedelta(hours=5)
    for number, at in (("+14155550111", soon), ("+14155550112", late)):
        call = await bench.call(number, not_before=at)
        async with bench.db.write() as session:
            values = {"next_attempt_at": at}
            own = col(Call.call_id) == call.call_id
            await session.exec(update(Call).where(own).values(**values))
    await bench.turns()
    other = "+14155550198"
    spec = [
        {"endpoint": one, "kind": "phone", "consent": CONSENT, **more}
        for one, more in (
            ("+14155550114", {}),
            ("+14155550115", {"callerId": other}),
            ("+14155550116", {"hours": {"start": "03:00", "end": "03:01"}}),
        )
    ]
    call = await bench.call("+14155550114", not_before=soon, numbers_spec=spec)
    async with bench.db.write() as session:
        own = col(Call.call_id) == call.call_id
        await session.exec(update(Call).where(own).values(next_attempt_at=soon))
        await session.exec(update(Agent).values(caller_ids=[make.CALLER, other]))
    bench.loop._look_ahead._next_at = None
    await bench.turns()
    asked = {one["number"] for one in await bench.asked()}
    assert asked == {"+14155550111", "+14155550114", "+14155550115"}
    async with bench.db.read() as session:
        rows = (await session.exec(select(CheckedNumber))).all()
    # By whoever the number that would be shown belongs to at the carrier.
    assert {one.endpoint for one in rows if one.caller_id == other} == {"+14155550115"}


async def test_a_call_whose_agent_demands_nothing_writes_and_asks_nothing(bench: Bench):
    plain = await make.agent(bench.db, bench.account, identity_spec=IDENTITY)
    said = {"consent_spec": CONSENT, "purpose": Purpose.REMINDER}
    call = await make.call(bench.db, plain, at=utcnow(), **said)
    assert (await bench.decide(call)).kind is DIAL
    await bench.turns()
    assert (await bench.asked(), await bench.ledger()) == ([], [])
