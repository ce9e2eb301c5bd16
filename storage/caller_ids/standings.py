"""Where the numbers of an account stand: each at the account at the carrier it is dialed by."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from sqlmodel.ext.asyncio.session import AsyncSession

from policy.caller_ids.standings import CallerIdStanding, standing_of
from storage.caller_ids import number_lists
from storage.caller_ids.number_lists import INSTALLATION, listed_of
from storage.carriers import carrier_accounts
from storage.tables import ListedNumber


@dataclass(frozen=True, slots=True)
class NumberStanding:
    """`holder`: by which account at the carrier it is dialed from; `row`: what that one says."""

    number: str
    holder: str
    standing: CallerIdStanding
    row: ListedNumber | None


async def holders_of(session: AsyncSession, account_id: str) -> Mapping[str, str]:
    """Number -> holder, of those that the account dials from by accounts of its own."""
    rows = await carrier_accounts.of_account(session, account_id)
    return {number: row.carrier_account_id for row in rows for number in row.caller_ids}


async def standings(
    session: AsyncSession, account_id: str, numbers: Iterable[str]
) -> dict[str, NumberStanding]:
    """Of all of the numbers; SIP addresses, too."""
    own = await holders_of(session, account_id)
    by_holder: dict[str, list[str]] = {}
    for number in numbers:
        by_holder.setdefault(own.get(number, INSTALLATION), []).append(number)
    imported = await number_lists.lists(session, by_holder)
    found: dict[str, NumberStanding] = {}
    for holder, ones in by_holder.items():
        about = imported.get(holder)
        was = about is not None and about.imported_time is not None
        rows = await number_lists.among(session, holder, ones) if was else {}
        for number in ones:
            row = rows.get(number)
            standing = standing_of(number, listed_of(row), was_imported=was)
            found[number] = NumberStanding(number, holder, standing, row)
    return found
