"""Counts and times the statements of an engine. Sends none."""

from time import perf_counter
from typing import Any

from sqlalchemy import Engine, event
from sqlalchemy.engine import ExceptionContext

from observability.metrics import DATABASE_ERRORS, STATEMENT_SECONDS, STATEMENTS

_KINDS = {
    word.upper(): STATEMENTS.labels(word) for word in ("select", "insert", "update", "delete")
}
_OTHERS = STATEMENTS.labels("other")
_ERRORS = {True: DATABASE_ERRORS.labels("true"), False: DATABASE_ERRORS.labels("false")}
_BEGAN = "_trunkline_began"


def install(engine: Engine) -> None:
    """On one that nothing was sent by yet."""
    event.listen(engine, "before_cursor_execute", _before)
    event.listen(engine, "after_cursor_execute", _after)
    event.listen(engine, "handle_error", _failed)


def _before(_conn: Any, _cursor: Any, text: str, _values: Any, context: Any, _many: bool) -> None:
    _KINDS.get(text.lstrip()[:6].upper(), _OTHERS).inc()
    if context is not None:
        setattr(context, _BEGAN, perf_counter())


def _after(_conn: Any, _cursor: Any, _text: str, _values: Any, context: Any, _many: bool) -> None:
    began = getattr(context, _BEGAN, None)
    if began is not None:
        STATEMENT_SECONDS.observe(perf_counter() - began)


def _failed(context: ExceptionContext) -> None:
    _ERRORS[context.is_disconnect].inc()
