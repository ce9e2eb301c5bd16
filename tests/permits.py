"""What lets tests that are about something else call fictional people."""

from typing import Any

from sqlmodel import select

from storage.database.engine import Database
from storage.tables import Account

#: Somebody who agreed in writing.
CONSENT = {"tier": "written", "method": "tests", "grantedTime": "2020-01-01T00:00:00+00:00"}
#: Who calls.
IDENTITY = {"name": "Blue Clinic", "callbackNumber": "+12125550100"}
#: On record, and of the operator's own making: it holds with real phones, too.
CONSENT_WAIVER: dict[str, Any] = {
    "rule": "consent",
    "reason": "these tests are about something else",
    "by": "tests",
}


async def waive_consent(db: Database) -> None:
    """No account needs consents on file."""
    async with db.write() as session:
        for account in (await session.exec(select(Account))).all():
            made = {**CONSENT_WAIVER, "at": "2026-11-23T15:00:00+00:00"}
            account.waivers = [*account.waivers, made]
            session.add(account)
