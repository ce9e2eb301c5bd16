"""Rows of the carrier's lists as they are shown."""

from api.caller_ids.schemas import ListedNumberView, NumberListView, NumberWatchView
from policy.caller_ids import rests
from policy.caller_ids.rests import RestState
from storage.caller_ids.number_lists import INSTALLATION
from storage.tables import ListedNumber, NumberList, NumberWatchRow


def account_of(holder: str) -> str | None:
    """As the API says it: null is the installation's own."""
    return None if holder == INSTALLATION else holder


def list_view(holder: str, row: NumberList | None, numbers: int) -> NumberListView:
    return NumberListView(
        carrier_account_id=account_of(holder),
        imported_time=row and row.imported_time,
        attempted_time=row and row.attempted_time,
        error=row and row.error,
        numbers=numbers,
    )


def watch_view(row: NumberWatchRow, expected: float | None) -> NumberWatchView:
    return NumberWatchView(
        watch_id=row.watch_id,
        agent_id=row.agent_id,
        state=row.state,
        score=round(row.score, 2),
        limit=rests.LIMIT if row.state is not RestState.PROBATION else rests.AGAIN,
        dials=int(row.own_dials),
        answered=int(row.own_answered),
        expected_rate=None if expected is None else round(expected, 4),
        rests=row.rests,
        until=row.until,
    )


def listed_view(row: ListedNumber) -> ListedNumberView:
    return ListedNumberView(
        number=row.number,
        kind=row.kind,
        name=row.name,
        voice=row.voice,
        shaken_stir=row.shaken_stir,
        caller_name=row.caller_name,
        first_time=row.first_time,
        lost_time=row.lost_time,
    )
