"""Accounts, keys, agents, pathways, idempotency keys: found by their owner and by nobody else."""

import asyncio
from datetime import timedelta

import pytest

from policy.model.call import Outcome
from storage import idempotency
from storage.accounts import accounts, agents, ended_sessions, keys, pathways
from storage.database.engine import Database
from storage.tables import Account, ApiKey, IdempotencyKey, Pathway
from tests.storage import make
from tests.storage.make import NOW, later

WAIVER = {"rule": "us.hours", "reason": "demo", "by": "us", "at": NOW.isoformat()}


async def _bootstrap(db: Database, key: str = "secret", waivers=()) -> Account:
    async with db.write() as session:
        account, _ = await accounts.bootstrap(session, key, now=NOW, waivers=waivers)
        return account


async def test_bootstrap_repeats_without_a_trace(db: Database):
    made = await asyncio.gather(*(_bootstrap(db, waivers=[WAIVER]) for _ in range(4)))
    assert len({account.account_id for account in made}) == 1
    async with db.read() as session:
        found = await accounts.find_by_key(session, "secret", NOW)
    assert found is not None
    account, key = found
    assert (account.name, account.waivers, key.scopes) == ("default", [WAIVER], ["*"])


async def test_bootstrap_adds_a_second_key_and_missing_waivers(db: Database):
    first = await _bootstrap(db, "one", [WAIVER])
    changed = {**WAIVER, "reason": "another"}
    second = await _bootstrap(db, "two", [changed, {**WAIVER, "rule": "us.dnc"}])
    assert first.account_id == second.account_id
    assert [(waiver["rule"], waiver["reason"]) for waiver in second.waivers] == [
        ("us.hours", "demo"),
        ("us.dnc", "demo"),
    ]


async def test_another_bootstrap_key_ends_the_former_and_no_other(db: Database):
    account = await _bootstrap(db, "one")
    async with db.write() as session:
        _, made = await accounts.new_key(session, account.account_id, "bootstrap", ["*"], NOW)
    await _bootstrap(db, "two")
    async with db.write() as session:
        assert await accounts.find_by_key(session, "one", NOW) is None
        assert await accounts.find_by_key(session, made, NOW) is not None
        assert await accounts.find_by_key(session, "two", NOW) is not None
        _, former = await accounts.bootstrap(session, "one", now=NOW)
        # Whoever goes back to a key that was ended finds it so, and the present one stays.
        assert former.revoked_time == NOW
        assert await accounts.find_by_key(session, "two", NOW) is not None


async def test_a_bootstrap_key_ends_when_it_is_to_end_and_restarts_give_it_no_more(db: Database):
    for at in (0, 5):
        async with db.write() as session:
            await accounts.bootstrap(session, "one", now=later(at), lasts=timedelta(seconds=10))
    async with db.read() as session:
        assert await accounts.find_by_key(session, "one", later(9)) is not None
        assert await accounts.find_by_key(session, "one", later(10)) is None


async def test_when_keys_were_used_is_never_set_back(db: Database):
    account = await make.account(db)
    async with db.write() as session:
        row, _ = await accounts.new_key(session, account.account_id, "ci", ["*"], NOW)
        for at in (5, 3):
            await keys.note_uses(session, {row.api_key_id: later(at)})
    async with db.read() as session:
        assert (await session.get_one(ApiKey, row.api_key_id)).used_time == later(5)


async def test_a_session_that_was_ended_is_forgotten_when_it_would_have_ended(db: Database):
    async with db.write() as session:
        for _ in range(2):
            await ended_sessions.end(session, "nonce", later(10))
        assert await ended_sessions.purge(session, later(9)) == 0
        assert await ended_sessions.has_ended(session, "nonce")
        assert await ended_sessions.purge(session, later(10)) == 1
        assert not await ended_sessions.has_ended(session, "nonce")


async def test_a_key_is_kept_only_as_its_hash(db: Database):
    account = await make.account(db)
    async with db.write() as session:
        row, key = await accounts.new_key(session, account.account_id, "ci", ["calls"], NOW)
    assert key.startswith("tl_")
    assert len(key) >= 45
    assert key.startswith(row.prefix)
    assert row.sha256 == accounts.hash_key(key)
    assert key not in str(row.model_dump())


async def test_an_unknown_or_revoked_key_opens_nothing(db: Database):
    account = await make.account(db)
    async with db.write() as session:
        row, key = await accounts.new_key(session, account.account_id, "ci", [], NOW)
    async with db.read() as session:
        assert await accounts.find_by_key(session, key, NOW) is not None
        assert await accounts.find_by_key(session, key + "x", NOW) is None
    async with db.write() as session:
        stored = await session.get(ApiKey, row.api_key_id)
        assert stored is not None
        stored.revoked_time = NOW
    async with db.read() as session:
        assert await accounts.find_by_key(session, key, NOW) is None


