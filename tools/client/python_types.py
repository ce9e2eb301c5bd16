"""The types of Python that stand for the schemas of the document."""

import textwrap
from typing import Any

from tools.client.document import Document, Json

_PLAIN = {"integer": "int", "number": "float", "boolean": "bool", "null": "None"}
_FORMATS = {"date-time": "datetime", "date": "date"}
#: In a request a wall time may be a text without an offset, and a length of time a text, too.
_SAID = {"date-time": "datetime | str", "date": "date | str", "duration": "timedelta | str"}


def type_of(schema: Json, document: Document, *, said: bool) -> str:
    """`said`: of what a client sends; else of what it is answered."""
    if "$ref" in schema:
        name = str(schema["$ref"])
        # An answer may hold a word that came after this client.
        return name if said or not document.is_enum(name) else f"{name} | str"
    for kind in ("anyOf", "oneOf"):
        if kind in schema and "type" not in schema:
            return _union([type_of(one, document, said=said) for one in schema[kind]])
    return _of_kind(schema, document, said)


def _of_kind(schema: Json, document: Document, said: bool) -> str:
    kind = schema.get("type")
    if isinstance(kind, list):
        return _union([_of_kind({**schema, "type": one}, document, said) for one in kind])
    if kind == "string":
        formats = _SAID if said else _FORMATS
        return formats.get(schema.get("format", ""), "str")
    if kind == "array":
        return f"list[{type_of(schema.get('items') or {}, document, said=said)}]"
    if kind == "object":
        more = schema.get("additionalProperties")
        value = type_of(more, document, said=said) if isinstance(more, dict) and more else "Any"
        return f"dict[str, {value}]"
    return _PLAIN.get(str(kind), "Any")


def _union(types: list[str]) -> str:
    parts = (
        [part for one in types for part in one.split(" | ")]
        if all("[" not in one for one in types)
        else types
    )
    found = list(dict.fromkeys(parts))
    if "Any" in found:
        return "Any"
    return " | ".join(sorted(found, key=lambda one: one == "None"))


def literal(value: Any) -> str:
    """A default as Python writes it."""
    return repr(value).replace("'", '"') if isinstance(value, str) else repr(value)


def words(schema: Json) -> str:
    """The type of one of some words."""
    return f"Literal[{', '.join(literal(one) for one in schema['enum'])}]"


def docstring(text: str) -> list[str]:
    """The lines of a docstring, indented once: the first paragraph of what the document says."""
    lines = textwrap.wrap(" ".join(text.split("\n\n")[0].split()), 84)
    if len(lines) == 1:
        return [f'    """{lines[0]}"""']
    return [f'    """{lines[0]}', *(f"    {line}" for line in lines[1:]), '    """']
