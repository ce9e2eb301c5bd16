"""Where the numbers of an account stand: each at the account at the carrier it is dialed by."""

from collections.abc import Iterable
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


async def standings(
    session: AsyncSession, account_id: str, numbers: Iterable[str]
) -> dict[str, NumberStanding]:
    """Of all of the numbers; SIP addresses, too."""
    rows = await carrier_accounts.of_account(session, account_id)
    own, default = carrier_accounts.by_number(rows)
    disabled = {row.carrier_account_id for row in rows if row.disabled_time is not None}
    by_holder: dict[str, list[str]] = {}
    for number in numbers:
        by = own.get(number, default)
        holder = INSTALLATION if by is None else by.carrier_account_id
        by_holder.setdefault(holder, []).append(number)
    imported = await number_lists.lists(session, by_holder)
    found: dict[str, NumberStanding] = {}
    for holder, ones in by_holder.items():
        about = imported.get(holder)
        was = about is not None and about.imported_time is not None
        listed = await number_lists.among(session, holder, ones) if was else {}
        for number in ones:
            row = listed.get(number)
            standing = standing_of(
                number, listed_of(row), was_imported=was, is_disabled=holder in disabled
            )
            found[number] = NumberStanding(number, holder, standing, row)
    return found
