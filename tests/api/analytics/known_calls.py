"""Seven calls whose numbers are worked out by hand, as they stand in the database, counted."""

import csv
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from io import StringIO
from typing import Any

from policy.model.call import STATUS_OF_OUTCOME, AttemptResult, AttemptState, CallStatus, Outcome
from storage.accounts import accounts
from storage.analytics import rollup
from storage.database.engine import Database
from storage.tables import Attempt, Call
from tests.api.world import CALLER_ID, ENDPOINT, KEY, Json, World

OTHER_CALLER = "+12125550101"


def at(text: str) -> datetime:
    """A time in UTC of the year in which the tests play."""
    return datetime.fromisoformat(f"2026-{text}").replace(tzinfo=UTC)


@dataclass(frozen=True)
class Dial:
    """`after` seconds after the call was accepted."""

    after: float
    result: AttemptResult
    cost: int = 0
    talk: int | None = None
    caller_id: str = CALLER_ID
    place: str | None = "US-NY"
    zone: str | None = "America/New_York"


Story = tuple[datetime, Outcome | None, tuple[Dial, ...]]


async def account_id(world: World) -> str:
    async with world.db.read() as session:
        found = await accounts.find_by_key(session, KEY, world.clock.now)
    assert found is not None
    return found[0].account_id


async def called(
    world: World, agent_id: str, at: datetime, outcome: Outcome | None, *dials: Dial, **more: Any
) -> None:
    """One call, accepted at `at`."""
    await called_all(world, agent_id, [(at, outcome, dials)], **more)


async def called_all(
    world: World,
    agent_id: str,
    stories: list[Story],
    **more: Any,
) -> None:
    owner = await account_id(world)
    async with world.db.write() as session:
        for at, outcome, dials in stories:
            call = Call(
                account_id=owner,
                agent_id=agent_id,
                endpoint=ENDPOINT,
                timezone="America/New_York",
                status=CallStatus.QUEUED if outcome is None else STATUS_OF_OUTCOME[outcome],
                outcome=outcome,
                created_time=at,
                **{"caller_id": dials[0].caller_id if dials else CALLER_ID, **more},
            )
            session.add(call)
            await session.flush()
            session.add_all([attempt_of(call, n, dial) for n, dial in enumerate(dials, start=1)])


def attempt_of(call: Call, number: int, dial: Dial) -> Attempt:
    at = call.created_time + timedelta(seconds=dial.after)
    return Attempt(
        call_id=call.call_id,
        account_id=call.account_id,
        number=number,
        token=f"{call.call_id}-{number}",
        to_endpoint=call.endpoint,
        from_endpoint=dial.caller_id,
        jurisdiction=dial.place,
        zone=dial.zone,
        state=AttemptState.ENDED,
        result=dial.result,
        duration_seconds=dial.talk,
        cost=dial.cost,
        dialed_at=at,
        settled_at=at + timedelta(seconds=30),
    )


async def count(db: Database) -> None:
    """What the counter of the worker does until nothing is left."""
    while True:
        async with db.read() as session:
            behind = await rollup.behind(session)
        if not behind:
            return
        for owner in behind:
            async with db.write() as session:
                await rollup.count(session, owner)


async def count_anew(world: World) -> None:
    """Rows that no event tells of are found from the start."""
    async with world.db.write() as session:
        await rollup.begin_anew(session, await account_id(world))
    await count(world.db)


