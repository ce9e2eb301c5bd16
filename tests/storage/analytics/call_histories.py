"""Random lives of calls, made by what makes them in earnest, in an order drawn from a seed."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random

from sqlmodel import col, select

from policy.model.call import REPORTABLE_OUTCOMES, CampaignStatus, DecisionKind, Outcome, WaitingFor
from storage.attempts import attempts, costs
from storage.attempts.attempts import CarrierUpdate
from storage.calls import calls
from storage.database.engine import Database
from storage.tables import Account, Agent, Attempt, Call, Campaign
from tests.storage import make

CALLERS = ("+12125550190", "+12125550191", "+12125550192")
#: With the place that a decision would find, or none.
CALLEES = (
    ("+12125550101", "US-NY", "America/New_York"),
    ("+13125550102", "US-IL", "America/Chicago"),
    ("+14155550103", None, None),
    ("+442079460104", "GB", "Europe/London"),
)
#: How a leg can end, and whether somebody picks up before.
_ENDS = (
    ("completed", True, None),
    ("completed", True, "machine_end_beep"),
    ("busy", False, None),
    ("no-answer", False, None),
    ("failed", False, None),
    ("canceled", False, None),
)


@dataclass
class History:
    """One account, its calls, and a clock that moves on by minutes and sometimes by days."""

    db: Database
    random: Random
    now: datetime = make.NOW
    account: Account = field(init=False)
    agents: list[Agent] = field(default_factory=list)
    campaigns: list[Campaign] = field(default_factory=list)

    async def begin(self) -> None:
        self.account = await make.account(self.db)
        for name in ("Ada", "Bob"):
            agent = await make.agent(self.db, self.account, name=name, caller_ids=list(CALLERS))
            self.agents.append(agent)
            running = await make.campaign(self.db, agent, status=CampaignStatus.RUNNING)
            self.campaigns.append(running)

    async def step(self) -> None:
        """One thing that happens."""
        self.now += timedelta(minutes=self.random.choice((0, 1, 7, 40, 600)))
        acts = (self.accept, self.accept, self.dial, self.dial, self.dial, self.end, self.correct)
        await self.random.choice(acts)()

    async def accept(self) -> None:
        agent = self.random.choice(self.agents)
        campaign = self.random.choice([*self.campaigns, None])
        if campaign is not None:
            agent = next(one for one in self.agents if one.agent_id == campaign.agent_id)
        await make.call(
            self.db,
            agent,
            at=self.now,
            endpoint=self.random.choice(CALLEES)[0],
            caller_id=self.random.choice(CALLERS),
            campaign_id=campaign and campaign.campaign_id,
            pathway_id=self.random.choice(("reminder", "survey", None)),
            recording=self.random.random() < 0.3,
        )

    async def dial(self) -> None:
        """An attempt from its plan to its settlement, or only part of the way."""
        call = await self._open_call()
        if call is None:
            return
        number = 1 + len(await self._attempts(call))
        await make.decide(self.db, call.call_id, make.dial(number), self.now)
        attempt = await self._planned(call, number)
        if self.random.random() < 0.8:
            await self._send(attempt)
        if self.random.random() < 0.9:
            await self._settle(call, attempt)

    async def end(self) -> None:
        """A call ends, whatever was going on."""
        call = await self._open_call()
        if call is None:
            return
        outcome = self.random.choice(list(Outcome))
        async with self.db.write() as session:
            row = await calls.lock(session, call.call_id)
            assert row is not None
            await attempts.withdraw(session, row, self.now)
            await calls.apply_decision(session, row, make.end(outcome), self.now)

    async def correct(self) -> None:
        """What comes late: the carrier's price, another outcome, news of a settled leg."""
        await self.random.choice((self._price, self._report, self._news))()

    async def _price(self) -> None:
        async with self.db.write() as session:
            due = await costs.unpriced(session, self.now + timedelta(hours=1), 1)
            for attempt in due:
                price = self.random.choice(("-0.02", "-0.5", None))
                await costs.settle_price(session, attempt, price, "USD", self.now)

    async def _report(self) -> None:
        async with self.db.write() as session:
            ended = select(Call).where(col(Call.outcome) == Outcome.COMPLETED).limit(1)
            call = (await session.exec(ended)).first()
            if call is None:
                return
            outcome = self.random.choice(sorted(REPORTABLE_OUTCOMES))
            said = {"summary": None, "transcript": None, "structured": None}
            await calls.report(session, call, outcome=outcome, now=self.now, **said)
            call.outcome = outcome
            session.add(call)

    async def _news(self) -> None:
        async with self.db.read() as session:
            rows = (await session.exec(select(Attempt).order_by(col(Attempt.attempt_id)))).all()
        if rows:
            await self._end_leg(self.random.choice(rows))

    # -- the parts of an attempt

    async def _open_call(self) -> Call | None:
        async with self.db.read() as session:
            statement = (
                select(Call).where(col(Call.outcome).is_(None)).order_by(col(Call.created_time))
            )
            found = (await session.exec(statement)).all()
        return self.random.choice(found) if found else None

    async def _attempts(self, call: Call) -> list[Attempt]:
        async with self.db.read() as session:
            return await attempts.of_call(session, call.call_id)

    async def _planned(self, call: Call, number: int) -> Attempt:
        places = {endpoint: rest for endpoint, *rest in CALLEES}
        jurisdiction, zone = places[call.endpoint]
        async with self.db.write() as session:
            return await make.intent(
                session, call, number, self.now, jurisdiction=jurisdiction, zone=zone
            )

    async def _send(self, attempt: Attempt) -> None:
        async with self.db.write() as session:
            gate = await attempts.begin_sending(session, attempt, self.now)
        if gate is not attempts.SendGate.GO:
            return
        async with self.db.write() as session:
            await attempts.mark_sent(session, attempt, make.new_sid(), "queued", self.now)
        if self.random.random() < 0.9:
            await self._end_leg(attempt)

    async def _end_leg(self, attempt: Attempt) -> None:
        status, picked_up, answered_by = self.random.choice(_ENDS)
        async with self.db.write() as session:
            if picked_up:
                await self._tell(session, attempt, CarrierUpdate("in-progress", at=self.now))
            if answered_by is not None:
                await attempts.apply_answered_by(session, attempt, answered_by, self.now)
            if self.random.random() < 0.9:
                talk = self.random.choice((0, 5, 61)) if picked_up else None
                await self._tell(session, attempt, CarrierUpdate(status, None, talk, self.now))

    async def _tell(self, session, attempt: Attempt, news: CarrierUpdate) -> None:
        await attempts.apply_carrier_event(session, attempt, news, self.now)

    async def _settle(self, call: Call, attempt: Attempt) -> None:
        """With the decision that follows in the same transaction, as `activities.decide` does."""
        async with self.db.write() as session:
            await attempts.settle(session, attempt, self.now)
            row = await calls.lock(session, call.call_id)
            assert row is not None
            again = make.wait(self.now + timedelta(hours=1), WaitingFor.RETRY)
            over = make.end(self.random.choice((Outcome.COMPLETED, Outcome.NO_ANSWER)))
            then = self.random.choice((again, over))
            assert then.kind in (DecisionKind.WAIT, DecisionKind.END)
            await calls.apply_decision(session, row, then, self.now)
