"""Promises that a pathway makes to whoever is on the line: at its nodes of the kind `call_back`."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlmodel.ext.asyncio.session import AsyncSession

from api.callbacks.attempt_updates import CallbackLeg
from policy.model.call import Refusal
from policy.promises import PromisedTime, PromiseSource, when_of
from storage.facts import promise_maker
from storage.facts.gather import FactGatherer
from storage.facts.promise_maker import PromiseRequest
from storage.tables import Pathway
from storage.tables.specs import promised


@dataclass(slots=True)
class PathwayPromises:
    """`made`: by the nodes' ids whether the promise was made, as far as the leg has come.

    `is_confirmed`: it is known that a person listens. To a machine nothing is promised.
    """

    gatherer: FactGatherer
    leg: CallbackLeg
    pathway: Pathway
    now: datetime
    is_confirmed: bool
    made: dict[str, bool] = field(default_factory=dict)

    async def make(self, session: AsyncSession, node: str) -> None:
        """Makes the promise of a node, or notes that it cannot be made.

        One that this leg was given already stands: the carrier repeats what it is unsure of.
        """
        if not self.is_confirmed:
            self.made[node] = False
            return
        when = str(self.pathway.definition["nodes"][node]["when"])
        call, number = self.leg.call, self.leg.attempt.number
        given = promised(call.retry_spec)
        if given is not None and given.after == number:
            self.made[node] = True
            return

        def reading(zones: Sequence[str], agent_zone: str, at: datetime) -> PromisedTime | Refusal:
            return when_of(when, zones, agent_zone, at, "when")

        asked = PromiseRequest(reading, PromiseSource.PATHWAY, "when", number)
        found = await promise_maker.promise(session, self.gatherer, call, asked, self.now)
        self.made[node] = not isinstance(found, Refusal)
