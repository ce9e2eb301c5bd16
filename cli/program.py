"""A program of Trunkline that runs alone, in the place of the command."""

import os
from collections.abc import Mapping

from cli.dev_stack.processes import with_sources


def become(command: tuple[str, ...], environment: Mapping[str, str] | None = None) -> None:
    """Turns this process into that of the command line; does not return."""
    os.execve(command[0], command, with_sources(environment or os.environ))
