"""Tries are written down, whatever has happened to the delivery or the person meanwhile."""

import pytest

from policy.model.person import ScopeKind
from policy.webhooks.retry_schedule import DeliveryState
from storage.compliance import suppressions
from storage.database.engine import Database
from storage.number_hash import Hasher
from storage.privacy import erasure
from storage.tables import Suppression
from storage.webhooks import delivery_history
from storage.webhooks.replay import EventRange
from tests.storage import make
from tests.storage.make import CALLEE, NOW, later
from tests.storage.webhooks.delivery_rows import (
    due,
    fan_out,
    happen,
    hook,
    ledger,
    replay_all,
    tried,
)

HASHER = Hasher.of("a key for tests")


@pytest.mark.parametrize("state", list(DeliveryState))
async def test_what_is_asked_for_once_more_while_it_is_on_its_way_is_still_to_be_sent(
    db: Database, state: DeliveryState
) -> None:
    owner = await make.account(db)
    row = await hook(db, owner)
    await make.call(db, await make.agent(db, owner))
    await fan_out(db)
    (on_its_way,) = await due(db, row)
    assert await replay_all(db, row, EventRange(), later(5)) == 1
    await tried(db, on_its_way, state, next_at=3600 if state is DeliveryState.PENDING else None)
    (again,) = await due(db, row, at=5)
    assert again.delivery.failures == 0
    assert len(again.delivery.tries) == 1


async def test_what_was_removed_meanwhile_stays_away(db: Database) -> None:
    owner = await make.account(db)
    row = await hook(db, owner)
    await make.call(db, await make.agent(db, owner))
    await fan_out(db)
    (one,) = await due(db, row)
    await tried(db, one, DeliveryState.DELIVERED)
    one.delivery.delivery_id = 10**9
    await tried(db, one, DeliveryState.DELIVERED)
    assert len(await ledger(db, row)) == 1


async def test_erasing_a_person_removes_what_receivers_answered_about_them(db: Database) -> None:
    owner = await make.account(db)
    row = await hook(db, owner)
    call = await make.call(db, await make.agent(db, owner))
    await fan_out(db)
    await tried(db, (await due(db, row))[0], DeliveryState.DELIVERED)
    async with db.write() as session:
        await delivery_history.forget_answers(session, owner.account_id, call.endpoint)
    assert [one.answer for one in await ledger(db, row)] == [None]


async def test_an_answer_that_comes_after_an_erasure_is_not_kept(db: Database) -> None:
    owner = await make.account(db)
    row = await hook(db, owner)
    call = await make.call(db, await make.agent(db, owner))
    await happen(db, call)
    await fan_out(db)
    (on_its_way, _) = await due(db, row)
    async with db.write() as session:
        await erasure.erase(session, owner.account_id, CALLEE, HASHER, "tests", NOW)
    await tried(db, on_its_way, DeliveryState.DELIVERED)
    (done,) = await ledger(db, row, state=DeliveryState.DELIVERED)
    assert (done.answer, len(done.tries)) == (None, 1)


async def test_answers_about_entries_of_the_person_are_removed_and_not_kept_either(
    db: Database,
) -> None:
    owner = await make.account(db)
    row = await hook(db, owner)
    entry = Suppression(
        account_id=owner.account_id,
        endpoint=CALLEE,
        scope=ScopeKind.ALL,
        source="api",
        created_time=NOW,
    )
    async with db.write() as session:
        await suppressions.add(session, entry)
    await fan_out(db)
    (on_its_way,) = await due(db, row)
    await tried(db, on_its_way, DeliveryState.PENDING, next_at=1)
    assert [one.answer for one in await ledger(db, row)] == ["thanks"]
    async with db.write() as session:
        await erasure.erase(session, owner.account_id, CALLEE, HASHER, "tests", NOW)
    assert [one.answer for one in await ledger(db, row)] == [None]
    (on_its_way,) = await due(db, row, at=1)
    await tried(db, on_its_way, DeliveryState.DELIVERED)
    assert [one.answer for one in await ledger(db, row)] == [None]
