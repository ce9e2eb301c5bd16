"""The loop that counts: one account's trouble is not the others'."""

import pytest

from activities.analytics_rollup import AnalyticsRollup
from storage.analytics import rollup
from storage.database.engine import Database
from tests.activities.conftest import Desk
from tests.storage import make


async def test_an_account_that_cannot_be_counted_holds_up_no_other(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
):
    accounts = sorted([desk.account.account_id, (await make.account(desk.db)).account_id])
    count = rollup.count

    async def counted(session: object, account_id: str) -> bool:
        if account_id == accounts[0]:
            raise ValueError
        return await count(session, account_id)  # type: ignore[arg-type]

    monkeypatch.setattr(rollup, "count", counted)
    await AnalyticsRollup(desk.db).turn()
    assert await complete(desk.db, accounts) == [False, True]


async def complete(db: Database, accounts: list[str]) -> list[bool]:
    async with db.read() as session:
        return [await rollup.is_complete(session, one) for one in accounts]
