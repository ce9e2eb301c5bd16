"""Logging for every process: structlog and the standard library through one redacting pipeline."""

import logging
import re
import sys
from collections.abc import Mapping, MutableMapping
from typing import Any, Literal

import structlog

_REDACTED = "[redacted]"
#: E.164, also percent-encoded or with separators; and sip: or sips: addresses.
_PERSONAL = re.compile(
    r"(?:\+|%2[Bb])[\s\-.()]{0,2}\d(?:[\s\-.()]{0,2}\d){6,14}|sips?(?::|%3[Aa])[^\s\"'<>,;)\]}]+"
)
_NOISY = ("twilio.http_client", "httpx2", "httpcore2", "sqlalchemy.engine", "aiosqlite")


def redact(value: Any) -> Any:
    """The value with everything in it that looks like a phone number or SIP address removed."""
    if isinstance(value, str):
        return _PERSONAL.sub(_REDACTED, value)
    if isinstance(value, Mapping):
        return {redact(key): redact(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [redact(item) for item in value]
    if value is None or isinstance(value, bool | int | float):
        return value
    return _PERSONAL.sub(_REDACTED, str(value))


def redact_event(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> dict[str, Any]:
    """The structlog processor form of `redact`; runs last, so it sees tracebacks too."""
    return {key: item if key.startswith("_") else redact(item) for key, item in event.items()}


def configure_logging(level: str = "INFO", format_: Literal["json", "console"] = "json") -> None:
    """Send structlog and standard-library records to stderr, redacted. Call once a process."""
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *shared,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
    )
    _install(_formatter(shared, format_), level)


def _formatter(shared: list[Any], format_: str) -> structlog.stdlib.ProcessorFormatter:
    renderer: Any = (
        structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
        if format_ == "console"
        else structlog.processors.JSONRenderer()
    )
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=[structlog.stdlib.PositionalArgumentsFormatter(), *shared],
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
