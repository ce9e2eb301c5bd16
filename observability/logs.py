"""Logging for every process: structlog and the standard library, both redacted.

A line of ours is made and written by one processor: through the standard library it took three
times as long, and the API writes one with every request.
"""

import json
import logging
import re
import sys
from collections.abc import Callable, Mapping, MutableMapping
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any, Literal

import structlog
from pydantic_core import PydanticSerializationError, to_json

_REDACTED = "[redacted]"
#: E.164, also percent-encoded or with separators; and sip: or sips: addresses.
_PERSONAL = re.compile(
    r"(?:\+|%2[Bb])[\s\-.()]{0,2}\d(?:[\s\-.()]{0,2}\d){6,14}|sips?(?::|%3[Aa])[^\s\"'<>,;)\]}]+"
)
_NOISY = ("twilio.http_client", "httpx2", "httpcore2", "sqlalchemy.engine", "aiosqlite")
#: The request that is answered now; None: it is not about one.
request_id: ContextVar[str | None] = ContextVar("request_id", default=None)

Ids = Callable[[], Mapping[str, str]]


def redact(value: Any) -> Any:
    """The value with everything in it that looks like a phone number or SIP address removed."""
    if isinstance(value, str):
        return _redacted(value)
    if isinstance(value, Mapping):
        return {redact(key): redact(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [redact(item) for item in value]
    if value is None or isinstance(value, bool | int | float):
        return value
    return _redacted(str(value))


def _redacted(text: str) -> str:
    # Each of the pattern's alternatives begins with one of these; to look for them is far cheaper.
    if "+" in text or "%" in text or "sip" in text:
        return _PERSONAL.sub(_REDACTED, text)
    # A plain one: an enumeration's member would be written as what it is called.
    return str(text)


def redact_event(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> dict[str, Any]:
    """The structlog processor form of `redact`; runs last, so it sees tracebacks too."""
    return {key: item if key.startswith("_") else redact(item) for key, item in event.items()}


def configure_logging(
    level: str = "INFO", format_: Literal["json", "console"] = "json", ids: Ids = dict
) -> None:
    """Send structlog and standard-library records to stderr, redacted. Call once a process.

    `ids`: what is under way, added to each line that does not name it itself.
    """
    renderer = _renderer(format_)
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            _completed(ids),
            _with_traceback,
            redact_event,
            renderer,
        ],
        logger_factory=_Lines,
        wrapper_class=structlog.make_filtering_bound_logger(level),
        # What was configured is not looked up with every line. Tests configure anew.
        cache_logger_on_first_use="pytest" not in sys.modules,
    )
    _install(_formatter(renderer, ids), level)


class _Lines:
    """Where lines of ours end, under the name of the module that writes them."""

    def __init__(self, name: str = "") -> None:
        self.name = name

    def msg(self, line: str) -> None:
        # Looked up now: it may have been replaced. One write, so that lines are not mixed.
        sys.stderr.write(line + "\n")
        sys.stderr.flush()

    debug = info = warning = error = critical = exception = fatal = log = msg


def _completed(ids: Ids) -> Callable[[Any, str, MutableMapping[str, Any]], Any]:
    def complete(logger: Any, method: str, event: MutableMapping[str, Any]) -> Any:
        for name, value in ids().items():
            event.setdefault(name, value)
        request = request_id.get()
        if request is not None:
            event["request_id"] = request
        record = event.get("_record")
        event["logger"] = logger.name if record is None else record.name
        event["level"] = "error" if method == "exception" else method
        event["timestamp"] = _now()
        return event

    return complete


def _now() -> str:
    return datetime.now(UTC).isoformat()[:-6] + "Z"


def _with_traceback(logger: Any, method: str, event: MutableMapping[str, Any]) -> Any:
    if "exc_info" not in event:
        return event
    return structlog.processors.format_exc_info(logger, method, event)


def _renderer(format_: str) -> Any:
    if format_ == "console":
        return structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
    return _json_line


def _json_line(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> str:
    try:
        return to_json(event).decode()
    except PydanticSerializationError:  # half a character, as no UTF-8 has
        return json.dumps(event, default=str)


def _formatter(renderer: Any, ids: Ids) -> structlog.stdlib.ProcessorFormatter:
    """Of what others log by the standard library."""
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=[
            structlog.stdlib.PositionalArgumentsFormatter(),
            structlog.contextvars.merge_contextvars,
            _completed(ids),
        ],
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            structlog.processors.format_exc_info,
            redact_event,
            renderer,
        ],
    )


def _install(formatter: logging.Formatter, level: str) -> None:
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(formatter)
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for name in _NOISY:
        logging.getLogger(name).setLevel(logging.WARNING)
