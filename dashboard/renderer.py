"""Pages rendered on the server. Every value is escaped."""

import hashlib
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, pass_context
from jinja2.runtime import Context
from markupsafe import Markup

from api.audit.schemas import Audit
from dashboard import words
from dashboard.person_name import name_of
from dashboard.viewer import Viewer

_STATIC = Path(__file__).parent / "static"
_KINDS = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".txt": "text/plain; charset=utf-8",
}


def _instant(value: datetime | None) -> str:
    """An instant for people, in UTC."""
    return "" if value is None else f"{value.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"


@pass_context
def _when(context: Context, value: datetime | None) -> Markup | str:
    """An instant in the viewer's zone, which it names; in UTC for whoever points at it."""
    if value is None:
        return "–"
    viewer: Viewer = context["viewer"]
    said = words.instant(value, viewer.zone, viewer.now)
    machine = f"{value.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
    element = '<time datetime="{}" title="{}">{}</time>'
    return Markup(element).format(machine, _instant(value), said)


@pass_context
def _away(context: Context, value: datetime | None) -> str:
    viewer: Viewer = context["viewer"]
    return "" if value is None else words.distance(value, viewer.now)


@pass_context
def _waiting(context: Context, call: Any) -> str:
    viewer: Viewer = context["viewer"]
    return words.waiting(call, viewer.zone, viewer.now)


@pass_context
def _decided(context: Context, one: Any) -> str:
    viewer: Viewer = context["viewer"]
    return words.decided(one, viewer.zone, viewer.now)


@cache
def static_files() -> Mapping[str, tuple[bytes, str]]:
    """The files of `static/` with their media types, by names that change with their content."""
    found = {}
    for path in sorted(one for one in _STATIC.rglob("*") if one.suffix in _KINDS):
        content = path.read_bytes()
        digest = hashlib.sha256(content).hexdigest()[:16]
        found[f"{path.stem}-{digest}{path.suffix}"] = (content, _KINDS[path.suffix])
    return found


@cache
def static_path(name: str) -> str:
    """Where a file of `static/` is, by its plain name."""
    stem, _, ending = name.partition(".")
    [found] = [
        one for one in static_files() if one.startswith(f"{stem}-") and one.endswith(f".{ending}")
    ]
    return f"/dashboard/static/{found}"


def _named(rows: Iterable[Any], key: str) -> list[tuple[str, str]]:
    """Rows as a form offers them: the id and the name."""
    return [(getattr(row, key), row.name) for row in rows]


def _pairs(values: Iterable[str]) -> list[tuple[str, str]]:
    """Values that are called what they are."""
    return [(value, str(value).replace("_", " ")) for value in values]


def _periods(choices: Iterable[tuple[str, str, int]]) -> list[tuple[str, str]]:
    """Links to the overview of other periods."""
    return [(title, f"/dashboard?period={name}") for name, title, _ in choices]


def _index(values: list[str], value: str) -> int:
    return values.index(value)


_PAGES = Environment(
    loader=FileSystemLoader(Path(__file__).parent),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_PAGES.filters |= {
    "instant": _instant,
    "when": _when,
    "away": _away,
    "waiting": _waiting,
    "decided": _decided,
    "ended_how": words.ended_how,
    "sentence": words.sentence,
    "spoken": words.spoken,
    "what_counts": words.what_counts,
    "span": words.span,
    "tone": words.tone,
    "pace": words.pace,
    "person_name": name_of,
    "named": _named,
    "parsed": datetime.fromisoformat,
    "pairs": _pairs,
    "periods": _periods,
    "index": _index,
    "priority": words.priority,
    "money": words.money,
    "percent": words.percent,
    "size": words.size,
}
_PAGES.globals |= {
    "static_url": static_path,
    "told": words.SAID,
    "priorities": [(str(one), words.priority(one)) for one in range(10, -1, -1)],
}


def render_audit(audit: Audit) -> str:
    """The page that `GET /api/v1/calls/{call_id}/audit` gives people."""
    return render("calls/audit_file.html", audit=audit)


def render(template: str, **values: Any) -> str:
    """A page from a template of this package."""
    return _PAGES.get_template(template).render(**values)
