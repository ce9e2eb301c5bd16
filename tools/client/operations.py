"""What may be asked, as methods: a file for each place of the API."""

import re
import textwrap
from collections.abc import Iterator
from dataclasses import replace

from tools.client.document import BY_HAND, MOVES, Document, Operation, Parameter, snake
from tools.client.python_types import docstring, type_of

_HEAD = '''"""What may be asked of `{place}`.

Written by tools/client from the OpenAPI document.
"""

'''
_BUILTINS = ("list", "dict")
#: How a list is read on: by a cursor, by a place among events, or by leaving out what came before.
_CURSOR, _PLACE, _SKIP = "cursor", "after", "skip"
_LIST_NAMES = ("list_", "stream_")


def files(document: Document, *, waits: bool) -> dict[str, str]:
    """The source of each file by its name. `waits`: of the client that is not awaited."""
    places = sorted({operation.place for operation in document.operations})
    made = {place: _file(place, document, waits) for place in places}
    return {**made, "__init__": _all(places, waits)}


def _all(places: list[str], waits: bool) -> str:
    """The class that has them all."""
    room, before = ("operations", "") if waits else ("async_operations", "Async")
    names = [f"{before}{class_of(place)}" for place in places]
    imports = "\n".join(
        f"from trunkline_client.{room}.{place} import {name}"
        for place, name in zip(places, names, strict=True)
    )
    kind = "waits" if waits else "is awaited"
    return (
        f'"""What may be asked, for the client that {kind}.\n\n'
        'Written by tools/client from the OpenAPI document.\n"""\n\n'
        f'{imports}\n\n\nclass Operations({", ".join(names)}):\n    """All of it."""\n'
    )


def class_of(place: str) -> str:
    """The name of the class that has the operations of a place."""
    return f"{place.title()}Operations"


def _file(place: str, document: Document, waits: bool) -> str:
    asked = [
        one
        for operation in document.operations
        if operation.place == place and operation.name not in BY_HAND
        for one in _variants(operation)
    ]
    name = class_of(place)
    methods = "\n\n".join(_method(one, document) for one in asked)
    pages = "\n\n".join(_pages(one, document) for one in asked if _paging(one))
    body = "\n\n".join(filter(None, [methods, pages]))
    text = f"class {name}(Asking):\n{textwrap.indent(body, '    ')}\n"
    if not waits:
        awaiting = textwrap.indent(_awaiting(body), "    ")
        text = f"class Async{name}(AsyncAsking):\n{awaiting}\n"
    return _HEAD.format(place=place) + _imports(text, document) + text


def _variants(operation: Operation) -> Iterator[Operation]:
    """Itself, and what asks for its dry run."""
    yield operation
    if operation.can_be_dry:
        text = "As a dry run: nothing is changed, and said which waiting calls would move."
        yield replace(operation, name=f"dry_{operation.name}", text=text, answer=MOVES)


def _method(operation: Operation, document: Document) -> str:
    answer = operation.answer or ("bytes" if operation.has_answer else "None")
    arguments = ", ".join(["self", *_arguments(operation, document)])
    lines = [
        f"def {operation.name}({arguments}) -> {answer}:",
        *docstring(operation.text),
        f"    return self._ask({', '.join(_call(operation, answer))})",
    ]
    return "\n".join(lines)


def _arguments(operation: Operation, document: Document) -> Iterator[str]:
    for name in operation.path_names:
        yield f"{name}: {'int' if name == 'attempt' else 'str'}"
    if operation.is_file:
        yield "file: Content"
    elif operation.body is not None:
        kind = _body(operation, document)
        yield f"body: {kind}" + ("" if operation.body_required else " | None = None")
    named = [_parameter(one, document) for one in operation.parameters]
    named += ['content_type: str = "text/csv"'] if operation.is_file else []
    named += ["idempotency_key: str | None = None"] if operation.keyed else []
    if named:
        yield "*"
        yield from sorted(named, key=lambda one: " = " in one)


def _body(operation: Operation, document: Document) -> str:
    kind = type_of(operation.body or {}, document, said=True)
    named = kind.removesuffix(" | None") if kind.split(" | ")[0] in document.schemas else ""
    return f"{named} | Json" if named else "Json"


def _parameter(one: Parameter, document: Document) -> str:
    if "<key>" in one.wire:
        return f"{one.name}: Mapping[str, str] | None = None"
    kind = type_of(one.schema, document, said=True).replace("list[", "Sequence[")
    if one.required:
        return f"{one.name}: {kind}"
    return f"{one.name}: {kind}{'' if kind.endswith('None') else ' | None'} = None"


