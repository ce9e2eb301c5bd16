"""Events become deliveries once, go out in order, and are kept as a ledger."""

import pytest

from policy.webhooks.retry_schedule import DeliveryState
from storage.database.engine import Database
from storage.webhooks import deliveries, delivery_history, webhooks
from tests.storage import make
from tests.storage.make import NOW, later
from tests.storage.webhooks.delivery_rows import due, fan_out, happen, hook, ledger, tried


async def test_what_happened_before_a_webhook_was_made_is_not_told(db: Database) -> None:
    owner = await make.account(db)
    call = await make.call(db, await make.agent(db, owner))
    row = await hook(db, owner)
    assert await fan_out(db) == 0
    await happen(db, call)
    assert await fan_out(db) == 1
    assert [one.event.type for one in await due(db, row)] == ["call.queued"]


async def test_an_event_becomes_one_delivery_however_often_it_is_looked_at(db: Database) -> None:
    owner = await make.account(db)
    row = await hook(db, owner)
    await make.call(db, await make.agent(db, owner))
    assert [await fan_out(db), await fan_out(db)] == [1, 0]
    assert len(await due(db, row)) == 1


async def test_a_webhook_is_told_only_of_what_it_asked_for(db: Database) -> None:
    owner = await make.account(db)
    mine, other = await make.agent(db, owner), await make.agent(db, owner)
    everything = await hook(db, owner)
    of_agent = await hook(db, owner, agent_id=mine.agent_id)
    of_type = await hook(db, owner, event_types=["call.queued"])
    call = await make.call(db, mine)
    await make.call(db, other)
    await happen(db, call)
    await fan_out(db)
    told = {
        row.webhook_id: [one.event.type for one in await due(db, row)]
        for row in (everything, of_agent, of_type)
    }
    assert told[everything.webhook_id] == ["call.created", "call.created", "call.queued"]
    assert told[of_agent.webhook_id] == ["call.created", "call.queued"]
    assert told[of_type.webhook_id] == ["call.queued"]


async def test_another_account_is_never_told(db: Database) -> None:
    row = await hook(db, await make.account(db))
    await make.call_of_somebody(db)
    await fan_out(db)
    assert await due(db, row) == []


async def test_what_waits_for_its_next_try_holds_back_its_stream_and_no_other(
    db: Database,
) -> None:
    owner = await make.account(db)
    agent = await make.agent(db, owner)
    row = await hook(db, owner)
    slow, quick = await make.call(db, agent), await make.call(db, agent)
    for call in (slow, quick):
        await happen(db, call)
    await fan_out(db)
    first = next(one for one in await due(db, row) if one.event.call_id == slow.call_id)
    await tried(db, first, DeliveryState.PENDING, next_at=30)
    now = await due(db, row)
    assert [one.event.call_id for one in now] == [quick.call_id, quick.call_id]
    at_last = [one.event.sequence for one in await due(db, row, at=31) if one not in now]
    assert at_last[:1] == [1]
    of_slow = [one for one in await due(db, row, at=31) if one.event.call_id == slow.call_id]
    assert [one.event.sequence for one in of_slow] == [1, 2]


