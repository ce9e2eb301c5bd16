"""What the worker does with the API's calls: real decisions on real facts, by the world's clock."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from activities.decide import DecideActivities
from contracts.calls import Decide
from policy.model.call import Decision, DecisionKind, WaitingFor
from storage.facts.gather import FactGatherer
from tests.api.world import Json, World

#: When the calls of these tests are to start: Tuesday, 10:00 in New York.
TOMORROW = "2026-11-24T15:00:00Z"
SLEEPS: Json = {"schedule": {"notBefore": TOMORROW}, "allowDuplicate": True}
CONSENT_WAIVED = "/api/v1/compliance/waivers/consent"


@dataclass
class Worker:
    world: World
    gatherer: FactGatherer = field(default_factory=FactGatherer)
    _steps: Counter[str] = field(default_factory=Counter)

    async def decide(self, call_id: str) -> Decision:
        """The call's next decision, recorded with its evidence."""
        self._steps[call_id] += 1
        request = Decide(call_id, self._steps[call_id], self.world.clock.now)
        return await DecideActivities(self.world.db, self.gatherer).decide(request)

    async def sleeping(self, **changes: Any) -> str:
        """A call that waits until tomorrow."""
        call_id = await self.world.call(**{**SLEEPS, **changes})
        decision = await self.decide(call_id)
        assert decision.waiting_for is WaitingFor.WINDOW, decision
        return call_id

    async def queued(self, **changes: Any) -> str:
        """A call that waits for a slot."""
        call_id = await self.world.call(allowDuplicate=True, **changes)
        await self.world.decide(call_id, DecisionKind.QUEUE, waiting_for=WaitingFor.SLOT)
        return call_id


async def ask_for_consent(world: World) -> None:
    """From now on consents have to be on file."""
    assert (await world.http.delete(CONSENT_WAIVED)).status_code == 200


async def get(world: World, path: str, status: int = 200, **query: Any) -> Json:
    answer = await world.http.get(f"/api/v1/{path}", params=query)
    assert answer.status_code == status, answer.text
    found: Json = answer.json()
    return found


async def delete(world: World, path: str, status: int = 200, **query: Any) -> Json:
    answer = await world.http.delete(f"/api/v1/{path}", params=query)
    assert answer.status_code == status, answer.text
    found: Json = answer.json()
    return found


async def upload(world: World, verb: str, path: str, lines: list[str], /, **query: Any) -> Json:
    """A file of numbers as CSV."""
    answer = await world.http.request(
        verb,
        f"/api/v1/{path}",
        content="\n".join(lines).encode(),
        params=query,
        headers={"Content-Type": "text/csv"},
    )
    assert answer.status_code == 200, answer.text
    found: Json = answer.json()
    return found
