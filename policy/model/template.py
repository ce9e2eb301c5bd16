"""Text with `{{ name }}` variables, filled from a call's context."""

import re
from collections.abc import Iterable, Mapping

_VARIABLE = re.compile(r"\{\{\s*([A-Za-z_][A-Za-z0-9_.-]*)\s*\}\}")
NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]*")


def variables_of(text: str) -> frozenset[str]:
    """The names a text asks for."""
    return frozenset(_VARIABLE.findall(text))


def is_well_formed(text: str) -> bool:
    """Whether every pair of braces in the text is a variable."""
    rest = _VARIABLE.sub("", text)
    return "{{" not in rest and "}}" not in rest


def render_text(text: str, context: Mapping[str, object]) -> str:
    """Fills the variables in once; a value's own braces stay. What is missing becomes nothing."""
    return _VARIABLE.sub(lambda match: _spoken(context.get(match[1])), text)


def absent(names: Iterable[str], context: Mapping[str, object]) -> tuple[str, ...]:
    """Those of `names` that would be rendered as nothing, sorted."""
    return tuple(sorted(name for name in set(names) if not _spoken(context.get(name))))


def _spoken(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value) if isinstance(value, str | int | float) else ""