async def test_agents_are_paged_newest_first_without_the_deleted(db: Database):
    account, other = await make.account(db), await make.account(db)
    made = [await make.agent(db, account, created_time=later(n)) for n in range(4)]
    await make.agent(db, other)
    async with db.write() as session:
        row = await agents.get(session, account.account_id, made[3].agent_id)
        assert row is not None
        await agents.delete(session, row, NOW)
    async with db.read() as session:
        rows, total = await agents.page(session, account.account_id, 1, 1)
        assert await agents.get(session, account.account_id, made[3].agent_id) is None
        assert await agents.get(session, other.account_id, made[0].agent_id) is None
    assert ([row.agent_id for row in rows], total) == ([made[1].agent_id], 3)


async def _pathway(db: Database, account: Account) -> Pathway:
    row = Pathway(
        account_id=account.account_id, name="x", kind="script", created_time=NOW, updated_time=NOW
    )
    async with db.write() as session:
        await pathways.add(session, row)
    return row


async def _in_use(db: Database, pathway: Pathway) -> bool:
    async with db.read() as session:
        return await pathways.in_use(session, pathway.account_id, pathway.pathway_id)


async def test_a_pathway_is_in_use_while_an_agent_or_an_open_call_has_it(db: Database):
    account = await make.account(db)
    by_call, by_agent = await _pathway(db, account), await _pathway(db, account)
    agent = await make.agent(db, account, pathway_id=by_agent.pathway_id)
    call = await make.call(db, agent, pathway_id=by_call.pathway_id)
    assert await _in_use(db, by_call)
    assert await _in_use(db, by_agent)
    await make.decide(db, call.call_id, make.end(Outcome.BUSY))
    async with db.write() as session:
        await agents.delete(session, await session.merge(agent), NOW)
    assert not await _in_use(db, by_call)
    assert not await _in_use(db, by_agent)


async def test_a_deleted_pathway_is_gone_from_its_page(db: Database):
    account = await make.account(db)
    kept, deleted = await _pathway(db, account), await _pathway(db, account)
    async with db.write() as session:
        await pathways.delete(session, await session.merge(deleted), NOW)
    async with db.read() as session:
        rows, total = await pathways.page(session, account.account_id, 0, 10)
        assert await pathways.get(session, account.account_id, deleted.pathway_id) is None
        assert await pathways.get(session, account.account_id, kept.pathway_id) is not None
    assert ([row.pathway_id for row in rows], total) == ([kept.pathway_id], 1)


async def _keep(db: Database, key: str, body: str, at: float = 0) -> None:
    async with db.write() as session:
        await idempotency.keep(session, "acc", key, body, 202, {"a": 1}, {"b": "c"}, later(at))


async def _find(db: Database, account: str, key: str, hours: float) -> IdempotencyKey | None:
    async with db.write() as session:
        return await idempotency.find(session, account, key, later(hours * 3600))


async def test_an_answer_is_kept_for_a_day(db: Database):
    await _keep(db, "k", "hash")
    kept = await _find(db, "acc", "k", 23.9)
    assert kept is not None
    assert (kept.body_sha256, kept.status_code, kept.response, kept.headers) == (
        "hash",
        202,
        {"a": 1},
        {"b": "c"},
    )
    assert await _find(db, "acc", "k", 24) is None
    assert await _find(db, "other", "k", 1) is None


async def test_an_old_key_may_be_used_again(db: Database):
    await _keep(db, "k", "first")
    await _keep(db, "k", "second", at=90000)
    kept = await _find(db, "acc", "k", 26)
    assert kept is not None
    assert kept.body_sha256 == "second"


async def test_old_answers_are_purged(db: Database):
    await _keep(db, "old", "x")
    await _keep(db, "new", "x", at=3600)
    async with db.write() as session:
        assert await idempotency.purge(session, NOW + timedelta(hours=24)) == 1
    assert await _find(db, "acc", "new", 24) is not None


@pytest.mark.parametrize("times", [6])
async def test_of_requests_at_once_with_one_key_one_is_new(db: Database, times: int):
    async def once() -> bool:
        async with db.write() as session:
            if await idempotency.find(session, "acc", "k", NOW) is not None:
                return False
            await idempotency.keep(session, "acc", "k", "x", 202, {}, {}, NOW)
            return True

    assert sum(await asyncio.gather(*(once() for _ in range(times)))) == 1
