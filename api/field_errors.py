"""What is wrong with a field, in our own codes and words: pydantic's change with its versions."""

from collections.abc import Mapping
from typing import Any

#: Beginning or whole of pydantic's type -> our code; the first that fits holds.
_CODES: tuple[tuple[str, str], ...] = (
    ("missing", "required"),
    ("extra_forbidden", "unknown_field"),
    ("json_", "invalid_json"),
    ("string_too_short", "too_short"),
    ("too_short", "too_short"),
    ("string_too_long", "too_long"),
    ("too_long", "too_long"),
    ("greater_than", "out_of_range"),
    ("less_than", "out_of_range"),
    ("literal_error", "unknown_value"),
    ("enum", "unknown_value"),
    ("string_pattern_mismatch", "malformed"),
    ("value_error", "malformed"),
    ("datetime_type", "wrong_type"),
    ("datetime_", "malformed"),
    ("string_", "wrong_type"),
    ("int_", "wrong_type"),
    ("float_", "wrong_type"),
    ("finite_number", "wrong_type"),
    ("bool_", "wrong_type"),
    ("list_", "wrong_type"),
    ("dict_", "wrong_type"),
    ("model_", "wrong_type"),
)
_MALFORMED = "malformed"
CODES = frozenset({code for _, code in _CODES})
_TYPES: tuple[tuple[str, str], ...] = (
    ("string_", "a text"),
    ("int_", "a whole number"),
    ("float_", "a number"),
    ("finite_number", "a number"),
    ("bool_", "true or false"),
    ("list_", "a list"),
    ("dict_", "an object"),
    ("model_", "an object"),
    ("datetime_", "a time such as 2027-03-05T17:00:00Z"),
)
_BOUNDS = {
    "ge": "at least",
    "gt": "more than",
    "le": "at most",
    "lt": "less than",
    "min_length": "at least",
    "max_length": "at most",
}


def said_of(error: Mapping[str, Any]) -> tuple[str, str]:
    """Code and message of one of pydantic's errors. Never repeats the input."""
    kind = str(error["type"])
    code = _first(_CODES, kind) or _MALFORMED
    return code, _message(code, kind, error)


def _first(table: tuple[tuple[str, str], ...], kind: str) -> str | None:
    return next((found for beginning, found in table if kind.startswith(beginning)), None)


def _message(code: str, kind: str, error: Mapping[str, Any]) -> str:
    told = error.get("ctx") or {}
    if code == "required":
        return "This field is required."
    if code == "unknown_field":
        return "There is no such field."
    if code == "invalid_json":
        return "The body is not JSON that can be stored."
    if code == "unknown_value" and "expected" in told:
        return f"Must be one of {told['expected']}."
    if code in {"out_of_range", "too_short", "too_long"}:
        return _bounded(code, told)
    expected = _first(_TYPES, kind)
    if expected is not None and kind != "string_pattern_mismatch":
        return f"Must be {expected}."
    return _sentence(str(error["msg"]).removeprefix("Value error, "))


def _bounded(code: str, told: Mapping[str, Any]) -> str:
    unit = "" if code == "out_of_range" else " long"
    bounds = [f"{words} {told[name]}" for name, words in _BOUNDS.items() if name in told]
    return f"Must be {' and '.join(bounds)}{unit}."


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:].rstrip(".") + "."
