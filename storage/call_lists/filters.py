"""Which calls a list, a count or a bulk action is about."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, SQLColumnExpression, or_
from sqlmodel import col

from policy.model.call import CallStatus, Outcome
from storage.call_numbers import reaching
from storage.database.json_filter import json_contains, json_holds, looks_like
from storage.tables import Call

#: Under these names calls usually say in their context who is called.
WHOLE_NAMES = ("name", "fullName", "full_name", "customerName", "customer_name")
FIRST_NAMES, LAST_NAMES = ("firstName", "first_name"), ("lastName", "last_name")
NAMES = (*WHOLE_NAMES, *FIRST_NAMES, *LAST_NAMES)


@dataclass(frozen=True, slots=True)
class CallFilter:
    """Conditions that must all hold; None and empty ones do not count. `ids=[]` finds nothing."""

    call_id: str | None = None
    agent_id: str | None = None
    statuses: Sequence[CallStatus] = ()
    endpoint: str | None = None
    #: Digits that the number has somewhere, one after the other.
    endpoint_part: str | None = None
    campaign_id: str | None = None
    outcome: Outcome | None = None
    from_date: datetime | None = None
    to_date: datetime | None = None
    additional_data: Mapping[str, str] = field(default_factory=dict)
    ids: Sequence[str] | None = None
    #: Calls that are left out.
    without: Sequence[str] = ()
    #: Part of the person's name, as calls usually give it: see `NAMES`.
    name: str | None = None

    @property
    def is_tallied(self) -> bool:
        """Whether `storage.call_lists.call_counts` knows how many calls these are."""
        said = (
            self.call_id,
            self.endpoint,
            self.endpoint_part,
            self.from_date,
            self.to_date,
            self.ids,
            self.name,
        )
        many = self.additional_data or self.without
        return not many and all(value is None for value in said)


def conditions(account_id: str, filter_: CallFilter, dialect: str) -> list[ColumnElement[bool]]:
    """The filter's conditions on `call`, those of one account only."""
    equal: list[tuple[SQLColumnExpression[Any], object]] = [
        (col(Call.call_id), filter_.call_id),
        (col(Call.agent_id), filter_.agent_id),
        (col(Call.campaign_id), filter_.campaign_id),
        (col(Call.outcome), filter_.outcome),
    ]
    found = [column == value for column, value in equal if value is not None]
    if filter_.endpoint is not None:
        found.append(col(Call.call_id).in_(reaching(account_id, [filter_.endpoint])))
    if filter_.endpoint_part is not None:
        found.append(col(Call.endpoint).contains(filter_.endpoint_part, autoescape=True))
    if filter_.statuses:
        found.append(col(Call.status).in_(list(filter_.statuses)))
    if filter_.from_date is not None:
        found.append(col(Call.created_time) >= filter_.from_date)
    if filter_.to_date is not None:
        found.append(col(Call.created_time) < filter_.to_date)
    if filter_.ids is not None:
        found.append(col(Call.call_id).in_(list(filter_.ids)))
    if filter_.without:
        found.append(col(Call.call_id).not_in(list(filter_.without)))
    if filter_.name is not None:
        of_context = col(Call.context)
        said = (json_contains(dialect, of_context, one, filter_.name) for one in NAMES)
        found += [*looks_like(of_context, filter_.name), or_(*said)]
    for name, value in filter_.additional_data.items():
        found.append(json_holds(dialect, col(Call.additional_data), name, value))
    return [col(Call.account_id) == account_id, *found]
