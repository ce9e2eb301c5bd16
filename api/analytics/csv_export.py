"""Analytics as CSV: a line for each group, or one for all of it."""

from collections.abc import Iterator, Mapping
from typing import Any

from pydantic.alias_generators import to_camel

from api.analytics.schemas import Analytics, NumbersView
from api.files.csv_writer import line

#: Repeated in each line, so that a line can be read without its file.
_FRAME = ("from", "to", "timezone", "isComplete", "currency")
_GROUP = ("key", "name")


def lines(found: Analytics) -> str:
    """A header; then each group, or the totals where none are asked for."""
    said = found.model_dump(by_alias=True, exclude={"totals", "groups"})
    frame = {name: _text(said[name]) for name in _FRAME}
    rows = [found.totals] if found.groups is None else found.groups
    head = (*frame, *(() if found.groups is None else _GROUP), *_numbers(found.totals))
    return line(*head) + "".join(
        line(*({**frame, **_row(row)}[name] for name in head)) for row in rows
    )


def _row(row: NumbersView) -> dict[str, Any]:
    group = {name: getattr(row, name, None) for name in _GROUP}
    return {**group, **_numbers(row)}


def _numbers(row: NumbersView) -> dict[str, Any]:
    return dict(_flat("", row.model_dump(by_alias=True, exclude={*_GROUP})))


def _flat(name: str, value: Any) -> Iterator[tuple[str, Any]]:
    """`{"outcomes": {"opted_out": {"costEach": 1}}}` as `("outcomesOptedOutCostEach", 1)`."""
    if not isinstance(value, Mapping):
        yield name, value
        return
    for part, inner in value.items():
        yield from _flat(name + _begun(part) if name else part, inner)


def _begun(part: str) -> str:
    """As a part of a name: "opted_out" as "OptedOut", "costEach" as "CostEach"."""
    camel = to_camel(part)
    return camel[:1].upper() + camel[1:]


def _text(value: Any) -> Any:
    """True and false as JSON writes them."""
    return str(value).lower() if isinstance(value, bool) else value