async def test_what_waits_is_brought_forward_in_the_order_of_its_stream(
    db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(deliveries, "FORWARD", 1)
    owner = await make.account(db)
    row, other = await hook(db, owner), await hook(db, owner)
    call = await make.call(db, await make.agent(db, owner))
    await happen(db, call)
    await fan_out(db)
    for one in (row, other):
        first, _ = await due(db, one)
        await tried(db, first, DeliveryState.PENDING, next_at=30)
        assert await due(db, one) == []
    moved: list[int] = []
    rest: int | None = 0
    while rest is not None:
        async with db.write() as session:
            some, rest = await deliveries.bring_forward(session, row.webhook_id, rest, NOW)
            moved.append(some)
    assert moved == [1, 1, 0]
    assert [one.event.sequence for one in await due(db, row)] == [1, 2]
    assert await due(db, other) == []


async def test_what_is_tried_while_the_rest_is_brought_forward_waits_again_with_its_stream(
    db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(deliveries, "FORWARD", 1)
    owner = await make.account(db)
    row = await hook(db, owner)
    call = await make.call(db, await make.agent(db, owner))
    await happen(db, call)
    await fan_out(db)
    first, _ = await due(db, row)
    await tried(db, first, DeliveryState.PENDING, next_at=30)
    rest: int | None = 0
    while rest is not None:
        async with db.write() as session:
            _, rest = await deliveries.bring_forward(session, row.webhook_id, rest, NOW)
        if rest == first.delivery.delivery_id:
            [again, *_] = await due(db, row)
            await tried(db, again, DeliveryState.PENDING, next_at=60)
    of_webhook = await ledger(db, row)
    assert {one.next_at for one in of_webhook} == {later(60)}
    assert sorted(one.failures for one in of_webhook) == [0, 2]


async def test_what_was_given_up_holds_nothing_back(db: Database) -> None:
    owner = await make.account(db)
    row = await hook(db, owner)
    call = await make.call(db, await make.agent(db, owner))
    await happen(db, call)
    await fan_out(db)
    await tried(db, (await due(db, row))[0], DeliveryState.FAILED)
    assert [one.event.sequence for one in await due(db, row)] == [2]
    (failed,) = await ledger(db, row, state=DeliveryState.FAILED)
    assert failed.tries == [{"at": NOW.isoformat(), "ms": 7, "status": 500}]


async def test_nothing_of_a_busy_stream_is_due(db: Database) -> None:
    owner = await make.account(db)
    row = await hook(db, owner)
    call = await make.call(db, await make.agent(db, owner))
    await fan_out(db)
    assert await due(db, row, busy=[call.call_id]) == []


async def test_a_delivery_that_was_done_is_not_sent_again(db: Database) -> None:
    owner = await make.account(db)
    row = await hook(db, owner)
    await make.call(db, await make.agent(db, owner))
    await fan_out(db)
    (one,) = await due(db, row)
    await tried(db, one, DeliveryState.DELIVERED)
    assert await due(db, row, at=1000) == []
    (done,) = await ledger(db, row)
    assert (done.state, done.answer, done.done_time) == (
        DeliveryState.DELIVERED,
        "thanks",
        later(1),
    )


async def test_a_disabled_webhook_misses_nothing_once_it_is_enabled(db: Database) -> None:
    owner = await make.account(db)
    row = await hook(db, owner)
    async with db.write() as session:
        held = await webhooks.load(session, row.webhook_id)
        assert held is not None
        await webhooks.disable(session, held, "tests", NOW)
    await make.call(db, await make.agent(db, owner))
    assert await fan_out(db) == 0
    async with db.write() as session:
        held = await webhooks.load(session, row.webhook_id)
        assert held is not None
        webhooks.enable(held, NOW)
        session.add(held)
    await fan_out(db)
    assert [one.event.type for one in await due(db, row)] == ["webhook.disabled", "call.created"]


async def test_a_test_is_for_its_own_webhook_alone(db: Database) -> None:
    owner = await make.account(db)
    row, other = await hook(db, owner), await hook(db, owner)
    async with db.write() as session:
        await delivery_history.add_test(session, row, NOW)
    await fan_out(db)
    assert [one.event.type for one in await due(db, row)] == ["webhook.test"]
    assert await due(db, other) == []


async def test_old_deliveries_are_removed_unless_they_are_pending(db: Database) -> None:
    owner = await make.account(db)
    row = await hook(db, owner)
    call = await make.call(db, await make.agent(db, owner))
    await happen(db, call)
    await fan_out(db)
    await tried(db, (await due(db, row))[0], DeliveryState.DELIVERED)
    async with db.write() as session:
        assert await deliveries.purge(session, later(10), 100) == 1
    assert [one.state for one in await ledger(db, row)] == [DeliveryState.PENDING]


async def test_a_removed_webhook_takes_its_ledger_along(db: Database) -> None:
    owner = await make.account(db)
    row = await hook(db, owner)
    await make.call(db, await make.agent(db, owner))
    await fan_out(db)
    async with db.write() as session:
        held = await webhooks.get(session, owner.account_id, row.webhook_id)
        assert held is not None
        await webhooks.remove(session, held)
    assert await ledger(db, row) == []


async def looks_due(db: Database, at: float) -> bool:
    async with db.read() as session:
        return bool(await deliveries.webhooks_with_due(session, later(at)))


async def test_what_is_held_back_does_not_look_due_and_comes_when_its_turn_has_come(
    db: Database,
) -> None:
    owner = await make.account(db)
    row = await hook(db, owner)
    call = await make.call(db, await make.agent(db, owner))
    await happen(db, call)
    await fan_out(db)
    first = (await due(db, row))[0]
    await tried(db, first, DeliveryState.PENDING, next_at=30)
    await happen(db, call)
    await fan_out(db)
    assert not await looks_due(db, at=29)
    assert [one.event.sequence for one in await due(db, row, at=30)] == [1, 2, 3]
    await tried(db, (await due(db, row, at=30))[0], DeliveryState.PENDING, next_at=90)
    assert not await looks_due(db, at=89)
    await tried(db, (await due(db, row, at=90))[0], DeliveryState.FAILED)
    assert [one.event.sequence for one in await due(db, row, at=90)] == [2, 3]


async def test_what_has_been_due_for_longest_goes_first_and_each_stream_in_its_order(
    db: Database,
) -> None:
    owner = await make.account(db)
    agent = await make.agent(db, owner)
    row = await hook(db, owner)
    calls = [await make.call(db, agent) for _ in range(3)]
    for call in (*calls, *calls):
        await happen(db, call)
    await fan_out(db)
    found = await due(db, row)
    assert len(found) == 9
    for call in calls:
        of_call = [one.event.sequence for one in found if one.event.call_id == call.call_id]
        assert of_call == [1, 2, 3]
    async with db.read() as session:
        few = await deliveries.due(session, row, later(0), [calls[0].call_id], 2)
    assert {one.event.call_id for one in few} == {calls[1].call_id, calls[2].call_id}
