"""Pages rendered on the server. Every value is escaped."""

from datetime import UTC, datetime
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined


def _instant(value: datetime | None) -> str:
    """An instant for people, in UTC."""
    return "" if value is None else f"{value.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"


_PAGES = Environment(
    loader=PackageLoader("dashboard", "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_PAGES.filters["instant"] = _instant


def render(template: str, **values: Any) -> str:
    """A page from a template of this package."""
    return _PAGES.get_template(template).render(**values)
