"""What is said to the API and what it answers, as classes: a file for each place of the API."""

import re

from pydantic.alias_generators import to_camel

from tools.client.document import Document, Json, refs, snake
from tools.client.python_types import docstring, literal, type_of, words

_HEAD = '''"""{what}

Written by tools/client from the OpenAPI document.
"""

'''
_ROOM = "What is said to the API and what it answers: all of it can be imported from here."


def files(document: Document) -> dict[str, str]:
    """The source of each file by its name."""
    places = sorted(set(document.places.values()))
    made = {place: _file(place, document) for place in places}
    return {**made, "__init__": _all(document)}


def _all(document: Document) -> str:
    """The room itself, from which each of them can be had."""
    imports = "\n".join(
        f"from trunkline_client.models.{place} import {name} as {name}"
        for name, place in document.places.items()
    )
    return _HEAD.format(what=_ROOM) + f"{imports}\n"


def _file(place: str, document: Document) -> str:
    names = _in_order([name for name, at in document.places.items() if at == place], document)
    body = "\n\n".join(_class(name, document) for name in names)
    return _HEAD.format(what=_what(place)) + _imports(place, names, body, document) + body + "\n"


def _what(place: str) -> str:
    return (
        "What several parts of the API say."
        if place == "shared"
        else f"What is said and answered of `{place}`."
    )


def _imports(place: str, names: list[str], body: str, document: Document) -> str:
    times = [one for one in ("date", "datetime", "timedelta") if re.search(rf"\b{one}\b", body)]
    typing = [one for one in ("Any", "Literal") if re.search(rf"\b{one}\b", body)]
    bases = [one for one in ("Answer", "Said") if re.search(rf"\({one}\)", body)]
    lines = [f"from datetime import {', '.join(times)}"] if times else []
    lines += [f"from typing import {', '.join(typing)}"] if typing else []
    lines += ["from pydantic import Field"] if "Field(" in body else []
    lines += [f"from trunkline_client.models.base import {', '.join(bases)}"] if bases else []
    shared = sorted(
        {one for name in names for one in refs(document.schemas[name])} - set(names)
        if place != "shared"
        else ()
    )
    lines += [f"from trunkline_client.models.shared import {', '.join(shared)}"] if shared else []
    return "\n".join(lines) + "\n\n"


def _in_order(names: list[str], document: Document) -> list[str]:
    """Each after those it names."""
    done: list[str] = []

    def add(name: str) -> None:
        for other in sorted(refs(document.schemas[name])):
            if other in names and other not in done and other != name:
                add(other)
        if name not in done:
            done.append(name)

    for name in sorted(names, key=lambda one: (not document.is_enum(one), one)):
        add(name)
    return done


def _class(name: str, document: Document) -> str:
    schema = document.schemas[name]
    if "enum" in schema:
        return f"{name} = {words(schema)}"
    said = name in document.said
    # What is answered, too, may get fields that this client does not know.
    base = "Said" if said and name not in document.answered else "Answer"
    required = set(schema.get("required", ()))
    lines = [
        _field(wire, part, wire in required, document, said=said)
        for wire, part in schema.get("properties", {}).items()
    ]
    lines.sort(key=lambda line: " = " in line)
    return f"class {name}({base}):\n{_doc(schema)}" + "\n".join(f"    {line}" for line in lines)


def _doc(schema: Json) -> str:
    text = schema.get("description", "")
    return "\n".join(docstring(text)).replace("\\", "\\\\") + "\n\n" if text else ""


def _field(wire: str, part: Json, required: bool, document: Document, *, said: bool) -> str:
    name, kind = snake(wire), type_of(part, document, said=said)
    alias = "" if to_camel(name) == wire else f'alias="{wire}"'
    default = None if required else _default(part, kind, said)
    if default is not None and default == "None" and not kind.endswith("None") and kind != "Any":
        kind += " | None"
    if default is None:
        return f"{name}: {kind}" + (f" = Field({alias})" if alias else "")
    factory = f"default_factory={default}" if default in ("dict", "list") else default
    if alias or default in ("dict", "list"):
        return f"{name}: {kind} = Field({', '.join(filter(None, [factory, alias]))})"
    return f"{name}: {kind} = {default}"


def _default(part: Json, kind: str, said: bool) -> str:
    if not said:
        return "None"
    if "default" in part and not isinstance(part["default"], dict | list):
        return literal(part["default"])
    if kind.startswith(("dict[", "list[")) and "| None" not in kind:
        return kind[:4]
    return "None"