def _call(operation: Operation, answer: str) -> Iterator[str]:
    yield answer
    yield f'"{operation.method}"'
    path = re.sub(r"{(\w+)}", r"{part(\1)}", operation.path)
    yield ("f" if operation.path_names else "") + f'"{path}"'
    query = _query(operation)
    if query:
        yield f"query={{{', '.join(query)}}}"
    headers = [f'"{one.wire}": {one.name}' for one in operation.parameters if one.header]
    if headers:
        yield f"headers={{{', '.join(headers)}}}"
    if operation.is_file:
        yield "file=file"
        yield "content_type=content_type"
    elif operation.body is not None:
        yield "body=body"
    if operation.keyed:
        yield "key=idempotency_key or new_key()"


def _query(operation: Operation) -> list[str]:
    found = [
        f"**under({one.name})" if "<key>" in one.wire else f'"{one.wire}": {one.name}'
        for one in operation.parameters
        if not one.header
    ]
    return found + (['"dryRun": True'] if operation.name.startswith("dry_") else [])


# -- lists, page by page


def _paging(operation: Operation) -> str:
    names = {one.name for one in operation.parameters}
    if not operation.name.startswith(_LIST_NAMES):
        return ""
    if operation.place == "events":
        return _PLACE
    return _CURSOR if "cursor" in names else _SKIP if "skip" in names else ""


def _pages(operation: Operation, document: Document) -> str:
    """The method that goes through all that a list has."""
    how = _paging(operation)
    left_out = {_CURSOR: ("skip", "cursor"), _PLACE: (), _SKIP: ("skip",)}[how]
    kept = replace(
        operation,
        parameters=tuple(one for one in operation.parameters if one.name not in left_out),
    )
    wire, row = _rows(operation, document)
    arguments = ", ".join(["self", *_arguments(kept, document)])
    asked = [
        *operation.path_names,
        *(f"{one.name}={one.name}" for one in kept.parameters if one.name != how),
    ]
    return "\n".join(
        [
            f"def {operation.name.replace('list_', 'iter_')}({arguments}) -> Iterator[{row}]:",
            f'    """Goes through `{operation.name}`, page by page."""',
            *(
                f"    {line}"
                for line in _LOOPS[how]
                .format(name=operation.name, asked=", ".join(asked), rows=wire)
                .splitlines()
            ),
        ]
    )


_LOOPS = {
    _CURSOR: """cursor: str | None = None
while True:
    page = self.{name}({asked}, cursor=cursor)
    yield from page.{rows}
    cursor = page.next_cursor
    if cursor is None:
        return""",
    _PLACE: """while True:
    page = self.{name}({asked}, after=after)
    yield from page.{rows}
    after, since = page.next, None
    if not page.has_more:
        return""",
    _SKIP: """skip = 0
while True:
    page = self.{name}({asked}, skip=skip)
    yield from page.{rows}
    skip += len(page.{rows})
    if not page.{rows} or skip >= page.total:
        return""",
}


def _rows(operation: Operation, document: Document) -> tuple[str, str]:
    """What of an answer holds the rows, and what they are."""
    for wire, part in document.schemas[operation.answer]["properties"].items():
        if part.get("type") == "array":
            return snake(wire), type_of(part["items"], document, said=False)
    raise LookupError(operation.answer)


def _awaiting(body: str) -> str:
    text = body.replace("def ", "async def ").replace("self._ask(", "await self._ask(")
    text = re.sub(r"page = self\.", "page = await self.", text)
    text = re.sub(r"yield from (page\.\w+)", r"for row in \1:\n{0}    yield row", text)
    lines: list[str] = []
    for line in text.splitlines():
        if line.startswith("{0}"):
            indent = re.match(r" *", lines[-1])
            line = (indent[0] if indent else "") + line.removeprefix("{0}")
        lines.append(line)
    return (
        "\n".join(lines)
        .replace("Iterator[", "AsyncIterator[")
        .replace("file: Content", "file: AsyncContent")
    )


# -- imports


def _imports(text: str, document: Document) -> str:
    places: dict[str, list[str]] = {}
    for name, place in document.places.items():
        if re.search(rf"\b{name}\b", text):
            places.setdefault(place, []).append(name)
    abstract = _used(text, ("AsyncIterator", "Iterator", "Mapping", "Sequence"))
    lines = [f"from collections.abc import {', '.join(abstract)}"] if abstract else []
    times = _used(text, ("date", "datetime", "timedelta"))
    lines += [f"from datetime import {', '.join(times)}"] if times else []
    lines += [""]
    for place, names in sorted(places.items()):
        lines.append(f"from trunkline_client.models.{place} import {', '.join(sorted(names))}")
    asked = _used(
        text,
        ("Asking", "AsyncAsking", "AsyncContent", "Content", "Json", "new_key", "part", "under"),
    )
    lines.append(f"from trunkline_client.transport import {', '.join(asked)}")
    return "\n".join(lines) + "\n\n\n"


def _used(text: str, names: tuple[str, ...]) -> list[str]:
    return [name for name in names if re.search(rf"\b{name}\b", text)]
