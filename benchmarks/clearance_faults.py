"""5,000 calls whose numbers have to be cleared, while the carrier's look-ups fail in every way.

    .venv/bin/python -m benchmarks.clearance_faults [CALLS]

Everything is real but the phones: decisions, the loop that asks, Twilio's package, the gate. The
simulated carrier refuses, breaks off, hangs and answers nonsense; workers die between the question
and its answer; answers grow old between the decision and the dial. Prints the figures, and fails if
one call was dialed whose answers were not there and fresh.
"""

import asyncio
import random
import sys
import tempfile
import time
from collections import Counter
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx2
from sqlmodel import col, select, update
from temporalio.testing import ActivityEnvironment

from activities.clearances.look_ahead import LookAhead
from activities.clearances.lookup_loop import LookupLoop
from activities.clearances.lookup_payers import TwilioPayers
from activities.clock import utcnow
from activities.decide import DecideActivities
from activities.dials.dial import DialActivities
from contracts.calls import AttemptRef, Decide, Settle
from policy.model.call import Decision, DecisionKind
from policy.model.purposes import Purpose
from simulator.app import create_app
from simulator.config import SimulatorConfig
from storage.clearances import requests
from storage.database import migrate
from storage.database.engine import Database
from storage.facts.gather import FactGatherer
from storage.tables import Account, CheckedNumber, CheckRequest, DecisionRow
from telephony.memory.carrier import MemoryCarrier
from tests.permits import CONSENT, IDENTITY
from tests.simulator.harness import ACCOUNT, TOKEN, serving
from tests.storage import make

ANY_HOUR = {"rule": "calling_hours", "reason": "no real phones", "by": "benchmark"}
MAX_AGE = timedelta(days=30)
DEMANDS = [{"check": "line_type", "maxAge": "P30D"}, {"check": "reassigned", "maxAge": "P30D"}]
MODES = ("429", "500", "hang", "drop_response", "wrong", "no_package")
AT_ONCE = 500
ROUNDS = 400


class Deaf:
    """The calls are asked again anyway."""

    async def replan(self, _call_id: str) -> bool:
        return True


class Run:
    def __init__(self, db: Database, url: str, agent: Any) -> None:
        self.db, self.agent, self.random = db, agent, random.Random(14)
        gatherer, signals = FactGatherer(), Deaf()
        deaf: Any = signals
        payers = TwilioPayers(db, None, (ACCOUNT, TOKEN), url)
        self.loop = LookupLoop(db, payers, deaf, LookAhead(db, gatherer), interval=0.5)
        self.decider = DecideActivities(db, gatherer)
        self.carrier = MemoryCarrier()
        self.dialer = DialActivities(db, self.carrier, gatherer, public_url="https://us.test")
        self.seen: Counter[str] = Counter()
        self.steps: Counter[str] = Counter()

    async def decide(self, call_id: str, settled: int | None = None) -> Decision:
        self.steps[call_id] += 1
        step, now = self.steps[call_id], utcnow()
        if settled is None:
            return await self.decider.decide(Decide(call_id, step, now, False))
        return await self.decider.settle(Settle(call_id, step, settled, now, False))

    async def turn(self, call_id: str, number: str) -> bool:
        """One decision, and the dial if it says so; True once the call is through."""
        decision = await self.decide(call_id)
        self.seen[f"decided: {decision.kind} {decision.reason}"] += 1
        if decision.kind is DecisionKind.END:
            self.seen["ended"] += 1
            return True
        if decision.kind is not DecisionKind.DIAL:
            return False
        assert decision.attempt_number is not None
        if self.random.random() < 0.1:
            await self.grow_old(number)
        before = len(self.carrier.dials)
        fresh = await self.is_fresh(number)
        ref = AttemptRef(call_id, decision.attempt_number)
        await ActivityEnvironment().run(self.dialer.dial, ref)
        if len(self.carrier.dials) > before:
            self.seen["dialed"] += 1
            self.seen["dialed without fresh clearance"] += not fresh
            self.seen["dialed without evidence"] += not await self.has_evidence(call_id)
            return True
        self.seen["stopped at the gate"] += 1
        self.seen["stopped though fresh"] += fresh
        await self.decide(call_id, decision.attempt_number)
        return False

    async def grow_old(self, number: str) -> None:
        async with self.db.write() as session:
            own = col(CheckedNumber.endpoint) == number
            old = {"answered_at": utcnow() - MAX_AGE}
            await session.exec(update(CheckedNumber).where(own).values(**old))

    async def is_fresh(self, number: str) -> bool:
        async with self.db.read() as session:
            rows = select(CheckedNumber).where(col(CheckedNumber.endpoint) == number)
            found = (await session.exec(rows)).all()
        since = utcnow() - MAX_AGE
        fresh = [one for one in found if one.answered_at and one.answered_at > since]
        return len(fresh) == len(DEMANDS)

    async def has_evidence(self, call_id: str) -> bool:
        async with self.db.read() as session:
            rows = select(DecisionRow).where(
                col(DecisionRow.call_id) == call_id, col(DecisionRow.kind) == DecisionKind.DIAL
            )
            row = (await session.exec(rows)).all()[-1]
        said = {one["rule"]: one["verdict"] for one in row.findings}
        return said.get("clearance.line_type") == "mobile" and "clearance.reassigned" in said

    async def die_while_asking(self) -> None:
        """A worker claims questions and is gone; then it is a minute later."""
        async with self.db.write() as session:
            claims = await requests.claim(session, utcnow(), 5)
        self.seen["questions lost with a worker"] += len(claims)

    async def hurry(self) -> None:
        """Back-off and claims are waited for in no time."""
        self.loop._resting.clear()
        async with self.db.write() as session:
            waits = col(CheckedNumber.due_at).is_not(None)
            past = utcnow() - timedelta(seconds=1)
            await session.exec(update(CheckedNumber).where(waits).values(due_at=past))


