"""A command of which the list knows name and help: its module is imported when it is used."""

from importlib import import_module
from typing import Any

from typer.core import TyperCommand, TyperGroup
from typer.main import get_command


def attribute(target: str) -> Any:
    """What `module:name` names. The only import of `cli` that is not at the top of a file."""
    module, _, name = target.partition(":")
    return getattr(import_module(module), name)


class DeferredCommand(TyperCommand):
    """Stands for the Typer app that `target` (`module:name`) names."""

    def __init__(self, name: str, target: str, help: str) -> None:
        super().__init__(name, help=help)
        self.target = target

    def loaded(self) -> TyperCommand | TyperGroup:
        """The command itself, with its options; imports its module."""
        command = get_command(attribute(self.target))
        assert isinstance(command, TyperCommand | TyperGroup)
        return command

    # Asked for when the command was typed, never when it is listed. The types of a context are
    # Typer's own, private ones.
    def make_context(
        self, info_name: str | None, args: list[str], parent: Any = None, **extra: Any
    ) -> Any:
        """The context of the command itself."""
        return self.loaded().make_context(info_name, args, parent, **extra)
