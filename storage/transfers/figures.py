"""Figures of transfers: how many were connected, and how many calls abandoned."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, case, func
from sqlalchemy import select as sql_select
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from policy.transfers.targets import TransferState
from storage.database.core import rows_of
from storage.tables import Transfer


@dataclass(frozen=True, slots=True)
class Figures:
    """Of the transfers that were asked for in a time.

    `prompt`: connected within two seconds. `unasked`: callees put through without having pressed
    or said anything, of which `abandoned` found nobody in time.
    """

    asked: int = 0
    connected: int = 0
    prompt: int = 0
    missed: int = 0
    unasked: int = 0
    abandoned: int = 0

    @property
    def connected_share(self) -> float | None:
        """Of those that are over or connected; None: there are none."""
        settled = self.connected + self.missed
        return self.connected / settled if settled else None

    @property
    def abandoned_share(self) -> float | None:
        """Of the unasked; None: there were none."""
        return self.abandoned / self.unasked if self.unasked else None


async def of_account(
    session: AsyncSession,
    account_id: str,
    since: datetime,
    *,
    campaign_id: str | None = None,
) -> Figures:
    """Of an account, or of one of its campaigns, since then."""
    conditions = [col(Transfer.account_id) == account_id, col(Transfer.asked_at) >= since]
    if campaign_id is not None:
        conditions.append(col(Transfer.campaign_id) == campaign_id)
    numbers = (
        func.count(),
        *map(
            _number,
            (
                col(Transfer.connected_at).is_not(None),
                col(Transfer.was_prompt).is_(True),
                col(Transfer.state) == TransferState.MISSED,
                col(Transfer.abandoned).is_not(None),
                col(Transfer.abandoned).is_(True),
            ),
        ),
    )
    ((asked, *others),) = await rows_of(session, sql_select(*numbers).where(*conditions))
    return Figures(int(asked), *(int(one or 0) for one in others))


def _number(of: ColumnElement[bool]) -> ColumnElement[int]:
    return func.sum(case((of, 1), else_=0))
