"""A promise of a person with several numbers finds the call that is to reach them already."""

from typing import Any

from policy.model.call import CallStatus, Outcome
from storage.database.engine import Database
from storage.facts import promise_maker
from tests.storage import make

FIRST, SECOND = "+12125550195", "+12125550196"


async def test_the_next_step_is_the_same_persons_at_whichever_number_it_is(db: Database):
    agent = await make.agent(db, await make.account(db))
    campaign = await make.campaign(db, agent, steps_spec={"first": "again", "steps": []})
    spec = [{"endpoint": one, "kind": "phone"} for one in (FIRST, SECOND)]
    said: dict[str, Any] = {"campaign_id": campaign.campaign_id, "numbers_spec": spec}
    ended = await make.call(db, agent, endpoint=FIRST, **said)
    ended.status, ended.outcome = CallStatus.COMPLETED, Outcome.NO_ANSWER
    async with db.write() as session:
        await session.merge(ended)
    another = await make.call(db, agent, endpoint=SECOND, **said)
    async with db.read() as session:
        assert await promise_maker._of_next_step(session, ended) == another.call_id