@dataclass
class Told:
    """The account whose numbers are asked for."""

    world: World
    ada: str
    bob: str
    campaign: str

    async def get(self, status: int = 200, /, path: str = "", **query: Any) -> Json:
        asked = {name.rstrip("_"): value for name, value in query.items()}
        answer = await self.world.http.get(f"/api/v1/analytics{path}", params=asked)
        assert answer.status_code == status, answer.text
        found: Json = answer.json()
        return found

    async def split(self, by: str, **query: Any) -> dict[str | None, Json]:
        found = await self.get(groupBy=by, **query)
        return {one["key"]: one for one in found["groups"]}

    async def rows(self, **query: Any) -> list[dict[str, str]]:
        answer = await self.world.http.get("/api/v1/analytics.csv", params=query)
        assert answer.status_code == 200, answer.text
        assert answer.headers["content-type"].startswith("text/csv")
        assert 'filename="analytics.csv"' in answer.headers["content-disposition"]
        return list(csv.DictReader(StringIO(answer.text, newline="")))

    async def refusal(self, path: str = "", **query: Any) -> tuple[str, str]:
        problem = await self.get(422, path=path, **query)
        assert len(problem["errors"]) == 1, problem
        return problem["errors"][0]["code"], problem["errors"][0]["field"]


async def seven_calls(world: World) -> Told:
    """Seven calls; it is Monday, 2026-11-23, 15:00 in UTC, 10:00 in New York."""
    ada, bob = await world.agent(name="Ada"), await world.agent(name="Bob")
    made = await world.post("/api/v1/campaigns", {"name": "Autumn", "agentId": ada})
    found = Told(world, ada, bob, made["campaignId"])
    of_campaign = {"campaign_id": found.campaign}
    tried = Dial(5, AttemptResult.NO_ANSWER)
    talked = Dial(4 * 3600 + 5, AttemptResult.ANSWERED, cost=21_500, talk=60)
    await called(world, ada, at("11-22T14:00:00"), Outcome.CONFIRMED, tried, talked, **of_campaign)
    machine = Dial(30, AttemptResult.VOICEMAIL, cost=14_000, talk=20)
    await called(world, ada, at("11-22T14:10:00"), Outcome.VOICEMAIL, machine)
    # On Sunday at ten to midnight in New York.
    enough = Dial(
        2, AttemptResult.ANSWERED, 14_000, 40, OTHER_CALLER, "US-CA", "America/Los_Angeles"
    )
    await called(world, bob, at("11-23T04:50:00"), Outcome.OPTED_OUT, enough)
    await called(world, ada, at("11-23T14:00:00"), Outcome.SUPPRESSED)
    await called(world, ada, at("11-23T14:20:00"), None, Dial(1, AttemptResult.THROTTLED))
    await called(world, ada, at("11-23T14:30:00"), Outcome.BUSY, Dial(0, AttemptResult.BUSY))
    # Accepted before the last 30 days, dialed within them.
    late = Dial(52 * 24 * 3600, AttemptResult.NO_ANSWER, cost=500)
    await called(world, ada, at("10-01T14:00:00"), Outcome.NO_ANSWER, late)
    await count(world.db)
    return found


#: Of these calls, over the last 30 days.
NUMBERS: Json = {
    # All but the call of October.
    "scheduled": 6,
    # Neither the suppressed one nor the one whose only dial was throttled.
    "attempted": 4,
    # Two people and a machine.
    "connected": 3,
    "answered": 2,
    # Confirmed and opted out; a message to a machine is no conversation.
    "completed": 2,
    "messagesLeft": 0,
    "transferred": 0,
    "ended": 5,
    "attemptRate": 0.6667,  # 4 / 6
    "connectRate": 0.75,  # 3 / 4
    "completionRate": 0.6667,  # 2 / 3
    "voicemailShare": 0.3333,  # 1 / 3
    "optOutRate": 0.5,  # 1 / 2
    "averageDuration": 40.0,  # (60 + 20 + 40) / 3
    "attemptsPerAnsweredCall": 2.5,  # (2 + 1 + 1 + 1) / 2
    "cost": 49_500,  # 21,500 + 14,000 + 14,000
    # With the dial of the call of October.
    "attempts": 6,
    "attemptsAnswered": 2,
    "attemptsVoicemail": 1,
    "answerRate": 0.3333,  # 2 / 6
    "spent": 50_000,  # 49,500 + 500
}