async def main(count: int) -> int:
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{Path(folder) / 'run.db'}"
        migrate.upgrade(url)
        db = Database(url)
        config = SimulatorConfig(ACCOUNT, TOKEN, hang_seconds=0.05)
        async with serving(create_app(config)) as carrier_url:
            found = await _run(db, carrier_url, count)
        await db.close()
    for name in sorted(found):
        print(f"{name:55} {found[name]:>8,}")  # noqa: T201
    bad = found["dialed without fresh clearance"] + found["dialed without evidence"]
    return 1 if bad or found["dialed"] + found["ended"] < count else 0


async def _run(db: Database, url: str, count: int) -> Counter[str]:
    limits = {"max_concurrent": 10_000, "calls_per_minute": 100_000}
    account: Account = await make.account(db, waivers=[ANY_HOUR], **limits)
    demands = {"identity_spec": IDENTITY, "clearance_spec": DEMANDS}
    agent = await make.agent(db, account, **demands)
    faults = [{"mode": mode, "rate": 0.08, "seed": n} for n, mode in enumerate(MODES)]
    run, began = Run(db, url, agent), time.monotonic()
    async with httpx2.AsyncClient(base_url=url) as control:
        await control.put("/_sim/faults", json={"lookups": faults})
    waiting: dict[str, str] = {}
    for n in range(count):
        number = f"+1{212 + n // 10_000}555{n % 10_000:04}"
        said = {"consent_spec": CONSENT, "purpose": Purpose.REMINDER, "endpoint": number}
        call = await make.call(db, agent, at=utcnow(), **said)
        waiting[call.call_id] = number
    for _ in range(ROUNDS):
        for call_id, number in list(waiting.items())[:AT_ONCE]:
            if await run.turn(call_id, number):
                del waiting[call_id]
        if not waiting:
            break
        print(f"{len(waiting):,} left", dict(run.seen), file=sys.stderr)  # noqa: T201
        await run.die_while_asking()
        await run.hurry()
        deadline = time.monotonic() + 30
        while await run.loop.round() < 0.5 and time.monotonic() < deadline:
            # Back-off of the account is waited for in no time.
            run.loop._resting.clear()
    await run.loop.end(5)
    async with db.read() as session:
        rows = (await session.exec(select(CheckRequest))).all()
    run.seen["look-ups sent"] = sum(one.ended_at is not None for one in rows)
    run.seen["look-ups answered"] = sum(one.answer is not None for one in rows)
    run.seen["look-ups failed"] = sum(one.error is not None for one in rows)
    run.seen["seconds"] = round(time.monotonic() - began)
    run.seen["left waiting"] = len(waiting)
    return run.seen


if __name__ == "__main__":
    sys.exit(asyncio.run(main(int(sys.argv[1]) if len(sys.argv) > 1 else 5000)))
