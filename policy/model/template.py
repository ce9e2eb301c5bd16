"""Text with `{{ name }}` variables, filled from a call's context.

`{{ name|there }}` says what is spoken where the context has nothing. A name may have spaces.
"""

import re
from collections.abc import Iterable, Mapping

_NAME = r"[^\W\d](?:[\w. -]*[\w.-])?"
_VARIABLE = re.compile(rf"\{{\{{\s*({_NAME})\s*(?:\|([^{{}}|]*))?\}}\}}")
NAME = re.compile(_NAME)


def variables_of(text: str) -> frozenset[str]:
    """The names a text asks for."""
    return frozenset(match[1] for match in _VARIABLE.finditer(text))


def required_of(text: str) -> frozenset[str]:
    """Those that the text asks for without a default."""
    return frozenset(match[1] for match in _VARIABLE.finditer(text) if match[2] is None)


def is_well_formed(text: str) -> bool:
    """Whether every pair of braces in the text is a variable."""
    rest = _VARIABLE.sub("", text)
    return "{{" not in rest and "}}" not in rest


def render_text(text: str, context: Mapping[str, object]) -> str:
    """Fills the variables in once; a value's own braces stay. What is missing becomes its default,
    or nothing.
    """
    return _VARIABLE.sub(lambda match: _filled(match, context), text)


def _filled(match: re.Match[str], context: Mapping[str, object]) -> str:
    value = _spoken(context.get(match[1]))
    return value if value.strip() else (match[2] or "").strip()


def absent(names: Iterable[str], context: Mapping[str, object]) -> tuple[str, ...]:
    """Those of `names` that would be rendered as nothing, sorted."""
    return tuple(sorted({name for name in names if not _spoken(context.get(name)).strip()}))


def _spoken(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value) if isinstance(value, str | int | float) else ""
