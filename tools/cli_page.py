"""Writes the commands of docs/cli.md, each with what it takes: python -m tools.cli_page."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from typer.core import TyperArgument, TyperCommand, TyperGroup

from cli.deferred_command import DeferredCommand
from cli.main import COMMANDS
from cli.remote.command import SHARED_OPTIONS

PAGE = Path(__file__).parent.parent / "docs" / "cli.md"
#: What is above it is written by hand.
HEADING = "## Commands\n"
_SHARED = set(SHARED_OPTIONS)
_SHARED_TEXT = "Every command that asks a server has these options, too:"


def page(written: str) -> str:
    """The whole page: what is written by hand, and all commands anew."""
    head = written.partition(HEADING)[0]
    links = (f"[`trunkline {one.name}`](#trunkline-{one.name})" for one in COMMANDS)
    listed = (f"| {link} | {one.help} |" for link, one in zip(links, COMMANDS, strict=True))
    table = "\n".join(["| command | what it does |", "|---|---|", *listed])
    shared = "\n".join(["| option | meaning |", "|---|---|", *_shared()])
    parts = "\n".join(_command(one) for one in COMMANDS)
    return f"{head}{HEADING}\n{table}\n\n{_SHARED_TEXT}\n\n{shared}\n\n{parts}"


def _command(listed: DeferredCommand) -> str:
    found = listed.loaded()
    name = f"trunkline {listed.name}"
    lines = [f"### {name}", ""]
    if isinstance(found, TyperGroup):
        for word, command in found.commands.items():
            lines += _usage(f"{name} {word}", command)
    else:
        lines += _usage(name, found)
    return "\n".join(lines)


def _usage(name: str, command: Any) -> Iterator[str]:
    arguments = [one for one in command.params if isinstance(one, TyperArgument)]
    words = " ".join(_argument(one) for one in arguments)
    options = [one for one in command.params if _own(one)]
    yield f"**`{' '.join(filter(None, [name, words]))}`**"
    yield ""
    yield "\n\n".join(" ".join(part.split()) for part in (command.help or "").split("\n\n"))
    yield ""
    rows = [(_argument(one), one) for one in arguments if one.help]
    rows += [(", ".join([*one.opts, *one.secondary_opts]), one) for one in options]
    if rows:
        yield "| | |"
        yield "|---|---|"
        yield from (f"| `{said}` | {_help(one)} |" for said, one in rows)
        yield ""


def _own(parameter: Any) -> bool:
    is_option = not isinstance(parameter, TyperArgument)
    return is_option and parameter.name != "help" and parameter.name not in _SHARED


def _argument(parameter: Any) -> str:
    shown = (parameter.metavar or str(parameter.name).upper()).strip("_").strip("{}")
    return shown if parameter.required else f"[{shown}]"


def _help(parameter: Any) -> str:
    said = str(parameter.help or "").replace("|", "\\|")
    default = parameter.default
    plain = isinstance(default, int | float | str) and not isinstance(default, bool)
    return f"{said} Default: {default}." if plain and default != "" else said


def _shared() -> Iterator[str]:
    command = next(one for one in COMMANDS if one.name == "call").loaded()
    assert isinstance(command, TyperCommand)
    for one in command.params:
        if one.name in _SHARED:
            yield f"| `{', '.join(one.opts)}` | {_help(one)} |"


if __name__ == "__main__":
    PAGE.write_text(page(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
