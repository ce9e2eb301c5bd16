"""A list of calls as its page shows it: the rows with names, places in line and costs."""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel.ext.asyncio.session import AsyncSession

from api.calls.views import QueuedCallView, queued_call_view
from api.files.csv_writer import line
from api.http.deps import Services
from api.http.problems import Problem, invalid
from dashboard.calls.call_choice import SCHEDULED, CallChoice
from dashboard.person_name import name_of
from policy.accounts.pricing import MICRO, rates_of
from storage.accounts import names
from storage.attempts import costs
from storage.call_lists import call_list
from storage.call_lists.call_counts import total
from storage.call_lists.filters import CallFilter, conditions
from storage.database.locks import dialect_of
from storage.database.pagination import BadCursor
from storage.dispatch.schedule import schedule_page
from storage.tables import Account, Call

A_PAGE = 25
_A_PART = 500
_HEAD = (
    *("call", "number", "name", "status", "outcome", "waiting for", "detail", "priority"),
    *("agent", "campaign", "accepted", "next attempt", "deadline", "started", "ended"),
    *("seconds", "attempts", "cost", "currency"),
)


@dataclass(frozen=True, slots=True)
class CallRows:
    """A page of a list. `total` None: many, which are not counted.

    `names`: of agents and campaigns, by their ids; `costs` in micro-units.
    """

    calls: list[QueuedCallView]
    total: int | None
    next_cursor: str | None
    names: Mapping[str, str]
    costs: Mapping[str, int]
    currency: str


async def rows_of(
    uses: Services, account: Account, wanted: CallFilter, said: CallChoice, cursor: str | None
) -> CallRows:
    """The calls that a filter finds, in the order of the list; raises 422 for a wrong cursor."""
    now = uses.now()
    async with uses.db.browse() as session:
        try:
            calls, in_all, following = await _page(session, account, wanted, said, now, cursor)
        except BadCursor:
            raise _bad_cursor() from None
        return CallRows(
            calls,
            in_all,
            following,
            await _names(session, account, calls),
            await costs.of_calls(session, [call.call_id for call in calls]),
            rates_of(account.rates).currency,
        )


async def _page(
    session: AsyncSession,
    account: Account,
    wanted: CallFilter,
    said: CallChoice,
    now: datetime,
    cursor: str | None,
) -> tuple[list[QueuedCallView], int | None, str | None]:
    if said.tab == SCHEDULED:
        line = await schedule_page(session, account, wanted, now, take=A_PAGE, cursor=cursor)
        views = [queued_call_view(row, line.waits.get(row.call_id), now) for row in line.rows]
        return views, line.total, line.next_cursor
    rows, following = await call_list.calls_after(
        session, account.account_id, wanted, A_PAGE, cursor=cursor, order=said.order
    )
    views = [queued_call_view(row, None, now) for row in rows]
    is_all = cursor is None and following is None
    return views, len(rows) if is_all else await _total(session, account, wanted), following


async def _total(session: AsyncSession, account: Account, wanted: CallFilter) -> int | None:
    """How many there are, unless every call of the account would have to be looked at for it."""
    if wanted.name is not None or wanted.endpoint_part is not None:
        return None
    looked_at = conditions(account.account_id, wanted, dialect_of(session))
    return await total(session, account.account_id, wanted, looked_at)


def _bad_cursor() -> Problem:
    return invalid("bad_cursor", "cursor", "This is no place in the list.")


async def _names(
    session: AsyncSession, account: Account, rows: Sequence[QueuedCallView | Call]
) -> dict[str, str]:
    campaigns = {row.campaign_id for row in rows if row.campaign_id}
    agents = {row.agent_id for row in rows}
    return {
        **await names.agents(session, account.account_id, agents),
        **await names.campaigns(session, account.account_id, campaigns),
    }


async def csv_lines(
    uses: Services, account: Account, wanted: CallFilter, said: CallChoice
) -> AsyncIterator[str]:
    """All that the filter finds, however many, in parts of a transaction each."""
    yield line(*_HEAD)
    currency, cursor = rates_of(account.rates).currency, None
    while True:
        async with uses.db.browse() as session:
            rows, cursor = await call_list.calls_after(
                session, account.account_id, wanted, _A_PART, cursor=cursor, order=said.order
            )
            known = await _names(session, account, rows)
            spent = await costs.of_calls(session, [row.call_id for row in rows])
        for row in rows:
            yield _csv_line(row, known, spent.get(row.call_id), currency)
        if cursor is None:
            return


def _csv_line(row: Call, known: Mapping[str, str], cost: int | None, currency: str) -> str:
    return line(
        *(row.call_id, row.endpoint, name_of(row.context), row.status, row.outcome),
        *(row.waiting_for, row.detail, row.priority),
        *(known.get(row.agent_id), known.get(row.campaign_id or "")),
        *(row.created_time, row.next_attempt_at, row.call_deadline),
        *(row.started_time, row.completed_time, row.duration_seconds, row.attempt_count),
        *((None, None) if cost is None else (f"{cost / MICRO:.4f}", currency)),
    )
