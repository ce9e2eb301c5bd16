"""What is asked for once more is sent once more: under its id, in order, and nothing twice."""

from datetime import timedelta

import pytest

from policy.webhooks.retry_schedule import DeliveryState
from storage.database.engine import Database
from storage.webhooks import replay
from storage.webhooks.replay import EventRange
from tests.storage import make
from tests.storage.make import NOW, later
from tests.storage.webhooks.delivery_rows import (
    due,
    fan_out,
    happen,
    hook,
    ledger,
    replay_all,
    tried,
)


@pytest.mark.parametrize("which", ["one", "since", "instants", "all"])
async def test_a_replay_sends_again_under_the_same_id(db: Database, which: str) -> None:
    owner = await make.account(db)
    call = await make.call(db, await make.agent(db, owner))
    row = await hook(db, owner)
    await happen(db, call)
    await fan_out(db)
    (one,) = await due(db, row)
    await tried(db, one, DeliveryState.DELIVERED)
    event_id = one.event.event_id
    chosen = {
        "one": EventRange(first=event_id, last=event_id),
        "since": EventRange(first=event_id),
        "instants": EventRange(since=NOW, until=NOW + timedelta(seconds=1)),
        "all": EventRange(),
    }[which]
    sent = await replay_all(db, row, chosen, later(5))
    again = await due(db, row, at=5)
    # Events from before the webhook was made are sent too, if they are asked for.
    assert sent == len(again) == (1 if which in ("one", "since") else 2)
    assert event_id in {found.event.event_id for found in again}
    kept = next(found.delivery for found in again if found.event.event_id == event_id)
    assert len(kept.tries) == 1
    assert kept.failures == 0


async def test_a_replay_leaves_alone_what_comes_by_itself(db: Database) -> None:
    owner = await make.account(db)
    row = await hook(db, owner)
    call = await make.call(db, await make.agent(db, owner))
    await fan_out(db)
    await happen(db, call)
    assert await replay_all(db, row, EventRange()) == 1
    assert await fan_out(db) == 1
    assert [one.event.sequence for one in await due(db, row)] == [1, 2]


async def test_a_long_replay_is_done_page_by_page_and_misses_nothing(
    db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(replay, "PAGE", 2)
    owner = await make.account(db)
    call = await make.call(db, await make.agent(db, owner))
    for _ in range(4):
        await happen(db, call)
    row = await hook(db, owner)
    assert await replay_all(db, row, EventRange()) == 5
    assert [one.event.sequence for one in await due(db, row)] == [1, 2, 3, 4, 5]
    second = (await due(db, row))[1].event.event_id
    assert second is not None
    assert await replay_all(db, row, EventRange(first=second, last=second + 2)) == 3
    assert await replay_all(db, row, EventRange(first=second)) == 4


async def test_of_those_that_failed_none_is_missed_and_no_other_is_sent(
    db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(replay, "PAGE", 2)
    owner = await make.account(db)
    row = await hook(db, owner)
    call = await make.call(db, await make.agent(db, owner))
    for _ in range(6):
        await happen(db, call)
    await fan_out(db)
    given_up = []
    for number, one in enumerate(await due(db, row)):
        failed = number % 2 == 0
        state = DeliveryState.FAILED if failed else DeliveryState.DELIVERED
        await tried(db, one, state)
        given_up += [one.event.sequence] if failed else []
    assert len(given_up) > 2
    assert await replay_all(db, row, EventRange(only_failed=True), later(5)) == len(given_up)
    assert [one.event.sequence for one in await due(db, row, at=5)] == given_up
    assert await replay_all(db, row, EventRange(only_failed=True), later(5)) == 0


async def test_a_replay_of_nothing_sends_nothing(db: Database) -> None:
    row = await hook(db, await make.account(db))
    assert await replay_all(db, row, EventRange(since=NOW)) == 0


async def test_what_waits_behind_one_that_is_sent_again_at_once_waits_no_longer(
    db: Database,
) -> None:
    owner = await make.account(db)
    row = await hook(db, owner)
    call = await make.call(db, await make.agent(db, owner))
    await happen(db, call)
    await fan_out(db)
    first = (await due(db, row))[0]
    await tried(db, first, DeliveryState.PENDING, next_at=3600)
    event_id = first.event.event_id
    await replay_all(db, row, EventRange(first=event_id, last=event_id), later(5))
    assert [one.event.sequence for one in await due(db, row, at=5)] == [1, 2]


async def test_what_is_sent_again_behind_one_that_waits_still_waits_for_it(db: Database) -> None:
    owner = await make.account(db)
    row = await hook(db, owner)
    call = await make.call(db, await make.agent(db, owner))
    await happen(db, call)
    await fan_out(db)
    first, second = await due(db, row)
    await tried(db, first, DeliveryState.PENDING, next_at=3600)
    event_id = second.event.event_id
    await replay_all(db, row, EventRange(first=event_id, last=event_id), later(5))
    assert await due(db, row, at=5) == []
    assert {one.next_at for one in await ledger(db, row)} == {later(3600)}
