"""The list of calls: newest first, filtered, paged, and a little behind the truth."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any

from starlette.datastructures import QueryParams

from simulator.api.wire import ApiError, account_uri, call_json, page_json
from simulator.services import Services
from simulator.state.ledger import CallRecord

DEFAULT_PAGE_SIZE = 50
MAX_PAGE_SIZE = 1000
BAD_PARAMETER = 20001
PAGING = {"PageSize", "Page", "PageToken"}

Filter = Callable[[CallRecord], bool]


def list_calls(services: Services, query: QueryParams) -> dict[str, Any]:
    """One page of calls, as Twilio answers GET Calls.json."""
    page_size = max(1, min(_whole(query, "PageSize", DEFAULT_PAGE_SIZE), MAX_PAGE_SIZE))
    page = _whole(query, "Page", 0)
    matching = _matching(services, query)
    if "PageToken" not in query:
        matching = islice(matching, page * page_size, None)
    found = list(islice(matching, page_size + 1))
    shown = found[:page_size]
    account_sid = services.config.account_sid
    return page_json(
        "calls",
        [call_json(record, account_sid, services.clock) for record in shown],
        path=f"{account_uri(account_sid)}/Calls.json",
        query=[(name, value) for name, value in query.multi_items() if name not in PAGING],
        page=page,
        page_size=page_size,
        next_token=f"PA{shown[-1].sid}" if len(found) > page_size else None,
    )


def _matching(services: Services, query: QueryParams) -> Iterator[CallRecord]:
    ledger = services.state.ledger
    filters = [*_filters(query), _visible(services), _behind_token(services, query)]
    for record in reversed(ledger.of_number(query.get("To"))):
        if all(keep(record) for keep in filters):
            yield record


def _visible(services: Services) -> Filter:
    """New calls show up only after the list's lag."""
    clock = services.clock
    latest = clock.wall() - services.state.faults.list_lag / clock.speed
    return lambda record: record.created_at <= latest


def _behind_token(services: Services, query: QueryParams) -> Filter:
    """A page begins behind the last call of the one before, whatever was created since."""
    last = services.state.ledger.by_sid.get(query.get("PageToken", "").removeprefix("PA"))
    if last is None:
        return lambda record: True
    ordinal = last.ordinal
    return lambda record: record.ordinal < ordinal


def _filters(query: QueryParams) -> list[Filter]:
    filters: list[Filter] = []
    if from_ := query.get("From"):
        filters.append(lambda record: record.from_ == from_)
    if status := query.get("Status"):
        filters.append(lambda record: record.status == status)
    return filters + _time_filters(query)


def _time_filters(query: QueryParams) -> list[Filter]:
    filters: list[Filter] = []
    if day := query.get("StartTime"):
        first = _instant(day[:10])
        last = first + timedelta(days=1).total_seconds()
        filters.append(lambda record: first <= _started(record) < last)
    # `StartTime>=x` reads as the name `StartTime>` and the value x; `StartTime>==x` as below.
    if after := query.get("StartTime>") or query.get("StartTime>="):
        earliest = _instant(after)
        filters.append(lambda record: _started(record) >= earliest)
    if before := query.get("StartTime<") or query.get("StartTime<="):
        latest = _instant(before)
        filters.append(lambda record: _started(record) <= latest)
    return filters


def _started(record: CallRecord) -> float:
    """To the second, as dates on the wire are; a queued call counts from its creation."""
    return float(int(record.started_at or record.created_at))


def _instant(text: str) -> float:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise ApiError(BAD_PARAMETER, f"Invalid date: {text}") from None
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()


def _whole(query: QueryParams, name: str, default: int) -> int:
    text = query.get(name, "")
    return int(text) if text.isdigit() else default
